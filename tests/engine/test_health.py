"""Health and drivers: read as days close, told with the account, asked for by rules, ranked by what is at stake."""

import pytest

from schemas.reading import JourneyError, read_journey
from streams.bodies import Bodies
from streams.engine.outputs import AccountUpdated, Health
from tests.driver import DEFAULTS, Customer, Product, because, day, journey
from tests.engine.test_transfers import redeployed
from tests.small_journey import SMALL

JOURNEY = """
traits: {mrr: number, nps: number, plan: text}
revenue: mrr
measures:
  active_days: {active_days: any, over: 4d}
  exports: {count: Export Run, over: 4d}
milestones:
  first_project: {when: {did: Project Created}}
health:
  habit: {measure: active_days, from: 0, to: 4, weight: 2}
  calm: {measure: exports, from: 5, to: 0}
  value: {when: {reached: first_project}}
  praise: {trait: nps, from: -100, to: 100, weight: 4}
drivers:
  no_value: {risk: 0.5, when: {none: [{reached: first_project}]}}
  low_adoption: {risk: 0.75, when: {all: [{health: {below: 50}}, {silent: {for: 3d}}]}}
alerts:
  unwell: {kind: risk, severity: warning, when: {health: {below: 40}}, until: {health: {at_least: 60}}}
  valueless: {kind: nudge, severity: info, when: {all: [{driver: no_value}, {silent: {for: 1d}}]}}
"""


def health_of(acme: Customer) -> Health:
    health = acme.updates[-1].health
    assert health is not None
    return health


def test_a_number_is_worth_its_share_of_the_way_from_one_value_to_the_other(acme: Customer) -> None:
    acme.works(days=3).does("Export Run").settles()
    assert dict(health_of(acme).parts) == {"habit": 75, "calm": 100, "value": 0, "praise": None}


def test_values_beyond_either_end_are_worth_nothing_or_all(acme: Customer) -> None:
    acme.has(nps=-300).does("Export Run", times=9).works(days=6).settles()
    parts = health_of(acme).parts
    assert (parts["habit"], parts["praise"]) == (100, 0)


def test_a_part_may_fall_as_its_number_rises(acme: Customer) -> None:
    acme.does("Export Run", times=4).works(days=1).settles()
    assert health_of(acme).parts["calm"] == 20


def test_the_score_weighs_the_parts_and_leaves_out_what_is_unknown(acme: Customer) -> None:
    acme.works(days=3).settles()
    assert health_of(acme).score == round((75 * 2 + 100) / 4)
    acme.has(nps=100).works(days=1).settles()
    assert health_of(acme).score == round((100 * 2 + 100 + 0 + 100 * 4) / 8)


def test_before_the_first_day_has_closed_there_is_no_health_and_no_rule_holds_by_it(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=20)
    assert all(update.health is None for update in acme.updates)
    assert acme.alerts == []


def test_health_is_read_as_a_day_closes_and_rules_hear_of_it_there(acme: Customer) -> None:
    acme.does("Export Run", times=9).passes(days=1).settles()
    [alert] = acme.said("alerts.unwell")
    assert (alert.at, because(alert)) == (day(1), [{"health": "score", "value": 12, "below": 40.0}])
    acme.does("Project Created").works(days=4).settles()
    assert ("unwell", "resolved") in acme.alerts


def test_an_account_that_does_nothing_any_more_is_told_of_as_its_health_falls(acme: Customer) -> None:
    acme.works(days=4).falls_silent(days=2).settles()
    assert [(update.at, update.health.score) for update in acme.updates if update.health][-2:] == [
        (day(5), 62),
        (day(6), 50),
    ]


def test_a_driver_applies_while_its_condition_holds_and_carries_its_evidence(acme: Customer) -> None:
    acme.has(mrr=10_000).does("Report Viewed").passes(days=1).settles()
    [found] = acme.updates[-1].drivers
    assert (found.driver, found.risk, found.at_stake) == ("no_value", 0.5, 5_000)
    assert found.because == [{"reached": "first_project", "at": None, "none": True}]
    acme.does("Project Created").passes(days=1).settles()
    assert acme.updates[-1].drivers == ()


def test_drivers_are_ranked_by_risk_times_revenue(acme: Customer) -> None:
    acme.has(mrr=10_000).does("Export Run", times=9).passes(days=5).settles()
    assert [(found.driver, found.at_stake) for found in acme.updates[-1].drivers] == [
        ("low_adoption", 7_500),
        ("no_value", 5_000),
    ]


def test_without_known_revenue_nothing_is_said_to_be_at_stake_and_negative_revenue_puts_none_there(
    acme: Customer,
) -> None:
    acme.does("Report Viewed").passes(days=1).settles()
    assert acme.updates[-1].drivers[0].at_stake is None
    acme.has(mrr=-5_000).passes(days=1).settles()
    assert acme.updates[-1].drivers[0].at_stake == 0


def test_where_revenue_is_lost_nothing_is_at_stake() -> None:
    text = JOURNEY.replace("revenue: mrr", "revenue: {mrr: mrr, lost: gone}")
    stages = {"here": {"initial": True}, "gone": {"from": "here", "enter": {"did": "Cancelled"}}}
    acme = Product(journey(text, stages=stages)).account("acme").has(mrr=10_000).does("Cancelled")
    acme.passes(days=1).settles()
    assert [found.at_stake for found in acme.updates[-1].drivers] == [0]


def test_a_rule_may_ask_for_a_driver_by_name(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=2)
    assert "valueless" in acme.firing
    [alert] = acme.said("alerts.valueless")
    assert because(alert)[0]["driver"] == "no_value"
    acme.does("Project Created")
    assert "valueless" not in acme.firing


def test_an_alert_of_kind_risk_tells_the_drivers_and_others_do_not(acme: Customer) -> None:
    acme.has(mrr=10_000).does("Export Run", times=9).passes(days=2).settles()
    drivers = {alert.rule: [found.driver for found in alert.drivers] for alert in acme.alerts_told}
    assert drivers == {"alerts.unwell": ["no_value"], "alerts.valueless": []}


def test_a_changed_journey_keeps_the_score_and_the_parts_that_keep_their_names(acme: Customer) -> None:
    acme.works(days=3).settles()
    score = health_of(acme).score
    acme = redeployed(acme, JOURNEY.replace("  habit:", "  custom:")).falls_silent(hours=10)
    health = health_of(acme)
    assert (health.score, health.parts["calm"], health.parts["custom"]) == (score, 100, None)


def test_bodies_tell_health_and_drivers(acme: Customer) -> None:
    acme.has(mrr=10_000).does("Export Run", times=9).passes(days=2).settles()
    [alert] = [said for said in acme.alerts_told if said.rule == "alerts.unwell"]
    bodies = Bodies(acme.product.source, acme.product.journey)
    account = bodies.body(acme.updates[-1], 0)
    assert account["health"] == {"score": 12, "parts": {"habit": 25, "calm": 0, "value": 0, "praise": None}}
    driver = {"driver": "no_value", "risk": 0.5, "at_stake": 5_000}
    assert [found.items() >= driver.items() for found in bodies.body(alert, 0)["drivers"]] == [True]
    assert isinstance(acme.updates[-1], AccountUpdated)


FAULTS = {
    "health: {a: {measure: breath, from: 0, to: 1}}": "health.a.measure: there is no measure 'breath'; did you mean "
    "'breadth'?",
    "health: {a: {trait: plan, from: 0, to: 1}}": "health.a.trait: the trait 'plan' is a text, and this asks for a "
    "number; name another",
    "health: {a: {measure: breadth, from: 1, to: 1}}": "health.a: 'from' and 'to' are the same; give the values that "
    "are worth 0 and 100",
    "health: {a: {measure: breadth, from: 1}}": "health.a: give 'from', the value that is worth 0, and 'to', the value "
    "that is worth 100",
    "health: {a: {when: {did: any}, to: 1}}": "health.a: 'when' is worth 100 or 0: leave 'from' and 'to' out",
    "health: {a: {weight: 2}}": "health.a: give exactly one of measure, trait, when; found none",
    "health: {a: {when: {reached: lookd}}}": "health.a.when.reached: there is no milestone 'lookd'; did you mean "
    "'looked'?",
    "health: {a: {when: {any: [{health: {below: 3}}]}}}": "health.a.when.any[0].health: a condition under health may "
    "not ask for 'health': they would wait for one another",
    "drivers: {a: {risk: 0.1, when: {driver: a}}}": "drivers.a.when.driver: a condition under drivers may not ask for "
    "'driver': they would wait for one another",
    "drivers: {a: {risk: 0.1, when: {health: {below: 3}}}}": "drivers.a.when.health: there is no health score; declare "
    "its parts under health",
    "drivers: {a: {risk: 2, when: {did: any}}}": "drivers.a.risk: must be at most 1, not 2",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_in_health_or_drivers_is_told_with_its_path_and_a_remedy(text: str) -> None:
    with pytest.raises(JourneyError) as caught:
        read_journey((SMALL + text + "\n").encode())
    assert [str(fault).partition(": ")[2] for fault in caught.value.faults] == [FAULTS[text]]


def test_what_is_not_declared_costs_no_state() -> None:
    product = Product(journey("", **DEFAULTS))
    product.account("acme").works(days=2)
    assert product.journey.vital is None
    assert product.pipeline.follow.account(b"acme").rare.vitals is None  # type: ignore[union-attr]


def test_an_alert_on_an_unknown_driver_is_refused() -> None:
    with pytest.raises(JourneyError, match="there is no driver 'no_vlue'; declare it under drivers"):
        read_journey(SMALL.replace("{did: Report Viewed}", "{driver: no_vlue}").encode())
