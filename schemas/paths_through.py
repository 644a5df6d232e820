"""Whether a journey holds together: one beginning, every stage reachable, no milestone that waits for itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from schemas.condition_names import Written, named_conditions, write_out
from schemas.faults import Path, meant, nearest
from schemas.journey import ANY
from schemas.references import Found, exits, section
from schemas.yaml_tree import MAX_FAULTS

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
    yield from _circles(section(data, "milestones"), named_conditions(section(data, "conditions")))


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
    ways = _ways(stages, initial[0])
    reached, waiting = {initial[0]}, [initial[0]]
    while waiting:
        new = ways[waiting.pop()] - reached
        reached |= new
        waiting += new
    for name in stages:
        if name not in reached:
            yield (
                ("stages", name),
                f"no way leads here from '{initial[0]}'; give it 'from' and 'enter', or an exit to it",
            )


def _ways(stages: Mapping[str, Any], initial: str) -> dict[str, set[str]]:
    """The stages one move from each. A misspelled name is taken as meant: it has a fault of its own."""
    ways: dict[str, set[str]] = defaultdict(set)
    misspelled = (target for stage in stages.values() for _, target in _to(stage) if target not in stages)
    likely = {target: nearest(target, stages) for target in islice(misspelled, MAX_FAULTS)}
    for name, stage in stages.items():
        for source in _from(stage):
            ways[source if source in stages else initial].add(name)
        for _, target in _to(stage):
            ways[name].add(likely.get(target, target) or name)
    return ways


def _circles(milestones: Mapping[str, Any], named: Mapping[str, Written]) -> Found:
    """Every way that comes back to where it has been; each milestone is passed once, however many ways lead there."""
    needs = {name: _needs(milestone, named) for name, milestone in milestones.items()}
    done: set[str] = set()
    for name, first in needs.items():
        way = {name: iter(first)}
        while way and name not in done:
            here, left = next(reversed(way.items()))
            need = next((need for need in left if need in needs and need not in done), None)
            if need is None:
                done.add(here)
                del way[here]
            elif need in way:
                yield _circle([*way][[*way].index(need) :])
            else:
                way[need] = iter(needs[need])


def _circle(names: list[str]) -> tuple[Path, str]:
    way = " → ".join((*names, names[0]))
    return ("milestones", names[0], "when"), f"it waits for itself: {way}; take one 'reached' out"


def _needs(milestone: object, named: Mapping[str, Written]) -> list[str]:
    condition = milestone.get("when") if isinstance(milestone, dict) else None
    return sorted(name for key, name in write_out(condition, named).asks if key == "reached")
