"""`journey report kpis` and `review`: the figures of a replay, as tables, as data, and as a page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from schemas.reading import read_journey
from streams.figures import Figure, shown
from streams.money import exact_money, money
from streams.replay import replay
from streams.review import Book
from streams.review import review as write_review
from tests.shell.cli import journey, journey_file, track

JOURNEY = """\
journey: 1
name: figures
version: 1
events: {Signed Up: {}, Set Up: {}, Invited: {}, Fee Paid: {source: billing}}
traits: {plan: text, mrr: number}
segments: {tier: {trait: plan, values: [team, "<b>"]}}
revenue: {mrr: mrr, currency: EUR}
milestones:
  set_up: {when: {did: Set Up}}
  invited: {when: {did: Invited}, activation: true}
stages: {trial: {initial: true}, active: {from: trial, enter: {reached: invited}}}
alerts: {lonely: {kind: nudge, severity: info, when: {absent: {event: Invited, after: Signed Up, within: 2d}}}}
kpis:
  judged_after: 7d
  steps: [set_up, invited]
  goals: {teams: {segment: {tier: team}, goal: Work <together>, success: [invited], blockers: [lonely]}}
"""


def group(account: str, traits: str, at: str) -> bytes:
    return (
        f'{{"type":"group","messageId":"{account}{at}","userId":"ann","groupId":"{account}","timestamp":"{at}",'
        f'"receivedAt":"{at}","traits":{{{traits}}}}}\n'
    ).encode()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a journey and what a replay of two months says."""
    folder = tmp_path_factory.mktemp("told")
    lines = [
        group("acme", '"plan":"team","mrr":5000', "2026-01-05T08:00:00Z"),
        track("Signed Up", at="2026-01-05T09:00:00Z"),
        track("Set Up", at="2026-01-05T10:00:00Z"),
        track("Invited", at="2026-01-09T10:00:00Z"),
        group("globex", '"plan":"team"', "2026-01-10T08:00:00Z"),
        track("Signed Up", at="2026-01-10T09:00:00Z", account="globex"),
        track("Set Up", at="2026-01-10T10:00:00Z", account="globex"),
        group("acme", '"mrr":4000', "2026-02-05T08:00:00Z"),
        track("Signed Up", at="2026-03-02T09:00:00Z", account="late"),
    ]
    replay(read_journey(journey_file(folder, JOURNEY)), [("lines", [line.rstrip() for line in lines])], folder)
    return folder


def review_of(folder: Path, *options: str) -> str:
    ended = journey(
        "report", "review", folder, "--journey", folder / "journey.yaml", "--out", folder / "r.html", *options
    )
    assert ended.code == 0, ended.err
    return (folder / "r.html").read_text()


def test_figures_stand_period_beside_period(told: Path) -> None:
    ended = journey("report", "kpis", told)
    assert ended.code == 0
    rows = {line[:30].strip(): line[30:].split() for line in ended.out.splitlines()}
    assert rows["activation_rate"][:1] == ["50%"]
    assert [row for name, row in rows.items() if name.startswith("grr")] == [["-", "80%"]]


def test_figures_are_data_when_asked_for(told: Path) -> None:
    data = journey("report", "kpis", told, "--json", "--last", 1, "--cut", "tier=team").data
    assert {(figure["start"], figure["cut"]) for figure in data} == {("2026-02-01", "tier=team")}
    assert [figure["value"] for figure in data if figure["kpi"] == "mrr"] == [4_000]


def test_where_there_are_no_figures_it_says_so(told: Path, tmp_path: Path) -> None:
    assert journey("report", "kpis", tmp_path).code == 2
    other = journey("report", "kpis", told, "--cut", "tier=pro")
    assert (other.code, "known are @2026-01" in other.err, "tier=team" in other.err) == (2, True, True), other.err
    (tmp_path / "kpis.jsonl").write_text("")
    assert "no month is closed yet, or the journey declares no kpis" in journey("report", "kpis", tmp_path).out
    (tmp_path / "kpis.jsonl").write_text('{"not": "a figure"}\n')
    assert "holds no figures" in journey("report", "kpis", tmp_path).err


def test_the_review_is_one_page_with_every_part_of_the_month(told: Path) -> None:
    page = review_of(told, "--month", "2026-01")
    headings = re.findall(r"<h2>(.+?)</h2>", page)
    assert headings == [
        "Where customers stand", "How they moved", "Onboarding, step by step", "Retention and growth", "By segment",
        "By month of sign-up", "What each segment is after",
    ]  # fmt: skip
    assert "1 of 2" in page
    assert not re.search(r"(?:src|href)=", page), "it needs nothing but itself"
    _Whole().feed(page)


class _Whole(HTMLParser):
    """Refuses a page whose elements do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  the parser's
        if tag not in ("meta", "line", "circle", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in ("line", "circle", "polyline") or self.open.pop() == tag


def test_the_review_shows_what_each_onboarding_step_loses_in_each_segment(told: Path) -> None:
    page = " ".join(review_of(told, "--month", "2026-01").split())
    assert page.count("lost 1 (50%)") == 2, "of all accounts, and of the tier"


def test_the_review_tells_of_each_segment_its_goal_success_and_blockers(told: Path) -> None:
    page = " ".join(review_of(told, "--month", "2026-01").split())
    assert "Work &lt;together&gt;" in page
    assert "Tier: team" in page
    assert "<span>Invited</span><span>50% <small>1 of 2</small>" in page
    assert "in the way: Lonely</span><span>2</span>" in page


def test_the_review_tells_changes_of_shares_in_points(told: Path) -> None:
    rates = {
        month: Figure("grr", None, "month", f"{month}-01", "", "share", None, value, round(100 * value), 100, None)
        for month, value in (("2026-01", 0.9), ("2026-02", 0.873))
    }
    book = Book({month: {("grr", None, ""): rate} for month, rate in rates.items()}, "2026-02", "JPY")
    page = write_review(read_journey((told / "journey.yaml").read_bytes()), book)
    assert "<small>87 of 100 · -2.7 points</small>" in " ".join(page.split())


def test_the_review_is_of_the_last_closed_month_unless_another_is_named(told: Path) -> None:
    assert "Journey review, 2026-02" in review_of(told)
    wrong = journey(
        "report", "review", told, "--journey", told / "journey.yaml", "--out", told / "x", "--month", "2025-01"
    )
    assert (wrong.code, "known are 2026-01, 2026-02" in wrong.err) == (2, True)
    assert journey("report", "review", told, "--out", told / "x", "--month", "March").code == 2


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.5, "share", "50%"), (0.021, "share", "2.1%"), (5_400, "seconds", "1.5 h"), (123_456, "money", "1,235"),
     (12.0, "accounts", "12"), (12.25, "users", "12.2")],
)  # fmt: skip
def test_values_are_written_as_people_read_them(value: float, unit: str, text: str) -> None:
    assert shown(value, unit, "EUR") == shown(value, unit) == text


def test_money_is_written_in_the_major_unit_of_its_currency() -> None:
    yen, dinars, euros = ((money(480_000, c), exact_money(480_000, c)) for c in ("JPY", "KWD", "EUR"))
    assert yen == ("480,000", "480,000 JPY")
    assert dinars == ("480", "480.000 KWD")
    assert euros == ("4,800", "4,800.00 EUR")
    assert exact_money(480_000, None) == "4,800.00"
