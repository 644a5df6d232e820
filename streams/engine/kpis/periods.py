"""UTC days, ISO weeks and months, by the number of the day since 1970."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from schemas.spans import DAY_MS

_EPOCH = date(1970, 1, 1)


class Length(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Period(NamedTuple):
    """The days [first, end)."""

    length: Length
    first: int
    end: int

    @property
    def start_at(self) -> int:
        """Its first instant in UTC ms."""
        return self.first * DAY_MS

    @property
    def end_at(self) -> int:
        """The first instant after it."""
        return self.end * DAY_MS


@lru_cache(maxsize=1024)
def period(length: Length, day: int) -> Period:
    """The period of a length that a day lies in."""
    on = _EPOCH + timedelta(days=day)
    match length:
        case Length.DAY:
            return Period(length, day, day + 1)
        case Length.WEEK:
            monday = day - on.weekday()
            return Period(length, monday, monday + 7)
        case Length.MONTH:
            following = date(on.year + on.month // 12, on.month % 12 + 1, 1)
            return Period(length, day - on.day + 1, (following - _EPOCH).days)


def month_of(at: int) -> int:
    """The month of an instant, counted from the year 0."""
    on = _EPOCH + timedelta(days=at // DAY_MS)
    return on.year * 12 + on.month - 1


def month_name(month: int) -> str:
    """As in 2026-03."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
