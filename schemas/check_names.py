"""Checks in a journey file that must fit together: the traits they are of, and what they compare them with."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schemas.journey import Check, TraitKind

if TYPE_CHECKING:
    from schemas.faults import Path
    from schemas.references import Found, Names


def unfit_checks(names: "Names", checks: Mapping[str, Any], revenue: object) -> "Found":
    """Every check of a trait that is not declared, or not of the kind it asks for."""
    from schemas.references import trait_of, valid  # noqa: PLC0415  the two call each other

    for name, raw in checks.items():
        check, path = valid(Check, raw), ("checks", name)
        if check is None:
            continue
        wanted = TraitKind.DATE if check.not_before else TraitKind.NUMBER
        yield from trait_of(names, path, name, wanted)
        if check.not_before is not None:
            yield from _dates(names, path, check)
        if check.currency is not None and not (isinstance(revenue, dict) and revenue.get("currency")):
            yield (*path, "currency"), "no currency is declared to compare with; give 'revenue' a 'currency'"


def _dates(names: "Names", path: "Path", check: Check) -> "Found":
    from schemas.references import trait_of  # noqa: PLC0415

    yield from trait_of(names, (*path, "not_before"), check.not_before or "", TraitKind.DATE)
    for key in ("at_least", "at_most", "whole", "currency"):
        if key in check.model_fields_set:
            yield (*path, key), "this is asked of numbers, and 'not_before' of dates; leave one of them out"
