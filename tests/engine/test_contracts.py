"""Contracts: each end has one outcome, beside the forecast that stood before it, however its date moves."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reading import JourneyError, read_journey
from schemas.spans import DAY_MS
from streams.bodies import Bodies
from streams.engine.outputs import RenewalDecided
from streams.engine.times import rfc3339
from tests.driver import Customer, Product, because, day, journey
from tests.engine.test_transfers import redeployed
from tests.small_journey import SMALL

JOURNEY = """
events: {Signed Up: , Report Viewed: , Cancelled: {source: billing}, Renewed: {source: billing}}
traits: {mrr: number, ends_at: date, plan: text}
segments: {tier: {trait: plan, values: [team]}}
revenue: {mrr: mrr, currency: EUR, lost: churned}
measures: {days: {active_days: any, over: 28d}}
stages:
  customer: {initial: true}
  churned: {from: customer, enter: {did: {event: Cancelled, since: stage}}, exit: [
    {to: customer, when: {did: {event: Signed Up, since: stage}}}]}
alerts: {quiet: {kind: risk, severity: info, when: {silent: {for: 5d}}}}
renewal:
  ends: ends_at
  renewed: Renewed
  forecast_before: 30d
  grace: 10d
  forecast:
    silent: {likelihood: 0.2, firing: quiet}
    team: {likelihood: 0.9, when: {all: [{segment: {tier: team}}, {measure: {name: days, at_least: 1}}]}}
    others: {likelihood: 0.6}
"""


def signs(acme: Customer, *, until: float | None, mrr: int | None = 1_000, **traits: object) -> Customer:
    return acme.has(ends_at=None if until is None else rfc3339(day(until)), mrr=mrr, **traits)


def moves(acme: Customer, until: float | None) -> Customer:
    return acme.has(ends_at=None if until is None else rfc3339(day(until)))


def renewals(acme: Customer) -> list[RenewalDecided]:
    return [output for output in acme.outputs if isinstance(output, RenewalDecided)]


def told(acme: Customer) -> list[tuple[str, float, int, int]]:
    """Outcome, the day of the end, and what was and is paid."""
    return [(r.outcome.value, (r.ends_at - day(0)) / DAY_MS, r.before, r.after) for r in renewals(acme)]


def test_a_contract_that_nobody_renews_has_lapsed_once_its_grace_is_over(acme: Customer) -> None:
    signs(acme, until=60).passes(days=100)
    assert told(acme) == [("lapsed", 60, 1_000, 0)]
    assert renewals(acme)[0].at == day(70)


def test_one_that_is_renewed_is_told_once_its_price_has_settled(acme: Customer) -> None:
    signs(acme, until=60).passes(days=50).does("Renewed")
    moves(acme.passes(hours=2), 420).passes(hours=1).has(mrr=1_500).passes(days=10)
    assert told(acme) == [("expanded", 60, 1_000, 1_500)]
    assert renewals(acme)[0].renewed_at == day(50)
    assert renewals(acme)[0].at == day(51)


@pytest.mark.parametrize(("mrr", "outcome"), [(1_000, "renewed"), (1_001, "expanded"), (999, "contracted")])
def test_in_whatever_order_billing_and_crm_tell_of_a_renewal(acme: Customer, mrr: int, outcome: str) -> None:
    signs(acme, until=60).passes(days=55)
    signs(acme, until=425, mrr=mrr).passes(minutes=5).does("Renewed").passes(days=30)
    assert told(acme) == [(outcome, 60, 1_000, mrr)]
    [renewed] = renewals(acme)
    assert renewed.forecast is not None
    assert renewed.forecast.at == day(30)


def test_an_account_that_is_lost_has_churned_unless_it_comes_back_within_a_day(acme: Customer) -> None:
    signs(acme, until=300).passes(days=20).does("Cancelled").passes(hours=20).does("Signed Up").passes(days=5)
    assert told(acme) == []
    acme.does("Cancelled").passes(days=2)
    assert told(acme) == [("churned", 300, 1_000, 0)]
    acme.passes(days=1).does("Signed Up").passes(days=400)
    assert told(acme)[1:] == [("lapsed", 300, 1_000, 0)]


def test_one_that_pays_nothing_any_more_has_churned_in_whatever_stage(acme: Customer) -> None:
    signs(acme, until=60).passes(days=40).has(mrr=0).passes(days=40)
    assert told(acme) == [("churned", 60, 1_000, 0)]


def test_a_contract_that_is_moved_ends_when_it_ends_at_last(acme: Customer) -> None:
    signs(acme, until=60).passes(days=10)
    for until in (200, 45, 90, 50):
        moves(acme.passes(days=2), until)
    acme.passes(days=60)
    assert told(acme) == [("lapsed", 50, 1_000, 0)]


def test_moved_on_after_it_has_ended_it_is_renewed(acme: Customer) -> None:
    signs(acme, until=60).passes(days=65)
    moves(acme, 425).passes(days=30)
    assert told(acme) == [("renewed", 60, 1_000, 1_000)]


def test_moved_into_the_past_it_has_a_day_to_be_put_right(acme: Customer) -> None:
    signs(acme, until=200).passes(days=50)
    moves(acme, 10).passes(hours=5)
    moves(acme, 200).passes(days=5)
    assert told(acme) == []
    moves(acme, 10).passes(days=3)
    assert told(acme) == [("lapsed", 10, 1_000, 0)]


def test_without_an_end_any_more_it_has_no_outcome_unless_it_is_lost(acme: Customer) -> None:
    signs(acme, until=60).passes(days=20)
    moves(acme, None).passes(days=100)
    assert told(acme) == []
    signs(acme, until=200).passes(days=20)
    moves(acme, None).passes(hours=3).does("Cancelled").passes(days=3)
    assert told(acme) == [("churned", 200, 1_000, 0)]


def test_what_ended_long_ago_and_what_is_told_again_says_nothing(acme: Customer) -> None:
    acme.passes(days=100)
    signs(acme, until=50).passes(days=30)
    assert told(acme) == []
    signs(acme, until=150).passes(days=10).does("Renewed").passes(days=3)
    signs(acme, until=150).passes(days=2).does("Renewed").passes(days=60)
    assert [outcome for outcome, *_ in told(acme)] == ["renewed"]


def test_the_event_that_begins_a_contract_does_not_renew_it(acme: Customer) -> None:
    signs(acme, until=365).passes(minutes=3).does("Renewed").passes(days=30)
    assert told(acme) == []


def test_the_forecast_is_the_one_that_stood_so_long_before_the_end(acme: Customer) -> None:
    signs(acme, until=60, plan="team").works(days=28).falls_silent(days=60)
    [lapsed] = renewals(acme)
    assert lapsed.forecast is not None
    assert (lapsed.forecast.name, lapsed.forecast.likelihood, lapsed.forecast.mrr) == ("team", 0.9, 1_000)
    assert lapsed.forecast.at == day(30)


def test_it_stands_anew_where_the_end_moves_away(acme: Customer) -> None:
    signs(acme, until=40, plan="team").works(days=20)
    moves(acme, 120).falls_silent(days=120)
    [lapsed] = renewals(acme)
    assert lapsed.forecast is not None
    assert (lapsed.forecast.name, lapsed.forecast.at) == ("silent", day(90))


def test_of_a_contract_that_is_shortened_the_forecast_stands_as_of_then(acme: Customer) -> None:
    signs(acme, until=300).passes(days=100)
    moves(acme, 110).passes(days=30)
    [lapsed] = renewals(acme)
    assert lapsed.forecast is not None
    assert lapsed.forecast.at == day(100)


def test_renewed_before_any_forecast_was_due_it_has_none(acme: Customer) -> None:
    signs(acme, until=300).passes(days=100).does("Renewed").passes(days=2)
    assert [renewed.forecast for renewed in renewals(acme)] == [None]


def test_the_account_tells_its_prospects_and_what_they_rest_on(acme: Customer) -> None:
    signs(acme, until=60, plan="team").works(days=2)
    now = acme.updates[-1].renewal
    assert now is not None
    assert (now.ends_at, now.mrr, now.forecast, now.likelihood) == (day(60), 1_000, "team", 0.9)
    assert [next(iter(found)) for found in now.because] == ["segment", "measure"]
    acme.falls_silent(days=8)
    now = acme.updates[-1].renewal
    assert now is not None
    assert (now.forecast, now.likelihood) == ("silent", 0.2)
    assert now.because == [{"firing": "quiet"}]
    acme.does("Cancelled")
    assert acme.updates[-1].renewal is None


def test_the_record_says_what_was_renewed_why_and_how_it_was_forecast(acme: Customer) -> None:
    signs(acme, until=60).passes(days=50).does("Renewed").passes(days=2)
    bodies = Bodies(acme.product.source, acme.product.journey)
    body = bodies.body(renewals(acme)[0], 0)
    assert {key: body[key] for key in ("outcome", "ends_at", "renewed_at", "mrr_before", "mrr_after", "currency")} == {
        "outcome": "renewed", "ends_at": rfc3339(day(60)), "renewed_at": rfc3339(day(50)),
        "mrr_before": 1_000, "mrr_after": 1_000, "currency": "EUR",
    }  # fmt: skip
    assert body["forecast"] == {"name": "silent", "likelihood": 0.2, "mrr": 1_000, "at": rfc3339(day(30))}
    assert because(renewals(acme)[0])[1] == {"renewed": ["Renewed"], "at": rfc3339(day(50))}


def test_a_changed_journey_keeps_the_contract_and_its_forecast(acme: Customer) -> None:
    signs(acme, until=60).passes(days=40)
    acme = redeployed(acme, JOURNEY.replace("traits: {", "traits: {new: text, ")).passes(days=60)
    assert told(acme) == [("lapsed", 60, 1_000, 0)]


DEEDS = st.lists(
    st.tuples(
        st.integers(1, 30 * 24),
        st.one_of(st.integers(-20, 200), st.none(), st.sampled_from(["Renewed", "Cancelled", "Signed Up"])),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(deeds=DEEDS)
def test_however_it_goes_no_end_is_told_twice_and_none_is_missed(deeds: list[tuple[int, int | str | None]]) -> None:
    acme = Product(journey(JOURNEY)).account("acme")
    signs(acme, until=90)
    for gap_hours, deed in deeds:
        acme.passes(hours=gap_hours)
        if isinstance(deed, str):
            acme.does(deed)
        else:
            moves(acme, None if deed is None else (acme.product.now - day(0)) / DAY_MS + deed)
    acme.passes(days=400)
    outcomes = renewals(acme)
    assert len({outcome.id for outcome in outcomes}) == len(outcomes)
    kept = Counter(outcome.ends_at for outcome in outcomes if outcome.outcome.value != "churned")
    assert not kept or max(kept.values()) == 1
    contract = acme.product.pipeline.follow.account(b"acme").rare.contract  # type: ignore[union-attr]
    assert contract is not None
    assert not contract.ends_at  # whatever ran has ended by now
    if not any(isinstance(deed, str) or deed is None for _, deed in deeds):
        assert outcomes, "it only moved, and has ended by now"


FAULTS = {
    ("ends: ends_at", "ends: end_at"): "renewal.ends: there is no trait 'end_at'; did you mean 'ends_at'?",
    ("ends: ends_at", "ends: plan"): "renewal.ends: the trait 'plan' is a text, and this asks for a date",
    ("renewed: Renewed", "renewed: Renewd"): (
        "renewal.renewed: the event 'Renewd' is not declared under events; did you mean 'Renewed'?"
    ),
    ("firing: quiet", "firing: quite"): (
        "renewal.forecast.silent.firing: there is no alert 'quite'; did you mean 'quiet'?"
    ),
    ("firing: quiet", "when: {stage: custome}"): (
        "renewal.forecast.silent.when.stage: there is no stage 'custome'; did you mean 'customer'?"
    ),
    ("revenue: {mrr: mrr, currency: EUR, lost: churned}\n", ""): (
        "renewal: renewals are counted in revenue; declare where it is found under revenue"
    ),
    ("    others: {likelihood: 0.6}\n", ""): (
        "renewal.forecast: the last line, and no other, is for all accounts: leave 'when' and 'firing' out there"
    ),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[1] or fault[0][:10])
def test_a_fault_is_told_with_its_remedy(fault: tuple[str, str]) -> None:
    text = "journey: 1\nname: small\nversion: 1\n" + JOURNEY.lstrip()
    with pytest.raises(JourneyError) as caught:
        read_journey(text.replace(*fault, 1).encode())
    assert FAULTS[fault] in [str(found).partition(": ")[2] for found in caught.value.faults]


def test_a_journey_without_renewals_follows_no_contract() -> None:
    product = Product(read_journey(SMALL.encode()))
    acme = product.account("acme").has(ends_at=rfc3339(day(20))).passes(days=60)
    assert renewals(acme) == []
    assert acme.updates[-1].renewal is None
