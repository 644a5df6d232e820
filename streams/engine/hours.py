"""Beside the path: when the silence of a busy account is no chance, hours before its day is over.

A *profile* learns from the normal days of an account in which hours of a working day something always happens. Each
such hour that passes in silence is evidence; their sum becomes enough at an instant that is known as soon as the
account falls silent. Holidays teach nothing, for they are no normal days.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import log
from typing import Final

from schemas.spans import HOUR_MS

SILENCE: Final = 11.0
"""Evidence that is enough to warn: three hours that are never silent otherwise, or more that seldom are."""

STEADY: Final = 1.5
"""Hours with less evidence do not count: one of five of them is silent anyhow."""

LEAST_MS: Final = 3 * HOUR_MS
"""No shorter silence is a finding: two hours cannot tell enough."""

GENERATION: Final = 20
"""Working days in each of the two generations that a profile remembers."""

MIN_EVENTS: Final = 20
"""A day that usually brings less teaches nothing: its hours are silent as a rule."""

_HALF: Final = 25
EMPTY: Final = bytes(1 + 2 * _HALF)
"""A profile: the working weekdays as bits; then, for the present and the last generation, how many days, and on how
many of them each hour was silent."""

_FIRST_WEEKDAY: Final = 3
"""1970 began on a Thursday."""


def close_day(profile: bytes, day: int, counts: Sequence[int], hours: int) -> bytes:
    """Take in a closed day, the last of `counts`, and the hours something happened in, as bits.

    Only a normal day teaches: one that brought at least half of what its weekday brought in the weeks before.
    """
    before = sorted(counts[-8::-7])
    if len(before) < 2:
        return profile
    usual, week = before[len(before) // 2], sum(counts[-7:])
    if usual >= MIN_EVENTS and 2 * counts[-1] < usual:
        return profile
    return _learn(profile, 1 << weekday(day), hours, works=usual >= MIN_EVENTS and 10 * usual >= week)


def tells_at(profile: bytes, last_at: int, is_missed: Callable[[int], bool] = lambda _: False) -> int:
    """The end of the hour in which silence since an instant becomes a finding; 0 if it never does within a week.

    Hours that were missed anyhow, counted since 1970, are no evidence.
    """
    hours = _steady(profile)
    if not hours:
        return 0
    found, hour = 0.0, -(-last_at // HOUR_MS)
    for ahead in range(hour, hour + 7 * 24):
        day, of_day = divmod(ahead, 24)
        if hours[of_day] and profile[0] >> weekday(day) & 1 and not is_missed(ahead):
            found += hours[of_day]
            if found >= SILENCE:
                return (ahead + 1) * HOUR_MS
    return 0


def steady(profile: bytes, day: int, hour: int) -> float:
    """The evidence of silence in one hour of a day; 0 where it is nothing unusual."""
    found = _steady(profile)
    return found[hour] if found and profile[0] >> weekday(day) & 1 else 0.0


def _learn(profile: bytes, bit: int, hours: int, *, works: bool) -> bytes:
    """Count the hours of one more working day that were silent."""
    if not works:
        return bytes([profile[0] & ~bit]) + profile[1:] if profile[0] & bit else profile
    now, before = profile[1 : 1 + _HALF], profile[1 + _HALF :]
    if now[0] >= GENERATION:
        now, before = bytes(_HALF), now
    silent = [missed + (not hours >> hour & 1) for hour, missed in enumerate(now[1:])]
    return bytes([profile[0] | bit, now[0] + 1, *silent]) + before


def weekday(day: int) -> int:
    """0 is Monday."""
    return (day + _FIRST_WEEKDAY) % 7


@lru_cache(maxsize=4096)  # asked for each time a deadline is found anew, changed once a day
def _steady(profile: bytes) -> tuple[float, ...]:
    """For each hour of a working day the evidence of its silence; nothing if there is none."""
    days = profile[1] + profile[1 + _HALF]
    silent = [profile[2 + hour] + profile[2 + _HALF + hour] for hour in range(24)]
    found = [-log((missed + 0.5) / (days + 1)) for missed in silent]
    steady = tuple(evidence if evidence >= STEADY else 0.0 for evidence in found)
    return steady if any(steady) else ()
