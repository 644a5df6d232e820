"""Faults in `kpis`: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey

SOUND = """\
journey: 1
name: small
version: 1
events: {Signed Up: {feature: door}}
traits: {plan: text, region: text}
segments: {tier: {trait: plan, values: [team]}, region: {trait: region}}
measures: {dau: {users: any, over: 1d}, breadth: {features: any, over: 28d}}
milestones: {joined: {when: {did: Signed Up}}}
stages: {trial: {initial: true}}
alerts: {quiet: {kind: risk, severity: info, when: {silent: {for: 3d}}}}
kpis:
  judged_after: 14d
  steps: [joined]
  qualified: joined
  paid: joined
  active: {daily: dau, weekly: dau, monthly: dau}
  depth: breadth
  goals: {teams: {segment: {tier: team}, goal: more, success: [joined], blockers: [quiet]}}
"""

NOT_LISTED = (
    "18: kpis.goals.teams.segment.region: figures are cut only by segments whose values are listed; "
    "give 'region' values or bands"
)


def test_kpis_without_faults_are_read() -> None:
    assert read_journey(SOUND.encode()).kpis is not None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "steps: [joined]",
            "steps: [joned]",
            "13: kpis.steps[0]: there is no milestone 'joned'; did you mean 'joined'?",
        ),
        (
            "qualified: joined",
            "qualified: pql",
            "14: kpis.qualified: there is no milestone 'pql'; declare it under milestones",
        ),
        ("paid: joined", "paid: bought", "15: kpis.paid: there is no milestone 'bought'; declare it under milestones"),
        ("daily: dau", "daily: dao", "16: kpis.active.daily: there is no measure 'dao'; did you mean 'dau'?"),
        (
            "weekly: dau",
            "weekly: breadth",
            "16: kpis.active.weekly: the measure 'breadth' is a features, and this asks for users; name another",
        ),
        (
            "depth: breadth",
            "depth: dau",
            "17: kpis.depth: the measure 'dau' is a users, and this asks for features; name another",
        ),
        (
            "success: [joined]",
            "success: [join]",
            "18: kpis.goals.teams.success[0]: there is no milestone 'join'; did you mean 'joined'?",
        ),
        (
            "blockers: [quiet]",
            "blockers: [quit]",
            "18: kpis.goals.teams.blockers[0]: there is no alert 'quit'; did you mean 'quiet'?",
        ),
        (
            "{tier: team}",
            "{tier: teem}",
            "18: kpis.goals.teams.segment.tier: no account is ever 'teem' here; did you mean 'team'?",
        ),
        (
            "{tier: team}",
            "{region: emea}",
            NOT_LISTED,
        ),
        (
            "judged_after: 14d",
            "judged_after: 14",
            "12: kpis.judged_after: 14 is not a span; write a number and a unit, as in '7d'",
        ),
    ],
)
def test_a_fault_in_kpis_is_told_with_its_remedy(old: str, new: str, told: str) -> None:
    with pytest.raises(JourneyError) as refused:
        read_journey(SOUND.replace(old, new).encode())
    assert told in [f"{fault.line}: {fault.path}: {fault.message}" for fault in refused.value.faults]
