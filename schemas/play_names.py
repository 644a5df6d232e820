"""Plays in a journey file that must fit together: those that alerts name, and the accounts they are limited to."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from schemas.faults import Path, meant
from schemas.segment_names import unfit_segment

if TYPE_CHECKING:
    from schemas.references import Found, Names


def unfit_plays(names: "Names", plays: Mapping[str, Any], alerts: Mapping[str, Any]) -> "Found":
    """Every play that is not declared, or is limited to what is not."""
    for alert, rule in alerts.items():
        for place, name in _listed(rule, "play"):
            if name not in plays:
                remedy = meant(name, plays, "declare it under plays")
                yield ("alerts", alert, "play", place), f"there is no play '{name}'; {remedy}"
    for name, play in plays.items():
        yield from _limits(names, ("plays", name), play)


def _limits(names: "Names", path: Path, play: object) -> "Found":
    from schemas.references import declared  # noqa: PLC0415  the two call each other

    for place, stage in _listed(play, "stage"):
        if stage not in names.stages:
            remedy = meant(stage, names.stages, "declare it under stages")
            yield (*path, "stage", place), f"there is no stage '{stage}'; {remedy}"
    for place, driver in _listed(play, "driver"):
        if driver not in names.drivers:
            remedy = meant(driver, names.drivers, "declare it under drivers")
            yield (*path, "driver", place), f"there is no driver '{driver}'; {remedy}"
    for _, persona in _listed(play, "audience") if names.personas else ():
        yield from declared("persona", persona, names.personas, (*path, "audience"))
    segment = play.get("segment") if isinstance(play, dict) else None
    if isinstance(segment, dict):
        yield from unfit_segment(names, (*path, "segment"), segment)


def _listed(part: object, key: str) -> Iterator[tuple[int, str]]:
    """The names at a key, one or many, as far as they are names."""
    found = part.get(key) if isinstance(part, dict) else None
    for place, name in enumerate([found] if isinstance(found, str) else found if isinstance(found, list) else ()):
        if isinstance(name, str):
            yield place, name
