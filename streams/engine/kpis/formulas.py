"""KPIs of the journey, of use and of revenue: what each is, its formula, and the sums it is read from.

`docs/kpis.md` is written from here.

Sums come from `facts`. In the words of the formulas an account is *judged* once, so long after it began as the journey
says (`judged_after`), in the period in which that time is up.
"""

from streams.engine.kpis.declared import Verdict
from streams.engine.kpis.figure import Figure, Figures, View, below, count, counts_below, kpi, share, share_of, span


@kpi("accounts")
def signed_up(view: View) -> Figures:
    """Accounts that began: whose first event came within a day of having happened."""
    return count(view.happened.get("signed_up", 0))


@kpi("accounts")
def accounts_in_stage(view: View) -> Figures:
    """Accounts standing in each stage at the end of the period. Source: transitions."""
    return counts_below(view.levels, "=stage.")


@kpi("share")
def stage_conversion(view: View) -> Figures:
    """Moves from a stage to another ÷ all moves out of it, for each such move (`of`: `from>to`).

    Source: transitions.
    """
    for move, number in below(view.happened, "left."):
        start, _, to = move.partition(".")
        yield from share(number, sum(other for _, other in below(view.happened, f"left.{start}.")), f"{start}>{to}")


@kpi("seconds")
def time_in_stage(view: View) -> Figures:
    """Mean stay in each stage left in the period, with quantiles. Source: transitions, `time_in_stage_s`."""
    stages = dict.fromkeys(name.rpartition(".")[0] for name, _ in below(view.happened, "stay."))
    for stage in stages:
        yield from span(view.happened, f"stay.{stage}", stage)


@kpi("share", Verdict.ACTIVATED)
def trial_to_activation(view: View) -> Figures:
    """Of the moves out of the initial stage: those of accounts that had reached an activation milestone.

    Source: transitions, milestones.
    """
    return share_of(view.happened, "trials.activated", "trials")


@kpi("seconds")
def time_to_value(view: View) -> Figures:
    """Mean time from sign-up to the first activation milestone reached in the period, with quantiles.

    Source: milestones, `time_to_s`.
    """
    return span(view.happened, "ttv")


@kpi("accounts")
def judged(view: View) -> Figures:
    """Accounts judged in the period: of how many its rates speak."""
    return count(view.happened.get("judged", 0))


@kpi("share", Verdict.ACTIVATED)
def activation_rate(view: View) -> Figures:
    """Judged accounts that had reached an activation milestone ÷ judged accounts. Source: milestones."""
    return _judged(view, "judged.activated")


@kpi("share", Verdict.QUALIFIED)
def pql_rate(view: View) -> Figures:
    """Judged accounts that had become product-qualified leads (`qualified`) ÷ judged accounts. Source: milestones."""
    return _judged(view, "judged.qualified")


@kpi("share", Verdict.PAID)
def conversion_to_paid(view: View) -> Figures:
    """Judged accounts that had bought (`paid`) ÷ judged accounts. Source: milestones."""
    return _judged(view, "judged.paid")


@kpi("share")
def milestone_rate(view: View) -> Figures:
    """Judged accounts that had reached a milestone (of `steps` and goals) ÷ judged accounts. Source: milestones."""
    for name, number in below(view.happened, "judged.reached."):
        yield from share(number, view.happened.get("judged", 0), name)


@kpi("share")
def onboarding_step(view: View) -> Figures:
    """Judged accounts that had reached a step and all before it ÷ judged accounts: the funnel of onboarding.

    What a step loses is the difference to the step before. Source: milestones.
    """
    for name, number in below(view.happened, "judged.step."):
        yield from share(number, view.happened.get("judged", 0), name)


def _judged(view: View, name: str) -> Figures:
    return share_of(view.happened, name, "judged")


@kpi("users")
def dau(view: View) -> Figures:
    """Distinct users in a day (`active.daily`), added up over accounts; over longer periods the mean of the days."""
    total, days = view.happened.get("sum.daily", 0), view.happened.get("days", 0)
    if total and days:
        yield Figure(None, total / days, total, days)


@kpi("users")
def wau(view: View) -> Figures:
    """Distinct users in the 7 days to the end of the period (`active.weekly`), added up over accounts."""
    return count(view.levels.get("=weekly", 0))


@kpi("users")
def mau(view: View) -> Figures:
    """Distinct users in the 30 days to the end of the period (`active.monthly`), added up over accounts."""
    return count(view.levels.get("=monthly", 0))


@kpi("share")
def stickiness(view: View) -> Figures:
    """DAU ÷ MAU: their sums over the days of the period."""
    return share_of(view.happened, "sum.daily", "sum.monthly")


@kpi("share")
def weekly_stickiness(view: View) -> Figures:
    """WAU ÷ MAU: their sums over the days of the period."""
    return share_of(view.happened, "sum.weekly", "sum.monthly")


@kpi("features")
def adoption_depth(view: View) -> Figures:
    """Different features used (`depth`) ÷ accounts that used any, at the end of the period."""
    return share_of(view.levels, "=features", "=using")


@kpi("money")
def mrr(view: View) -> Figures:
    """Monthly recurring revenue at the end of the period. Source: movements."""
    return count(view.levels.get("=mrr", 0))


@kpi("accounts")
def paying_accounts(view: View) -> Figures:
    """Accounts with recurring revenue at the end of the period. Source: movements."""
    return count(view.levels.get("=paying", 0))


@kpi("money")
def mrr_movement(view: View) -> Figures:
    """MRR moved in the period: new, expansion, contraction, churn, reactivation (`of`). Source: movements."""
    return counts_below(view.happened, "moved.")


@kpi("times")
def movements(view: View) -> Figures:
    """How many movements there were, of each kind (`of`). Source: movements."""
    return counts_below(view.happened, "moves.")


@kpi("share")
def grr(view: View) -> Figures:
    """Gross revenue retention: (opening MRR less what its accounts pay less at the end) ÷ opening MRR.

    Of the accounts that paid as the period opened, each compared with itself, so never over 1. Source: movements.
    """
    opening = view.opening.get("=mrr", 0)
    return share(opening - view.happened.get(f"lost.{view.length}", 0), opening)


@kpi("share")
def nrr(view: View) -> Figures:
    """Net revenue retention: what the accounts that paid as the period opened pay at its end ÷ opening MRR.

    New and returning customers are not in it. Source: movements.
    """
    opening, happened = view.opening.get("=mrr", 0), view.happened
    kept = opening - happened.get(f"lost.{view.length}", 0) + happened.get(f"grown.{view.length}", 0)
    return share(kept, opening)


@kpi("share")
def customer_churn(view: View) -> Figures:
    """Accounts that paid as the period opened and do not at its end ÷ those that paid as it opened.

    By cohort: churn of those who began in one month. Source: movements.
    """
    return share(view.happened.get(f"gone.{view.length}", 0), view.opening.get("=paying", 0))


@kpi("times")
def alerts_fired(view: View) -> Figures:
    """How often each alert fired (`of`): what stood in the way, and what was told. Source: alerts."""
    return counts_below(view.happened, "fired.")


@kpi("seconds")
def speed_to_contact(view: View) -> Figures:
    """Mean business time from a handoff to the first response, with quantiles, by lead (`of`). Source: sla alerts."""
    yield from _by_lead(view, "respond")


@kpi("seconds")
def time_to_next_step(view: View) -> Figures:
    """Mean business time from a handoff to its next step, with quantiles, by lead (`of`). Source: sla alerts."""
    yield from _by_lead(view, "next_step")


@kpi("share")
def response_in_time(view: View) -> Figures:
    """Responses given by their deadline ÷ those given by it or missed, by lead (`of`). Source: sla alerts."""
    yield from _in_time(view, "respond")


@kpi("share")
def next_step_completion(view: View) -> Figures:
    """Next steps taken by their deadline ÷ those taken by it or missed, by lead (`of`). Source: sla alerts."""
    yield from _in_time(view, "next_step")


def _by_lead(view: View, step: str) -> Figures:
    for lead in dict.fromkeys(name.partition(".")[0] for name, _ in below(view.happened, f"{step}.")):
        yield from span(view.happened, f"{step}.{lead}", lead)


def _in_time(view: View, step: str) -> Figures:
    for lead, due in below(view.happened, f"{step}_due."):
        yield from share(view.happened.get(f"{step}_kept.{lead}", 0), due, lead)
