"""Faults in the contact policy: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey

WHOLE = """\
journey: 1
name: small
version: 1
events: {Report Viewed: }
traits: {timezone: text, seats: number}
stages: {trial: {initial: true}}
milestones: {looked: {when: {did: Report Viewed}}}
plays: {tour: {content: The tour, channel: in_app}}
alerts: {look: {kind: nudge, severity: info, play: tour, when: {did: Report Viewed}}}
contact:
  budget: {account: {at_most: 3, within: 7d}}
  priority: [look, risk]
  yields_for: 2d
  quiet_hours: {from: "20:00", to: "08:00", timezone: timezone, otherwise: Europe/Berlin}
  suppress: {stage: trial}
  patience: 2d
  holdout: {share: 0.1, salt: one, within: 30d, outcomes: {a: {reached: looked}, b: {stage: trial}}}
"""


def told(content: str) -> list[str]:
    try:
        read_journey(content.encode())
    except JourneyError as error:
        return [str(fault) for fault in error.faults]
    return []


def case(old: str, new: str, *faults: str) -> object:
    return pytest.param(old, new, faults, id=new)


def test_a_policy_without_faults_is_read() -> None:
    assert told(WHOLE) == []


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        case("at_most: 3", "at_most: 0", "11: contact.budget.account.at_most: must be at least 1, not 0"),
        case(
            "within: 7d",
            "within: 120d",
            "11: contact.budget.account.within: at most '90d' of contacts are remembered; write a shorter span",
        ),
        case(
            "[look, risk]",
            "[loko, risk]",
            "12: contact.priority[0]: 'loko' is neither an alert nor a kind of alert; did you mean 'look'?",
        ),
        case(
            "priority: [look, risk]",
            "patience: 1d",
            "10: contact: 'yields_for' asks for 'priority': which alerts come before which",
        ),
        case(
            "  budget: {account: {at_most: 3, within: 7d}}\n  priority: [look, risk]\n  yields_for: 2d\n",
            "  priority: [look, risk]\n",
            "10: contact: 'priority' asks for 'yields_for' or a 'budget': without them every alert is sent",
        ),
        case(
            '"20:00"',
            "8 pm",
            "14: contact.quiet_hours.from: '8 pm' is no time of day; write hours and minutes, as in '08:00'",
        ),
        case(
            '"20:00"',
            '"08:00"',
            "14: contact.quiet_hours: 'from' and 'to' are the same time of day; give the hours in which to keep quiet",
        ),
        case(
            "Europe/Berlin",
            "Europe/Berln",
            "14: contact.quiet_hours.otherwise: there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
        ),
        case(
            "timezone: timezone",
            "timezone: seats",
            "14: contact.quiet_hours.timezone: the trait 'seats' is a number, and a zone is a text; "
            "declare the trait as that",
        ),
        case("{stage: trial}\n", "{stage: trail}\n", "15: contact.suppress.stage: there is no stage 'trail'; "
             "did you mean 'trial'?"),
        case("share: 0.1", "share: 1.0", "17: contact.holdout.share: must be less than 1, not 1.0"),
        case(
            "{reached: looked}",
            "{reached: loked}",
            "17: contact.holdout.outcomes.a.reached: there is no milestone 'loked'; did you mean 'looked'?",
        ),
        case(
            "{reached: looked}",
            "{}",
            "17: contact.holdout.outcomes.a: give exactly one of reached, stage; found none",
        ),
        case(
            "b: {stage: trial}",
            "b: {stage: gone}",
            "17: contact.holdout.outcomes.b.stage: there is no stage 'gone'; declare it under stages",
        ),
        case("share:", "shares:", "17: contact.holdout.share: this key is missing; it must be given",
             "17: contact.holdout.shares: there is no such key here; did you mean 'share'?"),
    ],
)  # fmt: skip
def test_a_fault_in_the_policy_is_told_with_its_remedy(old: str, new: str, faults: tuple[str, ...]) -> None:
    assert WHOLE.count(old) == 1
    content = WHOLE.replace(old, new)
    content = content.replace("  patience: 2d\n", "") if new.startswith("patience") else content
    assert sorted(told(content)) == sorted(faults)


def test_a_policy_dumped_to_json_reads_the_same_again() -> None:
    journey = read_journey(WHOLE.encode())
    assert read_journey(journey.model_dump_json(exclude_none=True).encode()) == journey
