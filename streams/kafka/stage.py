"""A stage: one source topic, one changelog, and the state by key of each partition."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from streams.engine.message import Keyed, Message
from streams.engine.sightings import Seen
from streams.engine.suppressions import SUPPRESSION
from streams.records import Encode, Origin


class EncodeProgress(Protocol):
    """How the arrival clocks of source partitions are written into a progress marker."""

    def __call__(self, of: int, sources: Mapping[int, tuple[int, bool]], seen: Seen, at: tuple[int, int]) -> bytes:
        """Encode `{partition: (clock_ms, idle)}` of a topic with `of` partitions, and what they have seen.

        `at`: which of how many partitions the marker is for.
        """


@dataclass(frozen=True, slots=True)
class Stage:
    """What a worker does with one source topic."""

    name: str
    source: str
    changelog: str
    keyed: Callable[[], Keyed]
    encode: Encode
    marks: str | None = None
    """The topic whose every partition is told this stage's progress, in band."""
    encode_progress: EncodeProgress | None = None
    is_told_the_time: bool = False
    """Whether its clock moves by markers alone: then being at the end of its source proves nothing about time."""
    suppressions: str | None = None
    """The topic of those who are forgotten, if the stage keeps to it: as a changelog, but it outlives them all."""
    running: Callable[[Keyed], Iterable[tuple[str, str, str, float]]] | None = None
    """The figures so far of periods that are open: KPI, what it is of, length of the period, value."""
    dark: Callable[[Keyed], Iterable[tuple[str, bool]]] | None = None
    """The watched sources that a partition speaks for, and whether they are dark."""

    def log_of(self, key: bytes) -> str:
        """The topic in which a record of the state is kept."""
        is_suppression = key[:1] == SUPPRESSION and self.suppressions is not None
        return self.suppressions if is_suppression else self.changelog  # type: ignore[return-value]


class Arrivals(NamedTuple):
    """Messages of one partition in order, at least one; `size` is the bytes of their values."""

    origin: Origin
    messages: list[Message]
    size: int


@dataclass(slots=True, eq=False)
class Partition:
    """A restored partition this worker owns. Only the event loop touches it."""

    stage: Stage
    origin: Origin
    keyed: Keyed
    position: int
    """Up to here everything has been stepped."""
    waiting: deque[Arrivals] = field(default_factory=deque)
    said: int = 0
    """The clock as it stood when all that it had made due was said."""
    step_s: float = 0.0
    """How long its last batch took to step."""
    busy: bool = False
    """A batch is with the agent, or time is being advanced: what comes meanwhile waits."""
    released: bool = False

    def take(self, limit: int) -> Arrivals:
        """Take what waits, whole, up to about `limit` messages."""
        first = self.waiting.popleft()
        if not self.waiting or len(first.messages) >= limit:
            return first
        messages, size = list(first.messages), first.size
        while self.waiting and len(messages) < limit:
            following = self.waiting.popleft()
            messages += following.messages
            size += following.size
        return Arrivals(self.origin, messages, size)
