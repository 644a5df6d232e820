"""Every KPI: what it is, its formula, and the sums it is read from. `docs/kpis.md` is written from here.

Sums come from `facts`. In the words of the formulas an account is *judged* once, so long after it began as the journey
says (`judged_after`), in the period in which that time is up.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from streams.engine.kpis.histogram import quantile
from streams.engine.kpis.periods import Length

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class View:
    """The sums of one cut over one period: what happened in it, how things stood as it opened, and at its end."""

    length: Length
    happened: Counts
    opening: Counts
    levels: Counts


class Figure(NamedTuple):
    """One value. `numerator` and `denominator` are what it was made of; figures of disjoint cuts add up by them."""

    of: str | None
    value: float
    numerator: int
    denominator: int | None = None
    quantiles: Mapping[str, float] | None = None


Figures = Iterable[Figure]
Formula = Callable[[View], Figures]


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI by name; `unit` is share, accounts, users, features, times, money (minor units) or seconds."""

    name: str
    unit: str
    figures: Formula


KPIS: Final[list[Kpi]] = []


def kpi(unit: str) -> Callable[[Formula], Formula]:
    """Make a formula a KPI, under its own name."""

    def add(formula: Formula) -> Formula:
        KPIS.append(Kpi(formula.__name__, unit, formula))
        return formula

    return add


def _share(numerator: int, denominator: int, of: str | None = None) -> Figures:
    if denominator > 0:
        yield Figure(of, numerator / denominator, numerator, denominator)


def _count(number: int, of: str | None = None) -> Figures:
    if number:
        yield Figure(of, number, number)


def _span(counts: Counts, name: str, of: str | None = None) -> Figures:
    """The mean and the quantiles of spans."""
    number, ms = counts.get(f"{name}.n", 0), counts.get(f"{name}.ms", 0)
    if number > 0:
        found = {f"p{share}": quantile(counts, name, share / 100) for share in (50, 75, 90)}
        yield Figure(of, ms / number / 1000, ms // 1000, number, {k: v for k, v in found.items() if v is not None})


def _below(counts: Counts, prefix: str) -> Iterable[tuple[str, int]]:
    return sorted((name.removeprefix(prefix), count) for name, count in counts.items() if name.startswith(prefix))


@kpi("accounts")
def signed_up(view: View) -> Figures:
    """Accounts that began: whose first event came within a day of having happened."""
    return _count(view.happened.get("signed_up", 0))


@kpi("accounts")
def accounts_in_stage(view: View) -> Figures:
    """Accounts standing in each stage at the end of the period. Source: transitions."""
    for stage, count in _below(view.levels, "=stage."):
        yield from _count(count, stage)


@kpi("share")
def stage_conversion(view: View) -> Figures:
    """Moves from a stage to another ÷ all moves out of it, for each such move (`of`: `from>to`).

    Source: transitions.
    """
    for move, count in _below(view.happened, "left."):
        start, _, to = move.partition(".")
        yield from _share(count, sum(count for _, count in _below(view.happened, f"left.{start}.")), f"{start}>{to}")


@kpi("seconds")
def time_in_stage(view: View) -> Figures:
    """Mean stay in each stage left in the period, with quantiles. Source: transitions, `time_in_stage_s`."""
    stages = dict.fromkeys(name.rpartition(".")[0] for name, _ in _below(view.happened, "stay."))
    for stage in stages:
        yield from _span(view.happened, f"stay.{stage}", stage)


@kpi("share")
def trial_to_activation(view: View) -> Figures:
    """Of the moves out of the initial stage: those of accounts that had reached an activation milestone.

    Source: transitions, milestones.
    """
    return _share(view.happened.get("trials.activated", 0), view.happened.get("trials", 0))


@kpi("seconds")
def time_to_value(view: View) -> Figures:
    """Mean time from sign-up to the first activation milestone reached in the period, with quantiles.

    Source: milestones, `time_to_s`.
    """
    return _span(view.happened, "ttv")


@kpi("share")
def activation_rate(view: View) -> Figures:
    """Judged accounts that had reached an activation milestone ÷ judged accounts. Source: milestones."""
    return _judged(view, "judged.activated")


@kpi("share")
def pql_rate(view: View) -> Figures:
    """Judged accounts that had become product-qualified leads (`qualified`) ÷ judged accounts. Source: milestones."""
    return _judged(view, "judged.qualified")


@kpi("share")
def conversion_to_paid(view: View) -> Figures:
    """Judged accounts that had bought (`paid`) ÷ judged accounts. Source: milestones."""
    return _judged(view, "judged.paid")


@kpi("share")
def milestone_rate(view: View) -> Figures:
    """Judged accounts that had reached a milestone (of `steps` and goals) ÷ judged accounts. Source: milestones."""
    for name, count in _below(view.happened, "judged.reached."):
        yield from _share(count, view.happened.get("judged", 0), name)


@kpi("share")
def onboarding_step(view: View) -> Figures:
    """Judged accounts that had reached a step and all before it ÷ judged accounts: the funnel of onboarding.

    What a step loses is the difference to the step before. Source: milestones.
    """
    for name, count in _below(view.happened, "judged.step."):
        yield from _share(count, view.happened.get("judged", 0), name)


def _judged(view: View, name: str) -> Figures:
    return _share(view.happened.get(name, 0), view.happened.get("judged", 0))


@kpi("users")
def dau(view: View) -> Figures:
    """Distinct users in a day (`active.daily`), added up over accounts; over longer periods the mean of the days."""
    total, days = view.happened.get("sum.daily", 0), view.happened.get("days", 0)
    if total and days:
        yield Figure(None, total / days, total, days)


@kpi("users")
def wau(view: View) -> Figures:
    """Distinct users in the 7 days to the end of the period (`active.weekly`), added up over accounts."""
    return _count(view.levels.get("=weekly", 0))


@kpi("users")
def mau(view: View) -> Figures:
    """Distinct users in the 30 days to the end of the period (`active.monthly`), added up over accounts."""
    return _count(view.levels.get("=monthly", 0))


@kpi("share")
def stickiness(view: View) -> Figures:
    """DAU ÷ MAU: their sums over the days of the period."""
    return _share(view.happened.get("sum.daily", 0), view.happened.get("sum.monthly", 0))


@kpi("share")
def weekly_stickiness(view: View) -> Figures:
    """WAU ÷ MAU: their sums over the days of the period."""
    return _share(view.happened.get("sum.weekly", 0), view.happened.get("sum.monthly", 0))


@kpi("features")
def adoption_depth(view: View) -> Figures:
    """Different features used (`depth`) ÷ accounts that used any, at the end of the period."""
    return _share(view.levels.get("=features", 0), view.levels.get("=using", 0))


@kpi("money")
def mrr(view: View) -> Figures:
    """Monthly recurring revenue at the end of the period. Source: movements."""
    return _count(view.levels.get("=mrr", 0))


@kpi("accounts")
def paying_accounts(view: View) -> Figures:
    """Accounts with recurring revenue at the end of the period. Source: movements."""
    return _count(view.levels.get("=paying", 0))


@kpi("money")
def mrr_movement(view: View) -> Figures:
    """MRR moved in the period: new, expansion, contraction, churn, reactivation (`of`). Source: movements."""
    for movement, amount in _below(view.happened, "moved."):
        yield from _count(amount, movement)


@kpi("times")
def movements(view: View) -> Figures:
    """How many movements there were, of each kind (`of`). Source: movements."""
    for movement, count in _below(view.happened, "moves."):
        yield from _count(count, movement)


@kpi("share")
def grr(view: View) -> Figures:
    """Gross revenue retention: (opening MRR less what its accounts pay less at the end) ÷ opening MRR.

    Of the accounts that paid as the period opened, each compared with itself, so never over 1. Source: movements.
    """
    opening = view.opening.get("=mrr", 0)
    return _share(opening - view.happened.get(f"lost.{view.length}", 0), opening)


@kpi("share")
def nrr(view: View) -> Figures:
    """Net revenue retention: what the accounts that paid as the period opened pay at its end ÷ opening MRR.

    New and returning customers are not in it. Source: movements.
    """
    opening, happened = view.opening.get("=mrr", 0), view.happened
    kept = opening - happened.get(f"lost.{view.length}", 0) + happened.get(f"grown.{view.length}", 0)
    return _share(kept, opening)


@kpi("share")
def customer_churn(view: View) -> Figures:
    """Accounts that paid as the period opened and do not at its end ÷ those that paid as it opened.

    By cohort: churn of those who began in one month. Source: movements.
    """
    return _share(view.happened.get(f"gone.{view.length}", 0), view.opening.get("=paying", 0))


@kpi("times")
def alerts_fired(view: View) -> Figures:
    """How often each alert fired (`of`): what stood in the way, and what was told. Source: alerts."""
    for name, count in _below(view.happened, "fired."):
        yield from _count(count, name)


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
    for lead in dict.fromkeys(name.partition(".")[0] for name, _ in _below(view.happened, f"{step}.")):
        yield from _span(view.happened, f"{step}.{lead}", lead)


def _in_time(view: View, step: str) -> Figures:
    for lead, due in _below(view.happened, f"{step}_due."):
        yield from _share(view.happened.get(f"{step}_kept.{lead}", 0), due, lead)
