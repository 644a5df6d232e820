import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from streams.engine.links import Link
from tests.shell.cli import PROGRAM, environment, journey, journey_file, track

pytestmark = [pytest.mark.broker]
DEADLINE_S = 40.0

EVENTS = [
    track("Signed Up", at="2026-03-02T09:00:00Z"),
    track("Invited User", at="2026-03-03T09:00:00Z"),
    track("Report Created", at="2026-03-03T10:00:00Z", user="bob"),
    b"nonsense",
]


@pytest.fixture
def settings(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> dict[str, str]:
    return {
        "JOURNEY_BOOTSTRAP_SERVERS": bootstrap_servers,
        "JOURNEY_TOPIC_PREFIX": topic_prefix,
        "JOURNEY_CONSUMER_GROUP": topic_prefix,
        "JOURNEY_FILE": str(journey_file(tmp_path)),
        "JOURNEY_WEB_PORT": "0",
        "JOURNEY_LIVE": "false",
        "JOURNEY_IDLE_AFTER_S": "0.5",
    }


@contextmanager
def worker(settings: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen([*PROGRAM, "worker"], env=environment(settings), stderr=subprocess.DEVNULL) as running:
        try:
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


def produce(settings: dict[str, str], *values: bytes) -> None:
    producer = Producer({"bootstrap.servers": settings["JOURNEY_BOOTSTRAP_SERVERS"], "partitioner": "murmur2_random"})
    for value in values:
        producer.produce(f"{settings['JOURNEY_TOPIC_PREFIX']}.events", value, b"ann")
    producer.flush(10)


def test_a_file_is_sent_as_it_stands_and_sending_it_again_changes_nothing(
    settings: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(event.rstrip() for event in EVENTS))
    assert journey("topics", "create", settings=settings).code == 0
    for _ in range(2):
        assert journey("send", file, "--json", settings=settings).data[0]["sent"] == len(EVENTS)
    with worker(settings):
        assert [letter["reason"] for letter in wait_for("dead-letters", settings, 2)] == ["not_json"] * 2
        assert [one["to_stage"] for one in wait_for("transitions", settings, 1)] == ["active"]
        examined(settings, until="lag 0")
        assert len(wait_for("milestones", settings, 1)) == 1


def test_what_is_sent_has_its_user_for_its_key(settings: dict[str, str]) -> None:
    assert journey("topics", "create", settings=settings).code == 0
    given = EVENTS[0] + b'{"type":"page","anonymousId":"visitor"}\n' + EVENTS[2] + b"\n[1]\n"
    assert "4 messages sent" in journey("send", "-", given=given, settings=settings).out
    topic = f"{settings['JOURNEY_TOPIC_PREFIX']}.events"
    reader = Consumer({"bootstrap.servers": settings["JOURNEY_BOOTSTRAP_SERVERS"], "group.id": "keys"})
    reader.assign(
        [TopicPartition(topic, place, OFFSET_BEGINNING) for place in reader.list_topics().topics[topic].partitions]
    )
    keys = Counter(message.key() for message in reader.consume(4, DEADLINE_S))
    reader.close()
    assert keys == {b"ann": 1, b"visitor": 1, b"bob": 1, None: 1}


def test_where_there_is_no_topic_of_events_nothing_is_sent(settings: dict[str, str]) -> None:
    ended = journey("send", "-", given=EVENTS[0], settings=settings)
    assert (ended.code, "run: journey topics create" in ended.err) == (1, True), ended.err


def wait_for(topic: str, settings: dict[str, str], records: int) -> list[dict[str, object]]:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        ended = journey("tail", topic, "--from-beginning", "--no-follow", "--json", settings=settings)
        assert ended.code == 0, ended.err
        if len(ended.data) >= records or time.monotonic() > deadline:
            return ended.data


def examined(settings: dict[str, str], until: str) -> dict[str, object]:
    """What the doctor says of the group, as soon as it ends so."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        checks = {str(found["check"]): found for found in journey("doctor", "--json", settings=settings).data}
        if str(checks["group"]["said"]).endswith(until):
            return checks["group"]
        assert time.monotonic() < deadline, checks


def test_topics_are_missing_then_made_then_well(settings: dict[str, str]) -> None:
    assert journey("topics", "check", settings=settings).code == 1
    assert journey("doctor", settings=settings).code == 1
    made = journey("topics", "create", "--partitions", 2, "--json", settings=settings)
    assert {line["outcome"] for line in made.data} == {"created"}
    assert journey("topics", "check", settings=settings).code == 0
    listed = journey("topics", "list", "--json", settings=settings).data
    partitions = {str(topic["topic"]): topic["partitions"] for topic in listed}
    assert partitions[f"{settings['JOURNEY_TOPIC_PREFIX']}.events"] == 2


def test_what_a_worker_decides_can_be_read_explained_and_examined(settings: dict[str, str]) -> None:
    journey("topics", "create", settings=settings)
    with worker(settings):
        produce(settings, *EVENTS)
        (milestone,) = wait_for("milestones", settings, records=1)
        assert (milestone["account_id"], milestone["milestone"]) == ("acme", "invited")
        (moved,) = wait_for("transitions", settings, records=1)  # by the last of the events
        assert moved["to_stage"] == "active"
        (letter,) = wait_for("dead-letters", settings, records=1)
        assert letter["reason"] == "not_json"
        (said,) = journey("explain", "acme", "--json", settings=settings).data
        assert said["measures"] == {"week_users": 2}
        assert journey("explain", "nobody", settings=settings).code == 1
        assert examined(settings, until="1 worker, lag 0")["ok"]
    values = journey("dead-letters", "list", "--show-values", "--json", settings=settings).data
    assert [found["value"] for found in values] == ["nonsense"]
    assert journey("dead-letters", "list", "--reason", "too_deep", "--json", settings=settings).data == []


def test_a_mended_dead_letter_is_sent_again_once(settings: dict[str, str], tmp_path: Path) -> None:
    journey("topics", "create", settings=settings)
    lost = track("Invited User", at="2026-03-03T09:00:00Z").replace(b'"messageId"', b'"messageID"')
    with worker(settings):
        produce(settings, EVENTS[0], lost, b"nonsense")
        wait_for("dead-letters", settings, records=2)
        letters = journey("dead-letters", "list", "--show-values", "--json", settings=settings).data
        (letter,) = (found for found in letters if found["reason"] == "missing_message_id")
        letter["value"] = str(letter["value"]).replace("messageID", "messageId")
        mended = tmp_path / "mended.jsonl"
        mended.write_bytes(orjson.dumps(letter))
        replay = ("dead-letters", "replay", "--mended", str(mended), "--json")
        assert journey(*replay, "--dry-run", settings=settings).data == [{"chosen": 1, "sent": 0}]
        assert journey(*replay, settings=settings).data == [{"chosen": 1, "sent": 1}]
        assert journey(*replay, settings=settings).data == [{"chosen": 0, "sent": 0}]
        (milestone,) = wait_for("milestones", settings, records=1)
        assert milestone["milestone"] == "invited"
    (left,) = journey("dead-letters", "list", "--json", settings=settings).data
    assert left["reason"] == "not_json"


def test_coverage_reads_a_topic_from_its_beginning_to_its_present_end(settings: dict[str, str]) -> None:
    journey("topics", "create", "--partitions", 1, settings=settings)
    produce(settings, *EVENTS, Link("bob", "ann", ["ann"], [], 0).encode())
    ended = journey("report", "coverage", "--json", settings=settings)
    (told,) = ended.data
    assert ended.code == 1
    assert (told["messages"], told["never_seen"]) == (4, ["Complained"])
    where = f"{settings['JOURNEY_TOPIC_PREFIX']}.events[0]@3"
    assert told["malformed"] == [{"reason": "not_json", "event": None, "count": 1, "examples": [where]}]


def close(tail: subprocess.Popen[bytes]) -> None:
    assert tail.stdout is not None
    tail.stdout.close()


def interrupt(tail: subprocess.Popen[bytes]) -> None:
    tail.send_signal(signal.SIGINT)


@pytest.mark.parametrize("leave", [close, interrupt])
def test_a_tail_ends_well_with_its_reader_and_on_ctrl_c(
    settings: dict[str, str], leave: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    journey("topics", "create", settings=settings)
    produce(settings, *EVENTS)
    command = [*PROGRAM, "tail", "events", "--from-beginning"]
    with subprocess.Popen(command, env=environment(settings), stdout=subprocess.PIPE) as tail:
        assert tail.stdout is not None
        assert b"acme" in tail.stdout.readline()
        leave(tail)
        assert tail.wait(20) == 0
