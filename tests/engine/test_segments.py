"""Segments: what kind of customer an account is, by its traits; on every output, and as a limit on rules."""

from typing import TYPE_CHECKING

import pytest

from streams.engine.outputs import StageChanged
from tests.driver import Customer, Product, because, journey

if TYPE_CHECKING:
    from streams.engine.account import Account

JOURNEY = """
traits: {plan: text, employees: number, industry: text}
segments:
  tier: {trait: plan, values: [free, team, business]}
  size: {trait: employees, bands: {small: {below: 20}, mid: {below: 200}, large: {}}}
  industry: {trait: industry}
milestones:
  looked: {when: {did: Report Viewed}}
  exported: {only: {tier: [team, business]}, when: {did: Export Run}}
stages:
  trial: {initial: true}
  paying: {from: trial, enter: {segment: {tier: [team, business], size: large}}}
alerts:
  quiet: {kind: risk, severity: info, when: {silent: {for: 2d}}}
  quiet_team: {kind: risk, severity: info, only: {tier: team}, when: {silent: {for: 2d}}}
  busy: {kind: nudge, severity: info, only: {tier: team}, when: {did: Export Run}, until: {did: Cancelled}}
"""


def held(acme: Customer) -> "Account":
    account = acme.product.pipeline.follow.account(acme.name.encode())
    assert account is not None
    return account


def test_every_output_carries_the_segment_in_every_dimension(acme: Customer) -> None:
    acme.has(plan="team", employees=500, industry="Shipping").does("Report Viewed").falls_silent(days=3)
    assert {type(output).__name__ for output in acme.outputs} == {
        "StageChanged",
        "MilestoneReached",
        "AlertChanged",
        "AccountUpdated",
    }
    segment = {"tier": "team", "size": "large", "industry": "Shipping"}
    assert [output.segment for output in acme.outputs] == [segment] * len(acme.outputs)


def test_an_account_of_which_nothing_is_known_is_unknown_in_every_dimension(acme: Customer) -> None:
    acme.does("Report Viewed")
    assert acme.outputs[0].segment == {"tier": "unknown", "size": "unknown", "industry": "unknown"}


def test_a_text_is_the_segment_as_it_is_unless_values_are_listed(acme: Customer) -> None:
    acme.has(plan="gold", industry="gold")
    assert held(acme).segment == {"tier": "other", "size": "unknown", "industry": "gold"}


@pytest.mark.parametrize(
    ("employees", "size"), [(-1, "small"), (19.9, "small"), (20, "mid"), (199, "mid"), (200, "large"), (10**9, "large")]
)
def test_a_band_reaches_up_to_its_end_and_the_last_is_open(acme: Customer, employees: float, size: str) -> None:
    acme.has(employees=employees)
    assert held(acme).segment["size"] == size


def test_a_number_above_a_last_band_that_is_closed_is_other() -> None:
    bands = {"size": {"trait": "seats", "bands": {"few": {"below": 5}}}}
    acme = Product(journey("traits: {seats: number}", segments=bands)).account("acme").has(seats=5)
    assert held(acme).segment == {"size": "other"}


def test_the_segment_follows_the_traits_and_a_cleared_one_is_unknown_again(acme: Customer) -> None:
    acme.has(plan="free").does("Report Viewed").has(plan="team").passes(hours=1).has(plan=None)
    acme.does("Export Run").passes(days=1).settles()
    assert acme.outputs[0].segment["tier"] == "free"
    assert acme.updates[-1].segment["tier"] == "unknown"


def test_a_journey_without_segments_says_none() -> None:
    acme = Product(journey("milestones: {looked: {when: {did: Report Viewed}}}")).account("acme").does("Report Viewed")
    assert acme.outputs[0].segment == {}


def test_a_condition_on_segments_holds_once_every_dimension_fits_and_shows_what_it_saw(acme: Customer) -> None:
    acme.does("Report Viewed").has(plan="team").has(employees=20)
    assert acme.stage == "trial"
    acme.has(employees=200)
    [moved] = acme.transitions
    assert isinstance(moved, StageChanged)
    assert because(moved) == [
        {"segment": {"tier": "team", "size": "large"}, "is": {"tier": ["team", "business"], "size": ["large"]}}
    ]


def test_a_milestone_for_some_segments_is_reached_by_their_accounts_alone(acme: Customer) -> None:
    acme.has(plan="free").does("Export Run")
    assert acme.milestones == {}
    acme.has(plan="team")
    assert set(acme.milestones) == {"exported"}


def test_an_alert_for_some_segments_is_told_of_their_accounts_alone(acme: Customer) -> None:
    globex = acme.product.account("globex").joins("bob", {"plan": "team"})
    acme.has(plan="free").does("Report Viewed")
    globex.does("Report Viewed", by="bob").falls_silent(days=3)
    assert acme.firing == {"quiet"}
    assert globex.firing == {"quiet", "quiet_team"}


def test_an_account_that_leaves_the_segment_ends_what_was_told_because_of_it(acme: Customer) -> None:
    acme.has(plan="team").does("Report Viewed").does("Export Run").falls_silent(days=3)
    assert acme.firing == {"quiet", "quiet_team", "busy"}
    acme.has(plan="free")
    assert acme.firing == {"quiet"}


def test_a_limited_alert_ends_by_its_until_too(acme: Customer) -> None:
    acme.has(plan="team").does("Export Run")
    assert acme.firing == {"busy"}
    acme.does("Cancelled")
    assert acme.firing == set()
