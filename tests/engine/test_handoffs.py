"""Handoffs: what the owner is told, and what becomes of it: reminder, breach, escalation, an answer, an end."""

from streams.engine.outputs import AlertChanged, SlaChanged
from tests.driver import Customer, Product, because, day, journey
from tests.engine.test_transfers import redeployed

JOURNEY = """
traits: {csm: text}
measures: {reports: {count: Report Viewed, over: 7d}}
milestones:
  project: {when: {did: Project Created}}
  exported: {when: {did: Export Run}}
events:
  Report Viewed:
  Project Created:
  Export Run:
  Call Logged: {source: crm}
  Mail Sent: {source: crm}
  Meeting Booked: {source: crm}
calendars:
  london: {zone: Europe/London, hours: 09:00-17:00, holidays: GB-ENG}
  tokyo: {zone: Asia/Tokyo, hours: 09:00-17:00}
teams:
  sales: {calendar: london, owner_trait: csm, owners: {Kim: , Yuki: {calendar: tokyo, territory: {land: JP}}}}
segments: {land: {trait: csm, values: [JP]}}
alerts:
  ready:
    kind: handoff
    severity: info
    when: {all: [{measure: {name: reports, at_least: 2}}, {none: [{did: Export Run}]}]}
    handoff:
      lead: pql
      team: sales
      respond: {by: [Call Logged, Mail Sent], within: 4bh}
      next_step: {by: Meeting Booked, within: 16bh}
      remind_before: 2bh
      escalate: {to: Head of Sales, after: 1bh}
      intent: reports
      blockers: [project, exported]
  no_project: {kind: stall, severity: info, when: {none: [{did: Project Created}]}}
"""
RESPOND, NEXT_STEP = "alerts.ready.handoff.respond", "alerts.ready.handoff.next_step"


def qualified(acme: Customer, *, at: float = 10) -> Customer:
    """Handed over on the Monday, in London's winter."""
    return acme.passes(hours=at).does("Report Viewed", times=2)


def handed(acme: Customer) -> AlertChanged:
    [alert] = [alert for alert in acme.said("alerts.ready") if isinstance(alert, AlertChanged) and alert.handed]
    return alert


def told(acme: Customer, rule: str = RESPOND) -> list[tuple[str, int]]:
    """What was said of one answer, and as of when."""
    said = [sla for sla in acme.said(rule) if isinstance(sla, SlaChanged)]
    return [(sla.outcome or sla.grade or "", sla.at) for sla in said]


def ended(acme: Customer, rule: str = RESPOND) -> SlaChanged:
    [end] = [sla for sla in acme.said(rule) if isinstance(sla, SlaChanged) and sla.outcome]
    return end


def test_the_owner_is_told_by_when_what_the_account_is_after_and_what_stands_in_its_way(acme: Customer) -> None:
    alert = handed(qualified(acme))
    assert alert.owner == "Kim"
    assert alert.handed is not None
    assert (alert.handed.respond_by, alert.handed.next_step_by) == (day(0, 14), day(2, 10))
    assert dict(alert.handed.intent) == {"reports": 2}
    assert (alert.handed.firing, alert.handed.missing) == (("no_project",), ("project", "exported"))


def test_what_no_longer_stands_in_its_way_is_not_told(acme: Customer) -> None:
    alert = handed(qualified(acme.does("Project Created")))
    assert alert.handed is not None
    assert (alert.handed.firing, alert.handed.missing) == ((), ("exported",))


def test_without_an_answer_comes_a_reminder_then_a_breach_then_an_escalation(acme: Customer) -> None:
    qualified(acme).falls_silent(days=6)
    assert told(acme) == [("reminder", day(0, 12)), ("breach", day(0, 14)), ("escalation", day(0, 15))]
    assert told(acme, NEXT_STEP) == [("reminder", day(1, 16)), ("breach", day(2, 10)), ("escalation", day(2, 11))]
    assert [sla.escalated_to for sla in acme.slas] == [None, None, "Head of Sales"] * 2
    assert {sla.owner for sla in acme.slas} == {"Kim"}


def test_deadlines_that_pass_in_one_tick_are_told_once_each_as_of_its_own_instant(acme: Customer) -> None:
    slow = Product(acme.product.source).account("acme")
    qualified(acme).falls_silent(days=6)
    qualified(slow)
    for _ in range(6 * 48):
        slow.passes(minutes=30)
    assert [(sla.id, sla.at) for sla in acme.slas] == [(sla.id, sla.at) for sla in slow.slas]
    assert len({sla.id for sla in acme.slas}) == len(acme.slas) == 6


def test_each_is_told_once_the_allowed_lateness_has_passed_and_not_before(acme: Customer) -> None:
    qualified(acme).passes(hours=2.9)
    assert told(acme) == []
    acme.passes(hours=0.1)
    assert told(acme) == [("reminder", day(0, 12))]
    acme.passes(hours=2)
    assert told(acme)[1:] == [("breach", day(0, 14))]


def test_what_becomes_of_a_handoff_is_no_news_of_the_account_itself(acme: Customer) -> None:
    qualified(acme)
    before = len(acme.updates)
    acme.passes(hours=8)
    assert len(acme.slas) == 3
    assert len(acme.updates) == before


def test_an_answer_in_time_ends_the_waiting_with_how_long_it_took(acme: Customer) -> None:
    qualified(acme, at=16).passes(hours=18).does("Mail Sent", by="kim").falls_silent(days=9)
    assert told(acme) == [("answered", day(1, 10))]
    end = ended(acme)
    assert (end.status, end.met, end.took_ms, end.business_ms) == ("resolved", True, 18 * 3_600_000, 2 * 3_600_000)
    assert end.handoff_id == handed(acme).id
    assert end.user == "kim"


def test_each_answer_has_events_of_its_own(acme: Customer) -> None:
    qualified(acme).passes(hours=1).does("Meeting Booked")
    assert told(acme, NEXT_STEP) == [("answered", day(0, 11))]
    acme.passes(days=1)
    assert told(acme)[:1] == [("reminder", day(0, 12))]


def test_an_answer_after_the_deadline_is_one_that_was_not_met(acme: Customer) -> None:
    qualified(acme).passes(days=1).does("Call Logged")
    end = ended(acme)
    assert (end.status, end.met, end.grade) == ("resolved", False, "escalation")
    assert end.business_ms == 8 * 3_600_000


def test_an_answer_at_the_deadline_is_in_time_and_one_a_moment_later_is_not(acme: Customer) -> None:
    other = Product(acme.product.source).account("acme")
    qualified(acme).passes(hours=4).does("Call Logged")
    qualified(other).passes(hours=4.001).does("Call Logged")
    assert (ended(acme).met, ended(other).met) == (True, False)


def test_an_answer_that_arrives_late_counts_from_when_it_happened(acme: Customer) -> None:
    qualified(acme).passes(days=1).does("Call Logged", hours_ago=22)
    assert [what for what, _ in told(acme)] == ["reminder", "breach", "escalation", "answered"]
    end = ended(acme)
    assert (end.met, end.answered_at, end.business_ms) == (True, day(0, 12), 2 * 3_600_000)
    assert (end.status, end.grade) == ("retracted", "escalation")  # there was no breach after all
    assert end.at >= acme.slas[2].at


def test_an_answer_that_arrives_before_its_cause_counts_too(acme: Customer) -> None:
    acme.passes(hours=10).does("Report Viewed").passes(hours=0.5).does("Call Logged")
    acme.does("Report Viewed", hours_ago=0.4)
    assert handed(acme).at == day(0, 10.1)
    assert told(acme) == [("answered", day(0, 10.5))]


def test_what_was_done_before_the_handoff_answers_nothing(acme: Customer) -> None:
    acme.passes(hours=9).does("Call Logged")
    qualified(acme, at=1).passes(hours=5)
    assert [what for what, _ in told(acme)] == ["reminder", "breach"]
    acme.does("Mail Sent", hours_ago=5.5)
    assert [what for what, _ in told(acme)] == ["reminder", "breach"]


def test_a_second_answer_says_nothing_more(acme: Customer) -> None:
    qualified(acme).does("Meeting Booked").passes(hours=1)
    acme.does("Mail Sent").does("Call Logged").does("Mail Sent", hours_ago=0.5).passes(days=3)
    assert len(told(acme)) == 1


def test_the_end_of_the_alert_cancels_what_is_still_awaited(acme: Customer) -> None:
    qualified(acme).passes(hours=1).does("Call Logged").passes(hours=23).does("Export Run").falls_silent(days=9)
    assert acme.alerts_told[-1].owner == "Kim"
    assert told(acme) == [("answered", day(0, 11))]
    assert told(acme, NEXT_STEP) == [("cancelled", day(1, 10))]
    assert ended(acme, NEXT_STEP).met is None


def test_cancelled_after_its_deadline_it_was_not_met(acme: Customer) -> None:
    qualified(acme).passes(hours=7).does("Export Run")
    assert (ended(acme).met, ended(acme, NEXT_STEP).met) == (False, None)


def test_every_answer_awaited_ends_with_one_record_that_is_not_firing(acme: Customer) -> None:
    for _ in range(4):
        qualified(acme).falls_silent(days=20)
    ends = [(sla.rule, sla.episode) for sla in acme.slas if sla.outcome]
    assert sorted(ends) == [(rule, episode) for rule in (NEXT_STEP, RESPOND) for episode in (1, 2, 3, 4)]


def test_deadlines_run_in_the_business_time_of_the_owner(acme: Customer) -> None:
    acme.has(csm="Yuki")
    alert = handed(qualified(acme))  # seven in the evening in Tokyo
    assert alert.handed is not None
    assert alert.handed.respond_by == day(1, 4)
    acme.passes(hours=15).does("Call Logged")
    assert ended(acme).business_ms == 3_600_000


def test_who_is_named_meanwhile_hears_the_rest(acme: Customer) -> None:
    qualified(acme).has(csm="Eve").falls_silent(days=1)
    assert [sla.owner for sla in acme.slas[:3]] == ["Eve"] * 3


def test_the_evidence_says_what_is_awaited_since_when_and_who_answered(acme: Customer) -> None:
    qualified(acme).passes(hours=1).does("Call Logged")
    end = ended(acme)
    assert because(end) == [
        {"awaited": ["Call Logged", "Mail Sent"], "within": "4bh", "since": "2026-01-05T10:00:00.000Z"}
    ]
    assert "event" in end.evidence


def test_a_changed_journey_keeps_open_cases_with_their_deadlines(acme: Customer) -> None:
    changed = JOURNEY.replace("alerts:", "alerts:\n  first: {kind: nudge, severity: info, when: {did: Export Run}}")
    changed = changed.replace("within: 4bh", "within: 40bh")
    acme = redeployed(qualified(acme), changed).falls_silent(days=1)
    assert told(acme) == [("reminder", day(0, 12)), ("breach", day(0, 14)), ("escalation", day(0, 15))]


def test_a_rule_that_hands_over_since_today_follows_its_next_firing(acme: Customer) -> None:
    plain = JOURNEY[: JOURNEY.index("    handoff:")] + JOURNEY[JOURNEY.index("  no_project") :]
    before = qualified(Product(journey(plain)).account("acme"))
    acme = redeployed(before, JOURNEY).falls_silent(days=20)
    assert acme.slas == []
    qualified(acme)
    assert handed(acme).episode == 2
