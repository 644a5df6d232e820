"""Health and drivers in a journey file that must fit together with what else is declared."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from schemas.condition_names import GROUPS, write_out
from schemas.faults import Path, meant
from schemas.journey import TraitKind

if TYPE_CHECKING:
    from schemas.references import Found, Names

UNASKED: Final = {
    "health": ("health", "driver"),
    "drivers": ("driver",),
}
"""What a section's conditions may not ask for: health reads no health, drivers may read health but no driver."""


def unfit_health(names: "Names") -> "Found":
    """Every part of the health score that reads what is not there, or not of its kind."""
    for name, part in names.health.items():
        yield from _part(names, ("health", name), part if isinstance(part, dict) else {})
    for section in UNASKED:
        for name, entry in getattr(names, section).items():
            when = entry.get("when") if isinstance(entry, dict) else None
            for path, key in _asked(names, (section, name, "when"), when):
                yield path, f"a condition under {section} may not ask for '{key}': they would wait for one another"


def unfit_score(names: "Names", path: Path, _test: object) -> "Found":
    """A score asked for that no part makes up."""
    if not names.health:
        yield path, "there is no health score; declare its parts under health"


def unfit_driver(names: "Names", path: Path, name: str) -> "Found":
    """A driver asked for that is not declared."""
    if name not in names.drivers:
        yield path, f"there is no driver '{name}'; {meant(name, names.drivers, 'declare it under drivers')}"


def _part(names: "Names", path: Path, part: Mapping[str, Any]) -> "Found":
    measure = part.get("measure")
    if isinstance(measure, str) and measure not in names.measures:
        remedy = meant(measure, names.measures, "declare it under measures")
        yield (*path, "measure"), f"there is no measure '{measure}'; {remedy}"
    yield from _number(names, (*path, "trait"), part.get("trait"))


def _number(names: "Names", path: Path, trait: object) -> "Found":
    if not isinstance(trait, str):
        return
    numbers = [name for name, kind in names.traits.items() if kind is TraitKind.NUMBER]
    if trait not in names.traits:
        yield path, f"there is no trait '{trait}'; {meant(trait, numbers, 'declare it under traits')}"
    elif names.traits[trait] not in (None, TraitKind.NUMBER):
        yield path, f"the trait '{trait}' is a {names.traits[trait]}, and this asks for a number; name another"


def _asked(names: "Names", path: Path, condition: object) -> Iterator[tuple[Path, str]]:
    """Where in a condition something is asked for that its section may not ask for, be it by a name."""
    if not isinstance(condition, dict):
        return
    for key, value in condition.items():
        for place, part in enumerate(value if isinstance(value, list) else ()):
            yield from _asked(names, (*path, key, place), part)
        for asked, _ in sorted(write_out({key: value}, names.conditions).asks if key not in GROUPS else ()):
            if asked in UNASKED[str(path[0])]:
                yield (*path, key), asked


def unfit_alerts(names: "Names", alerts: Mapping[str, Any]) -> "Found":
    """What alerts are told once per, or tell as proof, and is not there."""
    for name, rule in alerts.items():
        if not isinstance(rule, dict):
            continue
        trait, proof = rule.get("once_per"), rule.get("proof")
        if isinstance(trait, str) and trait not in names.traits:
            remedy = meant(trait, names.traits, "declare it under traits")
            yield ("alerts", name, "once_per"), f"there is no trait '{trait}'; {remedy}"
        listed = [((), proof)] if isinstance(proof, str) else enumerate(proof) if isinstance(proof, list) else ()
        for place, proved in listed:
            at = place if isinstance(place, tuple) else (place,)
            yield from _proof(names, ("alerts", name, "proof", *at), proved)


def _proof(names: "Names", path: Path, name: object) -> "Found":
    if not isinstance(name, str):
        return
    found = [known for known in (names.milestones, names.measures) if name in known]
    if not found:
        remedy = meant(name, (*names.milestones, *names.measures), "declare one of this name")
        yield path, f"there is no milestone and no measure '{name}'; {remedy}"
    elif len(found) > 1:
        yield path, f"'{name}' is a milestone and a measure; give one of them another name"
