"""Instants as integer UTC milliseconds, and the one text they are written as."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from schemas.spans import DAY_MS, MINUTE_MS, SECOND_MS

NEVER: Final = 1 << 62
"""An instant after every other."""

LAST_AT: Final = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: no later instant can be written as RFC 3339. The first is 0, in 1970."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES: Final = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in range(60)]


def instant_ms(instant: datetime) -> int:
    """The UTC milliseconds of an instant with a zone, parts of a millisecond cut off towards the past."""
    since = instant - _EPOCH
    return since.days * DAY_MS + since.seconds * SECOND_MS + since.microseconds // 1_000


@lru_cache(maxsize=1024)  # an output writes the same instant several times, a batch its own for each output
def rfc3339(at: int) -> str:
    """Write an instant in UTC with milliseconds, as in `2026-03-04T05:06:07.089Z`; `at` is 0 to LAST_AT."""
    day, ms = divmod(at, DAY_MS)
    return f"{_date(day)}T{_MINUTES[ms // MINUTE_MS]}:{ms // SECOND_MS % 60:02d}.{ms % SECOND_MS:03d}Z"


@lru_cache(maxsize=1024)  # outputs cluster on few days, and a date costs as much as all the rest
def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).date().isoformat()
