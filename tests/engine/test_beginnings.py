"""How an account begins: with its first event, which may not be the earliest one."""

from streams.engine.outputs import MilestoneReached
from tests.driver import Customer, day

JOURNEY = """
milestones:
  first_project: {when: {did: Project Created}}
alerts:
  slow_start: {kind: stall, severity: warning, when: {in_stage: {for: 5h}}}
  nobody_exports: {kind: risk, severity: info, when: {none: [{did: Export Run}]}}
"""


def test_an_account_known_only_by_a_group_call_has_deadlines_too(acme: Customer) -> None:
    acme.passes(hours=9).joins("ann").passes(hours=7)
    assert [alert.at for alert in acme.said("alerts.slow_start")] == [day(0, 14)]


def test_what_holds_from_the_very_beginning_is_said_with_the_first_event(acme: Customer) -> None:
    acme.joins("ann")
    assert [alert.at for alert in acme.said("alerts.nobody_exports")] == [day(0)]


def test_an_account_begins_with_its_earliest_event_though_a_later_one_came_first(acme: Customer) -> None:
    acme.passes(hours=9).does("Report Viewed").does("Project Created", hours_ago=0.5)
    [milestone] = acme.said("milestones.first_project")
    assert isinstance(milestone, MilestoneReached)
    assert (milestone.since_at, milestone.at) == (day(0, 8.5), day(0, 8.5))
    acme.passes(hours=6)
    assert [alert.at for alert in acme.said("alerts.slow_start")] == [day(0, 13.5)]


def test_a_late_event_does_not_put_the_beginning_back_and_no_milestone_lies_before_it(acme: Customer) -> None:
    acme.passes(hours=9).does("Report Viewed").does("Project Created", days_ago=2)
    [milestone] = acme.said("milestones.first_project")
    assert isinstance(milestone, MilestoneReached)
    assert (milestone.since_at, milestone.at) == (day(0, 9), day(0, 9))
    assert acme.said("alerts.slow_start") == []
