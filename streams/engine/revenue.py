"""Beside the lifecycle: what an account pays. Each change of it is a movement, examined after stages and alerts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from schemas import journey as file
from streams.engine.ids import output_id
from streams.engine.outputs import RevenueMoved

if TYPE_CHECKING:
    from streams.engine.account import Account
    from streams.engine.predicates import Finding

MOST = 10**15
"""The highest revenue of an account, in minor units; more is a slip, and would not add up in 64 bits."""


class Movement(StrEnum):
    """What became of an account's recurring revenue."""

    NEW = "new"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    REACTIVATION = "reactivation"


@dataclass(frozen=True, slots=True)
class Revenue:
    """Where an account's revenue is found: the place of a trait, and the stages in which nothing is paid."""

    trait: int
    lost: frozenset[int]
    rule: str


def compile_revenue(source: file.Journey) -> Revenue | None:
    """The journey's revenue, if it declares any."""
    if source.revenue is None:
        return None
    stages, traits = list(source.stages), list(source.traits)
    lost = frozenset(stages.index(name) for name in source.revenue.lost)
    return Revenue(traits.index(source.revenue.mrr), lost, f"revenue.{source.revenue.mrr}")


def examine_revenue(account: "Account") -> None:
    """Tell of a movement if the account pays something else than before."""
    revenue, books = account.journey.revenue, account.books
    assert revenue is not None
    before, now = books.mrr, _recurring(account, revenue)
    if now == before:
        return
    movement = _movement(before, now, has_paid=books.moves > 0)
    books.mrr, books.moves, books.moved_at = now, books.moves + 1, max(account.instant, books.moved_at)
    stage = account.journey.stages[account.hot.stage]
    seen: Finding = {
        "trait": revenue.rule.removeprefix("revenue."),
        "value": account.trait(revenue.trait),
        "stage": stage,
    }
    account.say(
        RevenueMoved(
            id=output_id(account.id, "revenue", books.moves, movement),
            account=account.id,
            at=books.moved_at,
            rule=revenue.rule,
            segment=account.segment,
            movement=movement,
            before=before,
            after=now,
            evidence=account.evidence_of([seen]),
        )
    )


def _recurring(account: "Account", revenue: Revenue) -> int:
    """What the account pays a month, in minor units: whole, never negative, at most MOST."""
    paid = account.trait(revenue.trait)
    if account.hot.stage in revenue.lost or not isinstance(paid, int | float) or paid <= 0:
        return 0
    return round(min(paid, MOST))


def _movement(before: int, now: int, *, has_paid: bool) -> Movement:
    if not before:
        return Movement.REACTIVATION if has_paid else Movement.NEW
    if not now:
        return Movement.CHURN
    return Movement.EXPANSION if now > before else Movement.CONTRACTION
