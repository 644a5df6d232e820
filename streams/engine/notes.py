"""Beside the path: what is done about an event besides counting it, where a measure asks for it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from streams.engine.contracts import take_renewal
from streams.engine.event import Event
from streams.engine.kpis.heard import hear_resolved, resolved, takes_answer
from streams.engine.pending import Took, closes, opens
from streams.engine.personas import take_traits
from streams.engine.places import Note, Places
from streams.engine.predicates import Cell
from streams.engine.sequences import takes_first, takes_second
from streams.engine.values import thousandths
from streams.engine.visits import follows

if TYPE_CHECKING:
    from streams.engine.account import Account

Take = Callable[["Account", Event], bool]
"""Takes note of an event; True if a deadline may have come nearer."""


def takers(notes: Iterable[Note], places: Places) -> tuple[Take, ...]:
    """What takes these notes, in order."""
    return tuple(_TAKERS[note.kind](note, places) for note in notes)


def note_personas(places: Places) -> None:
    """Have identify calls say who is which persona, where the journey declares any."""
    number = len(places.casting.names)
    if number:
        cells = frozenset[Cell](("persona", place) for place in range(number))
        places.note(Note("personas", ("$identify",), 0, "", cells))


def _adds(note: Note, _: Places) -> Take:
    """Add a number to the day on which it was told."""

    def take(account: "Account", event: Event) -> bool:
        value = thousandths(event, note.property)
        if value is not None:
            account.windows.add(event.at, note.place, value)
        return False

    return take


def _counts(note: Note, _: Places) -> Take:
    """Count the events that carry a number."""

    def take(account: "Account", event: Event) -> bool:
        if thousandths(event, note.property) is not None:
            account.windows.add(event.at, note.place, 1)
        return False

    return take


def _keeps(note: Note, _: Places) -> Take:
    """Keep the latest number; of two told at one instant the greater, so that their order does not matter."""

    def take(account: "Account", event: Event) -> bool:
        value = thousandths(event, note.property)
        if value is None or (event.at, value) <= account.tallies.latest.get(note.place, (-1, 0)):
            return False
        account.tallies.latest[note.place] = (event.at, value)
        return True

    return take


def _took(note: Note, places: Places) -> Took:
    """How the time that something was open is added to the day on which it was closed, where that is asked for."""
    if note.place not in places.took:
        return lambda _account, _at, _took_ms: None
    took, closed = places.took[note.place]
    is_figure = note.place == resolved(places)

    def add(account: "Account", at: int, took_ms: int) -> None:
        account.windows.add(at, took, took_ms)
        account.windows.add(at, closed, 1)
        if is_figure:
            hear_resolved(account, at, took_ms)

    return add


_TAKERS: dict[str, Callable[[Note, Places], Take]] = {
    "sum": _adds,
    "values": _counts,
    "latest": _keeps,
    "personas": lambda _note, _places: take_traits,
    "opened": lambda note, places: opens(note.place, note.property, _took(note, places)),
    "closed": lambda note, places: closes(note.place, note.property, _took(note, places)),
    "nps": takes_answer,
    "csat": takes_answer,
    "renewed": lambda _note, _places: take_renewal,
    "visits": lambda note, _: follows(note.place, int(note.property), note.span_ms),
    "first": lambda note, _: takes_first(note.place, note.span_ms),
    "second": lambda note, _: takes_second(note.place, note.span_ms),
}
