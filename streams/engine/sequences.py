"""Sequences: B came after A, and soon enough; in whatever order the two arrived."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from schemas import journey as file
from schemas.spans import format_span
from schemas.state import Steps
from streams.engine.event import Event
from streams.engine.places import Note, Places
from streams.engine.predicates import Finding, Leaf
from streams.engine.times import rfc3339

if TYPE_CHECKING:
    from streams.engine.account import Account

MAX_STEPS: Final = 16
"""The latest instants of A, and of B, that are kept for each other in case they arrive out of order."""


def sequence_leaf(sequence: file.Sequence, places: Places) -> Leaf:
    """Holds from the first B on that came within the span after an A, and not at the same instant."""
    after, event = tuple(sorted(set(sequence.after))), tuple(sorted(set(sequence.event)))
    place = places.tally(f"sequence:{'|'.join(after)}>{'|'.join(event)}@{sequence.within}")
    cells = frozenset({("sequence", place)})
    places.note(Note("second", event, place, "", cells, sequence.within))
    places.note(Note("first", after, place, "", cells, sequence.within))

    def find(account: "Account") -> Finding:
        steps = account.tallies.steps.get(place)
        at = rfc3339(steps.met_at) if steps is not None and steps.met_at else None
        said: Finding = {"sequence": list(sequence.event), "after": list(sequence.after)}
        return said | {"within": format_span(sequence.within), "at": at}

    return Leaf(lambda account: _is_met(account, place), find, rise=cells)


def takes_first(place: int, within_ms: int) -> Callable[["Account", Event], bool]:
    """What takes an A: a B may have arrived before it."""

    def take(account: "Account", event: Event) -> bool:
        steps = account.tallies.steps.setdefault(place, Steps())
        met = [at for at in steps.seconds if 0 < at - event.at <= within_ms]
        steps.met_at = max([steps.met_at, *met])
        steps.firsts = sorted([*steps.firsts, event.at])[-MAX_STEPS:]
        return False

    return take


def takes_second(place: int, within_ms: int) -> Callable[["Account", Event], bool]:
    """What takes a B."""

    def take(account: "Account", event: Event) -> bool:
        steps = account.tallies.steps.setdefault(place, Steps())
        if any(0 < event.at - at <= within_ms for at in steps.firsts):
            steps.met_at = max(steps.met_at, event.at)
        steps.seconds = sorted([*steps.seconds, event.at])[-MAX_STEPS:]
        return False

    return take


def _is_met(account: "Account", place: int) -> bool:
    steps = account.tallies.steps.get(place)
    return steps is not None and steps.met_at > 0
