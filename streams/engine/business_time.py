"""Beside the path: arithmetic in business time, the time in which a calendar is open.

Everything follows from the instant and the calendar: no clock, no machine's zone. A wall-clock time that occurs twice
(when clocks go back) is the first; one that does not occur (when they go forward) is the instant an hour later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas import journey as file
from schemas.journey.calendars import Opening
from schemas.public_holidays import public_holidays
from schemas.spans import DAY_MS, MINUTE_MS
from schemas.zones import zone
from streams.engine.times import LAST_AT, instant_ms

HORIZON_DAYS = 3_660
"""How far, in calendar days, business time is reckoned from an instant: what lies beyond is cut off there."""

_LAST_DAY = date.max.toordinal() - 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody is at work."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    """Working days; 0 is Monday."""
    hours: tuple[Opening, ...]
    holidays: str | None = None
    closed: frozenset[int] = frozenset()
    """Further days off, as ordinals."""

    def add(self, at: int, span: int) -> int:
        """The first instant by which so much business time has passed since `at`."""
        for start, end in self._openings(at, range(HORIZON_DAYS)):
            begun = max(start, at)
            if end - begun >= span:
                return begun + span
            span -= max(0, end - begun)
        return min(at + HORIZON_DAYS * DAY_MS, LAST_AT)

    def subtract(self, at: int, span: int) -> int:
        """The last instant from which so much business time passes until `at`."""
        for start, end in self._openings(at, range(0, -HORIZON_DAYS, -1)):
            ended = min(end, at)
            if ended - start >= span:
                return ended - span
            span -= max(0, ended - start)
        return max(0, at - HORIZON_DAYS * DAY_MS)

    def between(self, start: int, end: int) -> int:
        """The business time in [start, end)."""
        days = min((end - start) // DAY_MS + 3, HORIZON_DAYS)
        openings = self._openings(start, range(days))
        return sum(max(0, min(end, closes) - max(start, opens)) for opens, closes in openings)

    def _openings(self, at: int, days: range) -> Iterator[Opening]:
        """The opening hours as instants, day by day from the one `at` lies in, in the direction of `days`."""
        today = _local_day(at, self.zone)
        for offset in days:
            day = today + offset
            if 1 < day < _LAST_DAY and self._is_working(day):
                openings = self._on(day)
                yield from openings if days.step > 0 else reversed(openings)

    def _is_working(self, day: int) -> bool:
        if (day + 6) % 7 not in self.weekdays or day in self.closed:
            return False
        return self.holidays is None or day not in public_holidays(self.holidays, date.fromordinal(day).year)

    def _on(self, day: int) -> list[Opening]:
        """The opening hours of a working day. Where a change of clocks would make two overlap, the first has it all."""
        openings: list[Opening] = []
        for start, end in self.hours:
            begun = max(_instant(day, start, self.zone), openings[-1][1] if openings else 0)
            openings.append((begun, max(begun, _instant(day, end, self.zone))))
        return openings


def compile_calendar(source: file.Calendar) -> Calendar:
    """Compile a declared calendar."""
    weekdays = tuple(file.Weekday)
    return Calendar(
        zone=zone(source.zone),
        weekdays=frozenset(weekdays.index(day) for day in source.days),
        hours=source.hours,
        holidays=source.holidays,
        closed=frozenset(day.toordinal() for day in source.closed),
    )


def _local_day(at: int, zone: ZoneInfo) -> int:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(at, LAST_AT - 2 * DAY_MS))
    return instant.astimezone(zone).toordinal()


def _instant(day: int, since_midnight: int, zone: ZoneInfo) -> int:
    days, ms = divmod(since_midnight, DAY_MS)
    hour, minute = divmod(ms // MINUTE_MS, 60)
    return instant_ms(datetime.fromordinal(day + days).replace(hour=hour, minute=minute, tzinfo=zone))
