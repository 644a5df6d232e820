"""All KPIs, in the order in which they are told."""

from typing import Final

from streams.engine.kpis import formulas, renewal_formulas, service_formulas  # noqa: F401  each makes its own known
from streams.engine.kpis.declared import Kpis
from streams.engine.kpis.figure import MADE, Kpi

KPIS: Final[tuple[Kpi, ...]] = tuple(MADE)


def told(kpis: Kpis) -> tuple[Kpi, ...]:
    """Those that a journey can say anything of."""
    return tuple(kpi for kpi in KPIS if kpi.judged_by is None or kpi.judged_by in kpis.verdicts)
