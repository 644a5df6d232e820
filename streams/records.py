"""What the engine said, as Kafka records: the one place where an output meets a topic name."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, assert_never

from streams.engine.outputs import (
    AccountUpdated,
    AlertChanged,
    DeadLetter,
    MilestoneReached,
    Output,
    Routed,
    StageChanged,
)

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


class OutputTopics(Protocol):
    """The topic names that outputs need."""

    @property
    def account_events(self) -> str: ...  # noqa: D102
    @property
    def dead_letters(self) -> str: ...  # noqa: D102


class Encode(Protocol):
    """How a stage's outputs become records."""

    def __call__(self, output: Output, origin: Origin, detected_at_ms: int, /) -> Record:
        """Encode one output of the stage's `origin`."""


def encode(output: Output, origin: Origin, detected_at_ms: int, topics: OutputTopics) -> Record:  # noqa: ARG001
    """Turn an output into its record."""
    match output:
        case Routed(account=account, value=value, headers=headers):
            return Record(topics.account_events, account.encode(), value, headers)
        case DeadLetter():
            return _dead_letter(output, origin, topics.dead_letters)
        case StageChanged() | MilestoneReached() | AlertChanged() | AccountUpdated():
            raise NotImplementedError
        case _:
            assert_never(output)


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
