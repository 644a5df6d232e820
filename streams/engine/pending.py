"""Beside the path: what was opened and not closed yet, as support tickets are, told apart by an id they carry."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from schemas.state import Pending
from streams.engine.event import Event
from streams.engine.ids import digest
from streams.engine.values import name_of

if TYPE_CHECKING:
    from streams.engine.account import Account

MAX_OPEN: Final = 256
"""Open ones told apart; past these the oldest is given up, and is no longer counted."""

MAX_CLOSED: Final = 64
"""Closings kept whose opening is not known, in case it comes out of order; past these the oldest goes."""

Took = Callable[["Account", int, int], None]
"""Told when one was closed: at which instant, and how long it was open, in ms."""


def opens(place: int, by: str, took: Took) -> Callable[["Account", Event], bool]:
    """What takes an opening."""

    def take(account: "Account", event: Event) -> bool:
        name = name_of(event, by)
        return name is not None and _open(account, _pending(account, place), digest(name), event.at, took)

    return take


def closes(place: int, by: str, took: Took) -> Callable[["Account", Event], bool]:
    """What takes a closing."""

    def take(account: "Account", event: Event) -> bool:
        name = name_of(event, by)
        return name is not None and _close(account, _pending(account, place), digest(name), event.at, took)

    return take


def opened_at(account: "Account", place: int) -> list[int]:
    """When each that is open was opened."""
    pending = account.tallies.pending.get(place)
    return [] if pending is None else [first for first, _ in pending.opened.values()]


def _pending(account: "Account", place: int) -> Pending:
    return account.tallies.pending.setdefault(place, Pending())


def _open(account: "Account", pending: Pending, key: bytes, at: int, took: Took) -> bool:
    """Open it, unless its closing came first; the same opened twice is open since the first time."""
    closed_at = pending.closed.get(key)
    if closed_at is not None and at <= closed_at:
        del pending.closed[key]
        took(account, closed_at, closed_at - at)
        return False
    first, last = pending.opened.get(key, (at, at))
    pending.opened[key] = (min(first, at), max(last, at))
    _drop_oldest(pending.opened, MAX_OPEN)
    return True


def _close(account: "Account", pending: Pending, key: bytes, at: int, took: Took) -> bool:
    """Close what was opened before. What was opened again since stays open from then on."""
    first, last = pending.opened.get(key, (at + 1, 0))
    if at < first:
        pending.closed[key] = max(at, pending.closed.get(key, 0))
        _drop_oldest(pending.closed, MAX_CLOSED)
        return False
    if last > at:
        pending.opened[key] = (last, last)
    else:
        del pending.opened[key]
    took(account, at, at - first)
    return True


def _drop_oldest(held: dict[bytes, tuple[int, int]] | dict[bytes, int], most: int) -> None:
    if len(held) > most:
        del held[min(held, key=lambda key: (held[key], key))]
