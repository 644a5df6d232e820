"""Faults in segments and in limits to them: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey

WHOLE = """\
journey: 1
name: small
version: 1
events: {Report Viewed: }
traits: {plan: text, seats: number, ends_at: date}
stages: {trial: {initial: true}}
segments:
  tier: {trait: plan, values: [free, team]}
  size: {trait: seats, bands: {few: {below: 5}, some: {below: 50}, many: {}}}
  words: {trait: plan}
milestones:
  looked: {when: {did: Report Viewed}, only: {tier: team, words: anything}}
alerts:
  paying: {kind: nudge, severity: info, when: {segment: {size: [some, many], tier: other}}}
"""


def told(content: str) -> list[str]:
    try:
        read_journey(content.encode())
    except JourneyError as error:
        return [str(fault) for fault in error.faults]
    return []


def case(old: str, new: str, fault: str) -> object:
    return pytest.param(old, new, fault, id=new)


def test_segments_without_faults_are_read() -> None:
    assert told(WHOLE) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        case(
            "tier: {trait: plan,",
            "tier: {trait: plam,",
            "8: segments.tier.trait: there is no trait 'plam'; did you mean 'plan'?",
        ),
        case(
            "tier: {trait: plan,",
            "tier: {trait: ends_at,",
            "8: segments.tier.trait: the trait 'ends_at' is a date, and this asks for a text; "
            "declare the trait as a text",
        ),
        case(
            "values: [free, team]",
            "values: [free, team, free]",
            "8: segments.tier.values: 'free' stands here twice; once is enough",
        ),
        case(
            "words: {trait: plan}",
            "words: {trait: seats}",
            "10: segments.words.trait: the trait 'seats' is a number, and this asks for a text; give it bands",
        ),
        case(
            "size: {trait: seats,",
            "size: {trait: plan,",
            "9: segments.size.trait: the trait 'plan' is a text, and this asks for a number; "
            "declare the trait as a number",
        ),
        case(
            "[free, team]",
            "[free, unknown]",
            "8: segments.tier.values[1]: 'unknown' is for accounts that fit nothing listed; leave it out",
        ),
        case(
            "values: [free, team]",
            "values: [free, team], bands: {x: {}}",
            "8: segments.tier: give values, for a text, or bands, for a number; found both",
        ),
        case(
            "few: {below: 5}",
            "few: {}",
            "9: segments.size: only the last band may be open; give the others 'below'",
        ),
        case(
            "few: {below: 5}",
            "few: {below: 50}",
            "9: segments.size: bands go from the lowest up; give each a greater 'below' than the one before",
        ),
        case(
            "few: {below: 5}",
            "few: {below: 5, above: 1}",
            "9: segments.size.bands.few.above: there is no such key here; the keys are below",
        ),
        case(
            "only: {tier: team,",
            "only: {teir: team,",
            "12: milestones.looked.only.teir: there is no segment 'teir'; did you mean 'tier'?",
        ),
        case(
            "only: {tier: team,",
            "only: {tier: taem,",
            "12: milestones.looked.only.tier: no account is ever 'taem' here; did you mean 'team'?",
        ),
        case(
            "[some, many]",
            "[some, lots]",
            "14: alerts.paying.when.segment.size[1]: no account is ever 'lots' here; "
            "it is one of few, some, many, other, unknown",
        ),
        case(
            "segment: {size: [some, many], tier: other}",
            "segment: {}",
            "14: alerts.paying.when.segment: must have at least 1 entry; it is empty",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_its_path_and_a_remedy(old: str, new: str, fault: str) -> None:
    assert WHOLE.count(old) == 1
    assert fault in told(WHOLE.replace(old, new))
