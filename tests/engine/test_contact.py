"""The contact policy: every alert that fires is told, with whether it is to reach people, or why not and until when."""

from typing import NamedTuple

import pytest

from streams.bodies import Bodies
from streams.engine.contact import MAX_SENT
from streams.engine.ids import user_digest
from streams.engine.people import MAX_PEOPLE, person
from tests.driver import Customer, Product, day, journey
from tests.engine.test_transfers import redeployed

BASE = """
events: {Report Viewed: , Signed Up: , Export Run: , Project Created: , Ticket Opened: {source: support}}
traits: {plan: text, timezone: text}
plays:
  show: {content: Show it, channel: in_app, owner: Growth}
  mail: {content: Write to them, channel: email, owner: Growth}
  note: {content: Look at them, owner: Success}
alerts:
  tip: {kind: nudge, severity: info, play: show, when: {did: {event: Report Viewed, within: 1d}}}
  letter: {kind: nudge, severity: info, play: mail, when: {did: {event: Export Run, within: 4d}}}
  danger: {kind: risk, severity: critical, play: mail, when: {did: {event: Ticket Opened, within: 4d}}}
  task: {kind: risk, severity: info, play: note, when: {did: {event: Project Created, within: 1d}}}
  quiet: {kind: stall, severity: info, play: mail, when: {silent: {for: 4d}}}
contact:
"""


class Told(NamedTuple):
    """One decision: which alert, send or hold, why held back, until when, and when it was told."""

    alert: str
    decision: str
    reason: str | None
    not_before: int | None
    at: int


def customer(policy: str) -> Customer:
    return Product(journey(BASE + "".join(f"  {line}\n" for line in policy.splitlines()))).account("acme")


def told(acme: Customer) -> list[Told]:
    """Every decision told of contact, in order."""
    return [
        Told(alert.rule.removeprefix("alerts."), one.decision, one.reason, one.not_before, alert.at)
        for alert in acme.alerts_told
        if (one := alert.contact) is not None
    ]


def decisions(acme: Customer) -> list[tuple[str, str | None]]:
    return [(one.alert, one.reason or one.decision) for one in told(acme)]


class TestWhatIsContact:
    def test_an_alert_whose_play_reaches_people_is_contact_and_is_sent_while_nothing_speaks_against_it(self) -> None:
        assert decisions(customer("patience: 1d").does("Report Viewed")) == [("tip", "send")]

    def test_a_task_of_our_own_is_no_contact_and_spends_no_budget(self) -> None:
        acme = customer("budget: {account: {at_most: 1, within: 7d}}").does("Project Created").does("Report Viewed")
        assert decisions(acme) == [("tip", "send")]

    def test_the_channels_and_kinds_that_are_contact_can_be_declared(self) -> None:
        acme = customer("channels: email\nbudget: {account: {at_most: 1, within: 7d}}")
        assert decisions(acme.does("Report Viewed").does("Export Run").passes(hours=1).does("Ticket Opened")) == [
            ("letter", "send"),
            ("danger", "budget"),
        ]
        acme = customer("kinds: [nudge]\nbudget: {account: {at_most: 1, within: 7d}}")
        assert decisions(acme.does("Ticket Opened").does("Report Viewed").does("Export Run"))[0] == ("tip", "send")

    def test_the_record_says_the_decision_also_where_there_is_no_policy_and_null_once_it_is_over(self) -> None:
        acme = customer("patience: 1d").does("Project Created").passes(days=3)
        bodies = Bodies(acme.product.source, acme.product.journey)
        fired, ended = (bodies.body(alert, 0)["contact"] for alert in acme.alerts_told)
        assert fired == {"decision": "send", "reason": None, "not_before": None, "group": None, "attempt": 1}
        assert ended is None

    def test_what_is_raised_decides_nothing_anew(self) -> None:
        grave = BASE.replace(
            "when: {silent: {for: 4d}}", "when: {silent: {for: 4d}}, raise: {to: critical, when: {silent: {for: 6d}}}"
        )
        policy = "  budget: {account: {at_most: 1, within: 7d}}\n"
        acme = Product(
            journey(grave.replace("severity: info, play: mail", "severity: warning, play: mail") + policy)
        ).account("acme")
        acme.does("Report Viewed").passes(days=10).does("Report Viewed")
        bodies = Bodies(acme.product.source, acme.product.journey)
        quiet = [bodies.body(alert, 0) for alert in acme.alerts_told if alert.rule == "alerts.quiet"]
        assert [(one["status"], one["severity"], (one["contact"] or {}).get("reason")) for one in quiet] == [
            ("firing", "warning", "budget"),
            ("firing", "critical", None),
            ("firing", "critical", None),
            ("resolved", "critical", None),
        ]
        assert [one["contact"] and (one["contact"]["decision"], one["contact"]["attempt"]) for one in quiet] == [
            ("hold", 1),
            None,
            ("send", 2),
            None,
        ]


class TestBudget:
    def test_of_an_account_holds_back_what_exceeds_it_and_the_alert_is_told_all_the_same(self) -> None:
        acme = customer("budget: {account: {at_most: 2, within: 7d}}\npatience: 1d")
        acme.does("Report Viewed").passes(hours=1).does("Export Run").passes(hours=1).does("Ticket Opened")
        assert decisions(acme) == [("tip", "send"), ("letter", "send"), ("danger", "budget")]

    def test_a_contact_counts_up_to_and_not_at_the_end_of_the_span(self) -> None:
        for minutes, expected in ((-1, "budget"), (0, "send")):
            acme = customer("budget: {account: {at_most: 1, within: 2d}}\npatience: 1m").does("Report Viewed")
            acme.passes(days=2, minutes=minutes).does("Export Run")
            assert decisions(acme) == [("tip", "send"), ("letter", expected)]

    def test_what_was_held_back_is_sent_when_the_budget_allows_it_if_it_still_fires(self) -> None:
        acme = customer("budget: {account: {at_most: 1, within: 2d}}").does("Report Viewed").passes(hours=1)
        acme.does("Export Run").passes(days=3)
        free = day(2)
        assert told(acme) == [
            Told("tip", "send", None, None, day(0)),
            Told("letter", "hold", "budget", free, day(0, 1)),
            Told("letter", "send", None, None, free),
        ]
        first, second = (alert for alert in acme.alerts_told if alert.rule == "alerts.letter" and alert.contact)
        assert first.episode == second.episode
        assert first.id != second.id
        assert (second.contact and second.contact.attempt, second.user) == (2, "ann")

    def test_of_a_user_counts_what_that_user_gave_rise_to(self) -> None:
        acme = customer("budget: {user: {at_most: 1, within: 7d}}\npatience: 1d").does("Report Viewed", by="ann")
        acme.passes(hours=1).does("Export Run", by="bob").passes(hours=1).does("Ticket Opened", by="ann")
        assert decisions(acme) == [("tip", "send"), ("letter", "send"), ("danger", "budget")]

    def test_what_is_over_before_it_could_be_sent_is_never_sent(self) -> None:
        acme = customer("budget: {account: {at_most: 1, within: 3d}}").does("Ticket Opened").passes(hours=1)
        acme.does("Report Viewed").passes(days=3.5)
        assert decisions(acme) == [("danger", "send"), ("tip", "budget")]
        assert ("tip", "resolved") in acme.alerts

    def test_patience_is_how_long_it_may_wait(self) -> None:
        for patience, expected in (("2878m", None), ("2879m", day(2))):
            acme = customer(f"budget: {{account: {{at_most: 1, within: 2d}}}}\npatience: {patience}")
            acme.does("Report Viewed").passes(minutes=1).does("Export Run").passes(days=4)
            assert told(acme)[1].not_before == expected

    def test_the_contacts_that_are_remembered_are_bounded_and_nothing_exceeds_the_budget_for_that(self) -> None:
        alerts = {
            f"a{n}": {"kind": "nudge", "severity": "info", "play": "show", "when": {"did": f"Report {n}"}}
            for n in range(MAX_SENT + 9)
        }
        source = journey(
            "plays: {show: {content: Show it, channel: in_app}}\n"
            "contact: {budget: {user: {at_most: 50, within: 90d}}, patience: 1d}",
            alerts=alerts,
            events={f"Report {n}": None for n in range(MAX_SENT + 9)},
        )
        acme = Product(source).account("acme")
        for n in range(MAX_SENT + 9):
            acme.passes(minutes=1).does(f"Report {n}", by=f"user-{n}")
        assert [reason for _, reason in decisions(acme)] == ["send"] * MAX_SENT + ["budget"] * 9


class TestPriority:
    POLICY = "priority: [danger, stall, nudge]\nyields_for: 2d\npatience: 7d"

    def test_of_alerts_that_fire_at_one_instant_the_most_important_is_sent_and_the_others_wait(self) -> None:
        both = BASE.replace("{did: {event: Ticket Opened, within: 4d}}", "{did: {event: Export Run, within: 4d}}")
        acme = Product(journey(both + "  priority: [danger, nudge]\n  yields_for: 2d\n")).account("acme")
        acme.does("Export Run").passes(days=3)
        assert told(acme) == [
            Told("letter", "hold", "outranked", day(2), day(0)),
            Told("danger", "send", None, None, day(0)),
            Told("letter", "send", None, None, day(2)),
        ]

    def test_where_nothing_yields_all_that_fire_at_one_instant_are_sent(self) -> None:
        both = BASE.replace("{did: {event: Ticket Opened, within: 4d}}", "{did: {event: Export Run, within: 4d}}")
        acme = Product(journey(both + "  patience: 7d\n")).account("acme").does("Export Run").passes(days=3)
        assert decisions(acme) == [("letter", "send"), ("danger", "send")]

    def test_where_nothing_yields_the_most_important_of_one_instant_spends_the_budget_and_the_other_waits(self) -> None:
        both = BASE.replace("{did: {event: Ticket Opened, within: 4d}}", "{did: {event: Export Run, within: 4d}}")
        policy = "  priority: danger\n  budget: {account: {at_most: 1, within: 2d}}\n"
        acme = Product(journey(both + policy)).account("acme").does("Export Run").passes(days=3)
        assert told(acme) == [
            Told("letter", "hold", "budget", day(2), day(0)),
            Told("danger", "send", None, None, day(0)),
            Told("letter", "send", None, None, day(2)),
        ]

    def test_after_an_important_one_lesser_ones_are_held_back_for_the_span_and_not_at_its_end(self) -> None:
        for minutes, expected in ((-1, "outranked"), (0, "send")):
            acme = customer(self.POLICY).does("Ticket Opened").passes(days=2, minutes=minutes).does("Report Viewed")
            assert decisions(acme) == [("danger", "send"), ("tip", expected)]

    def test_after_a_lesser_one_an_important_one_is_sent_and_so_is_one_as_important(self) -> None:
        acme = customer(self.POLICY).does("Report Viewed").passes(hours=1).does("Export Run")
        acme.passes(hours=1).does("Ticket Opened")
        assert decisions(acme) == [("tip", "send"), ("letter", "send"), ("danger", "send")]

    def test_an_alert_that_is_named_itself_has_that_place_and_not_the_one_of_its_kind(self) -> None:
        acme = customer("priority: [nudge, stall, letter]\nyields_for: 2d").does("Report Viewed").passes(hours=1)
        assert decisions(acme.does("Export Run")) == [("tip", "send"), ("letter", "outranked")]


class TestQuietHours:
    POLICY = "quiet_hours: {from: '20:00', to: '08:00', timezone: timezone, otherwise: Europe/Berlin}"

    def test_hold_an_alert_back_until_they_are_over_and_it_comes_on_the_dot(self) -> None:
        acme = customer(self.POLICY).passes(hours=22).does("Export Run").passes(days=1)
        morning = day(1, 7)  # eight o'clock in Berlin, in winter
        assert told(acme) == [
            Told("letter", "hold", "quiet_hours", morning, day(0, 22)),
            Told("letter", "send", None, None, morning),
        ]

    def test_a_handoff_told_again_in_the_morning_says_to_whom_and_until_when_again(self) -> None:
        teams = (
            "teams: {sales: {calendar: always, owners: {Kim: }}}\ncalendars: {always: {zone: UTC, hours: 00:00-24:00}}"
        )
        handoff = "handoff: {lead: pql, team: sales, respond: {by: Signed Up, within: 40bh}}"
        rule = (
            f"alerts: {{lead: {{kind: handoff, severity: info, play: mail, when: {{did: Report Viewed}}, {handoff}}}}}"
        )
        head = BASE[: BASE.index("alerts:")]
        acme = Product(journey(f"{head}{rule}\n{teams}\ncontact:\n  {self.POLICY}")).account("acme").passes(hours=22)
        acme.does("Report Viewed").passes(days=1).settles()
        first, again = (alert for alert in acme.alerts_told if alert.contact is not None)
        assert (again.contact and again.contact.attempt, again.owner, again.handed) == (2, "Kim", first.handed)

    def test_an_alert_of_time_is_kept_quiet_by_when_it_is_said_and_not_by_when_it_came_true(self) -> None:
        acme = customer(self.POLICY).passes(hours=18, minutes=30).does("Signed Up").passes(days=5)
        # Four days later, at 19:30 in Berlin, it is silent; at 20:30 that is certain.
        assert told(acme)[0] == Told("quiet", "hold", "quiet_hours", day(5, 7), day(4, 18.5))

    @pytest.mark.parametrize(
        ("zone", "hour", "expected"),
        [
            ("America/New_York", 12, day(0, 13)),  # seven in the morning there
            ("America/New_York", 14, None),
            ("Asia/Tokyo", 12, day(0, 23)),  # nine in the evening
            ("Asia/Kolkata", 16, day(1, 2.5)),
            ("No/Where", 6, day(0, 7)),  # as for those whose zone is not known
            ("../../etc/passwd", 12, None),
        ],
    )
    def test_are_those_of_the_zone_that_the_account_names(self, zone: str, hour: int, expected: int | None) -> None:
        acme = customer(self.POLICY).has(timezone=zone).passes(hours=hour).does("Export Run")
        assert told(acme)[0].not_before == expected

    def test_can_be_for_some_channels_only_so_that_a_prompt_comes_while_the_user_is_there(self) -> None:
        acme = customer("quiet_hours: {from: '20:00', to: '08:00', channels: email}").passes(hours=22)
        assert decisions(acme.does("Report Viewed").passes(minutes=1).does("Export Run")) == [
            ("tip", "send"),
            ("letter", "quiet_hours"),
        ]

    def test_what_is_over_by_the_morning_is_not_sent(self) -> None:
        acme = customer(self.POLICY).passes(hours=21).does("Signed Up").passes(days=4, hours=3).does("Signed Up")
        acme.passes(days=1)
        assert decisions(acme) == [("quiet", "quiet_hours")]
        assert acme.alerts == [("quiet", "firing"), ("quiet", "resolved")]

    def test_in_the_morning_the_budget_counts_anew(self) -> None:
        acme = customer(self.POLICY + "\nbudget: {account: {at_most: 1, within: 1d}}").passes(hours=22)
        acme.does("Export Run").passes(minutes=5).does("Ticket Opened").passes(days=3)
        assert told(acme)[2:] == [
            Told("letter", "send", None, None, day(1, 7)),
            Told("danger", "hold", "budget", day(2, 7), day(1, 7)),
            Told("danger", "send", None, None, day(2, 7)),
        ]

    def test_who_waits_for_the_morning_still_waits_after_the_journey_has_changed(self) -> None:
        acme = customer(self.POLICY).passes(hours=22).does("Export Run")
        changed = BASE.replace("alerts:\n", "alerts:\n  more: {kind: risk, severity: info, when: {did: Signed Up}}\n")
        again = redeployed(acme, changed + f"  {self.POLICY}\n").passes(days=1)
        assert told(again) == [Told("letter", "send", None, None, day(1, 7))]


class TestSuppression:
    def test_while_its_condition_holds_nothing_is_sent_and_nothing_of_it_later(self) -> None:
        acme = customer("suppress: {trait: {name: plan, is: churning}}").has(plan="churning").does("Report Viewed")
        assert told(acme) == [Told("tip", "hold", "suppressed", None, day(0))]
        acme.has(plan="team").passes(hours=1).does("Export Run")
        assert decisions(acme)[1:] == [("letter", "send")]


class TestPeople:
    QUIET = "quiet_hours: {from: '20:00', to: '08:00', timezone: timezone, otherwise: Europe/Berlin}"

    def test_a_user_who_has_opted_out_is_not_contacted(self) -> None:
        acme = customer("opt_out: unsubscribed").calls("identify", userId="bob", traits={"unsubscribed": True})
        acme.does("Report Viewed", by="bob").passes(hours=1).does("Export Run", by="ann")
        assert decisions(acme) == [("tip", "suppressed"), ("letter", "send")]

    def test_who_opts_in_again_is_contacted_and_an_older_word_changes_nothing(self) -> None:
        acme = customer("opt_out: unsubscribed").passes(hours=5)
        acme.calls("identify", userId="bob", traits={"unsubscribed": False})
        acme.calls("identify", userId="bob", traits={"unsubscribed": True}, ago_ms=60_000)
        assert decisions(acme.does("Report Viewed", by="bob")) == [("tip", "send")]

    @pytest.mark.parametrize("said", ["yes", 1, None, [True], {}])
    def test_only_true_is_opting_out(self, said: object) -> None:
        acme = customer("opt_out: unsubscribed").calls("identify", userId="bob", traits={"unsubscribed": said})
        assert decisions(acme.does("Report Viewed", by="bob")) == [("tip", "send")]

    def test_users_of_one_account_in_two_zones_each_have_their_own_night(self) -> None:
        acme = customer(self.QUIET).calls("identify", userId="bob", traits={"timezone": "America/New_York"})
        acme.calls("identify", userId="cem", traits={"timezone": "Asia/Tokyo"}).passes(hours=12)
        acme.does("Report Viewed", by="bob").does("Export Run", by="cem").passes(minutes=1).does("Ticket Opened")
        assert [(one.alert, one.not_before) for one in told(acme)] == [
            ("tip", day(0, 13)),
            ("letter", day(0, 23)),
            ("danger", None),
        ]

    def test_the_zone_of_a_user_comes_before_that_of_the_account_until_it_is_taken_back(self) -> None:
        acme = customer(self.QUIET).has(timezone="Asia/Tokyo").passes(hours=12)
        acme.calls("identify", userId="bob", traits={"timezone": "Europe/Paris"}).does("Report Viewed", by="bob")
        acme.calls("identify", userId="bob", traits={"timezone": None}).does("Export Run", by="bob")
        assert decisions(acme) == [("tip", "send"), ("letter", "quiet_hours")]

    @pytest.mark.parametrize("said", ["No/Where", "../../etc/passwd", 3, "", ["UTC"]])
    def test_a_zone_that_is_none_says_nothing(self, said: object) -> None:
        acme = customer(self.QUIET).calls("identify", userId="bob", traits={"timezone": "America/New_York"})
        acme.calls("identify", userId="bob", traits={"timezone": said}).passes(hours=12)
        assert told(acme.does("Report Viewed", by="bob"))[0].not_before == day(0, 13)

    def test_the_users_remembered_are_bounded_and_those_who_opted_out_are_forgotten_last(self) -> None:
        acme = customer("opt_out: unsubscribed")
        for number in range(MAX_PEOPLE + 5):
            acme.calls("identify", userId=f"user-{number}", traits={"unsubscribed": number % 2 == 0})
        account = acme.product.pipeline.follow.account(b"acme")
        assert account is not None
        people = account.outreach.people
        assert len(people) == MAX_PEOPLE
        assert all(person(account.outreach, f"user-{number}").opted_out for number in range(0, MAX_PEOPLE, 2))
        assert user_digest("user-1") not in people


class TestHoldout:
    POLICY = """holdout: {share: 0.1, salt: %s, within: 30d, outcomes: {bought: {stage: trial}}}
budget: {account: {at_most: 1, within: 7d}}
patience: 1d"""

    @staticmethod
    def held_out(salt: str, accounts: int = 10_000) -> set[str]:
        policy = customer(TestHoldout.POLICY % salt).product.journey.policy
        assert policy is not None
        assert policy.holdout is not None
        return {name for name in (f"account-{n}" for n in range(accounts)) if policy.holdout.holds(name)}

    def test_holds_out_the_share_of_accounts_that_is_declared(self) -> None:
        assert 900 < len(self.held_out("spring")) < 1_100

    def test_the_same_accounts_are_held_out_whenever_and_wherever_they_are_looked_at(self) -> None:
        assert sorted(self.held_out("spring", 10)) == ["account-0", "account-3", "account-6"]

    def test_another_salt_holds_out_others(self) -> None:
        both = self.held_out("spring") & self.held_out("autumn")
        assert 60 < len(both) < 140

    def test_an_account_held_out_is_told_when_it_would_have_been_contacted_and_spends_its_budget_so(self) -> None:
        product = customer(self.POLICY % "spring").product
        for name, first in (("account-3", "holdout"), ("account-1", "send")):
            acme = product.account(name).does("Report Viewed").passes(hours=1).does("Export Run")
            assert decisions(acme) == [("tip", first), ("letter", "budget")]
            groups = {alert.contact.group for alert in acme.alerts_told if alert.contact}
            assert groups == {"holdout" if first == "holdout" else "treatment"}

    def test_kinds_that_are_not_held_out_are_sent_to_all_and_are_in_no_group(self) -> None:
        policy = self.POLICY.replace("share: 0.1", "share: 0.1, kinds: expansion") % "spring"
        acme = customer(policy).product.account("account-3").does("Report Viewed")
        [alert] = acme.alerts_told
        assert alert.contact is not None
        assert (alert.contact.decision, alert.contact.group) == ("send", None)
