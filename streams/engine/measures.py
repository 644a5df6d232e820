"""Fifth on the path: measures, compiled: how each is read, what can change it, and how conditions test it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.spans import DAY_MS
from streams.engine.predicates import Cell, Due, Finding, Leaf
from streams.engine.times import rfc3339

if TYPE_CHECKING:
    from streams.engine.account import Account

Number = int | float
Read = Callable[["Account"], Number | None]
Window = Callable[["Account"], tuple[int, int]]
NO_CELLS = frozenset[Cell]()
MAX_SHARE = 10**15
"""The largest share, of either sign: one of next to nothing would fit no record."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of an account. None where there is nothing to measure: no condition on it holds then."""

    read: Read
    """As it stands."""
    closed: Read
    """As of the last closed day, where it is read from days."""
    up: frozenset[Cell] = NO_CELLS
    """Touched by an event, these cells can raise it, or make it known."""
    down: frozenset[Cell] = NO_CELLS
    """Touched by an event, these cells can lower it, or make it known."""
    at_close: bool = True
    """The close of a day can change it."""
    due: Due | None = None
    """The next instant at which time alone changes it."""
    crosses: Callable[[float], Due] | None = None
    """The instant at which time alone brings it to a threshold."""
    tell: Read | None = None
    """As outputs have it, where that is not `read`."""
    window: Window | None = None
    """The days it covers, as the first and the last."""
    parts: Callable[["Account"], Finding] | None = None
    """What else it is told with."""


def told(value: Number | None) -> Number | None:
    """A number as outputs have it: whole if it is, else to four decimals."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value.is_integer() else round(value, 4)


def measures_of(account: "Account") -> dict[str, Number]:
    """Every measure that is known, by name."""
    return readings(account, account.journey.measures)


def readings(account: "Account", measures: Iterable[tuple[str, Measure]]) -> dict[str, Number]:
    """Those of these measures that are known, by name."""
    found = ((name, told((measure.tell or measure.read)(account))) for name, measure in measures)
    return {name: value for name, value in found if value is not None}


def trailing(index: int) -> Measure:
    """The measure of a trailing reading that events only raise."""
    return Measure(
        lambda account: account.windows.reading(index),
        lambda account: closed_reading(account, index),
        up=frozenset({("reading", index)}),
        window=lambda account: account.windows.read_over(index),
    )


def reaches(what: Finding, measure: Measure, threshold: Number) -> Leaf:
    """The test that a measure is at least so much."""
    read = measure.read

    def holds(account: "Account") -> bool:
        value = read(account)
        return value is not None and value >= threshold

    find = _finder(what, measure, {"at_least": threshold})
    return Leaf(
        holds, find, due=_due_at(measure, threshold), rise=measure.up, fall=measure.down, at_close=measure.at_close
    )


def falls_below(what: Finding, measure: Measure, threshold: Number) -> Leaf:
    """The test that a measure is less than so much."""
    read = measure.read

    def holds(account: "Account") -> bool:
        value = read(account)
        return value is not None and value < threshold

    find = _finder(what, measure, {"below": threshold})
    return Leaf(
        holds, find, due=_due_at(measure, threshold), rise=measure.down, fall=measure.up, at_close=measure.at_close
    )


def _due_at(measure: Measure, threshold: Number) -> Due | None:
    return measure.due if measure.crosses is None else measure.crosses(threshold)


def _finder(what: Finding, measure: Measure, bound: Finding) -> Callable[["Account"], Finding]:
    """How a test of a measure is told: its value, its window [start, end), what it is made of, the threshold."""

    def find(account: "Account") -> Finding:
        found: Finding = what | {"value": told((measure.tell or measure.read)(account))}
        if measure.parts is not None:
            found |= measure.parts(account)
        if measure.window is not None:
            first, last = measure.window(account)
            found["window"] = {"start": rfc3339(first * DAY_MS), "end": rfc3339((last + 1) * DAY_MS)}
        return found | bound

    return find


def closed_reading(account: "Account", index: int) -> int:
    """A trailing reading as of the last closed day; 0 before the first."""
    closed = account.windows.closed
    return closed[index] if closed else 0


def share(of: Number | None, to: Number | None) -> float | None:
    """One number as a share of another; of nothing, or less, there is none."""
    return None if of is None or to is None or to <= 0 else max(-MAX_SHARE, min(MAX_SHARE, of / to))


def mean_of(total: int, number: int, *, unit: int, of: str) -> Measure:
    """A sum over a number, both read from the window that ends today; `of`: what evidence calls the number."""
    cells = frozenset[Cell]({("reading", total), ("reading", number)})
    return Measure(
        lambda account: share(account.windows.now(total), unit * account.windows.now(number)),
        lambda account: share(closed_reading(account, total), unit * closed_reading(account, number)),
        up=cells,
        down=cells,
        window=lambda account: account.windows.now_over(total),
        parts=lambda account: {of: account.windows.now(number)},
    )
