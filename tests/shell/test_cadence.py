"""When the next commit goes: how long it may grow under load, and what ends its growth."""

import pytest

from streams.kafka.cadence import BACKLOG_MESSAGES, SETTLE_S, Cadence
from streams.kafka.stage import Arrivals, Partition
from streams.kafka.staging import Staging
from streams.kafka.topics import Topics
from streams.records import Origin
from streams.settings import load_settings
from tests.broker.plane import Relay, plane_stages

BEGAN_S = 100.0


def staged(*, messages: int = 1, size: int = 100) -> Staging:
    """What is staged after so many messages, of so many bytes in all."""
    staging, stage = Staging(), plane_stages(Topics("t"))[0]
    partition = Partition(stage, Origin("t.events", 0), Relay(), 0)
    batch = Arrivals(partition.origin, [], size)
    staging.consumed(partition, batch)
    staging.messages += messages
    return staging


def hold_back_ms(staging: Staging, waiting: int) -> int:
    """How long a commit is held back 10 ms after the one before began."""
    settings = load_settings(
        commit_interval_ms=50,
        catch_up_interval_ms=1000,
        max_outstanding_messages=300_000,
        max_outstanding_bytes=30_000_000,
    )
    cadence = Cadence(settings)
    cadence.begin(BEGAN_S)
    return round(cadence.hold_back_s(staging, waiting, BEGAN_S + 0.01) * 1000)


def test_under_load_a_commit_grows_for_the_interval() -> None:
    assert hold_back_ms(staged(), waiting=100) == 40


def test_behind_a_backlog_a_commit_grows_longer() -> None:
    assert hold_back_ms(staged(), waiting=BACKLOG_MESSAGES) == 990


def test_a_commit_that_holds_its_share_of_messages_waits_no_longer_than_under_load() -> None:
    assert hold_back_ms(staged(messages=99_999), BACKLOG_MESSAGES) == 990
    assert hold_back_ms(staged(messages=100_000), BACKLOG_MESSAGES) == 40


def test_a_commit_that_holds_its_share_of_bytes_waits_no_longer_than_under_load() -> None:
    assert hold_back_ms(staged(size=10_000_000), BACKLOG_MESSAGES) == 40


def test_even_an_urgent_commit_lets_the_broker_end_the_one_before() -> None:
    cadence = Cadence(load_settings())
    cadence.begin(BEGAN_S)
    cadence.end(BEGAN_S + 1)
    assert cadence.settle_s(BEGAN_S + 1) == pytest.approx(SETTLE_S)
    assert cadence.settle_s(BEGAN_S + 1 + 2 * SETTLE_S) < 0
