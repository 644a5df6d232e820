"""`journey report lift`: what precedes upgrades and churn, by counts that a hand can check."""

from pathlib import Path

import pytest

from streams.lift import Lift
from tests.shell.cli import journey, journey_file, track

JOURNEY = """\
journey: 1
name: lift
version: 1
events: {Signed Up: {}, Api Used: {feature: api}, Complained: {source: support}}
traits: {plan: text, mrr: number}
segments: {tier: {trait: plan, values: [team, pro]}}
revenue: mrr
stages: {trial: {initial: true}}
"""


def pays(account: str, mrr: int, at: str, plan: str = "team") -> bytes:
    return (
        f'{{"type":"group","messageId":"{account}{at}","userId":"ann","groupId":"{account}","timestamp":"{at}",'
        f'"receivedAt":"{at}","traits":{{"plan":"{plan}","mrr":{mrr}}}}}\n'
    ).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten accounts over three windows of ten days, the last one open. Of five that use the API four upgrade."""
    folder = tmp_path_factory.mktemp("lift")
    journey_file(folder, JOURNEY)
    lines = []
    for number in range(10):
        plan = "pro" if number % 2 else "team"
        lines.append(pays(f"a{number}", 100, f"2026-01-02T00:0{number}:00Z", plan))
    lines += [track("Api Used", at=f"2026-01-03T00:0{n}:00Z", account=f"a{n}") for n in range(5)]
    lines.append(track("Complained", at="2026-01-04T00:00:00Z", account="a9"))
    lines += [pays(f"a{n}", 200, f"2026-01-15T00:0{n}:00Z", "pro" if n % 2 else "team") for n in (0, 1, 2, 3, 5)]
    lines.append(pays("a9", 0, "2026-01-16T00:00:00Z", "pro"))
    lines.append(track("Signed Up", at="2026-01-20T00:00:00Z", account="late"))
    (folder / "events.jsonl").write_bytes(b"".join(lines))
    return folder


def told(folder: Path, *options: object) -> list[dict[str, object]]:
    ended = journey(
        "report",
        "lift",
        folder / "events.jsonl",
        "--journey",
        folder / "journey.yaml",
        "--window",
        10,
        "--json",
        *options,
    )
    assert ended.code == 0, ended.err
    return ended.data


def test_a_behaviour_is_told_with_counts_lift_and_interval(folder: Path) -> None:
    (found,) = [one for one in told(folder) if (one["outcome"], one["behaviour"]) == ("upgrade", "Api Used")]
    counts = [found[name] for name in ("did_with", "did", "did_not_with", "did_not")]
    assert counts == [4, 5, 1, 5]
    assert (found["lift"], found["low"], found["high"]) == (
        4.0,
        0.657,
        24.369,
    )  # exp(ln 4 -+ 1.96 sqrt(1/4 - 1/5 + 1/1 - 1/5))


def test_a_feature_is_a_behaviour_and_churn_is_an_outcome(folder: Path) -> None:
    found = {(one["outcome"], one["behaviour"]): one for one in told(folder)}
    assert found["upgrade", "feature api"]["lift"] == 4.0
    assert [found["churn", "Complained"][name] for name in ("did_with", "did", "did_not_with")] == [1, 1, 0]


def test_lift_is_cut_by_segment(folder: Path) -> None:
    found = {one["segment"]: one for one in told(folder, "--by", "tier") if one["behaviour"] == "Api Used"
             and one["outcome"] == "upgrade"}  # fmt: skip
    assert [found["team"][name] for name in ("did_with", "did", "did_not_with", "did_not")] == [2, 3, 0, 2]
    assert [found["pro"][name] for name in ("did_with", "did", "did_not_with", "did_not")] == [2, 2, 1, 3]


def test_a_journey_without_revenue_and_an_unknown_segment_are_refused(folder: Path, tmp_path: Path) -> None:
    events = folder / "events.jsonl"
    without = journey_file(tmp_path, JOURNEY.replace("revenue: mrr\n", ""))
    assert "declares no revenue" in journey("report", "lift", events, "--journey", without).err
    wrong = journey("report", "lift", events, "--journey", folder / "journey.yaml", "--by", "land")
    assert (wrong.code, "known are tier" in wrong.err) == (2, True)


def test_no_count_of_nothing_makes_a_lift_of_nothing_or_of_everything() -> None:
    value, low, high = Lift("churn", "x", "", 10, 0, 10, 5).ratio
    assert 0 < low < value < high < 2
