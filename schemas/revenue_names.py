"""Revenue in a journey file that must fit together: the trait it is read from, and the stages in which it is lost."""

from typing import TYPE_CHECKING

from schemas.faults import Path, meant
from schemas.journey import TraitKind
from schemas.journey.parts import as_list

if TYPE_CHECKING:
    from schemas.references import Found, Names


def unfit_revenue(names: "Names", raw: object) -> "Found":
    """A trait that is not there, or is no number; stages that are not there."""
    if isinstance(raw, str):
        yield from _trait(names, ("revenue",), raw)
    if isinstance(raw, dict):
        yield from _trait(names, ("revenue", "mrr"), raw.get("mrr"))
        yield from _stages(names, as_list(raw.get("lost")))


def _trait(names: "Names", path: Path, name: object) -> "Found":
    if not isinstance(name, str):
        return  # has a fault of its own
    kind = names.traits.get(name)
    if name not in names.traits:
        numbers = [known for known, kind in names.traits.items() if kind is TraitKind.NUMBER]
        yield path, f"there is no trait '{name}'; {meant(name, numbers, 'declare it under traits')}"
    elif kind not in (None, TraitKind.NUMBER):
        yield path, f"the trait '{name}' is a {kind}, and revenue is a number; declare it as number"


def _stages(names: "Names", lost: object) -> "Found":
    for place, name in enumerate(lost if isinstance(lost, list) else ()):
        if isinstance(name, str) and name not in names.stages:
            remedy = meant(name, names.stages, "declare it under stages")
            yield ("revenue", "lost", place), f"there is no stage '{name}'; {remedy}"
