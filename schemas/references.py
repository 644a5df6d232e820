"""Names in a journey file that must fit together: what refers to something, and whether it is there and suits.

Works on the plain data, part by part, so that a fault in one place hides none in another: parts that do not
validate by themselves have been reported and are passed over here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.check_names import unfit_checks
from schemas.condition_names import Written, named_conditions, tests, unfit_names
from schemas.contact_names import unfit_contact
from schemas.faults import Path, meant, nearest
from schemas.health_names import unfit_alerts, unfit_driver, unfit_health, unfit_score
from schemas.identity_names import unfit_identity
from schemas.journey import (
    ANY,
    MAX_LATENESS_MS,
    Absent,
    Condition,
    DateIs,
    Did,
    Dimension,
    Journey,
    Measure,
    MeasureIs,
    Sequence,
    Silent,
    Source,
    TraitIs,
    TraitKind,
    UsageDrop,
)
from schemas.kpi_names import unfit_kpis
from schemas.measure_names import unfit_measures
from schemas.play_names import unfit_plays
from schemas.renewal_names import prospects, unfit_renewal
from schemas.revenue_names import unfit_revenue
from schemas.segment_names import unfit_dimensions, unfit_limits, unfit_segment
from schemas.spans import format_span, parse_span

Found = Iterator[tuple[Path, str]]

CALLS: Final = ("$page", "$screen", "$identify", "$group", "$alias")
"""Events that need no declaration: Segment's calls that are not `track`."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Names:
    """Everything a journey declares, by name; None for what does not validate by itself."""

    events: Mapping[str, object]
    featured: Mapping[str, object]
    """Events with a feature, and the source of each."""
    traits: Mapping[str, TraitKind | None]
    segments: Mapping[str, Dimension | None]
    personas: Mapping[str, object]
    measures: Mapping[str, Measure | None]
    conditions: Mapping[str, Written]
    milestones: Mapping[str, object]
    stages: Mapping[str, object]
    health: Mapping[str, object]
    drivers: Mapping[str, object]
    allowed_lateness: int


def names_of(data: Mapping[str, object]) -> Names:
    """Collect what is declared."""
    return Names(
        events=section(data, "events"),
        featured=_featured(section(data, "events")),
        traits={name: _trait_kind(raw) for name, raw in section(data, "traits").items()},
        segments={name: valid(Dimension, raw) for name, raw in section(data, "segments").items()},
        personas=section(data, "personas"),
        measures={name: valid(Measure, raw) for name, raw in section(data, "measures").items()},
        conditions=named_conditions(section(data, "conditions")),
        milestones=section(data, "milestones"),
        stages=section(data, "stages"),
        health=section(data, "health"),
        drivers=section(data, "drivers"),
        allowed_lateness=_lateness(data),
    )


def section(data: object, name: str) -> dict[str, Any]:
    """A part that should be a mapping; empty if it is not there or is something else."""
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def valid(model: type[M], raw: object) -> M | None:
    """The part as its model, or None where it has faults of its own."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def unfit_references(data: Mapping[str, object]) -> Found:
    """Every name in measures and conditions that is not declared, or is not what the place calls for."""
    names = names_of(data)
    yield from unfit_measures(names)
    yield from unfit_checks(names, section(data, "checks"), data.get("revenue"))
    yield from unfit_identity(data.get("identity"), CALLS, lambda path, events: unfit_events(names, path, events))
    yield from unfit_dimensions(names)
    yield from unfit_revenue(names, data.get("revenue"))
    yield from unfit_kpis(names, data)
    yield from unfit_renewal(names, data)
    yield from unfit_limits(names, {kind: section(data, kind) for kind in ("milestones", "alerts")})
    yield from unfit_plays(names, section(data, "plays"), section(data, "alerts"))
    yield from unfit_health(names)
    yield from unfit_contact(names, section(data, "contact"), section(data, "alerts"))
    yield from unfit_alerts(names, section(data, "alerts"))
    yield from unfit_names(section(data, "conditions"), list(conditions(data)))
    for path, condition in conditions(data):
        for at, key, leaf in leaves(path, condition):
            yield from _LEAVES[key](names, at, leaf)


def conditions(data: Mapping[str, object]) -> Iterator[tuple[Path, object]]:
    """Every condition of the file, with its path."""
    yield from ((("conditions", name), part) for name, part in section(data, "conditions").items())
    for kind, keys in _CONDITIONS:
        for name, part in section(data, kind).items():
            for key in keys:
                if isinstance(part, dict) and key in part:
                    yield (kind, name, key), part[key]
    contact = section(data, "contact")
    if "suppress" in contact:
        yield ("contact", "suppress"), contact["suppress"]
    for name, stage in section(data, "stages").items():
        for place, way in enumerate(exits(stage)):
            if isinstance(way, dict):
                yield ("stages", name, "exit", place, "when"), way.get("when")
    yield from _raises(section(data, "alerts"))
    yield from _prospects(data.get("renewal"))


def _raises(alerts: Mapping[str, object]) -> Iterator[tuple[Path, object]]:
    for name, rule in alerts.items():
        if higher := section(rule, "raise"):
            yield ("alerts", name, "raise", "when"), higher.get("when")


def _prospects(renewal: object) -> Iterator[tuple[Path, object]]:
    for name, line in prospects(renewal):
        if "when" in line:
            yield ("renewal", "forecast", name, "when"), line["when"]


def exits(stage: object) -> list[Any]:
    """The ways out of a stage, as written."""
    ways = stage.get("exit") if isinstance(stage, dict) else None
    return ways if isinstance(ways, list) else []


def leaves(path: Path, condition: object) -> Iterator[tuple[Path, str, Any]]:
    """The tests in a condition that are whole in themselves: path, key and value."""
    for at, key, value in tests(path, condition):
        if key in _LEAVES and (leaf := valid(Condition, {key: value})) is not None:
            yield at, key, getattr(leaf, key)


def unfit_events(names: Names, path: Path, events: tuple[str, ...]) -> Found:
    """Every event named that is not declared."""
    for place, event in enumerate(events):
        if event not in names.events and event != ANY and event not in CALLS:
            remedy = meant(event, (*names.events, *CALLS), "declare it there")
            yield (*path, place), f"the event '{event}' is not declared under events; {remedy}"


def declared(kind: str, name: str, known: Mapping[str, object], path: Path) -> Found:
    """A name that is not declared."""
    if name not in known:
        yield path, f"there is no {kind} '{name}'; {meant(name, known, f'declare it under {kind}s')}"


def _did(names: Names, path: Path, did: Did) -> Found:
    yield from unfit_events(names, (*path, "event"), did.event)


def _measure_is(names: Names, path: Path, test: MeasureIs) -> Found:
    yield from declared("measure", test.name, names.measures, (*path, "name"))


def _reached(names: Names, path: Path, name: str) -> Found:
    yield from declared("milestone", name, names.milestones, path)


def _silent(names: Names, path: Path, silent: Silent) -> Found:
    yield from unfit_events(names, (*path, "of"), silent.of)
    yield from _tellable(names, (*path, "for"), silent.span)


def _absent(names: Names, path: Path, absent: Absent) -> Found:
    yield from unfit_events(names, (*path, "event"), absent.event)
    yield from unfit_events(names, (*path, "after"), absent.after)
    yield from _tellable(names, (*path, "within"), absent.within)


def _sequence(names: Names, path: Path, sequence: Sequence) -> Found:
    yield from unfit_events(names, (*path, "event"), sequence.event)
    yield from unfit_events(names, (*path, "after"), sequence.after)


def _tellable(names: Names, path: Path, span: int) -> Found:
    if span < names.allowed_lateness:
        least = format_span(names.allowed_lateness)
        yield (
            path,
            (
                f"'{format_span(span)}' is shorter than allowed_lateness ('{least}'), so it cannot be told in time; "
                f"write '{least}' or longer"
            ),
        )


def _stage(names: Names, path: Path, stages: tuple[str, ...]) -> Found:
    for place, name in enumerate(stages):
        yield from declared("stage", name, names.stages, (*path, place))


def _nothing(_names: Names, _path: Path, _leaf: object) -> Found:
    yield from ()


def _date(names: Names, path: Path, test: DateIs) -> Found:
    yield from trait_of(names, (*path, "trait"), test.trait, TraitKind.DATE)


def _trait(names: Names, path: Path, test: TraitIs) -> Found:
    wanted = TraitKind.NUMBER if test.is_ is None else TraitKind.TEXT
    yield from trait_of(names, (*path, "name"), test.name, wanted)


def trait_of(names: Names, path: Path, name: str, wanted: TraitKind) -> Found:
    """A trait that is not declared, or of another kind than wanted."""
    kind = names.traits.get(name)
    if name not in names.traits:
        fitting = [other for other, known in names.traits.items() if known is wanted]
        remedy = meant(name, fitting if nearest(name, fitting) else names.traits, "declare it under traits")
        yield path, f"there is no trait '{name}'; {remedy}"
    elif kind not in (None, wanted):
        yield path, f"the trait '{name}' is a {kind}, and this asks for a {wanted}; {_TESTS[kind]}"


def _usage_drop(names: Names, path: Path, drop: UsageDrop) -> Found:
    yield from unfit_events(names, (*path, "of"), drop.of)


def _featured(events: Mapping[str, object]) -> dict[str, object]:
    written = {name: raw for name, raw in events.items() if isinstance(raw, dict)}
    return {name: raw.get("source", Source.PRODUCT) for name, raw in written.items() if raw.get("feature")}


def _trait_kind(raw: object) -> TraitKind | None:
    return next((kind for kind in TraitKind if kind == raw), None)


def _lateness(data: Mapping[str, object]) -> int:
    try:
        lateness = parse_span(str(data["allowed_lateness"]))
    except (KeyError, ValueError):
        lateness = MAX_LATENESS_MS + 1
    return lateness if lateness <= MAX_LATENESS_MS else int(Journey.model_fields["allowed_lateness"].default)


_TESTS: Final[Mapping[TraitKind | None, str]] = {
    TraitKind.TEXT: "test it with 'trait' and 'is'",
    TraitKind.NUMBER: "test it with 'trait' and 'at_least' or 'below'",
    TraitKind.DATE: "test it with 'date'",
}

_LEAVES: Final[Mapping[str, Callable[[Names, Path, Any], Found]]] = {
    "did": _did,
    "measure": _measure_is,
    "reached": _reached,
    "silent": _silent,
    "absent": _absent,
    "stage": _stage,
    "in_stage": _nothing,
    "date": _date,
    "trait": _trait,
    "usage_drop": _usage_drop,
    "sequence": _sequence,
    "segment": unfit_segment,
    "health": unfit_score,
    "driver": unfit_driver,
}

_CONDITIONS: Final = (
    ("milestones", ("when",)),
    ("stages", ("enter",)),
    ("health", ("when",)),
    ("drivers", ("when",)),
    ("alerts", ("when", "until")),
)
"""The sections whose entries hold conditions, and under which keys."""
