"""Three detectors over one life: ours as the engine runs it, and the two that are common."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bench.drops.lives import Life
from schemas.spans import DAY_MS, HOUR_MS
from streams.engine import drops, hours
from streams.engine.baselines import DAYS, Days
from streams.engine.drops import Grade

MONDAY = 4
"""The first Monday of 1970, as a day: lives begin there, so that our arithmetic knows their weekdays."""


class Alarm(NamedTuple):
    """From when on a detector alarms, in hours since the life began, and until when."""

    begins: int
    ends: int


def ours(life: Life, since: int) -> tuple[list[Alarm], list[Alarm]]:
    """Warnings and criticals from a day on: each lasts while there is a hint of a drop."""
    silent = {hour for begins, ends in _silences(life, since) for hour in range(begins, ends)}
    warned, critical = set(silent), set[int]()
    for day in range(since, len(life.days) + 1):
        hour, drop = day * 24, _drop(life.days, day)
        if drop is None:
            continue
        if drop.grade >= Grade.WARNING or hour - 1 in warned - silent:
            warned |= set(range(hour, hour + 24))
        if drop.grade is Grade.CRITICAL or hour - 1 in critical:
            critical |= set(range(hour, hour + 24))
    return list(_runs(sorted(warned), 1)), list(_runs(sorted(critical), 1))


def week_over_week(life: Life, since: int) -> list[Alarm]:
    """A fifth less in the last seven days than in the seven before."""
    sums, counts = [0], life.days
    for count in counts:
        sums.append(sums[-1] + count)
    low = [day for day in range(since, len(counts) + 1) if _fell_by_a_fifth(sums, day)]
    return [Alarm(alarm.begins * 24, alarm.ends * 24) for alarm in _runs(low, 1)]


def silent_for_a_week(life: Life, since: int) -> list[Alarm]:
    """Nothing for more than seven days."""
    counts = life.days
    low = [day for day in range(since, len(counts) + 1) if not sum(counts[max(0, day - 8) : day])]
    return [Alarm(alarm.begins * 24, alarm.ends * 24) for alarm in _runs(low, 1)]


def _fell_by_a_fifth(sums: Sequence[int], day: int) -> bool:
    return sums[day] - sums[day - 7] < 0.8 * (sums[day - 7] - sums[day - 14])


def _drop(counts: Sequence[int], day: int) -> drops.Drop | None:
    known = counts[max(0, day - DAYS) : day]
    if len(known) < drops.HISTORY_DAYS:
        return None
    return drops.find_drop(Days([*[0] * (DAYS - len(known)), *known], len(known)))


def _silences(life: Life, since: int) -> Iterator[Alarm]:
    """Each silence that tells something, from the hour in which it does to the next event; days teach as they close."""
    profile, last = hours.EMPTY, 0
    counts, end = life.days, len(life.hours)
    for day in range(len(counts)):
        active = [hour for hour in range(day * 24, day * 24 + 24) if life.hours[hour]]
        for following in [*active, min(day * 24 + 24, end)]:
            tells = hours.tells_at(profile, MONDAY * DAY_MS + (last + 1) * HOUR_MS) if following > last + 2 else 0
            begins = (tells - MONDAY * DAY_MS) // HOUR_MS
            if tells and begins <= following and day >= since:
                yield Alarm(max(begins, day * 24), following + 1)
            last = following if following in active else last
        bits = sum(1 << hour % 24 for hour in active)
        profile = hours.close_day(profile, MONDAY + day, counts[max(0, day - 28) : day + 1], bits)


def _runs(numbers: Sequence[int], step: int) -> Iterator[Alarm]:
    begins = before = None
    for number in numbers:
        if before is None or number > before + step:
            if begins is not None and before is not None:
                yield Alarm(begins, before + step)
            begins = number
        before = number
    if begins is not None and before is not None:
        yield Alarm(begins, before + step)
