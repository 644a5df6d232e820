"""Who is meant by `journey forget`, and how it refuses to guess."""

from pathlib import Path

import pytest

from streams.cli.orders import kin
from streams.engine.suppressions import Forget, Kind
from tests.shell.cli import journey, journey_file, track

PATHS = {"visitor": ["ann"], "cookie": ["ann", "visitor"], "bob": [], "phone": ["bob"]}


@pytest.mark.parametrize("name", ["ann", "visitor", "cookie"])
def test_a_person_is_forgotten_under_every_id(name: str) -> None:
    ids = kin(PATHS, name)
    assert (ids[0], set(ids)) == (name, {"ann", "visitor", "cookie"})


def test_nobody_else_is() -> None:
    assert kin(PATHS, "phone") == ["phone", "bob"]
    assert kin(PATHS, "stranger") == ["stranger"]


@pytest.mark.parametrize(
    "asked", [(), ("--user", "ann", "--account", "acme"), ("--user", ""), ("--account", "a" * 256)]
)
def test_it_wants_one_id(asked: tuple[str, ...]) -> None:
    ended = journey("forget", *asked)
    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_a_cluster_that_does_not_answer_is_told_in_one_line() -> None:
    ended = journey("forget", "--user", "ann", settings={"JOURNEY_BOOTSTRAP_SERVERS": "127.0.0.1:9"})
    assert (ended.code, ended.err.startswith("no answer from Kafka")) == (1, True)


def test_a_replay_keeps_to_orders_and_tells_what_it_dropped(tmp_path: Path) -> None:
    order = Forget(Kind.USER, "ann", 0).encode() + b"\n"
    events = [track("Signed Up", at="2026-03-02T09:00:00Z"), order, track("Invited User", at="2026-03-03T09:00:00Z")]
    asked = ("replay", "-", "--journey", journey_file(tmp_path), "--out", tmp_path / "out")
    ended = journey(*asked, given=b"".join(events))
    assert "3 messages: applied 1, duplicate 0, late 0, dead letter 0, forgotten 1" in ended.out
    assert (tmp_path / "out" / "milestones.jsonl").read_bytes() == b""
