"""The KPIs of renewals, and of how well they were forecast."""

from streams.engine.kpis.figure import MILLION, Figure, Figures, View, below, counts_below, kpi, share, share_of


@kpi("times")
def renewals(view: View) -> Figures:
    """How many contracts were renewed or ended in the period, by outcome (`of`). Source: renewals."""
    return counts_below(view.happened, "outcome.")


@kpi("share")
def renewal_rate(view: View) -> Figures:
    """Contracts renewed, for more or less or the same ÷ contracts renewed, lapsed or churned. Source: renewals."""
    return share_of(view.happened, "kept", "ended")


@kpi("share")
def gross_renewal_rate(view: View) -> Figures:
    """MRR renewed, of each contract at most what it was before ÷ MRR of all that were renewed or ended.

    Never over 1. Source: renewals.
    """
    return share_of(view.happened, "kept.gross", "ended.mrr")


@kpi("share")
def net_renewal_rate(view: View) -> Figures:
    """MRR renewed, with what was added or taken away on renewal ÷ MRR of all that were renewed or ended.

    Source: renewals.
    """
    return share_of(view.happened, "kept.net", "ended.mrr")


@kpi("money")
def renewal_forecast(view: View) -> Figures:
    """Of contracts renewed or ended that had a forecast: MRR `predicted`, likelihood x MRR, and MRR `renewed` (`of`).

    Of each contract at most what was forecast of it. Source: renewals.
    """
    return counts_below(view.happened, "forecast.mrr.")


@kpi("share")
def forecast_accuracy(view: View) -> Figures:
    """The lesser of predicted and renewed MRR ÷ the greater: 1 is as forecast. See `renewal_forecast`.

    Source: renewals.
    """
    amounts = [view.happened.get(f"forecast.mrr.{of}", 0) for of in ("predicted", "renewed")]
    return share(min(amounts), max(amounts))


@kpi("score")
def forecast_brier(view: View) -> Figures:
    """Brier score: mean squared difference of the forecast's likelihood to what came, 1 if renewed, else 0.

    0 is best; a constant forecast of one half has 0.25. The numerator is in millionths. Source: renewals.
    """
    error, number = view.happened.get("forecast.error", 0), view.happened.get("forecast.n", 0)
    if number:
        yield Figure(None, error / number / MILLION, error, number)


@kpi("share")
def renewed_as_forecast(view: View) -> Figures:
    """Contracts forecast by a line of the journey's forecast (`of`) that were renewed ÷ all forecast by it.

    To be held against the line's `likelihood`. Source: renewals.
    """
    for line, number in below(view.happened, "line.n."):
        yield from share(view.happened.get(f"line.kept.{line}", 0), number, line)
