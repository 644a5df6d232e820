"""Beside the path: how long: since when something is open, how long it took to close, time in the product."""

from math import ceil
from typing import TYPE_CHECKING

from schemas import journey as file
from schemas.spans import HOUR_MS, MINUTE_MS
from streams.engine.layout import Kind
from streams.engine.measures import Measure, Number, closed_reading, mean_of
from streams.engine.pending import opened_at
from streams.engine.places import Places
from streams.engine.predicates import Cell, Due

if TYPE_CHECKING:
    from streams.engine.account import Account


def number_open(declared: file.Measure, places: Places) -> Measure:
    """How many are open."""
    place = _pending(declared.open, places)

    def read(account: "Account") -> Number:
        return len(opened_at(account, place))

    cells = frozenset[Cell]({("open", place)})
    return Measure(read, read, up=cells, down=cells, at_close=False)


def oldest_open(declared: file.Measure, places: Places) -> Measure:
    """Hours since the oldest was opened: tested as of what time has decided, told as of the latest that is known."""
    place = _pending(places.journey.measures[declared.oldest_open or ""].open, places)

    def read(account: "Account") -> Number | None:
        return _age(account, place, account.hot.decided)

    def tell(account: "Account") -> Number | None:
        return _age(account, place, max(account.hot.at, account.hot.decided))

    cells = frozenset[Cell]({("open", place)})
    return Measure(
        read, read, up=cells, down=cells, at_close=False, crosses=lambda hours: _crossing(place, hours), tell=tell
    )


def _age(account: "Account", place: int, now: int) -> float | None:
    since = min(opened_at(account, place), default=None)
    return None if since is None else max(0, now - since) / HOUR_MS


def _crossing(place: int, hours: float) -> Due:
    """When the oldest comes to be so many hours old."""
    span = ceil(hours * HOUR_MS)

    def due(account: "Account") -> int:
        at = min(opened_at(account, place), default=0) + span
        return at if at > max(account.hot.decided, span) else 0

    return due


def resolution(declared: file.Measure, places: Places) -> Measure:
    """Mean hours from opening to closing, of what was closed on the days of a window."""
    named = places.journey.measures[declared.resolution or ""].open
    place = _pending(named, places)
    assert named is not None
    events, of = (*named.opened, *named.closed), list(places.tallies)[place]
    took = places.reading(Kind.TOOK, events, declared.window_ms, of=of)
    closed = places.reading(Kind.CLOSED, events, declared.window_ms, of=of)
    places.took[place] = (places.column(Kind.TOOK, events, of), places.column(Kind.CLOSED, events, of))
    return mean_of(took, closed, unit=HOUR_MS, of="closed")


def session_time(declared: file.Measure, places: Places) -> Measure:
    """Minutes that users spent in visits."""
    index = places.visits(declared.events, declared.window_ms, declared.gap_ms)
    return Measure(
        lambda account: account.windows.reading(index) / MINUTE_MS,
        lambda account: closed_reading(account, index) / MINUTE_MS,
        up=frozenset({("reading", index)}),
        window=lambda account: account.windows.read_over(index),
    )


def _pending(declared: file.Open | None, places: Places) -> int:
    assert declared is not None  # a fault of the file otherwise
    return places.pending(declared)
