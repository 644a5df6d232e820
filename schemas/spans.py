"""Spans of time as people write them: one whole number and one unit, as in '7d'. Held as milliseconds."""

import re

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS

_UNITS = {"w": WEEK_MS, "d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "s": SECOND_MS}
_SPAN = re.compile(r"([1-9][0-9]{0,8})([smhdw])")


def parse_span(text: str) -> int:
    """Milliseconds of a span such as '7d'; ValueError says what to write instead."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a span; write {_nearest(text)!r}")
    return int(match[1]) * _UNITS[match[2]]


def format_span(ms: int) -> str:
    """The span in the largest unit that divides it: 604800000 is '1w'."""
    unit = next((unit for unit, size in _UNITS.items() if ms % size == 0), None)
    return f"{ms}ms" if unit is None else f"{ms // _UNITS[unit]}{unit}"


def _nearest(text: str) -> str:
    loose = re.match(r"\s*([1-9][0-9]{0,8})\s*([smhdw])", text.lower())
    return f"{loose[1]}{loose[2]}" if loose else "7d"
