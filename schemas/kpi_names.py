"""KPIs in a journey file that must fit together: the milestones, measures, segments and alerts they are made of."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schemas.faults import Path, meant
from schemas.segment_names import unfit_segment

if TYPE_CHECKING:
    from schemas.references import Found, Names


def unfit_kpis(names: "Names", data: Mapping[str, Any]) -> "Found":
    """Every name under `kpis` that is not declared, or is not what the place calls for."""
    kpis = data.get("kpis")
    if not isinstance(kpis, dict):
        return
    for key in ("qualified", "paid"):
        yield from _declared("milestone", names.milestones, (("kpis", key), kpis.get(key)))
    yield from _declared("milestone", names.milestones, *_listed(("kpis", "steps"), kpis.get("steps")))
    yield from _measure(names, ("kpis", "depth"), kpis.get("depth"), "features")
    yield from _measure(names, ("kpis", "resolution"), kpis.get("resolution"), "resolution")
    for key in ("nps", "csat"):
        yield from _measure(names, ("kpis", key), kpis.get(key), "last", "mean")
    active = kpis.get("active")
    for key, name in (active if isinstance(active, dict) else {}).items():
        yield from _measure(names, ("kpis", "active", key), name, "users")
    goals = kpis.get("goals")
    alerts = data.get("alerts")
    for name, goal in (goals if isinstance(goals, dict) else {}).items():
        if isinstance(goal, dict):
            yield from _goal(names, alerts if isinstance(alerts, dict) else {}, ("kpis", "goals", name), goal)


def _goal(names: "Names", alerts: Mapping[str, Any], path: Path, goal: Mapping[str, Any]) -> "Found":
    yield from _declared("milestone", names.milestones, *_listed((*path, "success"), goal.get("success")))
    yield from _declared("alert", alerts, *_listed((*path, "blockers"), goal.get("blockers")))
    segment = goal.get("segment")
    if isinstance(segment, dict):
        yield from unfit_segment(names, (*path, "segment"), segment)
        yield from (fault for name in segment for fault in _is_cut(names, (*path, "segment", name), name))


def _is_cut(names: "Names", path: Path, name: str) -> "Found":
    dimension = names.segments.get(name)
    if dimension is not None and dimension.names is None:
        yield path, f"figures are cut only by segments whose values are listed; give '{name}' values or bands"


def _listed(path: Path, found: object) -> "list[tuple[Path, object]]":
    return [((*path, place), name) for place, name in enumerate(found)] if isinstance(found, list) else []


def _declared(kind: str, known: Mapping[str, object], *found: tuple[Path, object]) -> "Found":
    for path, name in found:
        if isinstance(name, str) and name not in known:
            yield path, f"there is no {kind} '{name}'; {meant(name, known, f'declare it under {kind}s')}"


def _measure(names: "Names", path: Path, name: object, *wanted: str) -> "Found":
    yield from _declared("measure", names.measures, (path, name))
    measure = names.measures.get(name) if isinstance(name, str) else None
    if measure is not None and measure.kind not in wanted:
        yield path, f"the measure '{name}' is a {measure.kind}, and this asks for {' or '.join(wanted)}; name another"
