"""What a figure is, what it is read from, and the few ways in which formulas read it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from streams.engine.kpis.declared import Verdict
from streams.engine.kpis.histogram import quantile
from streams.engine.kpis.periods import Length

Counts = Mapping[str, int]

MILLION: Final = 1_000_000
"""Squared errors are added up in millionths."""


@dataclass(frozen=True, slots=True)
class View:
    """The sums of one cut over one period: what happened in it, how things stood as it opened, and at its end."""

    length: Length
    happened: Counts
    opening: Counts
    levels: Counts


class Figure(NamedTuple):
    """One value. `numerator` and `denominator` are what it was made of; figures of disjoint cuts add up by them."""

    of: str | None
    value: int | float
    numerator: int
    denominator: int | None = None
    quantiles: Mapping[str, float] | None = None


Figures = Iterable[Figure]
Formula = Callable[[View], Figures]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI by name; `unit` is share, accounts, users, features, times, money (minor units), seconds or score."""

    name: str
    unit: str
    figures: Formula
    judged_by: Verdict | None = None
    """The verdict on accounts that it tells of: a journey that gives none has no such figure, rather than one of 0."""


MADE: Final[list[Kpi]] = []
"""Every KPI whose formula was read so far."""


def kpi(unit: str, judged_by: Verdict | None = None) -> Callable[[Formula], Formula]:
    """Make a formula a KPI, under its own name."""

    def add(formula: Formula) -> Formula:
        MADE.append(Kpi(formula.__name__, unit, formula, judged_by))
        return formula

    return add


def share(numerator: int, denominator: int, of: str | None = None) -> Figures:
    """A share, where there is anything to have one of."""
    if denominator > 0:
        yield Figure(of, numerator / denominator, numerator, denominator)


def count(number: int, of: str | None = None) -> Figures:
    """A count, where there is any."""
    if number:
        yield Figure(of, number, number)


def share_of(counts: Counts, numerator: str, denominator: str) -> Figures:
    """A share of two sums, by their names."""
    return share(counts.get(numerator, 0), counts.get(denominator, 0))


def counts_below(counts: Counts, prefix: str) -> Figures:
    """A count for each of the sums whose names begin so, by the rest of the name."""
    for of, number in below(counts, prefix):
        yield from count(number, of)


def span(counts: Counts, name: str, of: str | None = None) -> Figures:
    """The mean and the quantiles of spans."""
    number, ms = counts.get(f"{name}.n", 0), counts.get(f"{name}.ms", 0)
    if number > 0:
        found = {f"p{part}": quantile(counts, name, part / 100) for part in (50, 75, 90)}
        yield Figure(of, ms / number / 1000, ms // 1000, number, {k: v for k, v in found.items() if v is not None})


def below(counts: Counts, prefix: str) -> Iterable[tuple[str, int]]:
    """The sums whose names begin so, by the rest of the name."""
    return sorted((name.removeprefix(prefix), number) for name, number in counts.items() if name.startswith(prefix))
