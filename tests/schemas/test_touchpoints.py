"""Touchpoints: what lacks an owner or content is listed, and so is who is served by no play."""

from schemas.reading import read_journey
from schemas.touchpoints import notes, plays_for
from tests.driver import journey
from tests.small_journey import REFERENCE

WHOLE = """
traits: {plan: text}
segments: {tier: {trait: plan, values: [free, team]}}
stages:
  trial: {initial: true}
  active: {from: trial, enter: {did: Project Created}}
  churned: {from: active, enter: {did: Cancelled}}
plays:
  tour: {content: The tour, owner: Growth}
  hello: {content: Hello, owner: Growth, segment: {tier: [free, other, unknown]}}
  team_hello: {content: Hello all, owner: Growth, segment: {tier: team}}
  ask: {content: Ask why, owner: Success, stage: [active, churned]}
alerts:
  try_it: {kind: nudge, severity: info, play: tour, when: {all: [{stage: trial}, {silent: {for: 1d}}]}}
  welcome: {kind: nudge, severity: info, play: [hello, team_hello], when: {all: [{stage: active}, {did: Signed Up}]}}
  gone: {kind: risk, severity: info, play: ask, when: {none: [{stage: [trial, active]}]}}
"""


def told(text: str) -> list[str]:
    return [str(note) for note in notes(journey(text))]


def test_nothing_is_noted_of_a_journey_whose_every_touchpoint_is_whole_and_serves_all() -> None:
    assert told(WHOLE) == []


def test_nothing_is_noted_of_a_journey_without_plays() -> None:
    assert told("alerts: {a: {kind: risk, severity: info, when: {silent: {for: 1d}}}}") == []


def test_a_play_without_owner_or_content_is_noted() -> None:
    assert told(WHOLE.replace("tour: {content: The tour, owner: Growth}", "tour: The tour")) == [
        "plays.tour: it has no owner"
    ]
    assert told(WHOLE.replace("tour: {content: The tour, owner", "tour: {owner")) == ["plays.tour: it has no content"]


def test_a_play_that_no_alert_names_and_an_alert_without_play_are_noted() -> None:
    assert told(WHOLE.replace("play: [hello, team_hello], ", "")) == [
        "plays.hello: no alert names it",
        "plays.team_hello: no alert names it",
        "alerts.welcome: it has no play",
        "stages.active: no play serves it",
    ]


def test_a_stage_is_served_only_where_an_alert_that_names_a_play_for_it_can_fire() -> None:
    assert told(WHOLE.replace("stage: [active, churned]", "stage: active")) == ["stages.churned: no play serves it"]
    assert told(WHOLE.replace("none: [{stage: [trial, active]}]", "stage: active")) == [
        "stages.churned: no play serves it"
    ]


def test_a_segment_that_no_play_serves_in_a_stage_is_noted_with_it() -> None:
    assert told(WHOLE.replace("{tier: [free, other, unknown]}", "{tier: [free, other]}")) == [
        "stages.active: no play serves it with tier unknown"
    ]


def test_an_alert_for_some_segments_only_serves_no_others() -> None:
    only = WHOLE.replace("play: tour, when", "play: tour, only: {tier: team}, when")
    assert told(only) == [f"stages.trial: no play serves it with tier {tier}" for tier in ("free", "other", "unknown")]


def test_a_play_behind_one_that_takes_everybody_serves_nobody() -> None:
    behind = WHOLE.replace("[hello, team_hello]", "[tour, hello, team_hello]")
    assert plays_for(journey(behind), "active", {"tier": "free"}) == ("tour",)


def test_a_driver_of_churn_is_served_by_a_play_for_it_or_by_an_alert_that_asks_for_it() -> None:
    driven = WHOLE + "drivers: {billing: {risk: 0.5, when: {did: Cancelled}}}\n"
    assert told(driven) == ["drivers.billing: no play serves it"]
    assert told(driven.replace("stage: [active, churned]", "driver: billing")) == []
    assert told(driven.replace("when: {none: [{stage: [trial, active]}]}", "when: {driver: billing}")) == []


def test_conditions_open_to_any_account_decide_nothing() -> None:
    either = WHOLE.replace(
        "{all: [{stage: trial}, {silent: {for: 1d}}]}", "{any: [{stage: trial}, {silent: {for: 1d}}]}"
    )
    assert plays_for(journey(either), "active", {}) == ("tour", "hello", "team_hello")


def test_the_reference_journey_serves_every_stage_and_segment_with_plays_that_have_content_and_an_owner() -> None:
    assert [str(note) for note in notes(read_journey(REFERENCE))] == []
