"""What events tell the KPIs beside what the account says of them: answers to questions, and how long tickets took.

Kept by the day of the event until that day is closed, then told as a fact; what comes later still, with the next one.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Final

from schemas import journey as file
from schemas.spans import DAY_MS
from streams.engine.event import Event
from streams.engine.kpis.histogram import tally
from streams.engine.places import Note, Places
from streams.engine.values import THOUSANDTHS, thousandths

if TYPE_CHECKING:
    from streams.engine.account import Account

Sums = Iterable[tuple[str, int]]

PROMOTER: Final = 9 * THOUSANDTHS
PASSIVE: Final = 7 * THOUSANDTHS
MOST: Final = 1_000_000 * THOUSANDTHS
"""A score beyond this, of either sign, is a slip."""


def note_answers(places: Places) -> None:
    """Have the answers taken that the journey's KPIs are made of."""
    kpis, measures = places.journey.kpis, places.journey.measures
    for kind, name in (("nps", kpis.nps), ("csat", kpis.csat)) if kpis else ():
        value = (measures[name].last or measures[name].mean) if name else None
        if value is not None:
            places.note(Note(kind, tuple(sorted(set(value.event))), 0, value.property))


def takes_answer(note: Note, _: Places) -> "Callable[[Account, Event], bool]":
    """What takes an answer, to be added up as its kind is."""
    sums = _SUMS[note.kind]

    def take(account: "Account", event: Event) -> bool:
        score = thousandths(event, note.property)
        if score is not None and abs(score) <= MOST:
            _hear(account, event.at, sums(score))
        return False

    return take


def resolved(places: Places) -> int | None:
    """The place of what is open whose resolution is a KPI, if any."""
    kpis, measures = places.journey.kpis, places.journey.measures
    declared = _open(measures, kpis.resolution) if kpis and kpis.resolution else None
    return None if declared is None else places.pending(declared)


def hear_resolved(account: "Account", at: int, took_ms: int) -> None:
    """Take down how long something was open that was closed at an instant."""
    _hear(account, at, tally("resolved", took_ms))


def told_by(account: "Account", closed_day: int) -> dict[str, int]:
    """What was heard of the days up to one that has just closed; it is not told again."""
    heard = account.books.heard
    days = [heard.pop(day) for day in sorted(heard) if day <= closed_day]
    counts: dict[str, int] = {}
    for name, number in chain.from_iterable(day.items() for day in days):
        counts[name] = counts.get(name, 0) + number
    return counts


def _hear(account: "Account", at: int, sums: Sums) -> None:
    day = account.books.heard.setdefault(at // DAY_MS, {})
    for name, number in sums:
        day[name] = day.get(name, 0) + number


def _open(measures: dict[str, file.Measure], name: str) -> file.Open | None:
    return measures[measures[name].resolution or ""].open


def _nps(score: int) -> Sums:
    yield "nps.n", 1
    yield "nps.promoters", int(score >= PROMOTER)
    yield "nps.detractors", int(score < PASSIVE)


def _csat(score: int) -> Sums:
    return ("csat.n", 1), ("csat.sum", score)


_SUMS: Final[dict[str, Callable[[int], Sums]]] = {"nps": _nps, "csat": _csat}
