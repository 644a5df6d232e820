"""The read-out of a holdout: what contact brings about, from what the journey said."""

import pytest

from schemas.spans import DAY_MS
from streams.bodies import Bodies
from streams.engine.outputs import Said
from streams.holdout import Compared, Readout, newcombe, wilson
from tests.driver import Product, journey

JOURNEY = """
events: {Report Viewed: , Signed Up: , Export Run: , Cancelled: {source: billing}}
milestones: {exported: {when: {did: Export Run}}}
stages: {trial: {initial: true}, lost: {from: trial, enter: {did: Cancelled}}}
plays: {show: {content: Show it, channel: in_app, owner: Growth}}
alerts:
  tip: {kind: nudge, severity: info, play: show, when: {did: Report Viewed}}
contact:
  holdout: {share: 0.5, salt: one, within: 10d, outcomes: {made: {reached: exported}, left: {stage: lost}}}
"""


@pytest.fixture
def product() -> Product:
    return Product(journey(JOURNEY))


def read(product: Product, *, times: int = 1) -> dict[str, Compared]:
    bodies = Bodies(product.source, product.journey)
    assert product.source.contact is not None
    assert product.source.contact.holdout is not None
    readout = Readout(product.source.contact.holdout)
    for _ in range(times):
        for output in product.outputs:
            if isinstance(output, Said):
                readout.take(bodies.body(output, product.now))
    return {one.outcome: one for one in readout.compared()}


def accounts(product: Product, *, held_out: bool, number: int) -> list[str]:
    policy = product.journey.policy
    assert policy is not None
    assert policy.holdout is not None
    names = (f"account-{n}" for n in range(1_000))
    return [name for name in names if policy.holdout.holds(name) is held_out][:number]


def test_each_declared_outcome_is_compared(product: Product) -> None:
    for held_out, made, left in ((False, 6, 1), (True, 2, 3)):
        for number, name in enumerate(accounts(product, held_out=held_out, number=10)):
            acme = product.account(name).does("Report Viewed")
            acme.does("Export Run") if number < made else acme
            acme.does("Cancelled") if number < left else acme
    product.passes(days=30).account("another").does("Export Run")
    found = read(product)
    assert [
        (one.treatment.met, one.treatment.accounts, one.holdout.met, one.holdout.accounts) for one in found.values()
    ] == [
        (6, 10, 2, 10),
        (1, 10, 3, 10),
    ]
    assert found["made"].difference == pytest.approx(0.4)
    assert found["left"].difference == pytest.approx(-0.2)
    assert found["made"].interval == newcombe(6, 10, 2, 10)


def test_a_record_read_twice_counts_once(product: Product) -> None:
    product.account("acme").does("Report Viewed").does("Export Run").passes(days=30)
    assert read(product, times=2) == read(product)


def test_an_outcome_counts_up_to_and_not_at_the_end_of_the_span(product: Product) -> None:
    [first, second] = accounts(product, held_out=False, number=2)
    product.account(first).does("Report Viewed")
    product.account(second).does("Report Viewed")
    product.passes(days=10, minutes=-1).account(first).does("Export Run")
    product.passes(minutes=1).account(second).does("Export Run")
    product.passes(days=30)
    assert read(product)["made"].treatment.met == 1


def test_who_reached_it_before_any_contact_is_left_out(product: Product) -> None:
    [name] = accounts(product, held_out=False, number=1)
    product.account(name).does("Export Run").passes(days=1).does("Report Viewed").passes(days=30)
    tally = read(product)["made"].treatment
    assert (tally.accounts, tally.met, tally.before) == (0, 0, 1)


def test_whose_span_is_not_over_is_left_out_whatever_has_come_of_it(product: Product) -> None:
    [name] = accounts(product, held_out=True, number=1)
    product.account(name).does("Report Viewed").does("Export Run").passes(days=9)
    found = read(product)["made"]
    assert (found.holdout.accounts, found.holdout.open, found.holdout.rate) == (0, 1, None)
    assert (found.difference, found.interval) == (None, None)


def test_a_past_read_today_is_watched_to_its_own_end_and_not_to_today(product: Product) -> None:
    [name] = accounts(product, held_out=False, number=1)
    product.account(name).does("Report Viewed").passes(days=9).does("Export Run")
    product.now += 365 * DAY_MS
    found = read(product)["made"]
    assert (found.treatment.accounts, found.treatment.open) == (0, 1)


def test_who_was_never_due_for_contact_is_in_no_group(product: Product) -> None:
    product.account("acme").does("Export Run").passes(days=30)
    found = read(product)["made"]
    assert found.treatment.accounts == found.holdout.accounts == found.treatment.before == 0


def test_the_interval_of_a_difference_is_that_of_its_source() -> None:
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe(0, 10, 0, 20) == pytest.approx((-0.1611, 0.2775), abs=5e-5)
    assert newcombe(10, 10, 0, 10) == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_the_interval_of_a_share_is_that_of_its_source() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_span_of_these_tests_is_ten_days(product: Product) -> None:
    assert product.source.contact is not None
    assert product.source.contact.holdout is not None
    assert product.source.contact.holdout.within == 10 * DAY_MS
