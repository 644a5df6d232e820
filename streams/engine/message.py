"""What the shell hands to the engine and takes back: messages in, state by key; no Kafka type crosses here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from streams.engine.outputs import DeadLetter, Output
from streams.engine.rejection import Rejected


class Message(msgspec.Struct, frozen=True, gc=False):
    """One record as it was read. `recorded_at` is its Kafka timestamp in UTC ms; a replay has none."""

    key: bytes | None
    value: bytes | None
    recorded_at: int | None
    offset: int
    headers: list[tuple[str, bytes | None]] | None = None


def dead_letter(message: Message, rejected: Rejected) -> DeadLetter:
    """Keep a message that could not become an event, as it came."""
    reason = rejected.reason.value
    return DeadLetter(reason, rejected.detail, message.key, message.value, message.headers, message.offset)


class Keyed(Protocol):
    """State by key for one partition of one topic, with its deadlines: what the runtime drives.

    It is restored by `load` for each changelog record in order, then `ready`. From then on `receive` steps a
    batch and `advance` fires what time has made due; `changes` hands over the changelog records
    since the last call. Nothing here blocks, reads a clock or raises for bad input.
    """

    @property
    def clock(self) -> int:
        """The arrival clock in UTC ms; 0 before the first arrival. It never falls."""

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `None` is a tombstone."""

    def ready(self) -> None:
        """Say that the changelog has been read to its end."""

    def tick(self, clock: int) -> None:
        """Hear that time has come to `clock` here. A partition that is told of time in band ignores it."""

    def receive(self, messages: Sequence[Message]) -> Iterable[Output]:
        """Step a batch in the order given. Messages at offsets already applied change nothing.

        What is said may be handed over while the batch is being stepped, so it is to be taken to its end.
        """

    def advance(self, limit: int) -> list[Output]:
        """Fire the due deadlines of at most `limit` keys by the clock as it stands."""

    @property
    def is_due(self) -> bool:
        """Whether `advance` has work left."""

    @property
    def can_wait(self) -> bool:
        """Whether all of that work may as well be done between the next messages, which need not wait for its end."""

    def changes(self) -> Iterable[tuple[bytes, bytes | None]]:
        """The changelog records (key, value or tombstone) of all that changed since the last call.

        Those whose key begins with `SUPPRESSION` are kept apart: they outlive the changelog.
        """

    def sightings(self) -> Mapping[str, Mapping[int, int]]:
        """What the stage after this one is to hear along with the clock (`streams.engine.sightings`); given once."""

    def dispositions(self) -> Mapping[str, int]:
        """How many messages ended as applied, duplicate, late or dead_letter since the last call."""

    def warnings(self) -> Mapping[str, int]:
        """How many events were kept that the taxonomy does not cover, by reason, since the last call."""

    def __len__(self) -> int:
        """How many keys are held."""
