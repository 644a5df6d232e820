"""Beside the path: what days should have brought by an account's own past, and how surely they brought less.

The last days are set against *the same days of the weeks before*, so weekdays and weekends cancel. What those weeks
brought gives a baseline, without weeks far from the middle one (a holiday, an earlier drop, an import), and how much
this account varies, together with a little of what accounts vary in general.

How much an account varies is asked of its weeks as they begin on each of the seven weekdays. A rate that changes on a
Wednesday hides in weeks that begin on a Sunday: seven ways to cut them know it better than one does.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import log
from operator import sub
from typing import Final, NamedTuple

WEEKS: Final = 10
DAYS: Final = 7 * WEEKS
"""Closed days that are looked at."""

LIKE_WEEKS: Final = 8
"""At most so many weeks make a baseline: older ones know less of today."""

LEAST_WEEKS: Final = 3

USUAL_SPREAD: Final = 0.035
USUAL_WEEKS: Final = 3
"""Squared variation from week to week as accounts have it in general, and how many weeks of its own that is worth."""

TURNS: Final = 7
LASTING: Final = 1.7
"""Weeks are cut in seven ways. A rate that lasts for a week counts whole in one of them; the others mix each week with
the next, and see less of it. In seven weeks, around a line, what they see on average is 1 in 1.7 of it."""

BEND_WEEKS: Final = 5

Shapes = Sequence[Sequence[float]]
"""For each number of weeks, how far each of them is from their middle, as use goes along."""


def _around(places: Sequence[int]) -> Sequence[float]:
    return [place - sum(places) / len(places) for place in places]


LINE: Final[Shapes] = [_around(range(weeks)) for weeks in range(WEEKS + 1)]
BEND: Final[Shapes] = [
    _around([max(0, place + 1 + BEND_WEEKS - weeks) for place in range(weeks)]) for weeks in range(WEEKS + 1)
]
"""Level, and along a line for the last five weeks: so a decline looks while it is new."""


class Baseline(NamedTuple):
    """What a window should have brought, the squared variation around it, and how many weeks tell so."""

    events: float
    spread: float
    weeks: int


class Days:
    """The last DAYS closed days, oldest first, of which `known` belong to the life of the account."""

    __slots__ = ("counts", "first", "total")

    def __init__(self, counts: Sequence[int], known: int) -> None:
        self.counts = counts
        self.first = max(0, DAYS - known)
        self.total = list(accumulate(counts, initial=0))

    def last(self, days: int) -> int:
        """The events of the last days."""
        return self.total[DAYS] - self.total[DAYS - days]

    def before(self, days: int, nearest: int) -> list[int]:
        """The same days of each week before, up to the nearest; for windows of weeks, each whole week."""
        end, span = DAYS - 7 * nearest, min(days, 7)
        begin = end - 7 * min(LIKE_WEEKS - 1, (end - self.first - span) // 7)
        return list(map(sub, self.total[begin : end + 1 : 7], self.total[begin - span : end + 1 - span : 7]))

    def weeks(self, ago: int = 0) -> list[int]:
        """Every whole week up to one that ended so many days ago, oldest first."""
        end = DAYS - ago
        ends = self.total[self.first + (end - self.first) % 7 : end + 1 : 7]
        return list(map(sub, ends[1:], ends))


def baseline(before: Sequence[int], days: int, varies: float = 0.0) -> Baseline | None:
    """What a window should bring by what the weeks before brought; None if too few are alike, or nothing is due.

    Where most whole weeks brought nothing, nothing is due. `varies` is by how much whole weeks do (`varies_by`): a
    window varies by no less.
    """
    like, windows = alike(before) if days < 7 or _middle(before) else (), max(1, days // 7)
    weeks, mean = len(like), sum(like) / len(like) if like else 0.0
    if weeks < LEAST_WEEKS or not mean:
        return None
    spread = spread_of(max(varies, _excess(like)), weeks - 2)
    return Baseline(mean * windows, spread / windows + spread / weeks + 1 / (weeks * mean), weeks)


def evidence(value: float, usual: Baseline) -> float:
    """How much likelier a count is at its own rate than at the usual one, as a logarithm."""
    expected, size = usual.events, 1 / usual.spread
    own = value * log(value / expected) if value else 0.0
    ratio = own + (value + size) * log((size + expected) / (size + value))
    return discounted(2 * ratio, expected / (size + expected), usual.weeks - 2)


def slope_of(counts: Sequence[int], shapes: Shapes = LINE) -> float:
    """How much steeper than level the shape is that fits them best."""
    shape = shapes[len(counts)]
    return sum(place * count for place, count in zip(shape, counts, strict=True)) / squares(shape)


def squares(shape: Sequence[float]) -> float:
    """The sum of squares of a shape: what its slope is known by."""
    return sum(place * place for place in shape)


def _off(counts: Sequence[int], mean: float, shapes: Shapes) -> float:
    """The sum of squares around the shape that fits best: growth is no variation, nor is a decline."""
    return sum((count - mean) ** 2 for count in counts) - slope_of(counts, shapes) ** 2 * squares(shapes[len(counts)])


def _middle(counts: Sequence[int]) -> int:
    return sorted(counts)[len(counts) // 2] if counts else 0


def alike(counts: Sequence[int]) -> Sequence[int]:
    """Those not far from the middle one."""
    middle = _middle(counts)
    return [count for count in counts if middle <= 2 * count <= 4 * middle] if middle else counts


def _excess(counts: Sequence[int], shapes: Shapes = LINE) -> float:
    """Squared variation around a shape beyond chance; below 0 where chance brought less."""
    mean = sum(counts) / len(counts) if len(counts) >= LEAST_WEEKS else 0.0
    if not mean:
        return 0.0
    return (_off(counts, mean, shapes) / (len(counts) - 2) - mean) / mean**2


def varies_by(cuts: Iterable[Sequence[int]], shapes: Shapes = LINE) -> float:
    """By how much whole weeks vary around a shape, squared, beyond chance: of each cut a sequence of weeks."""
    return max(0.0, LASTING * sum(_excess(cut, shapes) for cut in cuts) / TURNS)


def spread_of(varies: float, freedom: int, *, usual_weeks: int = USUAL_WEEKS) -> float:
    """Squared variation, drawn towards the usual."""
    return (usual_weeks * USUAL_SPREAD + freedom * varies) / (usual_weeks + freedom)


def discounted(square: float, share: float, freedom: int) -> float:
    """Evidence of a squared deviation, of whose variance a share was estimated with so much freedom (Satterthwaite)."""
    free = (USUAL_WEEKS + freedom) / share**2
    return (free + 1) / 2 * log(1 + square / free)
