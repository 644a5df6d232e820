"""What the journey asks of its KPIs, compiled: names become places in an account's state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import TYPE_CHECKING

from schemas import journey as file

if TYPE_CHECKING:
    from streams.engine.measures import Measure
    from streams.engine.predicates import Due


class Verdict(StrEnum):
    """What an account is judged to be, by the milestones it has reached."""

    ACTIVATED = auto()
    QUALIFIED = auto()
    PAID = auto()


@dataclass(frozen=True, slots=True)
class Kpis:
    """What an account needs to know of the KPIs. Places are those of milestones."""

    judged_after_ms: int
    dimensions: tuple[str, ...]
    """Those with listed values only: so the number of cuts is bounded, whatever traits say."""
    steps: tuple[tuple[str, int], ...]
    rated: tuple[tuple[str, int], ...]
    """Milestones whose share among the judged is a figure: the steps, and what goals call success."""
    verdicts: Mapping[Verdict, int]
    """The milestones, as bits, of which an account has reached one if it is judged so; without those that have none."""
    active: "tuple[tuple[str, Measure], ...]"
    """The sum that each measure of active users goes into."""
    depth: "Measure | None"


def compile_kpis(source: file.Journey, measures: "Mapping[str, Measure]") -> Kpis | None:
    """The journey's KPIs, if it declares any, with the measures they read."""
    kpis = source.kpis
    if kpis is None:
        return None
    places = {name: place for place, name in enumerate(source.milestones)}
    success = [name for goal in kpis.goals.values() for name in goal.success]
    verdicts = {
        Verdict.ACTIVATED: sum(1 << places[name] for name, one in source.milestones.items() if one.activation),
        Verdict.QUALIFIED: 1 << places[kpis.qualified] if kpis.qualified else 0,
        Verdict.PAID: 1 << places[kpis.paid] if kpis.paid else 0,
    }
    return Kpis(
        judged_after_ms=kpis.judged_after,
        dimensions=tuple(name for name, dimension in source.segments.items() if dimension.names is not None),
        steps=_placed(kpis.steps, places),
        rated=_placed(dict.fromkeys((*kpis.steps, *success)), places),
        verdicts={verdict: bits for verdict, bits in verdicts.items() if bits},
        active=_active(kpis.active, measures),
        depth=measures[kpis.depth] if kpis.depth else None,
    )


def judged_at(kpis: Kpis | None) -> "tuple[Due, ...]":
    """When an account will be judged, among the instants that concern every account."""
    if kpis is None:
        return ()
    after_ms = kpis.judged_after_ms
    return (lambda account: account.hot.born_at + after_ms,)


def _placed(names: Iterable[str], places: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((name, places[name]) for name in names)


def _active(active: file.ActiveUsers | None, measures: "Mapping[str, Measure]") -> "tuple[tuple[str, Measure], ...]":
    if active is None:
        return ()
    named = {"=daily": active.daily, "=weekly": active.weekly, "=monthly": active.monthly}
    return tuple((name, measures[measure]) for name, measure in named.items())
