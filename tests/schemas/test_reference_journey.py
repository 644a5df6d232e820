"""The reference journey is read and compiled without a fault, and holds what it promises to those who start from it."""

import pytest

from schemas.journey import AlertKind, Journey, Lead, Source
from schemas.reading import read_journey
from streams.engine.compiler import compile_journey
from tests.small_journey import REFERENCE


@pytest.fixture(scope="module")
def journey() -> Journey:
    return read_journey(REFERENCE)


def test_it_is_read_and_compiled(journey: Journey) -> None:
    compiled = compile_journey(journey)
    assert compiled.stages[compiled.initial] == "trial"


def test_it_knows_the_ten_stages_of_a_customer(journey: Journey) -> None:
    healthy = {"trial", "activated", "adopted", "power_user", "renewing", "expanded", "won_back"}
    assert set(journey.stages) == healthy | {"at_risk", "dormant", "churned"}


def test_it_has_an_alert_of_every_kind_each_with_a_play(journey: Journey) -> None:
    assert {rule.kind for rule in journey.alerts.values()} == set(AlertKind)
    assert all(rule.play for rule in journey.alerts.values())


def test_it_hands_over_every_kind_of_lead_with_deadlines(journey: Journey) -> None:
    handoffs = [rule.handoff for rule in journey.alerts.values() if rule.handoff]
    assert {handoff.lead for handoff in handoffs} == set(Lead)
    assert all(handoff.respond or handoff.next_step for handoff in handoffs)


def test_exactly_one_milestone_is_activation(journey: Journey) -> None:
    assert [name for name, milestone in journey.milestones.items() if milestone.activation] == ["first_value"]


def test_every_event_has_an_owner_and_only_the_product_has_features(journey: Journey) -> None:
    assert all(event.owner for event in journey.events.values())
    assert all(event.source is Source.PRODUCT for event in journey.events.values() if event.feature)


def test_going_back_to_the_previous_stage_never_leads_to_one_that_was_left_for_good(journey: Journey) -> None:
    returning = {name for name, stage in journey.stages.items() if any(way.to == "previous" for way in stage.exit)}
    assert returning == {"at_risk"}
    assert {"trial", "dormant", "churned", "any"}.isdisjoint(journey.stages["at_risk"].from_)


def test_it_can_be_read_in_one_sitting() -> None:
    lines = REFERENCE.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 520
    assert max(map(len, lines)) <= 120
