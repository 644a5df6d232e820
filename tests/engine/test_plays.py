"""Plays: an alert carries what to do, the first of its rule's plays that fits the account as it fires."""

import pytest

from streams.bodies import Bodies
from tests.driver import Customer, Product, journey
from tests.engine.test_transfers import redeployed

JOURNEY = """
traits: {plan: text, seats: number}
segments:
  tier: {trait: plan, values: [free, team]}
  size: {trait: seats, bands: {few: {below: 5}, many: {}}}
stages: {trial: {initial: true}, active: {from: trial, enter: {did: Project Created}}}
plays:
  for_teams: {content: The team tour, channel: email, audience: admin, owner: Growth, segment: {tier: team}}
  for_large_trials: {content: A guided tour, channel: call, owner: Sales, stage: trial, segment: {size: many}}
  for_active: {content: Recipes, channel: in_app, owner: Growth, stage: [active]}
  for_all: Say hello
alerts:
  many_ways:
    {kind: nudge, severity: info, play: [for_teams, for_large_trials, for_active, for_all], when: {did: Report Viewed}}
  one_way: {kind: nudge, severity: info, play: for_active, when: {did: Report Viewed}}
  no_way: {kind: nudge, severity: info, when: {did: Report Viewed}}
  over: {kind: risk, severity: info, play: [for_teams, for_all], when: {silent: {for: 2d}}}
"""

WITHOUT = JOURNEY.replace("play: [for_teams, for_all], when: {silent", "play: for_active, when: {silent")


def plays(acme: Customer) -> dict[str, str | None]:
    return {alert.rule.removeprefix("alerts."): alert.play for alert in acme.alerts_told}


def test_an_alert_carries_the_first_of_its_plays_that_is_for_the_segment_of_the_account(acme: Customer) -> None:
    acme.has(plan="team", seats=50).does("Report Viewed")
    assert plays(acme)["many_ways"] == "for_teams"


def test_a_play_for_a_stage_and_a_segment_asks_for_both(acme: Customer) -> None:
    acme.has(seats=50).does("Report Viewed")
    assert plays(acme)["many_ways"] == "for_large_trials"
    other = acme.product.account("other").has(seats=50).does("Project Created").does("Report Viewed")
    assert plays(other)["many_ways"] == "for_active"


def test_a_play_for_drivers_of_churn_is_for_accounts_to_which_one_of_them_applies() -> None:
    text = JOURNEY.replace("plays:\n", "plays:\n  for_trouble: {content: Ask finance, driver: [billing, support]}\n")
    text = text.replace("play: [for_teams, for_large", "play: [for_trouble, for_teams, for_large")
    text += """drivers:
  billing: {risk: 0.5, when: {did: Cancelled}}
  support: {risk: 0.5, when: {did: Export Run}}
  other: {risk: 0.5, when: {did: Report Viewed}}
"""
    for deed, expected in (("Export Run", "for_trouble"), ("Signed Up", "for_all")):
        acme = Product(journey(text)).account("acme").does(deed).passes(days=2).does("Report Viewed")
        assert plays(acme)["many_ways"] == expected


def test_a_play_without_limits_is_for_everybody_else(acme: Customer) -> None:
    assert plays(acme.does("Report Viewed"))["many_ways"] == "for_all"


def test_an_alert_none_of_whose_plays_fits_carries_none_and_is_told_all_the_same(acme: Customer) -> None:
    assert plays(acme.does("Report Viewed"))["one_way"] is None
    assert plays(acme)["no_way"] is None


def test_what_ends_an_alert_names_the_play_it_was_fired_with_whatever_the_account_has_become(acme: Customer) -> None:
    acme.does("Report Viewed", days_ago=0).has(plan="team").falls_silent(days=3).has(plan="free").does("Report Viewed")
    assert [alert.play for alert in acme.alerts_told if alert.rule == "alerts.over"] == ["for_teams"] * 2


def test_the_record_says_what_to_do_by_which_channel_for_whom_and_who_answers_for_it(acme: Customer) -> None:
    acme.has(plan="team").does("Report Viewed")
    product = acme.product
    bodies = Bodies(product.source, product.journey)
    told = {alert.rule: bodies.body(alert, 0)["play"] for alert in acme.alerts_told}
    assert told["alerts.many_ways"] == {
        "name": "for_teams",
        "content": "The team tour",
        "channel": "email",
        "audience": "admin",
        "owner": "Growth",
    }
    assert told["alerts.no_way"] is None


def test_a_play_written_as_its_content_is_a_task_of_nobody(acme: Customer) -> None:
    play = acme.product.source.plays["for_all"]
    assert (play.content, play.channel, play.owner, play.audience) == ("Say hello", "task", None, None)


@pytest.mark.parametrize(("now", "play"), [(JOURNEY, "for_teams"), (WITHOUT, None)])
def test_a_firing_alert_keeps_its_play_though_the_journey_changes_unless_it_has_none_such(
    acme: Customer, now: str, play: str | None
) -> None:
    acme.has(plan="team").does("Report Viewed").falls_silent(days=3)
    again = redeployed(acme, "measures: {more: {count: any, over: 3d}}\n" + now).has(plan="free").does("Report Viewed")
    assert [(alert.status, alert.play) for alert in again.alerts_told if alert.rule == "alerts.over"] == [
        ("resolved", play)
    ]
