"""All KPIs, in the order in which they are told."""

from typing import Final

from streams.engine.kpis import formulas, renewal_formulas, service_formulas  # noqa: F401  each makes its own known
from streams.engine.kpis.figure import MADE, Kpi

KPIS: Final[tuple[Kpi, ...]] = tuple(MADE)
