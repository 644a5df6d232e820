from pathlib import Path
from typing import Any

import orjson

from schemas.reading import read_journey
from streams.cli.partition import partition_of
from streams.engine.compiler import compile_journey
from streams.explain import ways_out
from tests.shell.cli import JOURNEY, Ended, journey, journey_file, track

SIGNED_UP = track("Signed Up", at="2026-03-02T09:00:00Z")
LATER = track("Report Created", at="2026-03-06T09:00:00Z")


def explained(folder: Path, *events: bytes, account: str = "acme") -> Ended:
    (folder / "events.jsonl").write_bytes(b"".join(events))
    given = "--journey", journey_file(folder), "--replay", folder / "events.jsonl", "--json"
    return journey("explain", account, *given)


def test_a_way_out_says_what_is_met_and_how_far_the_rest_is(tmp_path: Path) -> None:
    (said,) = explained(tmp_path, SIGNED_UP).data
    ways: Any = said["ways_out"]
    assert [way["to"] for way in ways] == ["active", "dormant"]
    invited, users, complained = ways[0]["when"]["all"]
    assert (invited["met"], users["met"], complained["met"]) == (False, False, True)
    assert users["gap"] == 1
    assert users["says"].endswith("1 to go")


def test_a_silence_says_when_it_will_be_long_enough(tmp_path: Path) -> None:
    (said,) = explained(tmp_path, SIGNED_UP).data
    ways: Any = said["ways_out"]
    assert ways[1]["when"]["turns_at"] == "2026-03-09T09:00:00.000Z"


def test_a_firing_alert_says_what_ends_it(tmp_path: Path) -> None:
    (said,) = explained(tmp_path, SIGNED_UP, LATER).data
    firing: Any = said["firing"]
    (alert,) = firing
    assert alert["alert"] == "no_invite"
    assert alert["since"] == "2026-03-05T09:00:00.000Z"
    assert alert["until"]["met"] is False


HANDED = """\
  handed:
    kind: handoff
    severity: info
    when: {did: Report Created}
    handoff: {lead: pql, team: sales, respond: {by: Complained, within: 4bh}, next_step: {by: any, within: 8bh}}
calendars:
  office: {zone: UTC}
teams:
  sales: {calendar: office, owners: {Kim: }}
"""


def test_a_handoff_says_who_has_it_and_by_when_they_must_answer(tmp_path: Path) -> None:
    events, file = tmp_path / "events.jsonl", journey_file(tmp_path, JOURNEY + HANDED)
    events.write_bytes(SIGNED_UP + LATER)
    asked = "explain", "acme", "--journey", file, "--replay", events
    (said,) = journey(*asked, "--json").data
    firing: Any = said["firing"]
    assert firing[1]["owner"] == "Kim"
    assert firing[1]["awaited"] == {"respond": "2026-03-06T13:00:00.000Z", "next_step": "2026-03-06T17:00:00.000Z"}
    told = "; owner: Kim, respond by 2026-03-06 13:00, next step by 2026-03-06 17:00; over when"
    assert told in " ".join(line.strip("│└├─ ") for line in journey(*asked).out.splitlines())


def test_an_account_nobody_has_heard_of_ends_with_1(tmp_path: Path) -> None:
    ended = explained(tmp_path, SIGNED_UP, account="zebra")
    assert ended.code == 1
    assert ended.err.startswith("there is no account 'zebra'")


def test_the_ways_out_of_every_stage_are_those_the_engine_examines() -> None:
    source = read_journey(JOURNEY.encode())
    compiled = compile_journey(source)
    for stage, moves in zip(compiled.stages, compiled.moves, strict=True):
        assert len(list(ways_out(source, stage))) == len(moves)


def test_a_key_lives_where_kafka_puts_it() -> None:
    # From org.apache.kafka.common.utils.UtilsTest.
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    for key, murmur2 in known.items():
        assert partition_of(key, 1_000) == (murmur2 & 0x7FFFFFFF) % 1_000


def test_conditions_under_none_are_told_as_what_is_wanted(tmp_path: Path) -> None:
    unless = "{none: [{did: Complained}]}"
    assert unless in JOURNEY
    text = JOURNEY.replace(unless, "{none: [{all: [{did: Complained}, {did: Report Created}]}]}")
    (tmp_path / "events.jsonl").write_bytes(SIGNED_UP + LATER)
    ended = journey("explain", "acme", "--journey", journey_file(tmp_path, text), "--replay", tmp_path / "events.jsonl")
    lines = [line.strip("│└├─ ") for line in ended.out.splitlines()]
    wanted = lines.index("✓ any of")
    assert lines[wanted - 1] == "✓ all of"
    assert lines[wanted + 1 : wanted + 3] == [
        "✓ not: did Complained: never",
        "✗ not: did Report Created: last 2026-03-06 09:00",
    ]


def test_a_date_is_told_as_a_date(tmp_path: Path) -> None:
    text = JOURNEY.replace("measures:", "traits: {ends_at: date}\nmeasures:", 1)
    has = {"type": "group", "messageId": "m1", "groupId": "acme", "userId": "ann", "traits": {"ends_at": "2026-06-30"}}
    (tmp_path / "events.jsonl").write_bytes(orjson.dumps(has | {"timestamp": "2026-03-02T09:00:00Z"}))
    given = "--journey", journey_file(tmp_path, text), "--replay", tmp_path / "events.jsonl", "--json"
    (said,) = journey("explain", "acme", *given).data
    assert said["traits"] == {"ends_at": "2026-06-30T00:00:00.000Z"}
