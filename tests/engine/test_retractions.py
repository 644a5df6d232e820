"""Retractions: an event that comes too late, or out of order, takes back what it shows to have been wrong."""

from schemas.state import Before
from streams.bodies import Bodies
from streams.engine.outputs import AlertChanged
from tests.driver import Customer, because, day
from tests.engine.test_transfers import redeployed

JOURNEY = """
measures:
  reports: {count: Report Viewed, over: 3d}
milestones:
  looked: {when: {did: Report Viewed}}
stages:
  trial: {initial: true}
  active: {from: trial, enter: {did: {event: Project Created, since: stage}}}
  dormant:
    from: [trial, active]
    enter: {silent: {for: 5d}}
    exit: [{to: previous, when: {measure: {name: reports, at_least: 3}}}]
alerts:
  silent: {kind: risk, severity: warning, when: {silent: {for: 3d}}, cooldown: 30d}
  asleep: {kind: risk, severity: critical, when: {stage: dormant}}
  no_report: {kind: nudge, severity: info, when: {absent: {event: Report Viewed, after: Signed Up, within: 2d}}}
  few_reports: {kind: risk, severity: info, when: {all: [{did: Signed Up}, {measure: {name: reports, below: 2}}]},
                until: {did: {event: Cancelled, within: 1d}}}
"""


def statuses(acme: Customer, rule: str) -> list[str]:
    return [said.status.value for said in acme.said(f"alerts.{rule}") if isinstance(said, AlertChanged)]


def test_a_silence_that_was_none_is_retracted(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=4).does("Export Run", days_ago=2)
    assert statuses(acme, "silent") == ["firing", "retracted"]
    _, retracted = acme.alerts_told
    assert retracted.at == day(4) - acme.product.journey.lateness_ms
    assert because(retracted) == [{"silent": ["any"], "last_at": "2026-01-07T00:00:00.000Z", "for": "3d", "none": True}]


def test_a_silence_that_has_ended_is_resolved(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=4).does("Export Run")
    assert statuses(acme, "silent") == ["firing", "resolved"]


def test_an_event_at_the_very_instant_of_a_verdict_does_not_overturn_it(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=3).settles().does("Export Run", hours_ago=1)
    assert acme.alerts_told[0].at == day(3)
    assert statuses(acme, "silent") == ["firing", "resolved"]


def test_an_answer_that_only_came_late_takes_back_that_it_was_missing(acme: Customer) -> None:
    acme.does("Signed Up").passes(days=2.5).does("Report Viewed", days_ago=1)
    assert statuses(acme, "no_report") == ["firing", "retracted"]


def test_an_answer_after_the_deadline_resolves(acme: Customer) -> None:
    acme.does("Signed Up").passes(days=2.5).does("Report Viewed")
    assert statuses(acme, "no_report") == ["firing", "resolved"]


def test_an_event_out_of_order_though_not_late_retracts_too(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=1).does("Signed Up").does("Report Viewed", hours_ago=0.5)
    assert statuses(acme, "few_reports") == ["firing", "retracted"]


def test_a_count_that_was_reached_in_time_retracts_whatever_the_rule_waits_for_to_end(acme: Customer) -> None:
    acme.does("Signed Up").passes(days=1).does("Report Viewed", days_ago=0.5, times=2)
    assert statuses(acme, "few_reports") == ["firing"], "it happened after the alert had fired"
    acme.does("Report Viewed", days_ago=1.5)
    assert statuses(acme, "few_reports") == ["firing"], "the condition had ceased to hold already"


def test_an_event_from_before_that_changes_nothing_retracts_nothing(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=4).does("Export Run", days_ago=6)
    assert statuses(acme, "silent") == ["firing"]


def test_no_cooldown_follows_what_was_retracted(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=4).does("Export Run", days_ago=2).falls_silent(days=2)
    assert statuses(acme, "silent") == ["firing", "retracted", "firing"]
    assert acme.alerts_told[-1].at == day(5)


def test_a_move_that_an_event_overturns_is_taken_back_by_its_id(acme: Customer) -> None:
    acme.does("Project Created").falls_silent(days=6).does("Export Run", days_ago=4)
    assert acme.path == ["trial", "active", "dormant", "active"]
    _, slept, back = acme.transitions
    assert (back.retracts, back.rule, back.entered_from_at) == (slept.id, "stages.dormant.enter", day(5))
    assert because(back) == [{"silent": ["any"], "last_at": "2026-01-07T00:00:00.000Z", "for": "5d", "none": True}]
    assert acme.updates[-1].stage_at == day(0), "it stands where it stood, and since when"


def test_what_rested_on_a_stage_that_was_none_is_retracted_with_it(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=6).does("Export Run", days_ago=4)
    assert statuses(acme, "asleep") == ["firing", "retracted"]


def test_a_move_back_by_an_exit_retracts_nothing(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=6).does("Report Viewed", times=3)
    assert acme.path == ["trial", "dormant", "trial"]
    assert [move.retracts for move in acme.transitions] == [None, None]


def test_a_move_whose_reason_has_passed_is_not_taken_back(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=6).does("Report Viewed").does("Export Run", days_ago=4)
    assert acme.path == ["trial", "dormant"]


def test_an_event_after_a_move_takes_nothing_back_though_it_comes_late(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=8).does("Export Run", days_ago=2)
    assert acme.path == ["trial", "dormant"]


def test_a_move_since_the_stage_was_entered_stands_after_it(acme: Customer) -> None:
    acme.passes(days=1).does("Project Created").does("Export Run", hours_ago=0.5)
    assert acme.path == ["trial", "active"]


def test_a_stage_taken_back_is_entered_again_when_its_time_comes(acme: Customer) -> None:
    acme.does("Project Created").falls_silent(days=6).does("Export Run", days_ago=4).falls_silent(days=2)
    assert acme.path[-2:] == ["active", "dormant"]
    assert acme.transitions[-1].at == day(7)
    assert len({move.id for move in acme.transitions}) == 4


def test_a_milestone_stays_reached_at_the_instant_first_told(acme: Customer) -> None:
    acme.passes(days=2).does("Report Viewed").does("Report Viewed", days_ago=1)
    assert acme.milestones == {"looked": day(2)}
    assert len(acme.said("milestones.looked")) == 1


def test_a_changed_journey_forgets_how_the_account_came_into_its_stage(acme: Customer) -> None:
    acme.does("Project Created").falls_silent(days=6)
    assert _before(acme) == Before(day(0), 0)
    acme = redeployed(acme, JOURNEY.replace("  looked:", "  seen:")).does("Export Run", days_ago=4)
    assert acme.transitions == []


def _before(acme: Customer) -> Before | None:
    account = acme.product.pipeline.follow.account(acme.name.encode())
    assert account is not None
    return account.rare.before


def test_bodies_tell_what_is_retracted(acme: Customer) -> None:
    acme.does("Export Run").falls_silent(days=6).does("Export Run", days_ago=4)
    bodies = Bodies(acme.product.source, acme.product.journey)
    slept, back = acme.transitions
    assert [bodies.body(move, 0)["retracts"] for move in (slept, back)] == [None, slept.id]
    assert bodies.body(acme.alerts_told[-1], 0)["status"] == "retracted"
