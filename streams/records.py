"""What the engine said, as Kafka records: the one place where an output meets a topic name."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, assert_never

import orjson

from streams.bodies import Bodies
from streams.engine.outputs import (
    AccountUpdated,
    AlertChanged,
    DeadLetter,
    MilestoneReached,
    Output,
    Routed,
    Said,
    StageChanged,
)
from streams.engine.times import rfc3339
from streams.kafka.topics import Topics

Headers = Sequence[tuple[str, bytes | None]]


class Origin(NamedTuple):
    """One partition of one topic: where a message came from, and the unit of order and of state."""

    topic: str
    partition: int


class Record(NamedTuple):
    """A record to be produced. Without `partition` the key decides; the broker stamps the time."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers | None = None
    partition: int | None = None


class Encode(Protocol):
    """How a stage's outputs become records."""

    def __call__(self, output: Output, origin: Origin, detected_at_ms: int, /) -> Record:
        """Encode one output of the stage's `origin`."""


class Encoder:
    """Encodes the outputs of one journey for one set of topics."""

    def __init__(self, topics: Topics, bodies: Bodies) -> None:
        self._topics = topics
        self._bodies = bodies

    def __call__(self, output: Output, origin: Origin, detected_at_ms: int, /) -> Record:
        """Turn an output into its record."""
        match output:
            case Routed() | DeadLetter():
                return carry(output, origin, self._topics)
            case StageChanged():
                return self._event(self._topics.transitions, output, detected_at_ms)
            case MilestoneReached():
                return self._event(self._topics.milestones, output, detected_at_ms)
            case AlertChanged():
                return self._event(self._topics.alerts, output, detected_at_ms)
            case AccountUpdated():
                return self._event(self._topics.accounts, output, detected_at_ms)
            case _:
                assert_never(output)

    def _event(self, topic: str, said: Said, detected_at_ms: int) -> Record:
        """A CloudEvent in binary mode: its attributes are headers, the value is the body alone."""
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", said.id.encode()),
            ("ce_type", CE_TYPES[type(said)]),
            ("ce_source", self._bodies.source),
            ("ce_time", rfc3339(said.at).encode()),
            ("ce_subject", said.account.encode()),
            ("content-type", b"application/json"),
        ]
        return Record(topic, said.account.encode(), orjson.dumps(self._bodies.body(said, detected_at_ms)), headers)


CE_TYPES: dict[type[Said], bytes] = {
    StageChanged: b"journey.stage_changed",
    MilestoneReached: b"journey.milestone_reached",
    AlertChanged: b"journey.alert_changed",
    AccountUpdated: b"journey.account_updated",
}


def carry(output: Routed | DeadLetter, origin: Origin, topics: Topics) -> Record:
    """A message that goes on as it came: to its account, or to the dead letters."""
    if isinstance(output, Routed):
        return Record(topics.account_events, output.account.encode(), output.value, output.headers)
    return _dead_letter(output, origin, topics.dead_letters)


def _dead_letter(letter: DeadLetter, origin: Origin, topic: str) -> Record:
    """Keep key, value and headers as they came, and add why and whence under Kafka Streams' names."""
    added: list[tuple[str, bytes | None]] = [
        ("__streams.errors.exception", b"Rejected"),
        ("__streams.errors.message", letter.detail.encode("utf-8", "replace")),
        ("__streams.errors.topic", origin.topic.encode()),
        ("__streams.errors.partition", b"%d" % origin.partition),
        ("__streams.errors.offset", b"%d" % letter.offset),
        ("reason", letter.reason.encode()),
    ]
    return Record(topic, letter.key, letter.value, [*(letter.headers or ()), *added])
