"""Instants as integer UTC milliseconds, and the one text they are written as."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from schemas.spans import DAY_MS, MINUTE_MS, SECOND_MS

NEVER: Final = 1 << 62
"""An instant after every other."""

LAST_AT: Final = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: no later instant can be written as RFC 3339. The first is 0, in 1970."""

LAST_ARRIVAL_AT: Final = 4_102_444_799_999
"""2099-12-31T23:59:59.999Z: no later arrival is believed, for a replay would live through every day until then."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES: Final = [f"{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60)]
_SECONDS: Final = [f"{second:02d}." for second in range(60)]
_MILLISECONDS: Final = [f"{ms:03d}Z" for ms in range(1_000)]


def instant_ms(instant: datetime) -> int:
    """The UTC milliseconds of an instant with a zone, parts of a millisecond cut off towards the past."""
    since = instant - EPOCH
    return since.days * DAY_MS + since.seconds * SECOND_MS + since.microseconds // 1_000


@lru_cache(maxsize=1024)  # an output writes the same instant several times, a batch its own for each output
def rfc3339(at: int) -> str:
    """Write an instant in UTC with milliseconds, as in `2026-03-04T05:06:07.089Z`; `at` is 0 to LAST_AT."""
    day, ms = divmod(at, DAY_MS)
    return _day(day) + _MINUTES[ms // MINUTE_MS] + _SECONDS[ms // SECOND_MS % 60] + _MILLISECONDS[ms % SECOND_MS]


@lru_cache(maxsize=1024)  # the first part costs ten times the rest
def _day(day: int) -> str:
    return (EPOCH + timedelta(days=day)).strftime("%Y-%m-%dT")
