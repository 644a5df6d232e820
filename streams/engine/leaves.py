"""The leaves of conditions: one compiler for each key of `schemas.journey.Condition` that is not all, any or none."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from schemas import journey as file
from schemas.spans import format_span
from streams.engine.health import driver_leaf, health_leaf
from streams.engine.layout import Kind
from streams.engine.measure_kinds import compile_measure
from streams.engine.measures import falls_below, reaches, trailing
from streams.engine.places import Places
from streams.engine.predicates import Cell, Due, Finding, Leaf, Predicate, all_of, any_of, negate, of_leaf
from streams.engine.segments import segment_leaf
from streams.engine.sequences import sequence_leaf
from streams.engine.times import NEVER, rfc3339
from streams.engine.usage import usage_drop_leaf

if TYPE_CHECKING:
    from streams.engine.account import Account


def compile_condition(condition: file.Condition, places: Places) -> Predicate:
    """Compile a condition with all inside it; one that is written twice once, so that its deadlines are asked once."""
    text = repr(condition)
    if text not in places.compiled:
        places.compiled[text] = _compile(condition, places)
    return places.compiled[text]


def _compile(condition: file.Condition, places: Places) -> Predicate:
    if condition.all is not None:
        return all_of(compile_condition(part, places) for part in condition.all)
    if condition.any is not None:
        return any_of(compile_condition(part, places) for part in condition.any)
    if condition.none is not None:
        return negate(any_of(compile_condition(part, places) for part in condition.none))
    return of_leaf(_leaf(condition, places))


def _leaf(condition: file.Condition, places: Places) -> Leaf:
    key = next(key for key in LEAVES if getattr(condition, key) is not None)
    return LEAVES[key](getattr(condition, key), places)


def _did(did: file.Did, places: Places) -> Leaf:
    if did.within is not None:
        index = places.reading(Kind.COUNT, did.event, did.within)
        return reaches({"did": list(did.event)}, trailing(index), did.times)
    if did.times > 1:
        return _did_often(did, places)
    return _did_once(did, places)


def _did_once(did: file.Did, places: Places) -> Leaf:
    place = places.last(did.event)
    since_stage, events = did.since == "stage", list(did.event)

    def holds(account: "Account") -> bool:
        hot = account.hot
        # What led into a stage is not since it; before the first move everything is.
        return hot.last[place] > (hot.stage_at if since_stage and hot.moves else 0)

    def find(account: "Account") -> Finding:
        found: Finding = {"did": events, "last_at": instant(account.hot.last[place])}
        return found | {"since": "stage"} if since_stage else found

    # Entering a stage makes "since stage" false again.
    fall = frozenset[Cell]({("stage", 0)}) if since_stage else frozenset[Cell]()
    return Leaf(holds, find, rise=frozenset({("last", place)}), fall=fall)


def _did_often(did: file.Did, places: Places) -> Leaf:
    place = places.total(did.event)
    times = did.times
    return Leaf(
        lambda account: account.hot.totals[place] >= times,
        lambda account: {"did": list(did.event), "times": account.hot.totals[place], "at_least": times},
        rise=frozenset({("total", place)}),
    )


def _measure(test: file.MeasureIs, places: Places) -> Leaf:
    measure = compile_measure(test.name, places)
    what: Finding = {"measure": test.name}
    if test.at_least is not None:
        return reaches(what, measure, test.at_least)
    return falls_below(what, measure, test.below or 0.0)


def _reached(name: str, places: Places) -> Leaf:
    place = list(places.journey.milestones).index(name)
    return Leaf(
        lambda account: bool(account.settled >> place & 1),
        lambda account: {"reached": name, "at": instant(account.rare.reached.get(place, 0))},
        rise=frozenset({("milestone", place)}),
    )


def _silent(silent: file.Silent, places: Places) -> Leaf:
    place, span, sources = places.last(silent.of), silent.span, places.sources(silent.of)
    places.silences[place] = min(span, places.silences.get(place, span))

    def since(account: "Account") -> int:
        last, born_at = account.hot.last[place], account.hot.born_at
        return last if last > born_at else born_at  # a late event from before does not lengthen a silence

    def over_at(account: "Account") -> int:
        begins = since(account)
        return account.windows.sources.over_at(sources, begins, begins + span) if sources else begins + span

    due = _due(over_at)
    if sources:
        places.awaiting_sources.append(due)
    return Leaf(
        lambda account: over_at(account) <= account.hot.decided,
        lambda account: {
            "silent": list(silent.of),
            "last_at": instant(account.hot.last[place]),
            "for": format_span(span),
        },
        due=due,
        fall=frozenset({("last", place)}),
    )


def _absent(absent: file.Absent, places: Places) -> Leaf:
    place, span = places.absence(absent.after, absent.event), absent.within
    places.last(absent.event)  # a B already seen forestalls an A that arrives out of order

    def deadline(account: "Account") -> int:
        awaited = account.hot.awaiting[place]
        return awaited + span if awaited else 0

    return Leaf(
        lambda account: 0 < deadline(account) <= account.hot.decided,
        lambda account: {
            "absent": list(absent.event),
            "after": list(absent.after),
            "since": instant(account.hot.awaiting[place]),
            "within": format_span(span),
        },
        due=_due(deadline),
        fall=frozenset({("absence", place)}),
    )


def _stage(names: tuple[str, ...], places: Places) -> Leaf:
    stages = list(places.journey.stages)
    wanted = frozenset(stages.index(name) for name in names)
    holds_in = sum(1 << place for place in wanted)
    cell = frozenset[Cell]({("stage", 0)})
    return Leaf(
        lambda account: account.hot.stage in wanted,
        lambda account: {"stage": stages[account.hot.stage], "is": list(names)},
        rise=cell,
        fall=cell,
        holds_in=holds_in,
        fails_in=~holds_in,
    )


def _in_stage(in_stage: file.InStage, places: Places) -> Leaf:
    span, stages = in_stage.span, list(places.journey.stages)
    return Leaf(
        lambda account: account.hot.stage_at + span <= account.hot.decided,
        lambda account: {
            "in_stage": stages[account.hot.stage],
            "since": instant(account.hot.stage_at),
            "for": format_span(span),
        },
        due=_due(lambda account: account.hot.stage_at + span),
        fall=frozenset({("stage", 0)}),
    )


def _date(test: file.DateIs, places: Places) -> Leaf:
    place = list(places.journey.traits).index(test.trait)
    within, past = test.within or 0, test.past or 0
    bound = {"within": format_span(within)} if within else {"past": format_span(past)}

    def span_of(account: "Account") -> tuple[int, int]:
        """When the condition begins and ceases to hold; (0, 0) without a date."""
        trait = account.rare.traits.get(place)
        if trait is None or not isinstance(date := trait.value, int):
            return 0, 0
        return (date - within, date) if within else (date + past, NEVER)

    def holds(account: "Account") -> bool:
        start, end = span_of(account)
        return start <= account.hot.decided < end

    def due(account: "Account") -> int:
        start, end = span_of(account)
        decided = account.hot.decided
        if decided < start:
            return start
        return end if decided < end < NEVER else 0

    def find(account: "Account") -> Finding:
        date = account.trait(place)
        return {"date": test.trait, "value": instant(date) if isinstance(date, int) else None, **bound}

    cell = frozenset[Cell]({("trait", place)})
    return Leaf(holds, find, due=due, rise=cell, fall=cell)


def _trait(test: file.TraitIs, places: Places) -> Leaf:
    place = list(places.journey.traits).index(test.name)
    bound: Finding = {"is": list(test.is_)} if test.is_ else {}
    bound |= {key: value for key in ("at_least", "below") if (value := getattr(test, key)) is not None}

    def holds(account: "Account") -> bool:
        value = account.trait(place)
        if test.is_ is not None:
            return value in test.is_
        if not isinstance(value, int | float):
            return False
        return value >= test.at_least if test.at_least is not None else value < (test.below or 0.0)

    cell = frozenset[Cell]({("trait", place)})
    return Leaf(
        holds,
        lambda account: {"trait": test.name, "value": account.trait(place)} | bound,
        rise=cell,
        fall=cell,
    )


def _driver(name: str, places: Places) -> Leaf:
    return driver_leaf(name, compile_condition(places.journey.drivers[name].when, places))


def _due(instant_of: Callable[["Account"], int]) -> Due:
    """The instant while it lies ahead of what is decided; 0 once it has passed."""

    def due(account: "Account") -> int:
        at = instant_of(account)
        return at if at > account.hot.decided else 0

    return due


def instant(at: int) -> str | None:
    """An instant as evidence tells it; None for never."""
    return rfc3339(at) if at else None


LEAVES: dict[str, Callable[[Any, Places], Leaf]] = {
    "did": _did,
    "measure": _measure,
    "reached": _reached,
    "silent": _silent,
    "absent": _absent,
    "stage": _stage,
    "in_stage": _in_stage,
    "date": _date,
    "trait": _trait,
    "usage_drop": usage_drop_leaf,
    "sequence": sequence_leaf,
    "segment": segment_leaf,
    "health": health_leaf,
    "driver": _driver,
}
