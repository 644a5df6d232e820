"""Measures in a journey file that must fit together: the events, milestones, traits and measures they read."""

from typing import TYPE_CHECKING

from schemas.faults import Path, meant
from schemas.journey import ANY, FEATURES, Measure, Open, Ratio, Source, TraitKind, Valued

if TYPE_CHECKING:
    from schemas.references import Found, Names


def unfit_measures(names: "Names") -> "Found":
    """Everything that measures read and is not declared, or is not what they call for."""
    for name, measure in names.measures.items():
        if measure is not None:
            yield from _unfit(names, ("measures", name, measure.kind), measure)


def _unfit(names: "Names", path: Path, measure: Measure) -> "Found":
    from schemas.references import declared, unfit_events  # noqa: PLC0415  the two call each other

    read = getattr(measure, measure.kind)
    if measure.persona is not None:
        yield from declared("persona", measure.persona, names.personas, (*path[:-1], "persona"))
    if measure.kind == "personas" and not names.personas:
        yield path, "no persona is declared, so this is always 0; declare some under personas"
    if isinstance(read, Ratio):
        yield from _ratio(names, path, read)
    elif measure.kind in ("oldest_open", "resolution"):
        yield from declared("measure", read, names.measures, path)
        named = names.measures.get(read)
        if named is not None and named.kind != "open":
            yield path, f"'{read}' is not a measure of what is open; name one that has 'open'"
    elif isinstance(read, Open):
        yield from unfit_events(names, (*path, "opened"), read.opened)
        yield from unfit_events(names, (*path, "closed"), read.closed)
    elif measure.progress is not None:
        for place, milestone in enumerate(measure.progress):
            yield from declared("milestone", milestone, names.milestones, (*path, place))
    else:
        yield from unfit_events(names, (*path, "event") if isinstance(read, Valued) else path, measure.events)
    if measure.kind == "features" and not any(_has_feature(names, event) for event in measure.events):
        yield path, "none of these events has a feature, so this is always 0; give one of them a 'feature' under events"


def _ratio(names: "Names", path: Path, ratio: Ratio) -> "Found":
    from schemas.references import declared  # noqa: PLC0415

    yield from declared("measure", ratio.of, names.measures, (*path, "of"))
    yield from _no_ratio(names, (*path, "of"), ratio.of)
    if not isinstance(ratio.to, str):
        if ratio.to <= 0:
            yield (*path, "to"), f"a share of {ratio.to:g} says nothing; write a number above 0"
        return
    kind = names.traits.get(ratio.to)
    if ratio.to in names.measures:
        yield from _no_ratio(names, (*path, "to"), ratio.to)
    elif ratio.to not in names.traits and ratio.to != FEATURES:
        numbers = [name for name, known in names.traits.items() if known is TraitKind.NUMBER]
        remedy = meant(ratio.to, (*names.measures, *numbers, FEATURES), "declare it under measures or traits")
        yield (*path, "to"), f"there is no measure or trait '{ratio.to}'; {remedy}"
    elif kind not in (None, TraitKind.NUMBER):
        yield (*path, "to"), f"the trait '{ratio.to}' is a {kind}, and this asks for a number; name one that is"


def _no_ratio(names: "Names", path: Path, name: str) -> "Found":
    measure = names.measures.get(name)
    if measure is not None and measure.kind == "ratio":
        yield path, f"'{name}' is a ratio itself; name what it is a share of"
    if measure is not None and measure.kind == "oldest_open":
        yield path, f"'{name}' grows with every hour, and a share of it would too; test it by itself"


def _has_feature(names: "Names", event: str) -> bool:
    if event == ANY:
        return Source.PRODUCT in names.featured.values()
    return event in names.featured or event not in names.events  # what is not declared has its own fault
