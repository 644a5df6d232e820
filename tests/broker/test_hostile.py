"""Bad input, end to end: whatever producers send, each record has one verdict and the worker goes on."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker.hostile_driver import HostilePlane
from tests.hostile import CORPUS, Hostile, message

pytestmark = pytest.mark.broker

LATE = {"an event three years old", "1970 itself", "nine digits of a second", "a zone at its widest"}
"""They arrive more than an hour after they happened: counted as late, by no reason refused."""

OTHERS = {"groupId of a path", "groupId that looks like another's"}
"""They name another account than the one they are sent to."""

LARGEST = [hostile for hostile in CORPUS if len(hostile.value or b"") > 1_000_000]
"""Larger than librdkafka's producers take by default."""

SENT = [hostile for hostile in CORPUS if hostile not in LARGEST]
LONG_KEY = b"k" * 256
NO_GROUP = message(messageId="none", context=None)


@pytest.fixture
def plane(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> Iterator[HostilePlane]:
    plane = HostilePlane(bootstrap_servers, topic_prefix, tmp_path)
    plane.create_topics()
    yield plane
    plane.close()


def test_whatever_is_produced_as_an_event_has_one_verdict_and_the_next_good_one_is_read(plane: HostilePlane) -> None:
    worker = plane.worker()
    for key, (hostile, value) in zip(keys(), numbered(), strict=True):
        verdict = "no_account" if hostile.label == "null wherever it may stand" else first_verdict(hostile)
        plane.send_bad(plane.topics.events, value, key, verdict)
        plane.send_bad(plane.topics.events, value, key, "duplicate" if is_read(verdict) else verdict)
    plane.ends_each_message_once(plane.topics.events)
    assert worker.terminate()[0] == 0


def test_whatever_is_produced_as_an_accounts_event_has_one_verdict_too(plane: HostilePlane) -> None:
    worker = plane.worker()
    for hostile, value in numbered():
        verdict = "account_mismatch" if hostile.label in OTHERS else first_verdict(hostile)
        plane.send_bad(plane.topics.account_events, value, b"acme", verdict)
        plane.send_bad(plane.topics.account_events, value, b"acme", "duplicate" if is_read(verdict) else verdict)
        plane.send_bad(plane.topics.account_events, value, None, "missing_key")
    for key in (b"", b"\xff", LONG_KEY):
        plane.send_bad(plane.topics.account_events, NO_GROUP, key, "bad_key")
    plane.send_bad(plane.topics.account_events, message(), b"other", "account_mismatch")
    plane.ends_each_message_once(plane.topics.account_events)
    assert worker.terminate()[0] == 0


def test_a_record_as_large_as_a_topic_takes_is_a_dead_letter_too(plane: HostilePlane) -> None:
    worker = plane.worker()
    for hostile in LARGEST:
        plane.send_bad(plane.topics.events, hostile.value, b"ada", first_verdict(hostile))
    noise = random.Random(1).randbytes(1_048_000)
    plane.send_bad(plane.topics.events, noise, b"ada", "too_large")
    plane.send_bad(plane.topics.events, b"", b"ada", "empty", [("noise", noise)])
    plane.send_bad(plane.topics.events, b"", noise, "empty")
    plane.send_bad(plane.topics.events, b"", b"ada", "empty", [(f"h{number}", None) for number in range(10_000)])
    plane.send_bad(plane.topics.events, bytes(48_000_000), b"ada", "too_large")  # 2 kB on the wire
    plane.ends_each_message_once(plane.topics.events)
    assert worker.terminate()[0] == 0


def numbered() -> Iterator[tuple[Hostile, bytes | None]]:
    """The corpus, each message under an id of its own and none a byte longer."""
    for number, hostile in enumerate(SENT):
        value = hostile.value
        yield hostile, value and value.replace(b'"messageId":"m-1"', b'"messageId":"%03d"' % number)


def keys() -> Iterator[bytes | None]:
    """What producers key events by: `route` goes by what the message says."""
    for number in range(len(SENT)):
        yield (b"ada", None, b"", b"\xff\xfe", LONG_KEY)[number % 5]


def first_verdict(hostile: Hostile) -> str:
    return hostile.reason or ("late" if hostile.label in LATE else "applied")


def is_read(verdict: str) -> bool:
    return verdict in ("applied", "late")
