"""`journey report coverage`: what came, held against what the journey declares."""

from pathlib import Path
from typing import Any

import orjson

from streams.coverage import MAX_EXAMPLES, MAX_UNDECLARED, Coverage
from tests.driver import journey as small
from tests.shell.cli import Ended, journey, journey_file, track

JOURNEY = """\
journey: 1
name: small
version: 1
events:
  Signed Up: {owner: Growth, required: [plan]}
  Report Created: {feature: reports, owner: Insights}
  Deal Won: {source: crm}
stages: {trial: {initial: true}}
"""


def report(folder: Path, lines: list[bytes], *more: str, text: str = JOURNEY) -> Ended:
    (folder / "events.jsonl").write_bytes(b"".join(lines))
    return journey("report", "coverage", folder / "events.jsonl", "--journey", journey_file(folder, text), *more)


def data(folder: Path, lines: list[bytes]) -> dict[str, Any]:
    (told,) = report(folder, lines, "--json").data
    return told


def test_coverage_tells_what_never_came_what_is_not_declared_and_what_is_malformed_with_its_line(
    tmp_path: Path,
) -> None:
    lines = [
        track("Signed Up", at="2026-03-02T09:00:00Z"),
        b"\n",
        track("Report Created", at="2026-03-02T10:00:00Z"),
        track("Report Craeted", at="2026-03-03T10:00:00Z"),
        b"{\n",
    ]
    told = data(tmp_path, lines)
    path = tmp_path / "events.jsonl"
    assert told["never_seen"] == ["Deal Won"]
    assert [(one["event"], one["count"]) for one in told["undeclared"]] == [("Report Craeted", 1)]
    assert told["malformed"] == [
        {"reason": "missing_property", "event": "Signed Up", "count": 1, "examples": [f"{path}:1"]},
        {"reason": "not_json", "event": None, "count": 1, "examples": [f"{path}:5"]},
    ]


def test_coverage_tells_when_an_event_first_and_last_happened(tmp_path: Path) -> None:
    times = ["2026-03-05T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-04T09:00:00Z"]
    told = data(tmp_path, [track("Report Created", at=at) for at in times])
    assert told["events"][1] == {
        "event": "Report Created", "source": "product", "feature": "reports", "owner": "Insights", "count": 3,
        "first_at": "2026-03-02T09:00:00.000Z", "last_at": "2026-03-05T09:00:00.000Z",
    }  # fmt: skip


def test_coverage_counts_by_source_feature_and_owner(tmp_path: Path) -> None:
    told = data(tmp_path, [track("Report Created", at=f"2026-03-0{day}T09:00:00Z") for day in (1, 2)])
    assert told["sources"] == {"product": 2, "crm": 0}
    assert told["features"] == {"reports": 2}
    assert told["owners"] == {"Growth": 0, "Insights": 2, "nobody": 0}


def test_coverage_ends_with_0_when_all_that_is_declared_came_and_nothing_else_did(tmp_path: Path) -> None:
    text = JOURNEY.replace("  Deal Won: {source: crm}\n", "").replace(", required: [plan]", "")
    whole = [track(name, at="2026-03-02T09:00:00Z") for name in ("Signed Up", "Report Created")]
    assert report(tmp_path, whole, text=text).code == 0
    for lacking in (whole[:1], [*whole, b"{\n"], [*whole, track("Typo", at="2026-03-02T09:00:00Z")]):
        assert report(tmp_path, lacking, text=text).code == 1


def test_coverage_for_people_is_a_table_that_is_never_cut(tmp_path: Path) -> None:
    ended = report(tmp_path, [track("Report Created", at="2026-03-02T09:00:00Z"), track("\x1b[2J", at="2026")])
    assert ended.out.startswith("2 messages; 1 of 3 declared events seen\n")
    assert "declared, never seen" in ended.out
    assert "\x1b" not in ended.out
    assert "Traceback" not in ended.err


def test_of_a_missing_input_coverage_says_so_with_2(tmp_path: Path) -> None:
    ended = journey("report", "coverage", tmp_path / "none", "--journey", journey_file(tmp_path))
    assert ended.code == 2
    assert "does not exist" in ended.err


def test_of_ten_thousand_undeclared_names_the_first_are_kept_and_every_event_is_counted() -> None:
    found = Coverage(small())
    for number in range(10_000):
        found.take(track(f"Name {number}", at="2026-03-02T09:00:00Z"), None, f"{number}")
        found.take(b"{", None, f"{number}")
    assert len(found.undeclared) == MAX_UNDECLARED
    assert found.beyond + sum(seen.count for seen in found.undeclared.values()) == 10_000
    (faulty,) = found.malformed.values()
    assert (faulty.count, len(faulty.examples)) == (10_000, MAX_EXAMPLES)


def test_a_group_call_whose_traits_do_not_fit_is_malformed() -> None:
    found = Coverage(small("traits: {seats: number}"))
    call = {"type": "group", "messageId": "1", "userId": "a", "groupId": "acme", "timestamp": "2026-03-02T09:00:00Z"}
    found.take(orjson.dumps(call | {"traits": {"seats": "many"}}), None, "here")
    assert [(fault.reason, fault.event) for fault in found.malformed] == [("bad_trait", "$group")]
