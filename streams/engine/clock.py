"""The arrival clock of a partition downstream of `route`, held back by the slowest source partition.

Every record of `journey.account-events` comes by way of some partition of `journey.events`. What one of those has
not read yet may still tell of an earlier time, so the clock is the least of what all of them have said, as
Flink's watermark is the minimum over its inputs. They say it in band, by *progress markers*.
"""

import msgspec

from schemas.state import VERSION, PartitionClock, StateVersionError
from streams.engine.in_band import reader

MAX_SOURCES = 10_000


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """One marker: `{source partition: (arrival clock in UTC ms, idle)}` out of `of` source partitions.

    An idle source holds nobody back: it was at its end for long enough.
    """

    of: int
    sources: dict[int, tuple[int, bool]]
    seen: dict[str, dict[int, int]] = {}
    """By watched source and hour, the accounts that were seen since the last marker, as bits."""
    at: tuple[int, int] = (0, 1)
    """Which of how many partitions the marker is written to."""

    @property
    def is_idle(self) -> bool:
        """Whether no source holds the clock back: then it goes by what has arrived at the partition itself."""
        return all(idle for _, idle in self.sources.values())

    def encode(self) -> bytes:
        """As a message value; its key is null."""
        return msgspec.json.encode({"journey_progress": self})


class _Marker(msgspec.Struct):
    journey_progress: Progress


_unpack_any = msgspec.msgpack.Decoder(list[object]).decode
_unpack_clock = msgspec.msgpack.Decoder(PartitionClock).decode
_read = reader(_Marker)


def decode_progress(value: bytes | None) -> Progress | None:
    """The marker in a value, or None if it is not one."""
    if (read := _read(value)) is None:
        return None
    progress = read.journey_progress
    is_sound = len(progress.sources) <= progress.of <= MAX_SOURCES and 0 <= progress.at[0] < progress.at[1]
    return progress if progress.of > 0 and is_sound else None


def unpack_clock(packed: bytes) -> PartitionClock:
    """The clock that the last commit of a partition wrote; StateVersionError if a later version wrote it."""
    version = _unpack_any(packed)[0]
    if version not in range(1, VERSION + 1):
        raise StateVersionError(version)
    clock = _unpack_clock(packed)
    clock.version = VERSION  # whoever writes it next
    return clock


class Clock:
    """The clock of one partition, and what its sources have said. It never falls."""

    def __init__(self, state: PartitionClock | None = None) -> None:
        self.state = state or PartitionClock()

    @property
    def now(self) -> int:
        """The arrival clock in UTC ms; 0 before the first word of every source."""
        return self.state.clock

    def arrive(self, arrived_at: int) -> None:
        """Note an arrival of the partition itself: it counts once no source holds the clock back."""
        if arrived_at > self.state.own:
            self.state.own = arrived_at

    def hear(self, progress: Progress) -> None:
        """Take a marker."""
        state = self.state
        state.of, state.at = progress.of, progress.at
        for source, (clock, idle) in progress.sources.items():
            before = state.sources.get(source, (0, False))[0]
            state.sources[source] = (max(clock, before), idle)
        self._move()

    def _move(self) -> None:
        state = self.state
        holding = [clock for clock, idle in state.sources.values() if not idle]
        if len(state.sources) < state.of:
            return  # a source that has not spoken may know of any earlier time
        least = min(holding) if holding else max([state.own, *(clock for clock, _ in state.sources.values())])
        state.clock = max(state.clock, least)
