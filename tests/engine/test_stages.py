"""Stages: an account stands in exactly one, and leaves it by the first move that is open."""

import pytest

from tests.driver import Customer, Product, because, day, journey

JOURNEY = """
measures:
  active_days: {active_days: any, over: 7d}
milestones:
  first_project: {when: {did: Project Created}, activation: true}
stages:
  trial: {initial: true}
  activated: {from: trial, enter: {reached: first_project}}
  adopted:
    from: activated
    enter: {measure: {name: active_days, at_least: 5}}
    exit: [{to: activated, when: {measure: {name: active_days, below: 3}}}]
    dwell: 3d
  dormant:
    from: any
    enter: {silent: {for: 10d}}
    exit: [{to: previous, when: {did: {event: any, since: stage}}}]
  churned: {from: any, enter: {did: {event: Cancelled, since: stage}}, at_once: true}
"""


def test_an_account_begins_in_the_initial_stage(acme: Customer) -> None:
    acme.does("Report Viewed").passes(days=1.5)
    assert acme.stage == "trial"
    assert acme.path == ["trial"]


def test_a_milestone_opens_the_way_in_the_same_instant(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=3).does("Project Created")
    [move] = acme.transitions
    assert (move.from_stage, move.to_stage, move.at) == ("trial", "activated", day(0, 3))
    assert move.entered_from_at == day(0)
    assert move.rule == "stages.activated.enter"


def test_a_transition_says_why_with_the_event_that_caused_it(acme: Customer) -> None:
    acme.does("Project Created", by="bob")
    [move] = acme.transitions
    assert because(move) == [{"reached": "first_project", "at": "2026-01-05T00:00:00.000Z"}]
    assert move.evidence["event"] == {
        "message_id": "m-1",
        "name": "Project Created",
        "at": "2026-01-05T00:00:00.000Z",
        "user_id": "bob",
    }


def test_a_stage_is_entered_at_one_threshold_and_left_at_a_lower_one(acme: Customer) -> None:
    acme.does("Project Created").works(days=5)
    assert acme.stage == "adopted"
    acme.passes(days=4)  # three active days are left in the window: fewer than it took to enter, enough to stay
    assert acme.stage == "adopted"
    acme.passes(days=1, hours=1)
    assert acme.path == ["trial", "activated", "adopted", "activated"]
    assert acme.transitions[-1].at == day(10)


def test_a_stage_is_not_left_before_its_dwell_is_over() -> None:
    stages = {
        "calm": {"initial": True},
        "busy": {
            "from": "calm",
            "enter": {"measure": {"name": "today", "at_least": 3}},
            "exit": [{"to": "calm", "when": {"measure": {"name": "today", "below": 1}}}],
            "dwell": "4d",
        },
    }
    acme = Product(journey(measures={"today": {"count": "any", "over": "1d"}}, stages=stages)).account("acme")
    acme.passes(hours=6).does("Report Viewed", times=3).passes(days=3)
    assert acme.stage == "busy"
    acme.passes(days=1, hours=1)
    assert [move.at for move in acme.transitions] == [day(0, 6), day(4, 6)]


def test_what_is_at_once_does_not_wait_for_the_dwell(acme: Customer) -> None:
    acme.does("Project Created").works(days=5).does("Cancelled")
    assert acme.path == ["trial", "activated", "adopted", "churned"]
    assert acme.transitions[-1].at == day(5)


def test_previous_leads_back_to_where_the_account_came_from(acme: Customer) -> None:
    acme.does("Project Created").falls_silent(days=11).does("Report Viewed")
    assert acme.path == ["trial", "activated", "dormant", "activated"]
    assert [move.at for move in acme.transitions[1:]] == [day(10), day(11)]


def test_no_one_is_dormant_one_moment_before_the_silence_is_full(acme: Customer) -> None:
    acme.does("Report Viewed").falls_silent(days=10).passes(minutes=59)
    assert acme.stage == "trial"
    acme.passes(minutes=1)
    assert acme.stage == "dormant"


LOOP = """
stages:
  left: {initial: true, exit: [{to: right, when: {did: Report Viewed}}]}
  right: {exit: [{to: left, when: {did: Report Viewed}}]}
"""


def test_moves_that_are_open_both_ways_do_not_loop_in_one_instant() -> None:
    acme = Product(journey(LOOP)).account("acme").does("Report Viewed")
    assert acme.path == ["left", "right"]
    acme.passes(hours=12)
    assert acme.path == ["left", "right"]


TOGGLE = """
measures: {reports: {count: Report Viewed, over: 3d}}
stages:
  idle: {initial: true, exit: [{to: busy, when: {did: {event: Report Viewed, since: stage}}}]}
  busy:
    exit:
      - {to: idle, when: {did: {event: Report Viewed, since: stage}}}
      - {to: done, when: {measure: {name: reports, at_least: 9}}}
  done: {}
"""


def test_the_event_that_led_into_a_stage_does_not_count_since_it() -> None:
    acme = Product(journey(TOGGLE)).account("acme").does("Signed Up").passes(hours=9).does("Report Viewed")
    assert acme.path == ["idle", "busy"]
    acme.passes(days=2)
    assert acme.path == ["idle", "busy"]
    acme.does("Report Viewed")
    assert acme.path == ["idle", "busy", "idle"]


def test_the_very_first_event_counts_since_the_initial_stage(acme: Customer) -> None:
    acme.does("Cancelled")
    assert acme.path == ["trial", "churned"]


@pytest.mark.parametrize("name", ["trial", "activated", "adopted", "dormant", "churned"])
def test_every_transition_leaves_the_stage_the_one_before_it_entered(acme: Customer, name: str) -> None:
    acme.does("Project Created").works(days=6).falls_silent(days=11).works(days=7).falls_silent(days=12).does(
        "Cancelled"
    )
    assert name in acme.path
    assert [move.from_stage for move in acme.transitions] == acme.path[:-1]
