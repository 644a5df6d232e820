"""Lives under the reference journey: what a growth manager would expect of it, and that nothing flaps."""

import itertools
import random

import pytest

from schemas.reading import read_journey
from schemas.spans import WEEK_MS
from streams.engine.outputs import DeadLetter
from streams.engine.times import rfc3339
from tests.driver import Customer, Product, day
from tests.small_journey import REFERENCE

TEAM = ("ann", "bob", "cem")
CORE = ("Workflow Run", "Report Viewed", "Task Completed", "Dashboard Viewed", "Comment Added", "Report Shared")


@pytest.fixture
def acme() -> Customer:
    """A new customer."""
    return Product(read_journey(REFERENCE)).account("acme").does("Account Created").does("Signed Up")


def date(number: float) -> str:
    return rfc3339(day(number))[:10]


LEFT_BY_DEEDS = {"dormant", "churned", "renewing"}
"""Stages that end when somebody comes back, subscribes or renews: no number wavers there."""


def turned_back(acme: Customer) -> list[str]:
    """The stages that were left within a week for the one they were entered from, though nobody had asked for that."""
    pairs = itertools.pairwise(acme.transitions)
    turned = [
        there.to_stage for there, back in pairs if back.to_stage == there.from_stage and back.at - there.at < WEEK_MS
    ]
    return [stage for stage in turned if stage not in LEFT_BY_DEEDS]


def moves_a_week(acme: Customer) -> list[int]:
    """For each move, how many moves there were in the week up to it."""
    at = [move.at for move in acme.transitions]
    return [sum(end - WEEK_MS < other <= end for other in at) for end in at]


def uses(acme: Customer, *, days: int, by: tuple[str, ...] = TEAM) -> Customer:
    """A team at work, on every weekday, all over the product."""
    for _ in range(days):
        acme.passes(hours=9)
        if acme.weekday < 5:
            for user in by:
                for event in CORE:
                    acme.does(event, by=user)
        acme.passes(hours=15)
    return acme


def adopted(acme: Customer) -> Customer:
    acme.does("Setup Completed").does("Invite Sent").does("Integration Connected")
    uses(acme, days=3).does("Subscription Started").does("API Key Created")
    return uses(acme, days=18)


def test_a_team_at_work_climbs_from_trial_to_power_user(acme: Customer) -> None:
    uses(adopted(acme), days=21)
    assert acme.path == ["trial", "activated", "adopted", "power_user"]
    assert acme.milestones["first_value"] < day(1)
    assert "key_features_adopted" in acme.milestones


def test_a_trial_without_use_is_nudged_then_called_then_dormant_then_lost(acme: Customer) -> None:
    acme.has(trial_ends_at=date(14)).passes(days=30)
    assert acme.path == ["trial", "dormant", "churned"]
    assert [name for name, status in acme.alerts if status == "firing"] == [
        "finish_set_up", "invite_a_teammate", "connect_an_integration", "trial_stalled", "trial_ends_without_value",
        "account_dormant", "account_lost",
    ]  # fmt: skip
    assert acme.firing == {"account_lost"}


def test_a_team_that_tries_in_earnest_is_handed_to_sales_until_it_buys(acme: Customer) -> None:
    uses(acme, days=3)
    assert "sales_ready" in acme.firing
    acme.does("Subscription Started").settles()
    assert "sales_ready" not in acme.firing
    assert "new_customer" in acme.firing


def test_a_use_case_that_was_sold_and_is_not_used_is_flagged(acme: Customer) -> None:
    uses(adopted(acme).has(sold_use_case="automation"), days=30)
    assert "promise_unmet" not in acme.firing
    acme.works(days=29, event="Report Viewed")
    assert "promise_unmet" in acme.firing


def test_sales_hears_of_a_lead_that_nobody_calls_until_somebody_does(acme: Customer) -> None:
    uses(acme, days=7)
    grades = [sla.grade for sla in acme.slas if sla.rule == "alerts.sales_ready.handoff.respond"]
    assert grades == ["reminder", "breach", "escalation"]
    acme.does("Call Logged").does("Meeting Booked")
    assert [sla.outcome for sla in acme.slas][-2:] == ["answered", "answered"]


def test_a_team_that_goes_home_is_at_risk_then_dormant_and_comes_back_by_two_days_of_use(acme: Customer) -> None:
    uses(uses(adopted(acme), days=21).passes(days=20), days=1)
    assert acme.path[3:] == ["power_user", "at_risk", "dormant"]
    uses(acme, days=14)
    assert acme.path[5:] == ["dormant", "activated", "adopted"]


def test_a_dip_in_usage_is_told_and_recovered_from_to_the_stage_before(acme: Customer) -> None:
    uses(uses(adopted(acme), days=28), days=14, by=("ann",))
    assert ("usage_dropped", "firing") in acme.alerts
    assert acme.stage == "at_risk"
    uses(acme, days=14)
    assert acme.path[-3:] == ["power_user", "at_risk", "power_user"]
    assert acme.firing.isdisjoint({"usage_dropped", "account_at_risk"})


def test_a_failed_payment_is_a_risk_until_it_is_paid(acme: Customer) -> None:
    adopted(acme).does("Invoice Failed")
    uses(acme, days=4)
    assert "payment_failed" in acme.firing
    uses(acme, days=10)
    assert acme.stage == "at_risk"
    acme.does("Invoice Paid")
    uses(acme, days=7)
    assert acme.path[-2:] == ["at_risk", "power_user"]
    assert "payment_failed" not in acme.firing


def test_who_cancels_is_lost_within_the_hour_and_won_back_by_a_new_subscription(acme: Customer) -> None:
    adopted(acme).does("Subscription Cancelled").passes(hours=3)
    assert acme.stage == "churned"
    uses(acme.passes(days=30).does("Subscription Started"), days=14)
    assert acme.path[-3:] == ["churned", "won_back", "activated"]


def test_who_takes_a_cancellation_back_at_once_has_never_left(acme: Customer) -> None:
    adopted(acme).does("Subscription Cancelled").passes(minutes=30).does("Subscription Started").passes(days=1)
    assert "churned" not in acme.path


def test_a_yearly_contract_is_renewed_by_one_playbook_at_a_time(acme: Customer) -> None:
    adopted(acme).has(contract_ends_at=date(135))
    uses(acme, days=100)
    assert acme.stage == "renewing"
    assert [name for name, status in acme.alerts if "renewal" in name and status == "firing"] == [
        "renewal_in_90_days", "renewal_in_60_days", "renewal_in_30_days",
    ]  # fmt: skip
    uses(acme.does("Seats Added").does("Subscription Renewed"), days=1)
    assert acme.stage == "expanded"
    assert not any("renewal" in name for name in acme.firing)
    uses(acme.has(contract_ends_at=date(500)), days=45)
    assert acme.path.count("renewing") == 1
    assert acme.path[-1] in {"adopted", "power_user"}


@pytest.mark.parametrize("seed", range(6))
def test_a_fickle_customer_never_flaps(seed: int, acme: Customer) -> None:
    dice = random.Random(seed)
    billing = ("Invoice Failed", "Invoice Paid", "Seats Added", "Subscription Started", "Subscription Cancelled",
               "Subscription Renewed", "Ticket Opened", "Plan Upgraded")  # fmt: skip
    for week in range(40):
        if dice.random() < 0.4:
            acme.does(dice.choice(billing))
        if dice.random() < 0.2:
            acme.has(contract_ends_at=date(7 * week + dice.randrange(100)))
        if dice.random() < 0.6:
            uses(acme, days=7, by=TEAM[: dice.randrange(1, 4)])
        else:
            acme.passes(days=7)
    assert turned_back(acme) == []
    assert max(moves_a_week(acme), default=0) <= 3


def test_proof_points_make_a_qualified_lead_of_few_users(acme: Customer) -> None:
    acme.does("Workflow Run", times=3).does("Report Viewed")
    assert "product_qualified" not in acme.milestones
    for proof in ("SSO Configured", "Sandbox Created", "ROI Calculated"):
        acme.does(proof)
    assert "product_qualified" in acme.milestones
    assert "sales_ready" in acme.firing


def test_an_evaluation_by_a_large_company_that_stands_still_is_told(acme: Customer) -> None:
    acme.has(employees=900).does("Sandbox Created").works(days=13, event="Report Viewed")
    assert "evaluation_stuck" not in acme.firing
    acme.works(days=2, event="Report Viewed")
    assert "evaluation_stuck" in acme.firing
    acme.does("Security Document Viewed")
    assert "evaluation_stuck" not in acme.firing


def test_adoption_that_is_missing_between_trial_end_and_day_60_is_told(acme: Customer) -> None:
    acme.has(trial_ends_at=date(14)).does("Subscription Started")
    for _ in range(8):
        acme.works(days=7, event="Report Viewed", by=TEAM)
    told = [alert for alert in acme.alerts_told if alert.rule == "alerts.adoption_missing"]
    assert {(alert.episode, alert.status.value) for alert in told} == {(1, "firing")}
    assert told[0].at == day(28)
    acme.works(days=21, event="Report Viewed", by=TEAM)
    assert "adoption_missing" not in acme.firing


IMPOSSIBLE = (
    ({"trial_starts_at": "2026-03-01", "trial_ends_at": "2026-02-27"}, "trial_ends_at comes before trial_starts_at"),
    (
        {"contract_starts_at": "2026-03-01", "contract_ends_at": "2026-02-27"},
        "contract_ends_at comes before contract_st",
    ),
    ({"seats": -1}, "seats is below 0"),
    ({"mrr": -100}, "mrr is below 0"),
    ({"mrr": 100, "currency": "USD"}, "mrr is not in EUR"),
)


@pytest.mark.parametrize(("traits", "told"), IMPOSSIBLE)
def test_word_of_an_account_that_cannot_be_is_kept_as_a_dead_letter_and_moves_nothing(
    acme: Customer, traits: dict[str, object], told: str
) -> None:
    acme.has(plan="team", seats=5, mrr=49_900).has(plan="free", **traits)
    [letter] = [output for output in acme.product.outputs if isinstance(output, DeadLetter)]
    assert (letter.reason, letter.detail[: len(told)]) == ("bad_trait", told)
    assert acme.traits == {"plan": "team", "seats": 5, "mrr": 49_900}
    assert acme.passes(days=10).stage == "trial"
