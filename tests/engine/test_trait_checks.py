"""Checks: what the traits of an account must not say; such a call is kept as a dead letter and changes nothing."""

import pytest

from streams.engine.outputs import DeadLetter
from tests.driver import Customer

JOURNEY = """
traits: {seats: number, mrr: number, staff: number, starts_at: date, ends_at: date}
revenue: {mrr: mrr, currency: EUR}
checks:
  seats: {at_least: 1, at_most: 10000, whole: true}
  mrr: {at_least: 0, whole: true, currency: currency}
  ends_at: {not_before: starts_at}
"""


@pytest.mark.parametrize(
    ("traits", "detail"),
    [
        ({"seats": 0}, "seats is below 1"),
        ({"seats": -3}, "seats is below 1"),
        ({"seats": 10_001}, "seats is above 10000"),
        ({"seats": 2.5}, "seats is not whole"),
        ({"mrr": -100}, "mrr is below 0"),
        ({"mrr": 100, "currency": "USD"}, "mrr is not in EUR"),
        ({"starts_at": "2026-03-01", "ends_at": "2026-02-28"}, "ends_at comes before starts_at"),
    ],
)
def test_a_call_that_fails_a_check_is_refused(acme: Customer, traits: dict[str, object], detail: str) -> None:
    acme.has(seats=5).has(**{"seats": 7, **traits})
    [letter] = [output for output in acme.product.outputs if isinstance(output, DeadLetter)]
    assert (letter.reason, letter.detail) == ("bad_trait", detail)
    assert acme.traits == {"seats": 5}


@pytest.mark.parametrize(
    "traits",
    [
        {"seats": 1},
        {"seats": 10_000.0},
        {"seats": None},
        {"mrr": 0, "currency": "EUR"},
        {"mrr": 100},
        {"currency": "USD"},
        {"mrr": None, "currency": "USD"},
        {"starts_at": "2026-03-01", "ends_at": "2026-03-01"},
    ],
)
def test_a_call_that_passes_them_is_applied(acme: Customer, traits: dict[str, object]) -> None:
    acme.has(**traits)
    assert acme.product.dead_letters == []


def test_dates_of_different_calls_are_not_compared_so_their_order_does_not_matter(acme: Customer) -> None:
    acme.has(ends_at="2026-02-01").has(starts_at="2026-06-01").has(ends_at="2026-03-01")
    assert acme.product.dead_letters == []
    assert len(acme.traits) == 2


def test_a_member_of_the_account_stays_one_though_its_traits_are_refused(acme: Customer) -> None:
    acme.joins("bob", {"seats": -1})
    acme.product.sends(event="Report Viewed", userId="bob")
    assert acme.product.dead_letters == ["bad_trait"]


@pytest.mark.parametrize("staff", [2**53 + 1, -(2**53) - 1, 1e308, -1e308])
def test_a_number_from_which_nothing_can_be_reckoned_is_refused(acme: Customer, staff: float) -> None:
    assert acme.has(staff=2**53).has(staff=staff).product.dead_letters == ["bad_trait"]
    assert acme.traits == {"staff": 2**53}
