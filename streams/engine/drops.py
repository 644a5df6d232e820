"""Beside the path: whether daily use has dropped, by the account's own past. Pure arithmetic: counts in, a finding out.

The last days are set against *the same days of the weeks before*, so weekdays and weekends cancel. What those weeks
brought gives a baseline, without weeks far from the middle one (a holiday, an earlier drop, an import), and how much
this account varies, together with a little of what accounts vary in general.

The test is a window-limited generalised likelihood ratio (Lai 1995) of negative binomial counts, run at each close of
a day. It looks back over one to 28 days at once: the same evidence is there after a day for a busy account and after
two weeks for a quiet one, so the delay fits the rate. Where the variation had to be estimated from few weeks, the
evidence is discounted as Student's t is. A decline too slow for any window shows as a slope over all weeks.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate
from math import log
from operator import sub
from typing import Final, NamedTuple

WEEKS: Final = 10
DAYS: Final = 7 * WEEKS
"""Closed days that are looked at."""

HISTORY_DAYS: Final = 28
"""With fewer known there is too little history: a week, and three to compare it with."""

WINDOWS: Final = ((1, 1), (3, 1), (7, 1), (14, 2), (28, 4))
"""Days looked back over, and the nearest week before them to compare with."""

LIKE_WEEKS: Final = 8
"""At most so many weeks make a baseline: older ones know less of today."""

LEAST_WEEKS: Final = 3

LOSS: Final = 0.3
"""A smaller loss is no drop, however sure."""

HINT: Final = 3.3
WARNING: Final = 6.6
"""Evidence (a logarithm of likelihoods) that is a hint, and that is enough to warn. A hint begins no alarm, and keeps
one from ending."""

SLOPE_LOSS: Final = 0.35
SLOPE_USUAL_WEEKS: Final = 1
"""A slope must lose a little more. More weeks tell of its variation, so their own word weighs more."""

CRITICAL: Final = 7.2
CRITICAL_DAYS: Final = 7
"""Evidence that confirms, over a window in which each weekday shows."""

CLOSURE_DAYS: Final = 3
CLOSURE_LOSS: Final = 0.45
CLOSURE_EVIDENCE: Final = 3.5
"""A company may be closed for so long: what confirms must still be there, so strong, without the worst three days."""

RETURN: Final = 0.8
RETURN_EVENTS: Final = 20
RETURN_WINDOWS: Final = ((1, 1), (3, 1), (5, 1), (7, 1), (14, 2), (28, 4))
"""Usage is back once the shortest window that should bring so many events brought that share of them."""

USUAL_SPREAD: Final = 0.035
USUAL_WEEKS: Final = 3
"""Squared variation from week to week as accounts have it in general, and how many weeks of its own that is worth."""


class Grade(IntEnum):
    """How sure a drop is."""

    HINT = 1
    WARNING = 2
    CRITICAL = 3


class Baseline(NamedTuple):
    """What a window should have brought, the squared variation around it, and how many weeks tell so."""

    events: float
    spread: float
    weeks: int


class Drop(NamedTuple):
    """Days that brought less than their baseline. The evidence says by how much that is likelier than chance."""

    days: int
    value: int
    baseline: Baseline
    evidence: float
    grade: Grade = Grade.HINT


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

    def weeks(self) -> list[int]:
        """Every whole week that ends with the last day, oldest first."""
        ends = self.total[self.first + (DAYS - self.first) % 7 :: 7]
        return list(map(sub, ends[1:], ends))


def find_drop(days: Days) -> Drop | None:
    """The strongest sign of a drop as of the last day, if there is one and usage is not back."""
    if _is_back(days):  # first, since a normal day of a busy account ends it here
        return None
    drops = [_slope(days.weeks()), *(_weigh(days, *window) for window in WINDOWS)]
    found = [drop for drop in drops if drop is not None and drop.evidence >= HINT]
    for drop in found:
        if drop.days >= CRITICAL_DAYS and _outlasts_a_closure(days, drop):
            return drop._replace(grade=Grade.CRITICAL)
    strongest = max(found, key=lambda drop: drop.evidence, default=None)
    if strongest is not None and strongest.evidence >= WARNING:
        return strongest._replace(grade=Grade.WARNING)
    return strongest


def last_week(days: Days) -> Drop | None:
    """The last seven days beside their baseline, whatever they brought; None with too little history."""
    usual = baseline(days.before(7, 1), 7)
    return None if usual is None else Drop(7, days.last(7), usual, evidence(days.last(7), usual))


def baseline(before: Sequence[int], days: int) -> Baseline | None:
    """What a window should bring by what the weeks before brought; None if too few are alike, or nothing is due."""
    if len(before) < LEAST_WEEKS:
        return None
    middle, windows = sorted(before)[len(before) // 2], max(1, days // 7)
    like = [count for count in before if middle <= 2 * count <= 4 * middle] if middle else before
    weeks, mean = len(like), sum(like) / len(like)
    if weeks < LEAST_WEEKS or not mean:
        return None
    spread = _spread(_off_line(like, mean, _slope_of(like)), mean, weeks - 2)
    return Baseline(mean * windows, spread / windows + spread / weeks + 1 / (weeks * mean), weeks)


def evidence(value: float, usual: Baseline) -> float:
    """How much likelier a count is at its own rate than at the usual one, as a logarithm."""
    expected, size = usual.events, 1 / usual.spread
    own = value * log(value / expected) if value else 0.0
    ratio = own + (value + size) * log((size + expected) / (size + value))
    return _discounted(2 * ratio, expected / (size + expected), usual.weeks - 2)


def _places(weeks: int) -> float:
    """The sum of squares of so many places around their middle."""
    return weeks * (weeks * weeks - 1) / 12


def _slope_of(counts: Sequence[int]) -> float:
    """How much more each brought than the one before, by a line through all."""
    middle = (len(counts) - 1) / 2
    return sum((place - middle) * count for place, count in enumerate(counts)) / _places(len(counts))


def _off_line(counts: Sequence[int], mean: float, slope: float) -> float:
    """The sum of squares around that line: growth is no variation."""
    return sum((count - mean) ** 2 for count in counts) - slope * slope * _places(len(counts))


def _spread(squares: float, mean: float, freedom: int, *, usual_weeks: int = USUAL_WEEKS) -> float:
    """Squared variation beyond chance, drawn towards the usual."""
    own = max(squares / freedom - mean, 0.0) / mean**2
    return (usual_weeks * USUAL_SPREAD + freedom * own) / (usual_weeks + freedom)


def _discounted(square: float, share: float, freedom: int) -> float:
    """Evidence of a squared deviation, of whose variance a share was estimated with so much freedom (Satterthwaite)."""
    free = (USUAL_WEEKS + freedom) / share**2
    return (free + 1) / 2 * log(1 + square / free)


def _weigh(days: Days, window: int, nearest: int) -> Drop | None:
    """One window against its baseline; None where not enough is missing."""
    before = days.before(window, nearest)
    if len(before) < LEAST_WEEKS:
        return None
    value, most = days.last(window), max(before) * max(1, window // 7)
    if most < HINT or value > (1 - LOSS) * most:  # the baseline is no greater, nor is the evidence
        return None
    usual = baseline(before, window)
    if usual is None or value > (1 - LOSS) * usual.events:
        return None
    if window < CRITICAL_DAYS and (week := baseline(days.before(7, 1), 7)):
        usual = usual._replace(spread=max(usual.spread, week.spread))
    return Drop(window, value, usual, evidence(value, usual))


def _slope(weeks: Sequence[int]) -> Drop | None:
    """A line through all weeks, if it has lost enough from end to end and the last week has, too."""
    n = len(weeks)
    if n < 2 * LEAST_WEEKS or weeks[-1] > (1 - LOSS) * max(weeks) or not any(weeks):
        return None
    mean, middle, slope = sum(weeks) / n, (n - 1) / 2, _slope_of(weeks)
    first, last = mean - slope * middle, mean + slope * middle
    if max(weeks[-1], last) > (1 - SLOPE_LOSS) * first:
        return None
    spread = _spread(_off_line(weeks, mean, slope), mean, n - 2, usual_weeks=SLOPE_USUAL_WEEKS)
    variance = mean + spread * mean * mean
    found = _discounted(slope * slope * _places(n) / variance, spread * mean * mean / variance, n - 2)
    return Drop(7, weeks[-1], Baseline(first, spread, n), found)


def _is_back(days: Days) -> bool:
    """Whether the shortest window that can tell has its usual use again."""
    for window, nearest in RETURN_WINDOWS:
        before = days.before(window, nearest)
        if not before or max(before) * max(1, window // 7) < RETURN_EVENTS:
            continue
        usual = baseline(before, window)
        if usual is not None and usual.events >= RETURN_EVENTS:
            return days.last(window) >= RETURN * usual.events
    return False


def _outlasts_a_closure(days: Days, drop: Drop) -> bool:
    """Whether the drop is there without the days that make most of it."""
    if drop.evidence < CRITICAL:
        return False
    usual = _usual_days(days, drop)
    by_loss = sorted(zip(usual, days.counts[-drop.days :], strict=True), key=lambda day: day[0] - day[1])
    expected = sum(events for events, _ in by_loss[:-CLOSURE_DAYS])
    value = sum(count for _, count in by_loss[:-CLOSURE_DAYS])
    if value > (1 - CLOSURE_LOSS) * expected or not expected:
        return False
    return evidence(value, drop.baseline._replace(events=expected)) >= CLOSURE_EVIDENCE


def _usual_days(days: Days, drop: Drop) -> list[float]:
    """What each day of a drop of whole weeks should have brought: the baseline, as the weekdays before shared it."""
    before = days.counts[days.first : -drop.days]
    like = [sum(same) / len(same) for back in range(6, -1, -1) if (same := before[-1 - back :: -7])]
    scale = drop.baseline.events / (sum(like) * (drop.days // 7) or 1.0)
    return [scale * events for events in like] * (drop.days // 7)
