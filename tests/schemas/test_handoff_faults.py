"""Faults in calendars, teams and handoffs: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey

WHOLE = """\
journey: 1
name: small
version: 1
events: {Report Viewed: , Call Logged: {source: crm}}
traits: {plan: text, seats: number}
segments: {tier: {trait: plan, values: [free, team]}}
measures: {reports: {count: Report Viewed, over: 7d}}
milestones: {looked: {when: {did: Report Viewed}}}
stages: {trial: {initial: true}}
calendars:
  office: {zone: Europe/London, hours: 09:00-17:30, days: [mon, tue], holidays: GB-ENG, closed: [2026-12-24]}
teams:
  sales: {calendar: office, owner_trait: plan, owners: {Kim: , Lee: {territory: {tier: team}, calendar: office}}}
alerts:
  ready:
    kind: handoff
    severity: info
    when: {reached: looked}
    handoff: {lead: pql, team: sales, respond: {by: Call Logged, within: 4bh},
      next_step: {by: Call Logged, within: 16bh}, remind_before: 2bh,
      escalate: {to: Max, after: 8bh}, intent: reports, blockers: looked}
"""


def told(content: str) -> list[str]:
    try:
        read_journey(content.encode())
    except JourneyError as error:
        return [str(fault) for fault in error.faults]
    return []


def case(old: str, new: str, fault: str) -> object:
    return pytest.param(old, new, fault, id=new)


def test_handoffs_without_faults_are_read_and_read_the_same_again() -> None:
    journey = read_journey(WHOLE.encode())
    assert read_journey(journey.model_dump_json(exclude_none=True).encode()) == journey


HANDOFF = "19: alerts.ready.handoff"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        case("Europe/London", "Europe/Lodnon",
             "11: calendars.office.zone: there is no time zone 'Europe/Lodnon'; did you mean 'Europe/London'?"),
        case("09:00-17:30", "9-5", "11: calendars.office.hours: '9-5' are no hours; write them as in '09:00-17:30'"),
        case("09:00-17:30", "22:00-06:00",
             "11: calendars.office.hours: '22:00-06:00' ends before it begins; "
             "hours past midnight are two: '22:00-24:00' and '00:00-06:00'"),
        case("09:00-17:30", "[09:00-13:00, 12:00-17:00]",
             "11: calendars.office.hours: '12:00-17:00' begins before '09:00-13:00' has ended"),
        case("[mon, tue]", "[mon, thi]",
             "11: calendars.office.days[1]: must be one of mon, tue, wed, thu, fri, sat, sun, "
             "not 'thi'; did you mean 'thu'?"),
        case("GB-ENG", "UK", "11: calendars.office.holidays: no holidays are known for the country 'UK'; "
             "write its two letters, as in 'GB'"),
        case("GB-ENG", "GB-WAL", "11: calendars.office.holidays: no holidays are known for the region of GB 'WAL'; "
             "there are ENG, NIR, SCT, WLS"),
        case("[2026-12-24]", "[24.12.2026]",
             "11: calendars.office.closed[0]: '24.12.2026' is not a day; write it as in '2026-12-24'"),
        case("[2026-12-24]", "[2026-02-30]",
             "11: calendars.office.closed[0]: '2026-02-30' is not a day; write it as in '2026-12-24'"),
        case("sales: {calendar: office,", "sales: {calendar: offcie,",
             "13: teams.sales.calendar: there is no calendar 'offcie'; did you mean 'office'?"),
        case("sales: {calendar: office,", "sales: {",
             "13: teams.sales.calendar: this key is missing; it must be given"),
        case("owner_trait: plan", "owner_trait: seats",
             "13: teams.sales.owner_trait: the trait 'seats' is a number, and this asks for a text; "
             "test it with 'trait' and 'at_least' or 'below'"),
        case("owner_trait: plan", "owner_trait: csm",
             "13: teams.sales.owner_trait: there is no trait 'csm'; declare it under traits"),
        case("owner_trait: plan, owners: {Kim: , Lee: {territory: {tier: team}, calendar: office}}", "owners: {}",
             "13: teams.sales: nobody is in this team; give it 'owners', or an 'owner_trait'"),
        case("{tier: team}", "{tier: pro}", "13: teams.sales.owners.Lee.territory.tier: no account is ever 'pro' here; "
             "it is one of free, team, other, unknown"),
        case("calendar: office}}}", "calendar: home}}}",
             "13: teams.sales.owners.Lee.calendar: there is no calendar 'home'; declare it under calendars"),
        case("Kim: ", "Kim: {capacity: 0}", "13: teams.sales.owners.Kim.capacity: must be at least 1, not 0"),
        case("kind: handoff", "kind: nudge",
             "15: alerts.ready: 'handoff' goes with 'kind: handoff', not with 'kind: nudge'"),
        case("team: sales", "team: slaes", f"{HANDOFF}.team: there is no team 'slaes'; did you mean 'sales'?"),
        case("lead: pql", "lead: pq", f"{HANDOFF}.lead: must be one of mql, pql, sql, customer_success, not 'pq'; "
             "did you mean 'pql'?"),
        case("within: 4bh", "within: 4h", f"{HANDOFF}.respond.within: '4h' is not business time; "
             "write hours or minutes of it, as in '4bh' or '30bm'"),
        case("within: 4bh", "within: 1001bh",
             f"{HANDOFF}.respond.within: '1001bh' is too long; business time goes up to '1000bh'"),
        case("respond: {by: Call Logged", "respond: {by: Call Loged",
             f"{HANDOFF}.respond.by: the event 'Call Loged' is not declared under events; did you mean 'Call Logged'?"),
        case("remind_before: 2bh", "remind_before: 4bh",
             f"{HANDOFF}: 'remind_before' must be shorter than every 'within': less than '4bh'"),
        case("remind_before: 2bh", "remind_before: 30bm",
             "20: alerts.ready.handoff.remind_before: it is told after allowed_lateness ('1h'), when the deadline has "
             "passed; write more than that"),
        case("respond: {by: Call Logged, within: 4bh},\n      next_step: {by: Call Logged, within: 16bh},", "",
             f"{HANDOFF}: 'remind_before' and 'escalate' have no deadline here; give 'respond' or 'next_step'"),
        case("intent: reports", "intent: report",
             "21: alerts.ready.handoff.intent: there is no measure 'report'; did you mean 'reports'?"),
        case("blockers: looked", "blockers: loked",
             "21: alerts.ready.handoff.blockers: there is no milestone 'loked'; did you mean 'looked'?"),
        case("escalate: {to: Max, after: 8bh}", "escalate: {to: Max, after: 8bh, soon: yes}",
             "21: alerts.ready.handoff.escalate.soon: there is no such key here; the keys are to, after"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_its_path_and_a_remedy(old: str, new: str, fault: str) -> None:
    assert WHOLE.count(old) == 1
    assert told(WHOLE.replace(old, new)) == [fault]
