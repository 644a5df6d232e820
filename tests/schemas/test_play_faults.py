"""Faults in plays and in what names them: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey

WHOLE = """\
journey: 1
name: small
version: 1
events: {Report Viewed: }
traits: {plan: text}
stages: {trial: {initial: true}}
segments: {tier: {trait: plan, values: [free, team]}}
plays:
  tour: The tour
  call_them: {content: Call them, channel: call, owner: Sales, stage: trial, segment: {tier: [team, other]}}
alerts:
  looked: {kind: nudge, severity: info, play: [call_them, tour], when: {did: Report Viewed}}
"""


def told(content: str) -> list[str]:
    try:
        read_journey(content.encode())
    except JourneyError as error:
        return [str(fault) for fault in error.faults]
    return []


def case(old: str, new: str, *faults: str) -> object:
    return pytest.param(old, new, faults, id=new)


def test_plays_without_faults_are_read() -> None:
    assert told(WHOLE) == []


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        case(
            "[call_them, tour]",
            "[call_then, tour]",
            "12: alerts.looked.play[0]: there is no play 'call_then'; did you mean 'call_them'?",
        ),
        case(
            "[call_them, tour]",
            "write",
            "12: alerts.looked.play: there is no play 'write'; declare it under plays",
        ),
        case(
            "[call_them, tour]",
            "Call them",
            "12: alerts.looked.play: 'Call them' is not a name; write small letters, digits and '_', as in 'call_them'",
            "12: alerts.looked.play: there is no play 'Call them'; did you mean 'call_them'?",
        ),
        case(
            "stage: trial",
            "stage: [trail]",
            "10: plays.call_them.stage[0]: there is no stage 'trail'; did you mean 'trial'?",
        ),
        case(
            "{tier: [team, other]}",
            "{tier: [teem]}",
            "10: plays.call_them.segment.tier[0]: no account is ever 'teem' here; did you mean 'team'?",
        ),
        case(
            "{tier: [team, other]}",
            "{teir: team}",
            "10: plays.call_them.segment.teir: there is no segment 'teir'; did you mean 'tier'?",
        ),
        case(
            "stage: trial",
            "driver: billing",
            "10: plays.call_them.driver: there is no driver 'billing'; declare it under drivers",
        ),
        case(
            "channel: call",
            "channel: phone",
            "10: plays.call_them.channel: must be one of in_app, email, chat, call, task, not 'phone'",
        ),
        case(
            "owner: Sales",
            "ownr: Sales",
            "10: plays.call_them.ownr: there is no such key here; did you mean 'owner'?",
        ),
        case(
            "tour: The tour",
            "tour: [The tour]",
            "9: plays.tour: must be a mapping of keys to values, not a list",
        ),
        case(
            "tour: The tour",
            "Tour: The tour",
            "9: plays.Tour: 'Tour' is not a name; write small letters, digits and '_', as in 'tour'",
            "12: alerts.looked.play[1]: there is no play 'tour'; did you mean 'Tour'?",
        ),
    ],
)
def test_a_fault_in_a_play_is_told_with_its_remedy(old: str, new: str, faults: tuple[str, ...]) -> None:
    assert WHOLE.count(old) == 1
    assert told(WHOLE.replace(old, new)) == list(faults)
