"""Loads of a bad shape: one account with nearly all events, names without end, outputs that nobody takes."""

from pathlib import Path

import orjson
import pytest

from streams.engine.times import rfc3339
from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import Page, Plane, free_port, wait_until
from tests.traffic import START, Sent

pytestmark = pytest.mark.broker


def is_read_to_its_end(page: Page) -> bool:
    """Whether nothing is behind but what transactions leave at the end of a topic; False while the page is away."""
    lags = [one.value for one in page.samples("journey_partition_lag_messages")]
    return len(lags) > 0 and max(lags) < 10


def test_one_account_with_nearly_all_events_starves_no_other(plane: Plane) -> None:
    plane.account_of = lambda number: 0 if number % 20 else 1 + number // 20 % 39
    plane.send(60_000)
    port = free_port()
    plane.worker(JOURNEY_WEB_PORT=str(port))
    plane.shows_each_event_once()
    wait_until(lambda: is_read_to_its_end(Page(port)))
    told = [(r.timestamp()[1], r.key() == b"a0") for r in plane.records(plane.topics.transitions, 60_000)]
    hot, others = ([at for at, is_hot in told if is_hot is which] for which in (True, False))
    # Some share a partition with the hot one, and wait their turn there; most are elsewhere, and do not.
    assert sorted(others)[len(others) // 2] < sorted(hot)[len(hot) * 3 // 4]


def test_ten_thousand_names_of_events_are_no_names_of_series(
    bootstrap_servers: str, topic_prefix: str, tmp_path: Path
) -> None:
    port = free_port()
    plane = JourneyPlane(bootstrap_servers, topic_prefix, tmp_path, [])
    plane.create_topics()
    plane.worker(JOURNEY_WEB_PORT=str(port))
    plane.accepts([_called(f"Name {number}") for number in range(10_000)])
    wait_until(lambda: Page(port).sum("journey_warned_events_total") == 10_000)
    series = Page(port).samples()
    plane.close()
    assert not [one for one in series if "Name" in str((one.name, one.labels))]
    assert len(series) < 500


def _called(name: str) -> Sent:
    call = {"type": "track", "messageId": name, "userId": "ann", "event": name, "timestamp": rfc3339(START)}
    return Sent(0, b"ann", orjson.dumps(call | {"receivedAt": rfc3339(START), "context": {"groupId": "acme"}}))
