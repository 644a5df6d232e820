"""Whether a journey holds together: one beginning, every stage reachable, no milestone that waits for itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemas.faults import Path, meant, nearest
from schemas.journey import ANY
from schemas.references import Found, exits, leaves, section

PREVIOUS: Final = "previous"
RESERVED: Final = {ANY: "every stage", PREVIOUS: "the stage an account came from"}


def broken_paths(data: Mapping[str, object]) -> Found:
    """Every fault in how stages and milestones lead to one another."""
    stages = section(data, "stages")
    yield from _reserved(data)
    yield from _beginnings(stages)
    for name, stage in stages.items():
        yield from _sources(name, stage, stages)
        yield from _targets(name, stage, stages)
    yield from _unreachable(stages)
    yield from _circles(section(data, "milestones"))


def _reserved(data: Mapping[str, object]) -> Found:
    for name, meaning in RESERVED.items():
        if name in section(data, "stages"):
            yield ("stages", name), f"'{name}' means {meaning}; choose another name"
    if ANY in section(data, "events"):
        yield ("events", ANY), "'any' means every event of the product; choose another name"


def _beginnings(stages: Mapping[str, Any]) -> Found:
    initial = _initial(stages)
    if stages and not initial:
        yield ("stages",), "no stage is the initial one; write 'initial: true' in the stage accounts begin in"
    for name in initial[1:]:
        yield ("stages", name, "initial"), f"the initial stage is '{initial[0]}' already; let one of them go"


def _initial(stages: Mapping[str, Any]) -> list[str]:
    return [name for name, stage in stages.items() if isinstance(stage, dict) and stage.get("initial") is True]


def _sources(name: str, stage: object, stages: Mapping[str, Any]) -> Found:
    for place, source in enumerate(_from(stage)):
        path: Path = ("stages", name, "from", place)
        if source == name:
            yield path, f"'{name}' cannot be entered from itself; leave it out"
        elif source not in stages and source != ANY:
            yield path, f"there is no stage '{source}'; {meant(source, (*stages, ANY), 'declare it under stages')}"


def _targets(name: str, stage: object, stages: Mapping[str, Any]) -> Found:
    for place, target in _to(stage):
        path: Path = ("stages", name, "exit", place, "to")
        if target == name:
            yield path, f"'{name}' cannot be left for itself; name another stage, or 'previous'"
        elif target not in stages and target != PREVIOUS:
            yield path, f"there is no stage '{target}'; {meant(target, (*stages, PREVIOUS), 'declare it under stages')}"


def _from(stage: object) -> list[str]:
    sources = stage.get("from") if isinstance(stage, dict) else None
    if isinstance(sources, str):
        return [sources]
    return [source for source in sources if isinstance(source, str)] if isinstance(sources, list) else []


def _to(stage: object) -> Iterator[tuple[int, str]]:
    for place, way in enumerate(exits(stage)):
        if isinstance(way, dict) and isinstance(way.get("to"), str):
            yield place, way["to"]


def _unreachable(stages: Mapping[str, Any]) -> Found:
    initial = _initial(stages)
    if len(initial) != 1:
        return  # told already, and all that follows would be guessing
    reached, waiting = {initial[0]}, [initial[0]]
    while waiting:
        here = waiting.pop()
        new = [name for name in _ahead(here, stages) if name not in reached]
        reached.update(new)
        waiting += new
    for name in stages:
        if name not in reached:
            yield (
                ("stages", name),
                f"no way leads here from '{initial[0]}'; give it 'from' and 'enter', or an exit to it",
            )


def _ahead(here: str, stages: Mapping[str, Any]) -> set[str]:
    """The stages one move from here. A misspelled name is taken as meant: it has a fault of its own."""
    targets = {target if target in stages else nearest(target, stages) for _, target in _to(stages[here])}
    entered = {
        name
        for name, stage in stages.items()
        if any(source in (here, ANY) or source not in stages for source in _from(stage))
    }
    return set(stages) & (targets | entered)


def _circles(milestones: Mapping[str, Any]) -> Found:
    needs = {name: _needs(milestone) for name, milestone in milestones.items()}
    told: set[str] = set()
    for name in needs:
        circle = _circle(name, needs)
        if circle and told.isdisjoint(circle):
            told.update(circle)
            way = " → ".join((*circle, name))
            yield ("milestones", name, "when"), f"it waits for itself: {way}; take one 'reached' out"


def _needs(milestone: object) -> list[str]:
    condition = milestone.get("when") if isinstance(milestone, dict) else None
    return [leaf for _, key, leaf in leaves((), condition) if key == "reached"]


def _circle(name: str, needs: Mapping[str, list[str]]) -> list[str]:
    """The shortest way from a milestone back to itself; empty if there is none."""
    ways = [[name]]
    seen: set[str] = set()
    for way in ways:  # grows while it is walked
        for need in needs.get(way[-1], ()):
            if need == name:
                return way
            if need not in seen:
                seen.add(need)
                ways.append([*way, need])
    return []
