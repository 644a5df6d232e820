"""The journey, compiled once into tables: what each event name touches, and what each touch makes worth examining.

Examinations are bits of one integer, lowest first: milestones in file order, then the stage, then the alerts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256
from operator import or_

import orjson

from schemas import journey as file
from schemas.state import Vocabulary
from streams.engine.contact import Policy, Rival, compile_policy, rival_of
from streams.engine.contracts import contract_dues
from streams.engine.handoffs import Handoff, compile_handoff
from streams.engine.health import Vital, compile_vital
from streams.engine.identity import Identity, compile_identity
from streams.engine.kpis.declared import Kpis, compile_kpis, judged_at
from streams.engine.kpis.heard import note_answers
from streams.engine.layout import ALL_NEWS, FIRST, NEW_FEATURE, NEW_USER, NOTED, Fold, Kind, Layout
from streams.engine.leaves import compile_condition
from streams.engine.measure_kinds import compile_measure
from streams.engine.measures import Measure
from streams.engine.notes import Take, note_personas, takers
from streams.engine.people import learners
from streams.engine.personas import Casting
from streams.engine.places import Coverage, Places, vocabulary_id
from streams.engine.plays import Options, options_of
from streams.engine.predicates import NEVER_HOLDS, Cell, Due, Predicate, negate
from streams.engine.proof import Proving, compile_proof
from streams.engine.renewal import Renewal, compile_renewal
from streams.engine.revenue import Revenue, compile_revenue
from streams.engine.segments import Dimension, dimensions_of
from streams.engine.sightings import Instruments, compile_instruments
from streams.engine.times import NEVER
from streams.engine.trait_checks import Check, checks_of

PREVIOUS = -1
"""As the target of a move: the stage the account came from."""

DESCRIBED = ("$identify", "$group", "$alias", "$page", "$screen")
"""Calls that need no declaration."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone and what reaching it makes worth examining."""

    name: str
    when: Predicate
    activation: bool
    wakes: int


@dataclass(frozen=True, slots=True)
class Move:
    """A way from one stage to another."""

    to: int
    rule: str
    when: Predicate
    at_once: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert rule."""

    name: str
    when: Predicate
    until: Predicate
    raised: Predicate
    """While it fires: when it comes to matter more."""
    cooldown_ms: int
    plays: Options
    handoff: Handoff | None
    tells_drivers: bool
    rival: Rival | None
    once_per: int | None
    """The trait for each value of which it fires once."""
    proving: Proving | None


@dataclass(frozen=True, slots=True)
class Wakes:
    """What the cells that an event touches make worth examining."""

    fires: int
    """What they can make true: milestones, and alerts that are not firing."""
    ends: int
    """The alerts they can end."""
    moves: tuple[tuple[Move, ...], ...]
    """For each stage, the ways out that they can open."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What one event name does to the state, and what it makes worth examining."""

    fold: Fold
    lasts: tuple[tuple[int, int], ...]
    """Each place, with the shortest silence asked about: a longer gap ends a silence."""
    totals: tuple[int, ...]
    opens: tuple[tuple[int, int], ...]
    """Each wait it opens, with the place in `lasts` of what would have forestalled it."""
    closes: tuple[int, ...]
    counts_on: bool
    """Whether it has totals, opens or closes."""
    notes: tuple[Take, ...]
    """What else measures make of it."""
    wakes: tuple[Wakes, ...]
    """What it can change, by what news it is to its day; the last is all."""
    dues: tuple[tuple[Due, ...], ...]
    """For each stage, the deadlines that come nearer when it ends a silence or opens a wait."""
    required: tuple[str, ...]
    is_declared: bool
    demands: bool
    """Whether the journey demands anything of it that must be checked first."""
    warns: bool = False
    """Whether the journey wants it counted where it is not declared, or not whole."""
    marks: tuple[int, ...] = field(init=False)
    """The places in `lasts` whose silence nobody asks about."""
    silences: tuple[tuple[int, int], ...] = field(init=False)
    """The others."""
    is_plain: bool = field(init=False)
    """Whether it does no more than to count, to mark when, and to open and close waits."""

    def __post_init__(self) -> None:
        """Sort what is asked of every event."""
        derived = {
            "marks": tuple(place for place, silence in self.lasts if silence == NEVER),
            "silences": tuple((place, silence) for place, silence in self.lasts if silence != NEVER),
            "is_plain": not (self.notes or self.demands or self.warns),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # as dataclasses themselves do where they are frozen


@dataclass(frozen=True, slots=True)
class Journey:
    """A compiled journey. It holds no state: one serves every account."""

    name: str
    version: int
    digest: str
    lateness_ms: int
    rejects_undeclared: bool
    rejects_malformed: bool
    stages: tuple[str, ...]
    initial: int
    dwell_ms: tuple[int, ...]
    moves: tuple[tuple[Move, ...], ...]
    milestones: tuple[Milestone, ...]
    alerts: tuple[Alert, ...]
    measures: tuple[tuple[str, Measure], ...]
    traits: dict[str, tuple[int, file.TraitKind]]
    dimensions: tuple[Dimension, ...]
    identity: Identity
    instruments: Instruments
    casting: Casting
    checks: tuple[Check, ...]
    follows_visits: bool
    touches: dict[str, Touch]
    undeclared: Touch
    layout: Layout
    dues: tuple[Due, ...]
    awaiting_sources: tuple[Due, ...]
    """When time may turn what depends on watched sources."""
    stage_dues: tuple[tuple[Due, ...], ...]
    closing_dues: tuple[Due, ...]
    """Those that the close of a day can move, of whatever stage."""
    possible: tuple[int, ...]
    """For each stage, the examinations that something can come true of there; the change of a stage asks all anew."""
    timed: int
    at_close: int
    at_stage_change: int
    trait_wakes: tuple[int, ...]
    vocabulary: Vocabulary
    vocabulary_id: int
    stage_bit: int
    """The examination of the stage."""
    revenue: Revenue | None
    revenue_bit: int
    """The examination of what the account pays; 0 if the journey does not declare it."""
    handing: int
    """The alerts that hand an account over: while one fires, its case is followed."""
    kpis: Kpis | None
    everything: int
    """All examinations."""
    vital: Vital | None = None
    """Health and drivers, where they are declared."""
    at_health: int = 0
    """The examinations that read the health score."""
    policy: Policy | None = None
    """What holds alerts back, where that is declared."""
    renewal: Renewal | None = None
    renewal_bit: int = 0
    """The examination of the contract that runs; 0 if the journey does not declare it."""


def compile_journey(source: file.Journey) -> Journey:
    """Compile a journey file that has been read and checked."""
    return _Compiler(source).compile()


class _Compiler:
    """Compiles one journey: all conditions first, so that every place is known, then the tables over them."""

    def __init__(self, source: file.Journey) -> None:
        self.source = source
        self.places = Places(source)
        self.stages = list(source.stages)
        self.measures = tuple((name, compile_measure(name, self.places)) for name in source.measures)
        note_personas(self.places)
        note_answers(self.places)
        self.activity = self.places.last((file.ANY,))
        self.reached = [compile_condition(m.condition, self.places) for m in source.milestones.values()]
        self.moves = tuple(tuple(self._moves_from(name)) for name in self.stages)
        self.alerts = tuple(self._alert(name, rule) for name, rule in source.alerts.items())
        self.vital = compile_vital(source, self.places, compile_condition)
        self.policy = compile_policy(source.contact, self.places, compile_condition)
        self.stage_bit = 1 << len(self.reached)
        self.revenue = compile_revenue(source)
        self.renewal = compile_renewal(source, self.places, compile_condition)
        self.kpis = compile_kpis(source, dict(self.measures))
        self.revenue_bit = self.stage_bit << 1 + len(self.alerts) if self.revenue else 0
        self.renewal_bit = self.revenue_bit << 1 if self.renewal else 0
        self.firing, self.ending = _by_cell(self._firing()), _by_cell(self._ending())
        self.feature_bits = {feature: 1 << place for place, feature in enumerate(self.places.features())}
        self._cover()

    def _cover(self) -> None:
        """Find for each event what it counts for: asking all of it for each event takes minutes in a large journey."""
        source, places = self.source, self.places
        self.lasts = Coverage(source, places.lasts.items())
        self.totals = Coverage(source, places.totals.items())
        self.closes = Coverage(source, ((absence.event, i) for absence, i in places.absences.items()))
        self.opens = Coverage(source, ((absence.after, (absence, i)) for absence, i in places.absences.items()))
        self.columns = Coverage(source, ((column.events, (column, i)) for column, i in places.columns.items()))
        self.notes = Coverage(source, ((note.events, note) for note in places.notes))
        self.nearing = _dues_by_cell(self._conditions())
        self.nearing_in = [_dues_by_cell(move.when for move in moves) for moves in self.moves]

    def compile(self) -> Journey:
        source, vocabulary = self.source, self.places.vocabulary()
        return Journey(
            name=source.name,
            version=source.version,
            digest=_digest(source),
            lateness_ms=source.allowed_lateness,
            rejects_undeclared=source.undeclared is file.Policy.REJECT,
            rejects_malformed=source.malformed is file.Policy.REJECT,
            stages=tuple(self.stages),
            initial=next(i for i, stage in enumerate(source.stages.values()) if stage.initial),
            dwell_ms=tuple(stage.dwell or 0 for stage in source.stages.values()),
            moves=self.moves,
            milestones=tuple(self._milestones()),
            alerts=self.alerts,
            measures=self.measures,
            traits={name: (place, kind) for place, (name, kind) in enumerate(source.traits.items())},
            dimensions=dimensions_of(source),
            identity=compile_identity(source),
            instruments=compile_instruments(source),
            casting=self.places.casting,
            checks=checks_of(source),
            follows_visits=any(note.kind == "visits" for note in self.places.notes),
            touches={name: self._touch(name) for name in (*source.events, *DESCRIBED)},
            undeclared=self._touch(""),
            layout=self.places.layout(),
            dues=(
                *(due for when in self._conditions() for due in when.dues),
                *judged_at(self.kpis),
                *contract_dues(self.renewal),
            ),
            awaiting_sources=tuple(self.places.awaiting_sources),
            stage_dues=tuple(tuple(due for move in moves for due in move.when.dues) for moves in self.moves),
            closing_dues=tuple(due for when in (*self._conditions(), *self._ways_out()) for due in when.closing_dues),
            possible=tuple(self._possible(stage) for stage in range(len(source.stages))),
            timed=self._examine(lambda when: bool(when.dues)) | self._cooling() | self._dwelling() | self.renewal_bit,
            at_close=self._examine(lambda when: when.at_close),
            at_stage_change=self._wakes(("stage", 0)) | self.stage_bit | self.revenue_bit | self.renewal_bit,
            trait_wakes=tuple(self._trait_wakes(place) for place in range(len(source.traits))),
            vocabulary=vocabulary,
            vocabulary_id=vocabulary_id(vocabulary),
            stage_bit=self.stage_bit,
            handing=_bits(alert.handoff for alert in self.alerts) * self.stage_bit << 1,
            revenue=self.revenue,
            revenue_bit=self.revenue_bit,
            kpis=self.kpis,
            everything=(self.stage_bit << 1 + len(self.alerts)) - 1 | self.revenue_bit | self.renewal_bit,
            vital=self.vital,
            at_health=self._wakes(("health", 0)),
            policy=self.policy,
            renewal=self.renewal,
            renewal_bit=self.renewal_bit,
        )

    def _moves_from(self, name: str) -> Iterable[Move]:
        stage = self.source.stages[name]
        for way in stage.exit:
            to = PREVIOUS if way.to == "previous" else self.stages.index(way.to)
            yield Move(to, f"stages.{name}.exit.{way.to}", compile_condition(way.when, self.places), at_once=False)
        for to, target in enumerate(self.source.stages.values()):
            if target.enter is not None and (
                name in target.from_ or (file.ANY in target.from_ and self.stages[to] != name)
            ):
                when = compile_condition(target.enter, self.places)
                yield Move(to, f"stages.{self.stages[to]}.enter", when, target.at_once)

    def _alert(self, name: str, rule: file.AlertRule) -> Alert:
        when = compile_condition(rule.condition, self.places)
        until = negate(when) if rule.end is None else compile_condition(rule.end, self.places)
        return Alert(
            name,
            when,
            until,
            NEVER_HOLDS if rule.raised is None else compile_condition(rule.raised.when, self.places),
            rule.cooldown or 0,
            options_of(rule, self.places, compile_condition),
            compile_handoff(name, rule.handoff, self.places),
            tells_drivers=rule.kind is file.AlertKind.RISK,
            rival=rival_of(name, rule, self.source),
            once_per=None if rule.once_per is None else list(self.source.traits).index(rule.once_per),
            proving=compile_proof(rule, self.places),
        )

    def _milestones(self) -> Iterable[Milestone]:
        for place, (name, milestone) in enumerate(self.source.milestones.items()):
            yield Milestone(name, self.reached[place], milestone.activation, self._wakes(("milestone", place)))

    def _conditions(self) -> Iterable[Predicate]:
        """Conditions whose deadlines count whatever the stage."""
        yield from self.reached
        for alert in self.alerts:
            yield alert.when
            yield alert.until
            yield alert.raised
        if self.vital is not None:
            yield from self.vital.conditions

    def _examine(self, chosen: Callable[[Predicate], bool]) -> int:
        """The examinations that hold a chosen condition."""
        bits = sum(1 << place for place, when in enumerate(self.reached) if chosen(when))
        if any(chosen(move.when) for moves in self.moves for move in moves):
            bits |= self.stage_bit
        for place, alert in enumerate(self.alerts):
            if chosen(alert.when) or chosen(alert.until) or chosen(alert.raised):
                bits |= self.stage_bit << 1 + place
        return bits

    def _possible(self, stage: int) -> int:
        reached = _bits(when.holds_in >> stage & 1 for when in self.reached)
        fired = _bits(alert.when.holds_in >> stage & 1 for alert in self.alerts)
        return reached | self.stage_bit | fired * self.stage_bit << 1 | self.revenue_bit | self.renewal_bit

    def _cooling(self) -> int:
        return sum(self.stage_bit << 1 + place for place, alert in enumerate(self.alerts) if alert.cooldown_ms)

    def _dwelling(self) -> int:
        return self.stage_bit if any(stage.dwell for stage in self.source.stages.values()) else 0

    def _wakes(self, *cells: Cell) -> int:
        """The examinations that touching these cells can turn out otherwise: conditions come true, or alerts end."""
        touched = set(cells)
        rerouted = (alert.handoff and alert.handoff.team.cells & touched for alert in self.alerts)
        return self._examine(lambda when: bool(when.rise & touched)) | _bits(rerouted) * self.stage_bit << 1

    def _trait_wakes(self, place: int) -> int:
        is_revenue = self.revenue is not None and self.revenue.trait == place
        anchored = _bits(alert.once_per == place for alert in self.alerts) * self.stage_bit << 1
        woken = self._wakes(("trait", place)) | anchored | (self.revenue_bit if is_revenue else 0)
        is_contract = self.renewal is not None and place == self.renewal.ends
        return woken | (self.renewal_bit if is_revenue or is_contract else 0)

    def _firing(self) -> Iterator[tuple[int, Iterable[Cell]]]:
        """Each examination, and the cells that can make a condition of it come true."""
        for place, when in enumerate(self.reached):
            yield 1 << place, when.rise
        for place, (alert, rule) in enumerate(zip(self.alerts, self.source.alerts.values(), strict=True)):
            # One with an `until` of its own must be seen to hold no more, or it would not fire again.
            falls = alert.when.fall if rule.end is not None else frozenset()
            yield self.stage_bit << 1 + place, alert.when.rise | falls

    def _ending(self) -> Iterator[tuple[int, Iterable[Cell]]]:
        """Each alert, and the cells that can end or raise it, or answer its handoff."""
        for place, alert in enumerate(self.alerts):
            answered = alert.handoff.cells if alert.handoff else frozenset()
            yield self.stage_bit << 1 + place, alert.until.rise | alert.raised.rise | answered

    def _touch(self, name: str) -> Touch:
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
            Wakes(_turned(self.firing, some), _turned(self.ending, some), self._opened(some)) for some in by_news
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

    def _ways_out(self) -> Iterable[Predicate]:
        return (move.when for moves in self.moves for move in moves)

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


def _bits(flags: Iterable[object]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def _digest(source: file.Journey) -> str:
    """Of what the file says; what it leaves out is left out, so that a new key of the language changes no digest."""
    said = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
