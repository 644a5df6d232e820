"""Every kind of condition, one after the other, each as the alert it makes."""

import pytest

from schemas.journey import Condition
from tests.driver import START, Customer, Product, because, day, journey

JOURNEY = """
traits: {contract_ends_at: date, seats: number, plan: text}
measures:
  reports: {count: Report Viewed, over: 2d}
milestones:
  first_project: {when: {did: Project Created}}
stages:
  trial: {initial: true}
  paying: {from: trial, enter: {did: Signed Up}}
"""


def alerted(when: object, **sections: object) -> Customer:
    """A customer of a product with one alert, `it`."""
    rule = {"kind": "nudge", "severity": "info", "when": when}
    return Product(journey(JOURNEY, alerts={"it": rule}, **sections)).account("acme")


def told(acme: Customer) -> list[tuple[str, float]]:
    """When `it` fired and was resolved, in days since the start."""
    return [(alert.status.value, (alert.at - START) / 86_400_000) for alert in acme.alerts_told]


def test_one_that_is_written_twice_is_asked_for_its_deadline_once() -> None:
    rule = {"kind": "nudge", "severity": "info", "when": {"silent": {"for": "7d"}}}
    assert len(Product(journey(JOURNEY, alerts={"it": rule, "that": rule})).journey.dues) == 1


def test_an_event_that_can_only_end_one_asks_no_alert_but_such_as_have_ended_while_it_held() -> None:
    until = {"any": [{"did": "Export Run"}, {"none": [{"silent": {"for": "7d"}}]}]}
    rule = {"kind": "nudge", "severity": "info", "when": {"silent": {"for": "7d"}}, "until": until}
    compiled = Product(journey(JOURNEY, alerts={"it": rule})).journey
    wakes = compiled.touches["Project Created"].wakes[0]
    alert = compiled.stage_bit << 1
    assert not wakes.fires[compiled.initial] & alert
    assert wakes.arms == alert


class TestDid:
    def test_ever(self) -> None:
        acme = alerted({"did": "Export Run"}).does("Report Viewed")
        assert told(acme) == []
        acme.passes(days=1).does("Export Run").passes(days=400)
        assert told(acme) == [("firing", 1)]

    def test_any_of_a_list(self) -> None:
        acme = alerted({"did": ["Export Run", "Project Created"]}).passes(days=2).does("Project Created")
        assert told(acme) == [("firing", 2)]

    def test_so_many_times(self) -> None:
        acme = alerted({"did": {"event": "Export Run", "times": 3}}).does("Export Run", times=2)
        assert told(acme) == []
        acme.passes(days=100).does("Export Run")
        assert told(acme) == [("firing", 100)]
        assert because(acme.alerts_told[0]) == [{"did": ["Export Run"], "times": 3, "at_least": 3}]

    def test_within_a_window_and_no_longer(self) -> None:
        acme = alerted({"did": {"event": "Export Run", "within": "2d"}}).passes(hours=6).does("Export Run")
        acme.passes(days=5)
        assert told(acme) == [("firing", 0.25), ("resolved", 3)]

    def test_so_many_times_within_a_window(self) -> None:
        acme = alerted({"did": {"event": "Export Run", "times": 2, "within": "2d"}})
        acme.passes(hours=6).does("Export Run").passes(days=3).does("Export Run")
        assert told(acme) == []
        acme.passes(days=1).does("Export Run")
        assert told(acme) == [("firing", 4.25)]

    def test_since_the_stage_was_entered(self) -> None:
        acme = alerted({"all": [{"stage": "paying"}, {"did": {"event": "Export Run", "since": "stage"}}]})
        acme.does("Export Run").passes(days=1).does("Signed Up")
        assert told(acme) == []
        acme.passes(days=1).does("Export Run")
        assert told(acme) == [("firing", 2)]


class TestMeasure:
    def test_reaching_a_number_is_said_with_the_event_that_did_it(self) -> None:
        acme = alerted({"measure": {"name": "reports", "at_least": 3}}).does("Report Viewed", times=2)
        assert told(acme) == []
        acme.passes(hours=6).does("Report Viewed")
        assert told(acme) == [("firing", 0.25)]

    def test_falling_below_waits_until_a_day_has_closed(self) -> None:
        acme = alerted({"all": [{"measure": {"name": "reports", "below": 2}}, {"did": {"event": "Signed Up"}}]})
        acme.does("Report Viewed", times=2).does("Signed Up").passes(days=5)
        assert told(acme) == [("firing", 3)]

    def test_a_morning_does_not_look_like_a_fall(self) -> None:
        """The window of two days loses a full day at midnight and gains only a morning."""
        acme = alerted({"all": [{"measure": {"name": "reports", "below": 20}}, {"did": "Signed Up"}]})
        acme.works(days=3, times=10).does("Signed Up").works(days=5, times=10)
        assert told(acme) == []


class TestReached:
    def test_holds_from_the_milestone_on(self) -> None:
        acme = alerted({"reached": "first_project"}).passes(days=1).does("Project Created").passes(days=50)
        assert told(acme) == [("firing", 1)]


class TestSilent:
    def test_fires_though_no_event_ever_arrives_again(self) -> None:
        acme = alerted({"silent": {"for": "36h"}}).passes(hours=6).does("Report Viewed").falls_silent(days=2)
        assert told(acme) == [("firing", 1.75)]

    def test_of_one_event_while_others_go_on(self) -> None:
        acme = alerted({"silent": {"of": "Export Run", "for": "3d"}}).does("Export Run").works(days=5)
        assert told(acme) == [("firing", 3)]

    def test_of_an_event_that_never_came_counts_from_the_beginning(self) -> None:
        acme = alerted({"silent": {"of": "Export Run", "for": "3d"}}).passes(days=1).works(days=5)
        assert told(acme) == [("firing", 4.375)]

    def test_of_an_account_nobody_has_heard_of_means_nothing(self) -> None:
        acme = alerted({"silent": {"for": "1d"}}).passes(days=30)
        assert told(acme) == []

    def test_a_late_event_takes_back_a_silence_it_belongs_into(self) -> None:
        acme = alerted({"silent": {"for": "3d"}}).does("Report Viewed").falls_silent(days=4)
        acme.does("Report Viewed", days_ago=2)
        assert [status for status, _ in told(acme)] == ["firing", "retracted"]

    def test_a_late_event_never_makes_a_past_deadline_fire(self) -> None:
        acme = alerted({"silent": {"of": "Export Run", "for": "3d"}}).passes(days=9).does("Report Viewed")
        acme.does("Export Run", days_ago=5)
        assert told(acme) == []


class TestAbsent:
    WHEN = {"absent": {"event": "Report Viewed", "after": "Project Created", "within": "2d"}}  # noqa: RUF012

    def test_b_that_does_not_follow_a_is_missed(self) -> None:
        acme = alerted(self.WHEN).does("Project Created").passes(days=3)
        assert told(acme) == [("firing", 2)]
        assert because(acme.alerts_told[0]) == [
            {
                "absent": ["Report Viewed"],
                "after": ["Project Created"],
                "since": "2026-01-05T00:00:00.000Z",
                "within": "2d",
            }
        ]

    def test_b_in_time_forestalls_it(self) -> None:
        acme = alerted(self.WHEN).does("Project Created").passes(days=1.9).does("Report Viewed").passes(days=9)
        assert told(acme) == []

    def test_b_too_late_resolves_it(self) -> None:
        acme = alerted(self.WHEN).does("Project Created").passes(days=3).does("Report Viewed")
        assert told(acme) == [("firing", 2), ("resolved", 3)]

    def test_b_that_arrives_before_the_a_it_follows_forestalls_it(self) -> None:
        acme = alerted(self.WHEN).passes(hours=9).does("Report Viewed").does("Project Created", hours_ago=0.5)
        acme.passes(days=9)
        assert told(acme) == []

    def test_an_earlier_b_does_not_answer_a_later_a(self) -> None:
        acme = alerted(self.WHEN).does("Report Viewed").passes(days=1).does("Project Created").passes(days=3)
        assert told(acme) == [("firing", 3)]

    def test_a_second_a_does_not_put_the_deadline_off(self) -> None:
        acme = alerted(self.WHEN).does("Project Created").passes(days=1).does("Project Created").passes(days=2)
        assert told(acme) == [("firing", 2)]

    def test_a_late_a_opens_no_wait(self) -> None:
        acme = alerted(self.WHEN).passes(days=9).does("Project Created", days_ago=4).passes(days=9)
        assert told(acme) == []


class TestStage:
    def test_holds_in_one_of_the_stages(self) -> None:
        acme = alerted({"stage": ["paying"]}).does("Report Viewed").passes(days=1).does("Signed Up").passes(days=9)
        assert told(acme) == [("firing", 1)]

    def test_ends_with_the_stage(self) -> None:
        acme = alerted({"stage": "trial"}).does("Report Viewed").passes(days=1).does("Signed Up")
        assert told(acme) == [("firing", 0), ("resolved", 1)]

    def test_in_a_stage_for_so_long(self) -> None:
        acme = alerted({"in_stage": {"for": "5d"}}).does("Report Viewed").passes(days=3).does("Signed Up")
        acme.passes(days=9)
        assert told(acme) == [("firing", 8)]


class TestDate:
    def test_within_so_many_days_before_a_date(self) -> None:
        acme = alerted({"date": {"trait": "contract_ends_at", "within": "30d"}})
        acme.has(contract_ends_at="2026-03-06").passes(days=90)  # day 60
        assert told(acme) == [("firing", 30), ("resolved", 60)]
        assert because(acme.alerts_told[0]) == [
            {"date": "contract_ends_at", "value": "2026-03-06T00:00:00.000Z", "within": "30d"}
        ]

    def test_past_a_date_by_so_many_days(self) -> None:
        acme = alerted({"date": {"trait": "contract_ends_at", "past": "5d"}})
        acme.has(contract_ends_at="2026-01-15").passes(days=90)  # day 10
        assert told(acme) == [("firing", 15)]

    def test_a_date_that_is_put_off_resolves_and_fires_anew(self) -> None:
        acme = alerted({"date": {"trait": "contract_ends_at", "within": "30d"}})
        acme.has(contract_ends_at="2026-03-06").passes(days=40).has(contract_ends_at="2026-04-05").passes(days=90)
        assert told(acme) == [("firing", 30), ("resolved", 40), ("firing", 60), ("resolved", 90)]

    def test_a_date_that_is_drawn_near_fires_at_once(self) -> None:
        acme = alerted({"date": {"trait": "contract_ends_at", "within": "30d"}})
        acme.has(contract_ends_at="2026-12-01").passes(days=5).has(contract_ends_at="2026-01-20T12:00:00+02:00")
        assert told(acme) == [("firing", 5)]

    def test_a_date_that_is_cleared_resolves(self) -> None:
        acme = alerted({"date": {"trait": "contract_ends_at", "within": "30d"}})
        acme.has(contract_ends_at="2026-01-20").passes(days=5).has(contract_ends_at=None)
        assert told(acme) == [("firing", 0), ("resolved", 5)]


class TestTrait:
    def test_is_one_of_these(self) -> None:
        acme = alerted({"trait": {"name": "plan", "is": ["team", "enterprise"]}}).has(plan="free")
        assert told(acme) == []
        acme.passes(days=1).has(plan="team").passes(days=1).has(plan="free")
        assert told(acme) == [("firing", 1), ("resolved", 2)]

    def test_has_reached_a_number(self) -> None:
        acme = alerted({"trait": {"name": "seats", "at_least": 10}}).has(seats=9.5).passes(days=1).has(seats=10)
        assert told(acme) == [("firing", 1)]

    def test_is_below_a_number_and_an_unknown_one_is_not(self) -> None:
        acme = alerted({"trait": {"name": "seats", "below": 3}}).has(plan="free").passes(days=1).has(seats=2)
        assert told(acme) == [("firing", 1)]


class TestTogether:
    def test_all(self) -> None:
        acme = alerted({"all": [{"did": "Export Run"}, {"did": "Project Created"}]}).does("Export Run")
        acme.passes(days=1).does("Project Created")
        assert told(acme) == [("firing", 1)]
        assert [next(iter(part)) for part in because(acme.alerts_told[0])] == ["did", "did"]

    def test_any_tells_only_of_the_part_that_holds(self) -> None:
        acme = alerted({"any": [{"did": "Export Run"}, {"did": "Project Created"}]}).does("Project Created")
        assert [part["did"] for part in because(acme.alerts_told[0])] == [["Project Created"]]

    def test_none(self) -> None:
        acme = alerted({"all": [{"reached": "first_project"}, {"none": [{"did": "Export Run"}]}]})
        acme.does("Project Created").passes(days=1).does("Export Run")
        assert told(acme) == [("firing", 0), ("resolved", 1)]
        assert because(acme.alerts_told[0])[1] == {"did": ["Export Run"], "last_at": None, "none": True}

    def test_none_of_a_silence_ends_when_the_silence_begins(self) -> None:
        acme = alerted({"none": [{"silent": {"for": "2d"}}]}).does("Report Viewed").falls_silent(days=4)
        assert told(acme) == [("firing", 0), ("resolved", 2)]

    def test_nested(self) -> None:
        inner = {"any": [{"did": "Export Run"}, {"trait": {"name": "plan", "is": "team"}}]}
        acme = alerted({"all": [inner, {"none": [{"stage": "paying"}]}]}).has(plan="team").passes(days=1)
        assert told(acme) == [("firing", 0)]
        acme.does("Signed Up")
        assert told(acme) == [("firing", 0), ("resolved", 1)]


@pytest.mark.parametrize("kind", Condition.model_fields)
def test_every_kind_of_condition_has_its_tests(kind: str) -> None:
    """Those that are named alone; the others have files of their own."""
    tested = {"did", "measure", "reached", "silent", "absent", "stage", "in_stage", "date", "trait"}
    assert kind in tested | {"all", "any", "none"} | {"usage_drop", "sequence", "segment", "health", "driver", "named"}


def test_a_deadline_is_decided_once_the_clock_has_passed_it_by_the_allowed_lateness_and_as_of_itself() -> None:
    acme = alerted({"silent": {"for": "1d"}}).does("Report Viewed").passes(days=1, minutes=59)
    assert told(acme) == []
    acme.passes(minutes=1)
    assert [alert.at for alert in acme.alerts_told] == [day(1)]


def test_after_a_long_quiet_every_deadline_is_told_as_of_its_own_instant_in_order() -> None:
    rules = {
        f"after_{days}": {"kind": "risk", "severity": "info", "when": {"silent": {"for": f"{days}d"}}}
        for days in (9, 3, 30)
    }
    acme = Product(journey(alerts=rules)).account("acme").does("Report Viewed").falls_silent(days=100)
    assert [(alert.rule, alert.at) for alert in acme.alerts_told] == [
        ("alerts.after_3", day(3)),
        ("alerts.after_9", day(9)),
        ("alerts.after_30", day(30)),
    ]
