"""Made-up accounts: hour by hour, with weekdays and office hours of their own, and a drop where one is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random

OFFICE_HOURS = 9
WEEKEND_SHARES = (0.0, 0.1, 0.1, 0.3, 1.0)
"""Of a working day's use, what comes on a day of the weekend; one is drawn for each account."""

Factor = Callable[[int], float]
"""What the usual rate is multiplied with in each hour since the life began."""


@dataclass(frozen=True, slots=True)
class Life:
    """Events in each hour, and the rates they were drawn at before any drop."""

    hours: Sequence[int]
    rates: Sequence[float]
    """For each hour of the week."""

    @property
    def days(self) -> list[int]:
        """Events in each day."""
        return [sum(self.hours[start : start + 24]) for start in range(0, len(self.hours), 24)]


def between(random: Random, low: float, high: float) -> float:
    """A rate, as likely from 2 to 20 as from 20 to 200."""
    return exp(random.uniform(log(low), log(high)))


def live(random: Random, per_day: float, days: int, *, burst: float = 0.0, factor: Factor = lambda _: 1.0) -> Life:
    """A life from a Monday on. `burst` is the variation of its rate from week to week; 0 is a Poisson process."""
    rates = _rates(random, per_day)
    turn = random.randrange(7)
    hours: list[int] = []
    week = 1.0
    for day in range(days):
        if burst and day % 7 == turn % 7:
            week = random.gammavariate(1 / burst**2, burst**2)
        span = range(day * 24, day * 24 + 24)
        hours.extend(_poisson(random, rates[hour % 168] * week * factor(hour)) for hour in span)
    return Life(hours, rates)


def _rates(random: Random, per_day: float) -> list[float]:
    weekend = random.choice(WEEKEND_SHARES)
    weekdays = [random.uniform(0.85, 1.15) * (weekend if day > 4 else 1.0) for day in range(7)]
    opens = random.randrange(6, 12)
    shape = [random.uniform(0.7, 1.3) if opens <= hour < opens + OFFICE_HOURS else 0.01 for hour in range(24)]
    scale = per_day * 7 / (sum(weekdays) * sum(shape))
    return [scale * day * hour for day in weekdays for hour in shape]


def _poisson(random: Random, rate: float) -> int:
    """A Poisson number: arrivals within one unit of time; large rates in two halves, that nothing underflows."""
    if rate > 100:
        return _poisson(random, rate / 2) + _poisson(random, rate / 2)
    limit, product, found = exp(-rate), random.random(), 0
    while product > limit:
        product *= random.random()
        found += 1
    return found
