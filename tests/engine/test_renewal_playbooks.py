"""Renewal playbooks: anchored to the contract's end, told once for each, with proof of what was achieved."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reading import JourneyError, read_journey
from schemas.spans import DAY_MS, HOUR_MS
from streams.bodies import Bodies
from streams.engine.outputs import AlertChanged, AlertStatus
from streams.engine.times import rfc3339
from tests.driver import Customer, Product, because, day, journey
from tests.engine.test_transfers import redeployed
from tests.small_journey import SMALL

JOURNEY = """
traits: {ends_at: date, plan: text}
measures:
  reports: {count: Report Viewed, over: 30d}
milestones:
  looked: {when: {did: Report Viewed}}
  exported: {when: {did: Export Run}}
alerts:
  in_90: {kind: renewal, severity: info, once_per: ends_at, proof: [looked, exported, reports],
    when: {all: [{date: {trait: ends_at, within: 90d}}, {none: [{date: {trait: ends_at, within: 60d}}]}]}}
  in_60: {kind: renewal, severity: warning, once_per: ends_at,
    when: {all: [{date: {trait: ends_at, within: 60d}}, {none: [{date: {trait: ends_at, within: 30d}}]}]}}
  in_30: {kind: renewal, severity: critical, once_per: ends_at, proof: reports,
    when: {date: {trait: ends_at, within: 30d}}}
"""
WINDOWS = {"in_90": (90, 60), "in_60": (60, 30), "in_30": (30, 0)}


def ends(acme: Customer, number: float | None) -> Customer:
    return acme.has(ends_at=None if number is None else rfc3339(day(number)))


def fired(acme: Customer) -> list[tuple[str, object]]:
    """Each firing with the date it was told for."""
    told = [alert for alert in acme.alerts_told if alert.status is AlertStatus.FIRING]
    return [(alert.rule.removeprefix("alerts."), because(alert)[0]["value"]) for alert in told]


def names(acme: Customer) -> list[str]:
    return [name for name, _ in fired(acme)]


def test_each_playbook_is_told_as_the_contract_nears_its_end_one_after_the_other(acme: Customer) -> None:
    ends(acme, 100).passes(days=105)
    assert [(alert.rule, alert.status.value, alert.at) for alert in acme.alerts_told] == [
        ("alerts.in_90", "firing", day(10)),
        ("alerts.in_90", "resolved", day(40)),
        ("alerts.in_60", "firing", day(40)),
        ("alerts.in_60", "resolved", day(70)),
        ("alerts.in_30", "firing", day(70)),
        ("alerts.in_30", "resolved", day(100)),
    ]


def test_a_contract_shortened_past_a_playbook_goes_straight_to_the_next(acme: Customer) -> None:
    ends(acme, 200).passes(days=10)
    ends(acme, 30)
    assert names(acme) == ["in_30"]


def test_a_date_moved_away_and_back_says_nothing_twice(acme: Customer) -> None:
    ends(acme, 50)
    ends(acme, 400).passes(days=1)
    ends(acme, 50).passes(days=1)
    assert names(acme) == ["in_60"]
    assert acme.firing == set()


def test_another_date_within_the_window_ends_the_playbook_and_tells_it_anew(acme: Customer) -> None:
    ends(acme, 50).passes(days=1)
    ends(acme, 55).passes(days=1)
    assert [(alert.rule, alert.status.value) for alert in acme.alerts_told] == [
        ("alerts.in_60", "firing"),
        ("alerts.in_60", "resolved"),
        ("alerts.in_60", "firing"),
    ]
    resolved = acme.alerts_told[1]
    assert because(resolved)[0] == {"once_per": "ends_at", "value": rfc3339(day(55)), "was": rfc3339(day(50))}


def test_a_date_taken_away_ends_the_playbook(acme: Customer) -> None:
    ends(acme, 50).passes(days=1)
    ends(acme, None)
    assert acme.firing == set()


def test_a_date_in_the_past_says_nothing(acme: Customer) -> None:
    acme.passes(days=100)
    ends(acme, 50).passes(days=10)
    assert acme.alerts == []


def test_without_a_value_it_does_not_fire_though_its_condition_holds() -> None:
    rule = {"kind": "renewal", "severity": "info", "once_per": "plan", "when": {"did": "Report Viewed"}}
    acme = Product(journey(traits={"plan": "text"}, alerts={"m": rule})).account("acme").does("Report Viewed")
    assert acme.alerts == []
    acme.has(plan="team")
    assert acme.alerts == [("m", "firing")]


def test_what_was_retracted_may_yet_be_told_for_the_same_date() -> None:
    rule = {"kind": "renewal", "severity": "info", "once_per": "plan", "when": {"silent": {"for": "2d"}}}
    acme = Product(journey(traits={"plan": "text"}, alerts={"m": rule})).account("acme").has(plan="team")
    acme.does("Report Viewed").falls_silent(days=2.5).does("Report Viewed", days_ago=1).falls_silent(days=3)
    assert acme.alerts == [("m", "firing"), ("m", "retracted"), ("m", "firing")]


def test_a_changed_journey_remembers_what_was_told(acme: Customer) -> None:
    ends(acme, 50)
    ends(acme, 400).passes(days=1)
    changed = JOURNEY.replace("  looked:", "  seen:").replace("[looked", "[seen")
    acme = ends(redeployed(acme, changed), 50).passes(days=1)
    assert acme.alerts == []


MOVES = st.lists(
    st.tuples(st.integers(0, 40 * 24), st.one_of(st.none(), st.integers(-30, 150))), min_size=1, max_size=12
)


@settings(max_examples=80, deadline=None)
@given(moves=MOVES)
def test_however_the_date_moves_each_playbook_is_told_once_for_each_date_and_never_missed(
    moves: list[tuple[int, int | None]],
) -> None:
    acme = Product(journey(JOURNEY)).account("acme").does("Report Viewed")
    dates: list[tuple[int, int | None]] = []
    for gap_hours, number in moves:
        acme.passes(hours=gap_hours)
        ends(acme, None if number is None else max(0, number))
        dates.append((acme.product.now, None if number is None else day(max(0, number))))
    acme.passes(days=200)
    assert Counter(fired(acme)) == Counter(expected(dates, acme.product.now))


def expected(dates: list[tuple[int, int | None]], until: int) -> set[tuple[str, object]]:
    """By hand: every playbook whose window an instant lay in at which its date stood."""
    stands = zip(dates, [*(at for at, _ in dates[1:]), until], strict=True)
    found: set[tuple[str, object]] = set()
    for (since, date), end in stands:
        for name, (first, last) in WINDOWS.items():
            if date is not None:
                opens, closes = date - first * DAY_MS, date - last * DAY_MS
                at = max(since - HOUR_MS, opens)
                if at <= end - HOUR_MS and at < closes:
                    found.add((name, rfc3339(date)))
    return found


def test_the_record_proves_what_was_achieved(acme: Customer) -> None:
    acme.passes(days=2).does("Report Viewed", times=3)
    ends(acme, 80)
    [alert] = acme.alerts_told
    body = Bodies(acme.product.source, acme.product.journey).body(alert, 0)
    assert body["proof"] == {
        "measures": {"reports": 3},
        "milestones": {"looked": {"at": rfc3339(day(2)), "time_to_s": 0.0}},
    }


def test_what_ends_carries_no_proof(acme: Customer) -> None:
    ends(acme, 20).passes(days=30)
    bodies = Bodies(acme.product.source, acme.product.journey)
    proofs = [bodies.body(alert, 0)["proof"] for alert in acme.alerts_told if isinstance(alert, AlertChanged)]
    assert proofs == [{"measures": {"reports": 0}, "milestones": {}}, None]


FAULTS = {
    "once_per: ends": "alerts.ends_soon.once_per: there is no trait 'ends'; did you mean 'ends_at'?",
    "proof: lookd": "alerts.ends_soon.proof: there is no milestone and no measure 'lookd'; did you mean 'looked'?",
    "proof: [looked, 3]": "alerts.ends_soon.proof[1]: must be a text, not 3",
    "proof: [looked, bread]": "alerts.ends_soon.proof[1]: there is no milestone and no measure 'bread'; did you mean "
    "'breadth'?",
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_in_what_a_playbook_is_anchored_to_or_proves_is_told(text: str) -> None:
    content = SMALL.replace("    kind: renewal\n", f"    kind: renewal\n    {text}\n", 1)
    with pytest.raises(JourneyError) as caught:
        read_journey(content.encode())
    assert [str(fault).partition(": ")[2] for fault in caught.value.faults] == [FAULTS[text]]


def test_a_name_that_is_both_a_milestone_and_a_measure_proves_nothing() -> None:
    content = SMALL.replace("    kind: renewal\n", "    kind: renewal\n    proof: breadth\n", 1)
    content = content.replace("  looked:\n", "  breadth: {when: {did: Report Viewed}}\n  looked:\n", 1)
    with pytest.raises(JourneyError, match="'breadth' is a milestone and a measure; give one of them another name"):
        read_journey(content.encode())
