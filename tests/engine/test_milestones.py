"""Milestones: reached once, never unreached, with the time it took."""

from streams.engine.outputs import MilestoneReached
from tests.driver import Customer, Product, day, journey

JOURNEY = """
measures:
  weekly_users: {users: any, over: 7d}
milestones:
  signed_up: {when: {did: Signed Up}}
  first_report: {when: {all: [{reached: first_project}, {did: Report Viewed}]}}
  first_project: {when: {did: Project Created}, activation: true}
  team: {when: {measure: {name: weekly_users, at_least: 3}}}
  faithful: {when: {in_stage: {for: 30d}}}
"""


def milestone(acme: Customer, name: str) -> MilestoneReached:
    [said] = acme.said(f"milestones.{name}")
    assert isinstance(said, MilestoneReached)
    return said


def test_a_milestone_is_reached_with_the_event_that_makes_it_true(acme: Customer) -> None:
    acme.does("Signed Up").passes(hours=5).does("Project Created")
    assert acme.milestones == {"signed_up": day(0), "first_project": day(0, 5)}


def test_the_time_to_a_milestone_runs_from_the_accounts_beginning(acme: Customer) -> None:
    acme.passes(days=2).does("Signed Up").passes(hours=5).does("Project Created")
    said = milestone(acme, "first_project")
    assert (said.since_at, said.at) == (day(2), day(2, 5))


def test_a_milestone_is_told_once_however_often_it_would_be_true(acme: Customer) -> None:
    acme.works(days=3, event="Project Created", times=2)
    assert milestone(acme, "first_project").at == day(0, 9)


def test_a_milestone_stays_reached_when_its_condition_no_longer_holds(acme: Customer) -> None:
    acme.works(days=1, by=("ann", "bob", "cyd")).falls_silent(days=20).works(days=1).settles()
    assert "team" in acme.updates[-1].milestones
    assert acme.measures["weekly_users"] == 1
    assert milestone(acme, "team").at == day(0, 9)


def test_activation_marks_the_milestones_of_first_value(acme: Customer) -> None:
    acme.does("Signed Up").does("Project Created")
    assert not milestone(acme, "signed_up").activation
    assert milestone(acme, "first_project").activation


def test_a_milestone_may_wait_for_one_that_stands_below_it_in_the_file(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=1).does("Project Created")
    assert acme.milestones["first_report"] == day(0, 1)


def test_time_alone_reaches_a_milestone(acme: Customer) -> None:
    acme.does("Signed Up").passes(days=31)
    assert acme.milestones["faithful"] == day(30)


def test_a_late_event_reaches_a_milestone_as_of_what_has_been_decided(acme: Customer) -> None:
    acme.does("Signed Up").passes(days=10).does("Project Created", days_ago=5)
    assert acme.milestones["first_project"] == day(10, -1)


def test_the_id_of_a_milestone_follows_from_account_and_milestone_alone(acme: Customer) -> None:
    other = Product(journey(JOURNEY)).account("acme").passes(days=77).does("Signed Up", by="zoe")
    acme.does("Signed Up")
    assert milestone(acme, "signed_up").id == milestone(other, "signed_up").id
    globex = acme.product.account("globex").does("Signed Up")
    assert milestone(acme, "signed_up").id != milestone(globex, "signed_up").id
