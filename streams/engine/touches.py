"""What each event name touches in the state of an account, and what that makes worth examining."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from schemas import journey as file
from streams.engine.compiled import DESCRIBED, Move, Touch, Wakes
from streams.engine.examinations import Rules
from streams.engine.layout import ALL_NEWS, FIRST, NEW_FEATURE, NEW_USER, NOTED, Fold, Kind
from streams.engine.notes import takers
from streams.engine.people import learners
from streams.engine.places import Coverage, Places
from streams.engine.predicates import Cell, Due, Predicate
from streams.engine.times import NEVER


class Touches:
    """Finds what an event touches. What holds for all of them is found first: per event it would take minutes."""

    def __init__(self, source: file.Journey, places: Places, rules: Rules) -> None:
        """Once all conditions are compiled, so that every place is known."""
        self.source, self.places, self.moves = source, places, rules.moves
        self.possible = rules.possible()
        self.firing, self.ending, self.arming = map(_by_cell, (rules.firing(), rules.ending(), rules.arming()))
        self.feature_bits = {feature: 1 << place for place, feature in enumerate(places.features())}
        self.lasts = Coverage(source, places.lasts.items())
        self.totals = Coverage(source, places.totals.items())
        self.closes = Coverage(source, ((absence.event, i) for absence, i in places.absences.items()))
        self.opens = Coverage(source, ((absence.after, (absence, i)) for absence, i in places.absences.items()))
        self.columns = Coverage(source, ((column.events, (column, i)) for column, i in places.columns.items()))
        self.notes = Coverage(source, ((note.events, note) for note in places.notes))
        self.nearing = _dues_by_cell(rules.conditions())
        self.nearing_in = [_dues_by_cell(move.when for move in moves) for moves in self.moves]

    def of(self, name: str) -> Touch:
        """What an event of this name touches."""
        places, declared = self.places, self.source.events.get(name)
        lasts = tuple((i, places.silences.get(i, NEVER)) for i in self.lasts.of(name))
        totals, closes = tuple(self.totals.of(name)), tuple(self.closes.of(name))
        opens = tuple((i, places.last(absence.event)) for absence, i in self.opens.of(name))
        required = declared.required if declared else ()
        is_declared = declared is not None or name in DESCRIBED
        fold = self._fold(name)
        notes = self.notes.of(name)
        cells = self._cells(fold, [i for i, _ in lasts], totals, closes)
        cells += tuple(cell for note in notes for cell in note.cells)
        takes = (*takers(notes, places), *learners(self.source, name))
        return Touch(
            fold, lasts, totals, opens, closes, bool(totals or opens or closes), takes,
            self._woken(cells), self._nearer(lasts, opens),
            required, is_declared, name == "$group" or self._has(file.Policy.REJECT, required, is_declared=is_declared),
            self._has(file.Policy.WARN, required, is_declared=is_declared),
        )  # fmt: skip

    def _has(self, policy: file.Policy, required: tuple[str, ...], *, is_declared: bool) -> bool:
        """Whether a policy applies to an event: to what is not declared, or to what must have properties."""
        if not is_declared:
            return self.source.undeclared is policy
        return bool(required) and self.source.malformed is policy

    def _fold(self, name: str) -> Fold:
        declared = self.source.events.get(name)
        bit = self.feature_bits[declared.feature] if declared and declared.feature else 0
        by_kind: dict[Kind, list[int]] = {kind: [] for kind in Kind}
        for column, place in self.columns.of(name):
            by_kind[column.kind].append(place)
        return Fold(
            counts=tuple(by_kind[Kind.COUNT]),
            users=tuple(by_kind[Kind.USERS]),
            features=tuple(by_kind[Kind.FEATURES]) if bit else (),
            feature_bit=bit,
            hours=tuple(by_kind[Kind.HOURS]),
            values=tuple(place for kind in NOTED for place in by_kind[kind]),
        )

    def _cells(
        self, fold: Fold, lasts: Iterable[int], totals: Iterable[int], closes: Iterable[int]
    ) -> tuple[Cell, ...]:
        folded = {*fold.counts, *fold.users, *fold.features, *fold.values}
        readings = [i for trailing, i in self.places.trailing.items() if trailing.column in folded]
        return (
            *(("reading", i) for i in readings),
            *(("last", i) for i in lasts),
            *(("total", i) for i in totals),
            *(("absence", i) for i in closes),
        )

    def _woken(self, cells: Iterable[Cell]) -> tuple[Wakes, ...]:
        """What an event can change that touches these cells, for each way in which it can be news to its day."""
        by_news = (
            [(kind, i) for kind, i in cells if kind != "reading" or self._is_changed(i, news)]
            for news in range(ALL_NEWS + 1)
        )
        return tuple(
            Wakes(self._fired(some), _turned(self.ending, some), _turned(self.arming, some), self._opened(some))
            for some in by_news
        )

    def _is_changed(self, reading: int, news: int) -> bool:
        trailing = list(self.places.trailing)[reading]
        match list(self.places.columns)[trailing.column].kind:
            case Kind.USERS:
                return bool(news & NEW_USER)
            case Kind.FEATURES:
                return bool(news & NEW_FEATURE)
            case _:
                return bool(news & FIRST) or not trailing.active_days

    def _nearer(
        self, lasts: Iterable[tuple[int, int]], opens: Iterable[tuple[int, int]]
    ) -> tuple[tuple[Due, ...], ...]:
        cells: list[Cell] = [*(("last", i) for i, _ in lasts), *(("absence", i) for i, _ in opens)]
        always = [due for cell in cells for due in self.nearing.get(cell, ())]
        return tuple(
            tuple(dict.fromkeys((*always, *(due for cell in cells for due in nearing.get(cell, ())))))
            for nearing in self.nearing_in
        )

    def _fired(self, cells: Iterable[Cell]) -> tuple[int, ...]:
        turned = _turned(self.firing, cells)
        return tuple(turned & possible for possible in self.possible)

    def _opened(self, cells: Iterable[Cell]) -> tuple[tuple[Move, ...], ...]:
        touched = set(cells)
        return tuple(tuple(move for move in moves if move.when.rise & touched) for moves in self.moves)


def _by_cell(examinations: Iterable[tuple[int, Iterable[Cell]]]) -> dict[Cell, int]:
    """The examinations of each cell: with ten thousand events and a thousand rules, not all can be asked for each."""
    found: dict[Cell, int] = defaultdict(int)
    for bit, cells in examinations:
        for cell in cells:
            found[cell] |= bit
    return found


def _dues_by_cell(conditions: Iterable[Predicate]) -> dict[Cell, list[Due]]:
    """The deadlines that each cell can bring nearer."""
    found: dict[Cell, list[Due]] = defaultdict(list)
    for leaf, _ in (leaf for when in conditions for leaf in when.leaves):
        if leaf.due is not None:
            for cell in leaf.rise | leaf.fall:
                found[cell].append(leaf.due)
    return found


def _turned(examinations: Mapping[Cell, int], cells: Iterable[Cell]) -> int:
    return reduce(or_, (examinations.get(cell, 0) for cell in cells), 0)
