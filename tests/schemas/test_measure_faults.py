"""Faults in measures: the exact lines that are told."""

import pytest

from schemas.reading import JourneyError, read_journey

WHOLE = """\
journey: 1
name: small
version: 1
events: {Report Viewed: {feature: reports}, Export Run: }
traits: {plan: text, seats: number}
personas: {champion: {trait: role, is: champion}}
measures:
  users: {users: any, over: 7d}
  rows: {sum: {event: Export Run, property: rows}, over: 3d}
  mean_rows: {mean: {event: Export Run, property: rows}, over: 3d}
  use: {ratio: {of: users, to: seats}}
  done: {progress: [looked]}
milestones:
  looked: {when: {did: Report Viewed}}
stages: {trial: {initial: true}}
"""


def told(content: str) -> list[str]:
    try:
        read_journey(content.encode())
    except JourneyError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_measures_without_faults_are_read() -> None:
    assert told(WHOLE) == []


def case(old: str, new: str, fault: str) -> object:
    return pytest.param(old, new, fault, id=new)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        case(
            "{users: any, over: 7d}",
            "{users: any}",
            "8: measures.users: 'users' is read from a window; give 'over', as in 'over: 7d'",
        ),
        case(
            "{progress: [looked]}",
            "{progress: [looked], over: 7d}",
            "12: measures.done: 'progress' is read as it stands; leave 'over' out",
        ),
        case(
            "{sum: {event: Export Run,",
            "{sum: {event: Export Rum,",
            "9: measures.rows.sum.event: the event 'Export Rum' is not declared under events; "
            "did you mean 'Export Run'?",
        ),
        case(
            "{mean: {event: Export Run, property: rows}",
            "{mean: {event: Export Run}",
            "10: measures.mean_rows.mean.property: this key is missing; it must be given",
        ),
        case(
            "{users: any, over: 7d}",
            "{users: any, over: 7d, persona: chamption}",
            "8: measures.users.persona: there is no persona 'chamption'; did you mean 'champion'?",
        ),
        case(
            "property: rows}, over: 3d}\n  mean",
            "property: rows}, over: 3d, persona: champion}\n  mean",
            "9: measures.rows: 'persona' says which users are counted, and 'sum' counts none; leave it out",
        ),
        case(
            "{progress: [looked]}",
            "{oldest_open: users}",
            "12: measures.done.oldest_open: 'users' is not a measure of what is open; name one that has 'open'",
        ),
        case(
            "{progress: [looked]}",
            "{resolution: user, over: 7d}",
            "12: measures.done.resolution: there is no measure 'user'; did you mean 'users'?",
        ),
        case(
            "{progress: [looked]}",
            "{open: {opened: Export Rum, closed: Report Viewed, by: id}}",
            "12: measures.done.open.opened: the event 'Export Rum' is not declared under events; "
            "did you mean 'Export Run'?",
        ),
        case(
            "{progress: [looked]}",
            "{progress: [looked], gap: 5m}",
            "12: measures.done: 'gap' parts visits, and 'progress' knows none; leave it out",
        ),
        case(
            "{progress: [looked]}",
            "{session_time: any, over: 7d, gap: 1d}",
            "12: measures.done: a gap is from '1m' to '12h'; most products take '30m'",
        ),
        case(
            "{progress: [looked]}",
            "{oldest_open: aged}\n  aged: {open: {opened: Export Run, closed: Report Viewed, by: id}}\n"
            "  share: {ratio: {of: done, to: 2}}",
            "14: measures.share.ratio.of: 'done' grows with every hour, and a share of it would too; test it by itself",
        ),
        case(
            "stages: {",
            "checks: {seat: {at_least: 1}}\nstages: {",
            "15: checks.seat: there is no trait 'seat'; did you mean 'seats'?",
        ),
        case(
            "stages: {",
            "checks: {plan: {whole: true}}\nstages: {",
            "15: checks.plan: the trait 'plan' is a text, and this asks for a number; test it with 'trait' and 'is'",
        ),
        case(
            "stages: {",
            "checks: {seats: {currency: unit}}\nstages: {",
            "15: checks.seats.currency: no currency is declared to compare with; give 'revenue' a 'currency'",
        ),
        case(
            "stages: {",
            "checks: {seats: {}}\nstages: {",
            "15: checks.seats: this checks nothing; give at_least, at_most, whole, not_before or currency",
        ),
        case(
            "stages: {",
            "checks: {seats: {at_least: 5, at_most: 1}}\nstages: {",
            "15: checks.seats: 'at_least' is above 'at_most', so nothing fits; write the lesser one as 'at_least'",
        ),
        case(
            "{did: Report Viewed}",
            "{sequence: {event: Report Viewed, after: Export Rum, within: 1d}}",
            "14: milestones.looked.when.sequence.after: the event 'Export Rum' is not declared under events; "
            "did you mean 'Export Run'?",
        ),
        case(
            "of: users",
            "of: user",
            "11: measures.use.ratio.of: there is no measure 'user'; did you mean 'users'?",
        ),
        case("of: users", "of: use", "11: measures.use.ratio.of: 'use' is a ratio itself; name what it is a share of"),
        case(
            "to: seats",
            "to: seat",
            "11: measures.use.ratio.to: there is no measure or trait 'seat'; did you mean 'seats'?",
        ),
        case(
            "to: seats",
            "to: plan",
            "11: measures.use.ratio.to: the trait 'plan' is a text, and this asks for a number; name one that is",
        ),
        case(
            "to: seats",
            "to: 0",
            "11: measures.use.ratio.to: a share of 0 says nothing; write a number above 0",
        ),
        case(
            "to: seats",
            "to: [seats]",
            "11: measures.use.ratio.to: 'to' is a measure, a trait that is a number, a number, or 'features'",
        ),
        case(
            "[looked]",
            "[lookd]",
            "12: measures.done.progress: there is no milestone 'lookd'; did you mean 'looked'?",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_its_path_and_a_remedy(old: str, new: str, fault: str) -> None:
    assert WHOLE.count(old) == 1
    assert fault in [line.replace("[0]:", ":") for line in told(WHOLE.replace(old, new))]
