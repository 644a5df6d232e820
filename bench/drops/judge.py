"""What is planted, and what each detector makes of it. Everything follows from the seeds."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median

from bench.drops.detectors import Alarm, ours, silent_for_a_week, week_over_week
from bench.drops.lives import Factor, Life, between, live
from streams.engine.baselines import DAYS

BURST = 0.25
WATCHED_DAYS = 182
CLOSED_DAYS = 3
HELD_OUT = (9201, 9202, 9203)
"""Seeds that nothing was tuned on. Thresholds were chosen on seeds below 100."""

UNDISTURBED = {"Poisson": 0.0, "bursty": BURST}
"""How much rates vary from week to week where nothing is planted."""

DETECTORS = ("warning", "critical", "week over week", "silent 7 days")

Alarms = dict[str, list[Alarm]]


@dataclass(frozen=True, slots=True)
class Planted:
    """One kind of drop: on which accounts, how it goes, and how long a detector has to find it."""

    name: str
    per_day: tuple[float, float]
    factor: Callable[[Random, int], Factor]
    within_days: tuple[float, float]
    """For a warning and for a critical; the common detectors are held to the first."""
    target: tuple[float, float]
    burst: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """Of one kind of drop: the share found in time by each detector, and after how many days half were found."""

    name: str
    lives: int
    share: dict[str, float]
    delay_days: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """Alarms per 100 account-weeks where nothing was planted, and the share of closures that each called."""

    name: str
    weeks: int
    false: dict[str, float]
    closures: dict[str, float]


def loses(least: float, most: float) -> Callable[[Random, int], Factor]:
    """From an hour on, use is less by a share."""

    def plant(random: Random, start: int) -> Factor:
        left = 1 - random.uniform(least, most)
        return lambda hour: left if hour >= start else 1.0

    return plant


def declines(by_week: float) -> Callable[[Random, int], Factor]:
    """From an hour on, use is less by a share each week."""
    return lambda _random, start: lambda hour: (1 - by_week) ** ((hour - start) / 168) if hour >= start else 1.0


PLANTED = (
    Planted("60 % and more, 50 to 500 a day", (50, 500), loses(0.6, 1), (3, 7), (0.95, 0.95)),
    Planted("60 %, 50 to 500 a day", (50, 500), loses(0.6, 0.6), (3, 7), (0.95, 0.95)),
    Planted("60 %, 50 a day", (50, 50), loses(0.6, 0.6), (3, 7), (0.95, 0.95)),
    Planted("80 % and more, 2 to 50 a day", (2, 50), loses(0.8, 1), (14, 14), (0.9, 0.9)),
    Planted("80 %, 2 to 5 a day", (2, 5), loses(0.8, 0.8), (14, 14), (0.9, 0.9)),
    Planted("10 % a week, 2 to 500 a day", (2, 500), declines(0.1), (42, 42), (0.9, 0)),
    Planted("10 % a week, 50 to 500 a day", (50, 500), declines(0.1), (42, 42), (0.9, 0)),
    Planted("10 % a week, 15 to 50 a day", (15, 50), declines(0.1), (42, 42), (0.9, 0)),
    Planted("10 % a week, 2 to 15 a day", (2, 15), declines(0.1), (42, 42), (0.9, 0)),
    Planted("60 % and more, 50 to 500, bursty", (50, 500), loses(0.6, 1), (3, 7), (0, 0), BURST),
    Planted("80 % and more, 2 to 50, bursty", (2, 50), loses(0.8, 1), (14, 14), (0, 0), BURST),
)


def find(planted: Planted, seeds: Iterable[int], lives: int) -> Found:
    """Plant one kind of drop in so many lives per seed, at midnight of any weekday."""
    delays: dict[str, list[float | None]] = {name: [] for name in DETECTORS}
    for seed in seeds:
        random = Random(f"{planted.name}{seed}")  # noqa: S311 that all can be had again is the point
        for _ in range(lives):
            day = DAYS + random.randrange(7)
            factor = planted.factor(random, day * 24)
            rate = between(random, *planted.per_day)
            life = live(random, rate, day + round(max(planted.within_days)), burst=planted.burst, factor=factor)
            for name, alarms in alarms_of(life, day).items():
                delays[name].append(_delay_days(alarms, day * 24))
    limits = dict(zip(DETECTORS, (*planted.within_days, planted.within_days[0], planted.within_days[0]), strict=True))
    return Found(
        planted.name,
        len(delays[DETECTORS[0]]),
        {name: _share(found, limits[name]) for name, found in delays.items()},
        {name: _half(found) for name, found in delays.items()},
    )


def silences(seeds: Iterable[int], lives: int) -> list[float]:
    """For accounts with 20 and more events in each business hour: how many business hours silence lasts unwarned."""
    waits: list[float] = []
    for seed in seeds:
        random = Random(f"silence{seed}")  # noqa: S311
        for _ in range(lives):
            rate = between(random, 20 * 9 * 5 / 7 / 0.65, 500)
            start = DAYS * 24 + random.randrange(5) * 24 + 12
            life = live(random, rate, DAYS + 14, factor=lambda hour, start=start: 0.0 if hour >= start else 1.0)  # type: ignore[misc]
            steady = [hour for hour in range(start, len(life.hours)) if life.rates[hour % 168] >= 20]
            warnings, _ = ours(life, start // 24)
            begins = min((alarm.begins for alarm in warnings if alarm.begins > start), default=len(life.hours))
            waits.append(sum(1 for hour in steady if hour < begins))
    return waits


def leave_alone(name: str, burst: float, seeds: Iterable[int], lives: int) -> Undisturbed:
    """Lives in which nothing happens, and the same number in which the company is closed for three days."""
    false = dict.fromkeys(DETECTORS, 0)
    closures = dict.fromkeys(DETECTORS, 0)
    seeds = list(seeds)
    for seed in seeds:
        random = Random(f"{name}{seed}")  # noqa: S311
        for _ in range(lives):
            life = live(random, between(random, 2, 500), DAYS + WATCHED_DAYS, burst=burst)
            for detector, alarms in alarms_of(life, DAYS).items():
                false[detector] += len(alarms)
            for detector, alarms in alarms_of(_closed(random, burst), DAYS).items():
                closures[detector] += bool(alarms)
    weeks, all_lives = lives * len(seeds) * WATCHED_DAYS // 7, lives * len(seeds)
    return Undisturbed(
        name,
        weeks,
        {detector: 100 * count / weeks for detector, count in false.items()},
        {detector: count / all_lives for detector, count in closures.items()},
    )


def alarms_of(life: Life, since: int) -> Alarms:
    """What every detector says of a life from a day on."""
    found = (*ours(life, since), week_over_week(life, since), silent_for_a_week(life, since))
    return dict(zip(DETECTORS, found, strict=True))


def _closed(random: Random, burst: float) -> Life:
    start = (DAYS + random.randrange(7)) * 24
    gone = range(start, start + CLOSED_DAYS * 24)
    return live(
        random, between(random, 2, 500), DAYS + 21, burst=burst, factor=lambda hour: 0.0 if hour in gone else 1.0
    )


def _delay_days(alarms: Sequence[Alarm], start: int) -> float | None:
    """Days until the first alarm that comes after the drop began: one that stood already tells nobody."""
    return next(((alarm.begins - start) / 24 for alarm in alarms if alarm.begins > start), None)


def _share(delays: Sequence[float | None], within_days: float) -> float:
    return sum(1 for delay in delays if delay is not None and delay <= within_days) / len(delays)


def _half(delays: Sequence[float | None]) -> float | None:
    known = [float("inf") if delay is None else delay for delay in delays]
    middle = median(known)
    return None if middle == float("inf") else middle
