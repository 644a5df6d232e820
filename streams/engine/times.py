"""Instants and spans as integer milliseconds, and the only texts they are written as."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK_MS: Final = 7 * DAY_MS

LAST_AT: Final = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z: no later instant can be written as RFC 3339. The first is 0, in 1970."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": WEEK_MS}
_SPAN: Final = re.compile(r"([1-9][0-9]{0,8})([smhdw])")
_NEAR_SPAN: Final = re.compile(r"\s*([1-9][0-9]{0,8})\s*([smhdw])[a-z]*\s*", re.IGNORECASE)


def instant_ms(instant: datetime) -> int:
    """The UTC milliseconds of an instant with a zone, parts of a millisecond cut off towards the past."""
    since = instant - _EPOCH
    return since.days * DAY_MS + since.seconds * SECOND_MS + since.microseconds // 1_000


def rfc3339(at: int) -> str:
    """Write an instant in UTC with milliseconds, as in `2026-03-04T05:06:07.089Z`; `at` is 0 to LAST_AT."""
    text = (_EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds")
    return text[:23] + "Z"


def parse_span(text: str) -> int:
    """The milliseconds of a span: a whole number from 1 and one unit of s, m, h, d or w, as in `7d`.

    Anything else is a ValueError that says what to write instead.
    """
    if found := _SPAN.fullmatch(text):
        return int(found[1]) * _UNITS[found[2]]
    near = _NEAR_SPAN.fullmatch(text)
    remedy = f"{near[1]}{near[2].lower()}" if near else "7d"
    raise ValueError(f"{text!r} is not a span; write {remedy!r}" + ("" if near else " (units s, m, h, d, w)"))
