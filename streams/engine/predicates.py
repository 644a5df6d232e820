"""A condition compiled: closures over one account, joined by all, any and none.

A *leaf* tests one thing. It knows which *cells* of the state, touched by an event, can make it true or false, so
that an event examines only what it can change; and the instants at which time alone can change it. What time decides
holds only once the watermark has passed the instant (`hot.decided`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.engine.account import Account

Cell = tuple[str, int]
"""A place in the state: its kind and its position, as in ("last", 3)."""

Holds = Callable[["Account"], bool]
Due = Callable[["Account"], int]
Finding = dict[str, object]
"""What a leaf saw: its kind, the value, the threshold, the window; it becomes evidence."""


ANYWHERE = -1
"""All stages, as bits."""

_NEGATED: Finding = {"none": True}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test."""

    holds: Holds
    find: Callable[["Account"], Finding]
    due: Due | None = None
    """The next instant after `hot.decided` at which time may change it; 0 for none."""
    rise: frozenset[Cell] = frozenset()
    """Touched by an event, these cells can make it true."""
    fall: frozenset[Cell] = frozenset()
    """Touched by an event, these cells can make it false."""
    at_close: bool = False
    """The close of a day can change it."""
    holds_in: int = ANYWHERE
    """The stages, as bits, in which it can be true."""
    fails_in: int = ANYWHERE
    """The stages, as bits, in which it can be false."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A whole condition. Its leaves come with whether they stand under a `none`."""

    holds: Holds
    leaves: tuple[tuple[Leaf, bool], ...]
    rise: frozenset[Cell]
    fall: frozenset[Cell]
    holds_in: int = ANYWHERE
    fails_in: int = ANYWHERE

    @property
    def at_close(self) -> bool:
        """Whether the close of a day can change it."""
        return any(leaf.at_close for leaf, _ in self.leaves)

    @property
    def dues(self) -> tuple[Due, ...]:
        """When time will change its leaves."""
        return tuple(leaf.due for leaf, _ in self.leaves if leaf.due is not None)

    @property
    def closing_dues(self) -> tuple[Due, ...]:
        """Those of them that the close of a day can move."""
        return tuple(leaf.due for leaf, _ in self.leaves if leaf.due is not None and leaf.at_close)

    def evidence(self, account: "Account") -> list[Finding]:
        """What made it true: the leaves that are as the condition wants them."""
        return [
            leaf.find(account) | _NEGATED if negated else leaf.find(account)
            for leaf, negated in self.leaves
            if leaf.holds(account) is not negated
        ]


NEVER_HOLDS = Predicate(lambda _: False, (), frozenset(), frozenset(), holds_in=0)
"""The condition that nothing makes true."""


def of_leaf(leaf: Leaf) -> Predicate:
    """A condition of one leaf."""
    return Predicate(leaf.holds, ((leaf, False),), leaf.rise, leaf.fall, leaf.holds_in, leaf.fails_in)


def all_of(parts: Iterable[Predicate]) -> Predicate:
    """Every part holds."""
    parts = tuple(parts)
    holds = _days_last(parts)

    def every(account: "Account") -> bool:
        for hold in holds:  # noqa: SIM110  a loop, not all(): half the cost on the hot path
            if not hold(account):
                return False
        return True

    holds_in = reduce(and_, (part.holds_in for part in parts), ANYWHERE)
    return _join(parts, every, holds_in, reduce(or_, (part.fails_in for part in parts), 0))


def any_of(parts: Iterable[Predicate]) -> Predicate:
    """At least one part holds."""
    parts = tuple(parts)
    holds = _days_last(parts)

    def some(account: "Account") -> bool:
        for hold in holds:  # noqa: SIM110
            if hold(account):
                return True
        return False

    fails_in = reduce(and_, (part.fails_in for part in parts), ANYWHERE)
    return _join(parts, some, reduce(or_, (part.holds_in for part in parts), 0), fails_in)


def negate(part: Predicate) -> Predicate:
    """The opposite: what can make the part true can make this false."""
    holds = part.holds
    leaves = tuple((leaf, not negated) for leaf, negated in part.leaves)
    return Predicate(lambda account: not holds(account), leaves, part.fall, part.rise, part.fails_in, part.holds_in)


def _days_last(parts: Iterable[Predicate]) -> tuple[Holds, ...]:
    """How to ask them: those that read days cost the most."""
    return tuple(part.holds for part in sorted(parts, key=lambda part: part.at_close))


def _join(parts: tuple[Predicate, ...], holds: Holds, holds_in: int, fails_in: int) -> Predicate:
    return Predicate(
        holds,
        tuple(leaf for part in parts for leaf in part.leaves),
        frozenset[Cell]().union(*(part.rise for part in parts)),
        frozenset[Cell]().union(*(part.fall for part in parts)),
        holds_in,
        fails_in,
    )
