"""Beside the path: whether daily use has dropped, by the account's own past. Pure arithmetic: counts in, a finding out.

The test is a window-limited generalised likelihood ratio (Lai 1995) of negative binomial counts, run at each close of
a day. It looks back over one to 28 days at once: the same evidence is there after a day for a busy account and after
two weeks for a quiet one, so the delay fits the rate. Where the variation had to be estimated from few weeks, the
evidence is discounted as Student's t is. A decline too slow for any window shows in all weeks together, as a bend.

What is enough was chosen by the false alarms of lives in which nothing happens, steady and bursty, on seeds below 100
(`python -m bench drops --seeds 1,2,3`): at most one warning and 0.2 criticals in 100 weeks. It is judged on others.
"""

from enum import IntEnum
from itertools import accumulate
from operator import sub
from typing import Final, NamedTuple

from streams.engine.baselines import (
    BEND,
    LEAST_WEEKS,
    LIKE_WEEKS,
    TURNS,
    Baseline,
    Days,
    alike,
    baseline,
    discounted,
    evidence,
    slope_of,
    spread_of,
    squares,
    varies_by,
)

HISTORY_DAYS: Final = 28
"""With fewer known there is too little history: a week, and three to compare it with."""

WARNING: Final = 6.6
"""Evidence (a logarithm of likelihoods) that is enough to warn; half of it is a hint. A hint begins no alarm, and keeps
one from ending."""

WINDOWS: Final = ((1, 1, 6.2), (3, 1, 5.5), (7, 1, WARNING), (14, 2, WARNING), (28, 4, WARNING))
"""Days looked back over, the nearest week before them to compare with, and the evidence that is enough. A week that
varies shows in a few days as no drop of its own, so less evidence is enough there."""

LOSS: Final = 0.3
"""A smaller loss is no drop, however sure."""

DECLINE_WARNING: Final = 2.4
DECLINE_VARIED: Final = 3.6
"""For a decline so much is enough where all that weeks differ by is chance, and so much more for the share that is
variation: of chance we know all, of variation what ten weeks told."""

DECLINE_USUAL_WEEKS: Final = 1
"""More weeks tell of the variation around a decline than around a baseline, so their own word weighs more."""

CRITICAL: Final = 6.6
CRITICAL_DAYS: Final = 7
"""Evidence that confirms, over a window in which each weekday shows."""

CLOSURE_DAYS: Final = 3
CLOSURE_LOSS: Final = 0.47
CLOSURE_EVENTS: Final = 18
CLOSURE_EVIDENCE: Final = 4.2
"""A company may be closed for so many working days, and a weekend between them: without the worst of such closures the
loss must still be so large, and as sure as what confirms; a little less where so many events were due besides."""

RETURN: Final = 0.8
RETURN_EVENTS: Final = 20
RETURN_WINDOWS: Final = ((1, 1), (3, 1), (5, 1), (7, 1), (14, 2), (28, 4))
"""Usage is back once the shortest window that should bring so many events brought that share of them."""


class Grade(IntEnum):
    """How sure a drop is."""

    HINT = 1
    WARNING = 2
    CRITICAL = 3


class Drop(NamedTuple):
    """Days that brought less than their baseline. The evidence says by how much that is likelier than chance."""

    days: int
    value: int
    baseline: Baseline
    evidence: float
    grade: Grade = Grade.HINT


def find_drop(days: Days) -> Drop | None:
    """The strongest sign of a drop as of the last day, if there is one and usage is not back."""
    if _is_back(days):  # first, since a normal day of a busy account ends it here
        return None
    found = [drop for drop in (_decline(days), *(_weigh(days, *window) for window in WINDOWS)) if drop is not None]
    for drop in found:
        if drop.days >= CRITICAL_DAYS and _outlasts_a_closure(days, drop):
            return drop._replace(grade=Grade.CRITICAL)
    return max(found, key=lambda drop: (drop.grade, drop.evidence), default=None)


def last_week(days: Days) -> Drop | None:
    """The last seven days beside their baseline, whatever they brought; None with too little history."""
    usual = baseline(days.before(7, 1), 7)
    return None if usual is None else Drop(7, days.last(7), usual, evidence(days.last(7), usual))


def _weigh(days: Days, window: int, nearest: int, enough: float) -> Drop | None:
    """One window against its baseline; None where not enough is missing, or too little tells so."""
    before = days.before(window, nearest)
    if len(before) < LEAST_WEEKS:
        return None
    value, most = days.last(window), max(before) * max(1, window // 7)
    if most < enough / 2 or value > (1 - LOSS) * most:  # the baseline is no greater, nor is the evidence
        return None
    usual = baseline(before, window)
    if usual is None or value > (1 - LOSS) * usual.events or evidence(value, usual) < enough / 2:
        return None  # what weeks vary by can only take from the evidence
    cuts = (days.weeks(7 * nearest + turn)[1 - LIKE_WEEKS :] for turn in range(TURNS))
    usual = baseline(before, window, varies_by(map(alike, cuts)))
    return None if usual is None else _graded(Drop(window, value, usual, evidence(value, usual)), enough)


def _decline(days: Days) -> Drop | None:
    """What a bend through all weeks has lost, if that is enough and the last week has lost it, too."""
    weeks = days.weeks()
    n = len(weeks)
    if n < 2 * LEAST_WEEKS or weeks[-1] > (1 - LOSS) * max(weeks) or not any(weeks):
        return None
    mean, slope, shape = sum(weeks) / n, slope_of(weeks, BEND), BEND[n]
    level, last = mean + slope * shape[0], mean + slope * shape[-1]
    if max(weeks[-1], last) > (1 - LOSS) * level:
        return None
    varies = varies_by((days.weeks(turn) for turn in range(TURNS)), BEND)
    spread = spread_of(varies, n - 2, usual_weeks=DECLINE_USUAL_WEEKS)
    variance = mean + spread * mean * mean
    share = spread * mean * mean / variance
    found = discounted(slope * slope * squares(shape) / variance, share, n - 2)
    return _graded(Drop(7, weeks[-1], Baseline(level, spread, n), found), DECLINE_WARNING + DECLINE_VARIED * share)


def _graded(drop: Drop, enough: float) -> Drop | None:
    """A drop by the evidence that is enough to warn; None if there is less than half of it."""
    if drop.evidence < enough / 2:
        return None
    return drop._replace(grade=Grade.WARNING if drop.evidence >= enough else Grade.HINT)


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
    """Whether the drop is there without the closure that explains most of it: working days in a row."""
    if drop.evidence < CRITICAL:
        return False
    usual, counts = _usual_days(days, drop), days.counts[-drop.days :]
    missing = list(accumulate(map(sub, usual, counts), initial=0.0))
    working = [day for day, events in enumerate(usual) if 2 * events * len(usual) >= sum(usual)]
    closures = zip(working, working[CLOSURE_DAYS - 1 :], strict=False)
    begins, ends = max(closures, key=lambda days: missing[days[1] + 1] - missing[days[0]], default=(0, len(usual) - 1))
    expected, value = (sum(each[:begins]) + sum(each[ends + 1 :]) for each in (usual, counts))
    if value > (1 - CLOSURE_LOSS) * expected or not expected:
        return False
    enough = CLOSURE_EVIDENCE if expected >= CLOSURE_EVENTS else CRITICAL
    return evidence(value, drop.baseline._replace(events=expected)) >= enough


def _usual_days(days: Days, drop: Drop) -> list[float]:
    """What each day of a drop of whole weeks should have brought: the baseline, as the weekdays before shared it."""
    before = days.counts[days.first : -drop.days]
    like = [sum(same) / len(same) for back in range(6, -1, -1) if (same := before[-1 - back :: -7])]
    scale = drop.baseline.events / (sum(like) * (drop.days // 7) or 1.0)
    return [scale * events for events in like] * (drop.days // 7)
