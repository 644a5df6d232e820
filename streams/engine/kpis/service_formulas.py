"""The KPIs of what customers say, and of how long they wait for help."""

from streams.engine.kpis.figure import Figure, Figures, View, kpi, span
from streams.engine.values import THOUSANDTHS


@kpi("seconds")
def resolution_time(view: View) -> Figures:
    """Mean time from opening to closing of what was closed in the period (`resolution`), with quantiles.

    Source: events.
    """
    return span(view.happened, "resolved")


@kpi("score")
def nps(view: View) -> Figures:
    """Net promoter score: 100 x (answers of 9 and 10 less those below 7) ÷ answers (`nps`). Source: events."""
    answers, happened = view.happened.get("nps.n", 0), view.happened
    if answers:
        net = happened.get("nps.promoters", 0) - happened.get("nps.detractors", 0)
        yield Figure(None, 100 * net / answers, net, answers)


@kpi("score")
def csat(view: View) -> Figures:
    """Customer satisfaction: the mean of the answers (`csat`). The numerator is in thousandths. Source: events."""
    answers, total = view.happened.get("csat.n", 0), view.happened.get("csat.sum", 0)
    if answers:
        yield Figure(None, total / answers / THOUSANDTHS, total, answers)
