"""Records that are gone or spoiled: a worker says so and ends, rather than go on with half the truth."""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import KafkaException, Producer, TopicPartition
from confluent_kafka.admin import NewPartitions

from schemas.state import VERSION
from streams.kafka.broker import DevelopmentBroker
from streams.kafka.rebuild import rebuild
from streams.kafka.topic_admin import TopicsError, create_topics
from streams.settings import load_settings
from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import PARTITIONS, Plane, Worker, wait_until
from tests.traffic import Traffic

pytestmark = pytest.mark.broker

AGGRESSIVE = {"segment.ms": "200", "min.cleanable.dirty.ratio": "0.001", "max.compaction.lag.ms": "500"}


def last_word(worker: Worker, within_s: float = 30) -> str:
    """Why a worker ended, with 1."""
    assert worker.ends(within_s) == 1
    return next(line["message"] for line in worker.lines() if line["level"] == "error")


def has_worked(plane: Plane) -> None:
    """A worker has done its work, and is gone."""
    plane.send(500)
    worker = plane.worker()
    plane.shows_each_event_once()
    assert worker.terminate()[0] == 0


def test_events_deleted_before_they_were_read_are_not_jumped_over(plane: Plane) -> None:
    has_worked(plane)
    plane.send(500)
    ends = [TopicPartition(plane.topics.events, p, -1) for p in range(PARTITIONS)]
    for deleted in plane.admin.delete_records(ends).values():
        deleted.result(10)
    plane.send(100)
    assert "were deleted unread" in last_word(plane.worker())


def test_a_changelog_that_somebody_holds_open_is_not_waited_for_without_end(plane: Plane) -> None:
    stranger = Producer(plane.client | {"transactional.id": "stranger", "transaction.timeout.ms": 120_000})
    stranger.init_transactions(10)
    stranger.begin_transaction()
    stranger.produce(plane.topics.state_changelog, b"1", b"acme", 0)
    stranger.flush(10)
    word = last_word(plane.worker(JOURNEY_TRANSACTION_TIMEOUT_MS="2000", IMPATIENT="yes"))
    assert f"{plane.topics.state_changelog}[0] ends at" in word
    assert "nothing of it came for 5 s" in word
    stranger.abort_transaction(10)
    has_worked(plane)


def test_states_that_are_gone_are_not_begun_anew(plane: Plane) -> None:
    has_worked(plane)
    for deleted in plane.admin.delete_topics([plane.topics.state_changelog]).values():
        deleted.result(10)
    wait_until(lambda: plane.topics.state_changelog not in plane.admin.list_topics(timeout=10).topics)
    assert "journey topics create" in last_word(plane.worker())
    _eventually(lambda: create_topics(plane.admin, plane.topics, PARTITIONS))
    assert "the states are lost" in last_word(plane.worker())


def test_lost_states_are_built_anew_from_the_events(plane: Plane) -> None:
    has_worked(plane)
    for deleted in plane.admin.delete_topics([plane.topics.users_changelog]).values():
        deleted.result(10)
    settings = load_settings(bootstrap_servers=plane.client["bootstrap.servers"], consumer_group=plane.topics.prefix)
    _eventually(lambda: list(rebuild(settings, plane.admin, plane.topics)))  # once the worker's session has ended
    plane.send(100)
    plane.worker()
    said = plane.outputs(500 + plane.sent)  # what was said before, and all of it again
    for account, all_of_one in said.items():
        counts = [one["count"] for one in all_of_one]
        again = counts.index(1, 1)
        assert counts[again:] == list(range(1, len(counts) - again + 1)), account


def test_states_of_a_later_version_are_refused_and_left_as_they_are(
    bootstrap_servers: str, topic_prefix: str, tmp_path: Path
) -> None:
    plane = JourneyPlane(bootstrap_servers, topic_prefix, tmp_path, Traffic(accounts=8, days=3)).create_topics()
    plane.send_all(plane.traffic)
    worker = plane.worker()
    clock = next(r for r in plane.records(plane.topics.state_changelog, 1) if r.key() == b"k")
    assert worker.terminate()[0] == 0
    later = msgspec.msgpack.encode([VERSION + 1, *msgspec.msgpack.decode(clock.value())[1:], "what it adds"])
    plane.send_raw(later, b"k", topic=clock.topic(), partition=clock.partition())
    assert f"states of version {VERSION + 1}" in last_word(plane.worker())
    held = [r.value() for r in plane.records(clock.topic(), 1) if r.partition() == clock.partition()]
    assert held[-1] == later
    plane.close()


def test_a_topic_whose_partitions_were_raised_is_refused(plane: Plane) -> None:
    has_worked(plane)
    for raised in plane.admin.create_partitions([NewPartitions(plane.topics.events, PARTITIONS + 2)]).values():
        raised.result(10)
    assert plane.topics.events in last_word(plane.worker())


def test_partitions_raised_under_a_running_worker_end_it(plane: Plane) -> None:
    plane.send(500)
    worker = plane.worker()
    plane.shows_each_event_once()
    for raised in plane.admin.create_partitions([NewPartitions(plane.topics.events, PARTITIONS + 2)]).values():
        raised.result(10)
    assert plane.topics.events in last_word(worker)


def test_aggressive_compaction_under_load_and_kills_costs_no_state(plane: Plane) -> None:
    for changelog in (plane.topics.users_changelog, plane.topics.state_changelog):
        plane.alter(changelog, AGGRESSIVE)
    plane.dies_again_and_again(plane.under_load(12_000, per_second=1000), times=5, seed=11)
    plane.shows_each_event_once()


def test_a_spoiled_changelog_record_is_refused_and_never_loaded(tmp_path: Path) -> None:
    with DevelopmentBroker(short_lived=True, data=tmp_path / "broker") as broker:
        plane = Plane(broker.bootstrap_servers, "spoiled", tmp_path).create_topics()
        has_worked(plane)
        broker.stop()
        _spoil(tmp_path / "broker" / "data", plane.topics.state_changelog)
        broker.start()
        assert "BAD_MSG" in last_word(plane.worker())
        plane.close()


def _spoil(data: Path, topic: str) -> None:
    """Flip one bit of the last record of each partition that has any."""
    logs = [log for log in data.glob(f"{topic}-*/*.log") if log.stat().st_size]
    assert logs
    for log in logs:
        content = bytearray(log.read_bytes())
        content[-20] ^= 1
        log.write_bytes(content)


def _eventually(call: Callable[[], object], within_s: float = 60) -> None:
    """Make a call again while the cluster refuses it: on a busy machine one attempt alone may take 20 s."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            call()
            return
        except (TopicsError, KafkaException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
