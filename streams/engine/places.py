"""Where things stand in an account's state: names get positions while a journey is compiled.

A definition asked for twice gets one place. The places, named, are the journey's `Vocabulary`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from zlib import crc32

import msgspec

from schemas.journey import ANY, Journey, Open, Source, Valued
from schemas.spans import DAY_MS
from schemas.state import Vocabulary
from streams.engine.layout import Column, Kind, Layout, Trailing, Usage
from streams.engine.personas import Casting, casting_of, keys_of
from streams.engine.predicates import Cell, Due, Predicate

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Absence:
    """A happened and B may not follow: what opens the wait, what closes it, and the span."""

    after: tuple[str, ...]
    event: tuple[str, ...]

    @property
    def key(self) -> str:
        """Names it in the vocabulary."""
        return f"{'|'.join(self.after)}>{'|'.join(self.event)}"


@dataclass(frozen=True, slots=True)
class Note:
    """What is done about some events besides counting them: which, at what place of the state, by what property."""

    kind: str
    events: tuple[str, ...]
    place: int
    property: str
    cells: frozenset[Cell] = frozenset()
    span_ms: int = 0


@dataclass(slots=True)
class Places:
    """The places given out so far, in order."""

    journey: Journey
    columns: dict[Column, int] = field(default_factory=dict)
    trailing: dict[Trailing, int] = field(default_factory=dict)
    lasts: dict[tuple[str, ...], int] = field(default_factory=dict)
    totals: dict[tuple[str, ...], int] = field(default_factory=dict)
    absences: dict[Absence, int] = field(default_factory=dict)
    silences: dict[int, int] = field(default_factory=dict)
    """For each place in `lasts`, the shortest silence anyone asks about."""
    tallies: dict[str, int] = field(default_factory=dict)
    notes: dict["Note", None] = field(default_factory=dict)
    took: dict[int, tuple[int, int]] = field(default_factory=dict)
    """For what is open, the columns of how long it took to close, and of how many were."""
    usages: dict[Usage, int] = field(default_factory=dict)
    compiled: dict[str, Predicate] = field(default_factory=dict)
    """Every condition so far, by how it is written."""
    awaiting_sources: list[Due] = field(default_factory=list)
    """When time may turn what depends on watched sources, were none of them dark."""
    history_days: int = 0

    def column(self, kind: Kind, events: Iterable[str], of: str = "") -> int:
        """The place of a column."""
        column = Column(kind, tuple(sorted(set(events))), of)
        place = _place(self.columns, column)
        if kind in (Kind.SUM, Kind.VALUES):
            self.note(Note(kind.value, column.events, place, of))
        return place

    def reading(
        self, kind: Kind, events: Iterable[str], over_ms: int, *, active_days: bool = False, of: str = ""
    ) -> int:
        """The place of a trailing reading."""
        column = self.column(kind, events, of)
        is_bitmap = kind in (Kind.USERS, Kind.FEATURES)
        trailing = Trailing(column, over_ms // DAY_MS, active_days, is_bitmap)
        self.keep(trailing.days)
        return _place(self.trailing, trailing)

    def latest(self, value: Valued) -> int:
        """The place of the latest number that events carry."""
        events = tuple(sorted(set(value.event)))
        place = self.tally(f"latest:{'|'.join(events)}@{value.property}")
        self.note(Note("latest", events, place, value.property, frozenset({("latest", place)})))
        return place

    def pending(self, declared: Open) -> int:
        """The place of what is open."""
        opened, closed = (tuple(sorted(set(events))) for events in (declared.opened, declared.closed))
        place = self.tally(f"open:{'|'.join(opened)}>{'|'.join(closed)}@{declared.by}")
        cells = frozenset({("open", place)})
        self.note(Note("opened", opened, place, declared.by, cells))
        self.note(Note("closed", closed, place, declared.by, cells))
        return place

    def visits(self, events: Iterable[str], over_ms: int, gap_ms: int) -> int:
        """The place of a trailing reading of the time that visits took."""
        index = self.reading(Kind.TIME, events, over_ms, of=str(gap_ms))
        column = self.column(Kind.TIME, events, str(gap_ms))
        kept = tuple(sorted(set(events)))
        place = self.tally(f"visits:{'|'.join(kept)}@{gap_ms}")
        self.note(Note("visits", kept, place, str(column), span_ms=gap_ms))
        return index

    def tally(self, key: str) -> int:
        """The place of what a measure keeps besides days."""
        return _place(self.tallies, key)

    def note(self, note: "Note") -> None:
        """Have something done about events besides counting them."""
        self.notes.setdefault(note)

    def last(self, events: Iterable[str]) -> int:
        """The place of the greatest event time of these events."""
        return _place(self.lasts, tuple(sorted(set(events))))

    def total(self, events: Iterable[str]) -> int:
        """The place of the number of these events since the account began."""
        return _place(self.totals, tuple(sorted(set(events))))

    def absence(self, after: Iterable[str], event: Iterable[str]) -> int:
        """The place of the instant since which B is awaited."""
        return _place(self.absences, Absence(tuple(sorted(set(after))), tuple(sorted(set(event)))))

    def usage(self, usage: Usage) -> int:
        """The place of what is judged of these columns."""
        return _place(self.usages, usage)

    def sources(self, events: Iterable[str]) -> tuple[str, ...]:
        """The watched sources that these events come from."""
        declared, watched = self.journey.events, self.journey.instrumentation
        found = {declared[name].source if name in declared else Source.PRODUCT for name in events}
        return tuple(source.value for source in watched if source in found)

    def keep(self, days: int) -> None:
        """Hold at least so many closed days."""
        self.history_days = max(self.history_days, days)

    def layout(self) -> Layout:
        """What accounts keep of their days."""
        return Layout(
            columns=tuple(self.columns),
            trailing=tuple(self.trailing),
            days=self.history_days,
            bitmaps=tuple(i for column, i in self.columns.items() if column.is_bitmap),
            personas=len(self.casting.names),
            user_traits=len(self.casting.traits),
            folded_bitmaps=tuple(i for trailing, i in self.trailing.items() if trailing.is_bitmap),
            usages=tuple(self.usages),
        )

    @property
    def casting(self) -> Casting:
        """The personas."""
        return casting_of(self.journey)

    def features(self) -> tuple[str, ...]:
        """The declared features, in order of name: their bits in a bitmap."""
        return tuple(sorted({event.feature for event in self.journey.events.values() if event.feature}))

    def vocabulary(self) -> Vocabulary:
        """Every place by name."""
        journey = self.journey
        return Vocabulary(
            columns=[column.key for column in self.columns],
            milestones=list(journey.milestones),
            stages=list(journey.stages),
            alerts=list(journey.alerts),
            lasts=["|".join(events) for events in self.lasts],
            totals=["|".join(events) for events in self.totals],
            absences=[absence.key for absence in self.absences],
            traits=list(journey.traits),
            features=list(self.features()),
            tallies=list(self.tallies),
            teams=list(journey.teams),
            health=list(journey.health),
            personas=keys_of(journey),
            user_traits=list(self.casting.traits),
        )


def _is_any(journey: Journey, name: str) -> bool:
    """Whether an event is one of the product: `any` means those, undeclared ones too."""
    declared = journey.events.get(name)
    return (declared is None or declared.source is Source.PRODUCT) and name not in CALLS


class Coverage(Generic[T]):
    """Things that each have a set of events: finds those whose set holds an event, without asking all of them."""

    def __init__(self, journey: Journey, things: Iterable[tuple[Iterable[str], T]]) -> None:
        self._journey = journey
        self._of: dict[str, dict[int, T]] = defaultdict(dict)
        for place, (events, thing) in enumerate(things):
            for event in events:
                self._of[event][place] = thing

    def of(self, name: str) -> list[T]:
        """Those that hold this event, in the order they were given."""
        found = self._of.get(name, {})
        if _is_any(self._journey, name):
            found = found | self._of.get(ANY, {})
        return [found[place] for place in sorted(found)]


CALLS = frozenset({"$identify", "$group", "$alias"})
"""Calls that describe users and accounts: no activity."""


def vocabulary_id(vocabulary: Vocabulary) -> int:
    """32 bits that name a vocabulary in a state record."""
    return crc32(msgspec.msgpack.encode(vocabulary))


def _place(places: dict[T, int], wanted: T) -> int:
    return places.setdefault(wanted, len(places))
