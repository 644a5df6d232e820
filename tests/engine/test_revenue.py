"""Revenue: each change of what an account pays is a movement, once, with its kind and both amounts."""

import pytest

from streams.bodies import Bodies
from streams.engine.outputs import RevenueMoved
from streams.engine.revenue import MOST
from tests.driver import Customer, Product, because, day, journey

JOURNEY = """
traits: {mrr: number, plan: text}
segments: {tier: {trait: plan}}
revenue: {mrr: mrr, currency: EUR, lost: churned}
stages:
  trial: {initial: true}
  churned: {from: trial, enter: {did: Cancelled}, exit: [{to: trial, when: {did: {event: Signed Up, since: stage}}}]}
"""


def moves(customer: Customer) -> list[tuple[str, int, int]]:
    return [(moved.movement, moved.before, moved.after) for moved in movements(customer)]


def movements(customer: Customer) -> list[RevenueMoved]:
    return [output for output in customer.outputs if isinstance(output, RevenueMoved)]


def test_a_life_of_paying_more_and_less_is_told_move_by_move(acme: Customer) -> None:
    acme.has(mrr=0).has(mrr=10_000).has(mrr=10_000).has(mrr=25_000).has(mrr=20_000)
    acme.passes(days=1).does("Cancelled").passes(days=9).does("Signed Up")
    assert moves(acme) == [
        ("new", 0, 10_000),
        ("expansion", 10_000, 25_000),
        ("contraction", 25_000, 20_000),
        ("churn", 20_000, 0),
        ("reactivation", 0, 20_000),
    ]
    assert [moved.at for moved in movements(acme)] == [day(0)] * 3 + [day(1), day(10)]


def test_revenue_that_falls_to_nothing_is_churn_in_whatever_stage(acme: Customer) -> None:
    acme.has(mrr=10_000).has(mrr=None).has(mrr=5_000).has(mrr=0)
    assert [kind for kind, _, _ in moves(acme)] == ["new", "churn", "reactivation", "churn"]


def test_what_the_trait_says_of_a_lost_account_is_told_once_it_is_back(acme: Customer) -> None:
    acme.has(mrr=10_000).does("Cancelled").has(mrr=90_000)
    assert moves(acme) == [("new", 0, 10_000), ("churn", 10_000, 0)]
    acme.passes(days=1).does("Signed Up")
    assert moves(acme)[-1] == ("reactivation", 0, 90_000)


@pytest.mark.parametrize(("told", "held"), [(-5_000, None), (0.4, None), (1.5, 2), (2**53, MOST), (2**53 + 1, None)])
def test_revenue_is_whole_never_negative_and_bounded(acme: Customer, told: float, held: int | None) -> None:
    acme.has(mrr=told)
    assert [after for _, _, after in moves(acme)] == ([] if held is None else [held])


def test_an_older_word_does_not_undo_a_newer_one_and_moves_nothing(acme: Customer) -> None:
    acme.passes(days=1).has(mrr=20_000).joins("ann", {"mrr": 5_000}, hours_ago=0.5)
    assert moves(acme) == [("new", 0, 20_000)]


def test_no_movement_is_dated_before_the_one_before_it(acme: Customer) -> None:
    acme.passes(days=1).has(mrr=20_000).does("Cancelled", hours_ago=0.5)
    assert [(moved.movement, moved.at) for moved in movements(acme)] == [("new", day(1)), ("churn", day(1))]


def test_a_movement_says_why_and_names_the_event_and_its_segment(acme: Customer) -> None:
    acme.has(mrr=10_000, plan="team")
    [moved] = movements(acme)
    assert because(moved) == [{"trait": "mrr", "value": 10_000, "stage": "trial"}]
    assert moved.evidence["event"] == {
        "message_id": "m-1", "name": "$group", "at": "2026-01-05T00:00:00.000Z", "user_id": "ann"
    }  # fmt: skip
    assert moved.segment == {"tier": "team"}


def test_a_body_says_amount_and_currency(acme: Customer) -> None:
    acme.has(mrr=10_000).has(mrr=4_000)
    bodies = Bodies(acme.product.source, acme.product.journey)
    body = bodies.body(movements(acme)[-1], 0)
    told = {key: body[key] for key in ("rule", "movement", "amount", "mrr_before", "mrr_after", "currency")}
    assert told == {
        "rule": "revenue.mrr", "movement": "contraction", "amount": 6_000, "mrr_before": 10_000, "mrr_after": 4_000,
        "currency": "EUR",
    }  # fmt: skip


def test_a_journey_that_declares_no_revenue_tells_no_movements() -> None:
    globex = Product(journey("traits: {mrr: number}")).account("globex")
    globex.has(mrr=10_000).has(mrr=0)
    assert moves(globex) == []
