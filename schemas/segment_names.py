"""Segments in a journey file that must fit together: dimensions with their traits, and the segments asked for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schemas.faults import Path, meant
from schemas.journey import Dimension, TraitKind

if TYPE_CHECKING:
    from schemas.references import Found, Names

WANTED = {True: TraitKind.NUMBER, False: TraitKind.TEXT}
"""By whether it has bands: the kind of trait that a dimension is read from."""


def unfit_dimensions(names: "Names") -> "Found":
    """Every dimension whose trait is not there, or not of its kind."""
    for name, dimension in names.segments.items():
        if dimension is not None:
            yield from _trait(names, ("segments", name, "trait"), dimension)


def _trait(names: "Names", path: Path, dimension: Dimension) -> "Found":
    kind, wanted = names.traits.get(dimension.trait), WANTED[dimension.bands is not None]
    if dimension.trait not in names.traits:
        fitting = [name for name, known in names.traits.items() if known is wanted]
        yield (
            path,
            f"there is no trait '{dimension.trait}'; {meant(dimension.trait, fitting, 'declare it under traits')}",
        )
    elif kind not in (None, wanted):
        remedy = "give it bands" if kind is TraitKind.NUMBER else f"declare the trait as a {wanted}"
        yield path, f"the trait '{dimension.trait}' is a {kind}, and this asks for a {wanted}; {remedy}"


def unfit_limits(names: "Names", sections: Mapping[str, Mapping[str, Any]]) -> "Found":
    """Every `only` of milestones and alerts that asks for a segment no account can be in."""
    for kind, parts in sections.items():
        for name, part in parts.items():
            only = part.get("only") if isinstance(part, dict) else None
            if isinstance(only, dict):
                yield from unfit_segment(names, (kind, name, "only"), only)


def unfit_segment(names: "Names", path: Path, only: Mapping[str, Any]) -> "Found":
    """Every dimension and segment in a limit that is not declared."""
    for name, kinds in only.items():
        if name not in names.segments:
            yield (
                (*path, name),
                f"there is no segment '{name}'; {meant(name, names.segments, 'declare it under segments')}",
            )
            continue
        dimension = names.segments[name]
        yield from _listed(dimension, (*path, name), [kinds] if isinstance(kinds, str) else kinds)


def _listed(dimension: Dimension | None, path: Path, kinds: object) -> "Found":
    known = dimension.names if dimension else None
    for place, kind in enumerate(kinds if known and isinstance(kinds, list | tuple) else ()):
        if isinstance(kind, str) and kind not in (known or ()):
            remedy = meant(kind, known or (), f"it is one of {', '.join(known or ())}")
            yield (*path, place), f"no account is ever '{kind}' here; {remedy}"
