"""Beside the path: the segments of an account, read from its traits when something is said of it or asks for them."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from streams.engine.places import Places
from streams.engine.predicates import Cell, Finding, Leaf

if TYPE_CHECKING:
    from streams.engine.account_state import AccountState

Value = int | float | str | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension: the place of its trait, and the segment of each value of it."""

    name: str
    trait: int
    of: Callable[[Value], str]


def dimensions_of(source: file.Journey) -> tuple[Dimension, ...]:
    """The dimensions of a journey, in the order of the file."""
    traits = list(source.traits)
    return tuple(
        Dimension(name, traits.index(declared.trait), _reader(declared)) for name, declared in source.segments.items()
    )


def segment_of(account: "AccountState") -> Mapping[str, str]:
    """The account's segment in each dimension, by its traits as they are now."""
    return {dimension.name: dimension.of(account.trait(dimension.trait)) for dimension in account.journey.dimensions}


def segment_leaf(only: Mapping[str, tuple[str, ...]], places: Places) -> Leaf:
    """Holds while the account is in one of the segments, in each dimension named."""
    traits = list(places.journey.traits)
    cells = frozenset[Cell](("trait", traits.index(places.journey.segments[name].trait)) for name in only)
    wanted = {name: list(kinds) for name, kinds in only.items()}

    def holds(account: "AccountState") -> bool:
        segment = account.segment
        return all(segment[name] in kinds for name, kinds in only.items())

    def find(account: "AccountState") -> Finding:
        return {"segment": {name: account.segment[name] for name in only}, "is": wanted}

    return Leaf(holds, find, rise=cells, fall=cells)


def _reader(declared: file.Dimension) -> Callable[[Value], str]:
    if declared.bands is not None:
        return _banded(tuple(declared.bands), [band.below for band in declared.bands.values()])
    known = None if declared.values is None else frozenset(declared.values)

    def read(value: Value) -> str:
        if value is None or value == "":
            return file.UNKNOWN
        return str(value) if known is None or value in known else file.OTHER

    return read


def _banded(names: tuple[str, ...], ends: list[float | None]) -> Callable[[Value], str]:
    closed = [end for end in ends if end is not None]

    def read(value: Value) -> str:
        if not isinstance(value, int | float):
            return file.UNKNOWN
        place = bisect_right(closed, value)
        return names[place] if place < len(names) else file.OTHER

    return read
