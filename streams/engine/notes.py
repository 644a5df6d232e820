"""Beside the path: what is done about an event besides counting it, where a measure asks for it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from streams.engine.decode import Event
from streams.engine.personas import take_traits
from streams.engine.places import Note, Places
from streams.engine.predicates import Cell
from streams.engine.values import thousandths

if TYPE_CHECKING:
    from streams.engine.account import Account

Take = Callable[["Account", Event], bool]
"""Takes note of an event; True if a deadline may have come nearer."""


def takers(notes: Iterable[Note]) -> tuple[Take, ...]:
    """What takes these notes, in order."""
    return tuple(_TAKERS[note.kind](note) for note in notes)


def note_personas(places: Places) -> None:
    """Have identify calls say who is which persona, where the journey declares any."""
    number = len(places.casting.names)
    if number:
        cells = frozenset[Cell](("persona", place) for place in range(number))
        places.note(Note("personas", ("$identify",), 0, "", cells))


def _adds(note: Note) -> Take:
    """Add a number to the day on which it was told."""

    def take(account: "Account", event: Event) -> bool:
        value = thousandths(event, note.property)
        if value is not None:
            account.windows.add(event.at, note.place, value)
        return False

    return take


def _counts(note: Note) -> Take:
    """Count the events that carry a number."""

    def take(account: "Account", event: Event) -> bool:
        if thousandths(event, note.property) is not None:
            account.windows.add(event.at, note.place, 1)
        return False

    return take


def _keeps(note: Note) -> Take:
    """Keep the latest number; of two told at one instant the greater, so that their order does not matter."""

    def take(account: "Account", event: Event) -> bool:
        value = thousandths(event, note.property)
        if value is None or (event.at, value) <= account.tallies.latest.get(note.place, (-1, 0)):
            return False
        account.tallies.latest[note.place] = (event.at, value)
        return True

    return take


_TAKERS: dict[str, Callable[[Note], Take]] = {
    "sum": _adds,
    "values": _counts,
    "latest": _keeps,
    "personas": lambda _: take_traits,
}
