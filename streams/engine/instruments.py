"""Beside the path: whether a source has fallen silent as a whole, and which hours count against none of its accounts.

Each partition of accounts follows each source by itself, hour by hour as the watermark passes them, from what `route`
has seen in all of its partitions (`sightings`): so all come to the same, however far each has come. An hour in which
fewer than MANY accounts were seen is silent, and *missed* where it never is otherwise; `hours` knows when the evidence
of missed hours is enough. What an hour says is final once it is closed: a verdict about an account reads hours and
days before its own instant only, and so comes out the same whenever it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final
from zlib import crc32

import msgspec

from schemas.spans import DAY_MS, HOUR_MS
from schemas.state import Instrument
from streams.engine.hours import EMPTY, close_day, steady, tells_at
from streams.engine.ids import output_id
from streams.engine.outputs import AlertStatus, InstrumentationChanged
from streams.engine.sightings import Seen
from streams.engine.times import NEVER, rfc3339

MANY: Final = 3
"""An hour with fewer accounts is silent: neither do two that go on make a source alive, nor one alone makes it dark."""

DARK_DAY: Final = 8.0
"""Evidence of missed hours in a row that makes a day dark: two that are never silent otherwise. In a small base many
hours are nearly silent by chance, but not one after the other."""

HISTORY: Final = 29
KEPT_DAYS: Final = 400
"""Missed hours and dark days are kept so long: an account may be judged as of then, if markers were far behind."""

_HOURS: Final = 24
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Instrument).decode


class Source:
    """One source, as one partition of accounts knows it."""

    __slots__ = ("name", "state")

    def __init__(self, name: str, state: Instrument | None = None) -> None:
        self.name = name
        self.state = state or Instrument(profile=EMPTY)

    def hear(self, hours: Mapping[int, int], latest: int) -> None:
        """Take what was seen in hours up to the latest; what comes behind the close of its hour counts no more."""
        state = self.state
        for hour, accounts in hours.items():
            if state.hour <= hour <= latest:
                state.ahead[hour] = state.ahead.get(hour, 0) | accounts

    def close_hours(self, watermark: int) -> Iterator[InstrumentationChanged]:
        """Close all hours that the watermark has passed."""
        state = self.state
        hour = state.hour or min(state.ahead, default=NEVER)  # the first is known once it is passed
        while (hour + 1) * HOUR_MS <= watermark:
            accounts, state.hour = state.ahead.pop(hour, 0), hour + 1
            yield from self._close(hour, accounts)
            hour += 1

    def _close(self, hour: int, accounts: int) -> Iterator[InstrumentationChanged]:
        state, (day, of_day) = self.state, divmod(hour, _HOURS)
        is_alive, end_at = accounts.bit_count() >= MANY, (hour + 1) * HOUR_MS
        is_missed = not is_alive and steady(state.profile, day, of_day) > 0
        state.today += accounts.bit_count()
        if is_alive:
            state.active |= 1 << of_day
            state.alive_at = end_at
        if is_missed:
            state.missed[day] = state.missed.get(day, 0) | 1 << of_day
        yield from self._judge(accounts, end_at, is_missed=is_missed)
        if of_day == _HOURS - 1:
            self._close_day(day)

    def _judge(self, accounts: int, at: int, *, is_missed: bool) -> Iterator[InstrumentationChanged]:
        """Dark by the evidence of missed hours; back once enough accounts are, were it at night."""
        state = self.state
        if state.since:
            state.returned = 0 if is_missed else state.returned | accounts
            if state.returned.bit_count() >= MANY:
                yield self._told(AlertStatus.RESOLVED, at)
                state.since = state.returned = 0
        elif is_missed and 0 < tells_at(state.profile, state.alive_at) <= at:
            state.since, state.episode = state.alive_at, state.episode + 1
            yield self._told(AlertStatus.FIRING, at)

    def _told(self, status: AlertStatus, at: int) -> InstrumentationChanged:
        rule, state = f"instrumentation.{self.name}", self.state
        because = {"outcome": "instrumentation_stopped", "source": self.name, "since": rfc3339(state.since)}
        return InstrumentationChanged(
            id=output_id("", rule, state.episode, status),
            source=self.name,
            at=at,
            rule=rule,
            episode=state.episode,
            status=status,
            evidence={"because": [because | {"until": rfc3339(at)}]},
        )

    def _close_day(self, day: int) -> None:
        state, first = self.state, day - KEPT_DAYS
        state.counts = [*state.counts[1 - HISTORY :], state.today]
        if self._is_dark(day):
            state.dark.append(day)
        else:
            state.profile = close_day(state.profile, day, state.counts, state.active)
        state.today = state.active = 0
        state.missed = {held: hours for held, hours in state.missed.items() if held > first}
        state.dark = [held for held in state.dark if held > first]

    def _is_dark(self, day: int) -> bool:
        """Whether hours enough were missed in a row on a day. It teaches nothing, and tells of no account."""
        missed, run, longest = self.state.missed.get(day, 0), 0.0, 0.0
        for hour in range(_HOURS):
            if missed >> hour & 1:
                run += steady(self.state.profile, day, hour)
                longest = max(longest, run)
            elif self.state.active >> hour & 1:
                run = 0.0
        return longest >= DARK_DAY


class Sources:
    """The sources that are watched, as one partition of accounts knows them."""

    __slots__ = ("_changed", "_dark_days", "_sources")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._sources = {name: Source(name) for name in names}
        self._changed: dict[str, None] = {}
        self._dark_days: dict[tuple[str, ...], Sequence[int]] = {}

    def load(self, name: bytes, value: bytes | None) -> None:
        """Take back one source; one that is not watched any more is passed over."""
        if value and (source := name.decode()) in self._sources:
            self._sources[source] = Source(source, _unpack(value))
            self._dark_days.clear()

    def hear(self, seen: Seen, latest: int, watermark: int) -> list[InstrumentationChanged]:
        """Take what the sources before this partition have seen up to an instant, and close what is over."""
        told: list[InstrumentationChanged] = []
        for name, source in self._sources.items():
            source.hear(seen.get(name, {}), latest // HOUR_MS)
            before = source.state.hour
            told += source.close_hours(watermark)
            if name in seen or source.state.hour != before:
                self._changed[name] = None
            if source.state.hour != before:
                self._dark_days.clear()
        return told

    def changes(self) -> Iterator[tuple[bytes, bytes]]:
        """The sources that changed since the last call, packed."""
        changed, self._changed = self._changed, {}
        for name in changed:
            yield name.encode(), _pack(self._sources[name].state)

    def missed(self, names: Iterable[str]) -> Callable[[int], bool]:
        """Tells of an hour, counted since 1970, whether it was missed in any of these sources."""
        days = [held for name in names if (held := self._sources[name].state.missed)]
        return lambda hour: any(held.get(hour // _HOURS, 0) >> hour % _HOURS & 1 for held in days)

    def dark_days(self, names: tuple[str, ...]) -> Sequence[int]:
        """The days on which any of these sources was dark, oldest first."""
        held = self._dark_days
        if names not in held:
            held[names] = sorted({day for name in names for day in self._sources[name].state.dark})
        return held[names]

    def over_at(self, names: tuple[str, ...], since: int, until: int) -> int:
        """When a span is over that began at an instant, if days on which a source was dark do not count."""
        for day in self.dark_days(names):
            if since < (day + 1) * DAY_MS <= until:
                until += DAY_MS
        return until

    def dark(self) -> Iterator[tuple[str, bool]]:
        """Each source, and whether it is dark."""
        return ((name, bool(source.state.since)) for name, source in self._sources.items())


ALL_ALIVE: Final = Sources()
"""Where no source is watched."""


def speaks_for(place: tuple[int, int], source: str) -> bool:
    """Whether it is this partition, of so many, that says what is to be said of a source."""
    number, partitions = place
    return crc32(source.encode()) % partitions == number
