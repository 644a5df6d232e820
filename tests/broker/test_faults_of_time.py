"""Backlogs: what has not been read yet is never taken for a silence, though the wall clock is days ahead of it."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from schemas.spans import DAY_MS
from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import PARTITIONS, wait_until
from tests.hours import JOURNEY, Hours
from tests.oracle import Said, differences
from tests.traffic import Sent

pytestmark = pytest.mark.broker


@pytest.fixture
def hours() -> Hours:
    return Hours(now=time.time_ns() // 1_000_000)


@pytest.fixture
def plane(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> Iterator[JourneyPlane]:
    journey = tmp_path / "hours.yaml"
    journey.write_text(JOURNEY)
    plane = JourneyPlane(bootstrap_servers, topic_prefix, tmp_path, [], journey)
    plane.create_topics()
    plane.alter(plane.topics.events, {"retention.ms": "-1"})  # else what was stamped ten days ago may be deleted
    yield plane
    plane.close()


def says_what_a_replay_says(plane: JourneyPlane) -> Said:
    expected = plane.expected()
    seen = plane.seen(expected)
    assert differences(expected, seen) == []
    return seen


def has_worked(plane: JourneyPlane, messages: Sequence[Sent]) -> Said:
    """A worker has followed so much of the traffic by its own time, and is gone."""
    plane.accepts(messages)
    worker = plane.worker()
    said = says_what_a_replay_says(plane)
    assert worker.terminate()[0] == 0
    return said


def silences(said: Said, accounts: set[str]) -> list[str]:
    """How the alerts of silence about these accounts went, whichever they were."""
    return sorted({" ".join(str(body["status"]) for body in said["alerts"][account]) for account in accounts})


def fired(said: Said) -> int:
    """How many alerts of silence there were."""
    return sum(body["status"] == "firing" for bodies in said["alerts"].values() for body in bodies)


def test_a_worker_that_was_away_for_two_days_takes_no_backlog_for_a_silence(plane: JourneyPlane, hours: Hours) -> None:
    has_worked(plane, hours.between(100, 48))
    busy = replace(hours, per_hour=24)  # so much that reading it takes seconds, in which time could be taken to be now
    plane.accepts(busy.between(48, 0) + hours.closing())
    plane.worker(JOURNEY_LIVE="true")
    said = says_what_a_replay_says(plane)
    really_silent = {f"account-{number}" for number in range(0, hours.accounts, 5)}
    assert {account for account, told in said["alerts"].items() if told} == really_silent


def clocks(plane: JourneyPlane) -> dict[int, int]:
    """What the source partitions were last said to know of time."""
    known: dict[int, int] = {}
    for key, value in plane.read(plane.topics.account_events, 1):
        if key is None:
            sources = json.loads(value or b"")["journey_progress"]["sources"]
            known |= {int(partition): clock for partition, (clock, _) in sources.items()}
    return known


@contextmanager
def stuck(plane: JourneyPlane, first: Sent) -> Iterator[None]:
    """Within it nothing of a source partition can be read from `first` on: its producer's transaction is open."""
    producer = Producer(plane.client | {"transactional.id": "stuck"})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(plane.topics.events, first.value, first.key, first.partition, timestamp=first.recorded_at)
    producer.flush(10)
    yield
    producer.commit_transaction(10)


def test_a_source_partition_hours_behind_the_others_holds_time_back_for_all(plane: JourneyPlane, hours: Hours) -> None:
    before = has_worked(plane, hours.between(60, 20))
    backlog = hours.between(20, 0) + hours.closing()
    first = next(sent for sent in backlog if sent.partition == 0)
    with stuck(plane, first):
        plane.send_all([sent for sent in backlog if sent is not first])
        plane.traffic += backlog
        plane.worker(JOURNEY_LIVE="true")
        wait_until(lambda: sorted(p for p, clock in clocks(plane).items() if clock > hours.now) == [1, 2, 3])
        assert fired(plane.seen(before)) == fired(before)
    says_what_a_replay_says(plane)


@pytest.mark.parametrize("live", [True, False])
def test_ten_days_of_nothing_from_one_source_and_then_its_backlog(
    plane: JourneyPlane, hours: Hours, *, live: bool
) -> None:
    """Live, it comes as a producer sends it that could not; else as it was stamped, left out until then as idle."""
    plane.worker(JOURNEY_LIVE=str(live), JOURNEY_IDLE_AFTER_S="1")
    others = set(range(1, PARTITIONS))
    plane.accepts(hours.between(300, 240) + hours.between(240, 0, only=others) + hours.closing())
    mute = hours.names_of(partition=0)
    assert silences(says_what_a_replay_says(plane), mute) == ["firing", "firing resolved firing"]
    backlog = hours.between(240, 0, only={0})
    assert hours.now - backlog[0].recorded_at > 9 * DAY_MS
    plane.accepts(hours.arriving(backlog, time.time_ns() // 1_000_000) if live else backlog)
    assert silences(says_what_a_replay_says(plane), mute) == ["firing resolved", "firing resolved firing resolved"]
