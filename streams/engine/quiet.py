"""Beside the path: hours of the day in which nobody is contacted, by the wall clock of the person's own time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.times import LAST_AT, instant_ms

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = LAST_AT - 2 * DAY_MS
"""From here on a local time may lie past the year 9999: nobody keeps quiet there."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day up to another, both in milliseconds since midnight; over midnight if the first is later."""

    start: int
    end: int

    def holds(self, at: int, zone: ZoneInfo) -> bool:
        """Whether an instant is quiet there. Where clocks are put back, an hour is told twice and quiet twice."""
        if at >= _FAR:
            return False
        clock = _clock(_local(at, zone))
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def over_at(self, at: int, zone: ZoneInfo) -> int:
        """The first instant, from this one on, that is not quiet there."""
        while self.holds(at, zone):
            at = self._next_end(at, zone)
        return at

    def _next_end(self, at: int, zone: ZoneInfo) -> int:
        local = _local(at, zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        days = 1 if _clock(local) >= self.end else 0
        wall = midnight + timedelta(days=days, milliseconds=self.end)
        first, second = (instant_ms(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
        end = first if at < first <= second else max(first, second)
        if local.utcoffset() == _local(end, zone).utcoffset():
            return end
        # Clocks change before: put forward over the end, or back over the start, they end it at some minute until then.
        minutes = range(-(-at // MINUTE_MS) * MINUTE_MS, end, MINUTE_MS)
        return next((minute for minute in minutes if not self.holds(minute, zone)), end)


def _local(at: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone)


def _clock(local: datetime) -> int:
    return local.hour * HOUR_MS + local.minute * MINUTE_MS + local.second * 1_000 + local.microsecond // 1_000
