"""One fault at a time in a small journey: the exact lines that are told of it."""

import pytest

from schemas.journey import Condition
from schemas.journey.measures import KINDS
from schemas.reading import JourneyError, read_journey
from tests.small_journey import spoiled

KEYS = [field.alias or name for name, field in Condition.model_fields.items()]


def spoil(old: str, new: str, *told: str) -> object:
    """A case: the small journey with `old` replaced by `new`, and the lines that are told of it."""
    return pytest.param(spoiled(old, new), told, id=new.strip() or f"without {old.strip()}")


BROKEN = (
    spoil(
        "journey: 1",
        "journey: 2",
        "1: journey: must be 1, not 2",
    ),
    spoil(
        "journey: 1",
        "journey: true",
        "1: journey: must be a number, not true",
    ),
    spoil(
        "journey: 1\n",
        "",
        "1: journey: this key is missing; it must be given",
    ),
    spoil(
        "name: small",
        "name: Small Firms",
        "2: name: 'Small Firms' is not a name; write small letters, digits and '-', as in 'small-firms'",
    ),
    spoil(
        "version: 1",
        "version: '1'",
        "3: version: must be a whole number, not '1'",
    ),
    spoil(
        "version: 1",
        "version: 0",
        "3: version: must be at least 1, not 0",
    ),
    spoil(
        "version: 1",
        "version: 1.5",
        "3: version: must be a whole number, not 1.5",
    ),
    spoil(
        "version: 1",
        "version: 010",
        "3: version: must be a whole number, not '010'",
    ),
    spoil(
        "version: 1",
        "version: 1:30",
        "3: version: must be a whole number, not '1:30'",
    ),
    spoil(
        "allowed_lateness: 1h",
        "alowed_lateness: 1h",
        "4: alowed_lateness: there is no such key here; did you mean 'allowed_lateness'?",
    ),
    spoil(
        "allowed_lateness: 1h",
        "allowed_lateness: 1 hour",
        "4: allowed_lateness: '1 hour' is not a span; write '1h'",
    ),
    spoil(
        "allowed_lateness: 1h",
        "allowed_lateness: 3600",
        "4: allowed_lateness: 3600 is not a span; write a number and a unit, as in '7d'",
    ),
    spoil(
        "allowed_lateness: 1h",
        "allowed_lateness: 8d",
        "4: allowed_lateness: allowed lateness is at most '7d': every deadline waits for it",
    ),
    spoil(
        "{source: support}",
        "{source: suport}",
        "8: events.Ticket Opened.source: must be one of product, billing, support, crm, feedback, not "
        "'suport'; did you mean 'support'?",
    ),
    spoil(
        "owner: Insights",
        "owner: [Insights]",
        "7: events.Report Viewed.owner: must be a text, not a list",
    ),
    spoil(
        "  Signed Up:\n",
        "  Signed Up: 3\n",
        "6: events.Signed Up: must be a mapping of keys to values, not 3",
    ),
    spoil(
        "  Signed Up:\n",
        "  Signed Up:\n  any:\n",
        "7: events.any: 'any' means every event of the product; choose another name",
    ),
    spoil(
        "{required: [rows]}",
        "{required: rows}",
        "9: events.Import Run.required: must be a list, not 'rows'",
    ),
    spoil(
        "{required: [rows]}",
        "{required: [rows, size, rows]}",
        "9: events.Import Run.required: 'rows' stands here twice; once is enough",
    ),
    spoil(
        "{required: [rows]}",
        "{required: ['a\"b']}",
        "9: events.Import Run.required[0]: 'a\"b' is no name of a property: "
        "leave out quotation marks, backslashes and controls",
    ),
    spoil(
        "allowed_lateness: 1h",
        "undeclared: forbid",
        "4: undeclared: must be one of keep, warn, reject, not 'forbid'",
    ),
    spoil(
        "seats: number",
        "seats: numbers",
        "12: traits.seats: must be one of text, number, date, not 'numbers'; did you mean 'number'?",
    ),
    spoil(
        "seats: number",
        "seats:",
        "12: traits.seats: this is empty; give it a value, or leave it out",
    ),
    spoil(
        "  seats: number\n",
        "",
        "51: alerts.upgrade.when.any[1].trait.name: there is no trait 'seats'; declare it under traits",
    ),
    spoil(
        "count: Ticket Opened",
        "count: Tickets Opened",
        "15: measures.tickets.count: the event 'Tickets Opened' is not declared under events; did you mean "
        "'Ticket Opened'?",
    ),
    spoil(
        "{count: Ticket Opened, over: 28d}",
        "{count: Ticket Opened}",
        "15: measures.tickets: 'count' is read from a window; give 'over', as in 'over: 7d'",
    ),
    spoil(
        "{count: Ticket Opened, over: 28d}",
        "{count: Ticket Opened, over: 36h}",
        "15: measures.tickets.over: a window is whole days, at most 182; '36h' is not: write '7d'",
    ),
    spoil(
        "{count: Ticket Opened, over: 28d}",
        "{over: 28d}",
        f"15: measures.tickets: give exactly one of {', '.join(KINDS)}; found none",
    ),
    spoil(
        "count: Ticket Opened",
        "count: 5",
        "15: measures.tickets.count: must be a list, not 5",
    ),
    spoil(
        "users: [Signed Up, Report Viewed]",
        "users: [Signed Up, Report Viewer]",
        "17: measures.actives.users[1]: the event 'Report Viewer' is not declared under events; did you mean "
        "'Report Viewed'?",
    ),
    spoil(
        "features: any",
        "features: Ticket Opened",
        "16: measures.breadth.features: none of these events has a feature, so this is always 0; give one of "
        "them a 'feature' under events",
    ),
    spoil(
        "feature: reports, ",
        "",
        "16: measures.breadth.features: none of these events has a feature, so this is always 0; give one of "
        "them a 'feature' under events",
    ),
    spoil(
        "when: {did: Report Viewed}",
        "when: {did: Report Vewed}",
        "20: milestones.looked.when.did: the event 'Report Vewed' is not declared under events; did you mean "
        "'Report Viewed'?",
    ),
    spoil(
        "when: {did: Report Viewed}",
        "when: {did: Report Viewed, reached: settled}",
        "20: milestones.looked.when: it waits for itself: looked → settled → looked; take one 'reached' out",
    ),
    spoil(
        "when: {did: Report Viewed}",
        "when: {}",
        f"20: milestones.looked.when: give at least one of {', '.join(KEYS)}; found none",
    ),
    spoil(
        "when: {did: Report Viewed}",
        "when: {reached: settled}",
        "20: milestones.looked.when: it waits for itself: looked → settled → looked; take one 'reached' out",
    ),
    spoil(
        "when: {did: Report Viewed}",
        "when: Report Viewed",
        "20: milestones.looked.when: must be a mapping of keys to values, not 'Report Viewed'",
    ),
    spoil(
        "activation: true",
        "activation: yes",
        "22: milestones.settled.activation: must be true or false, not 'yes'",
    ),
    spoil(
        "- reached: looked",
        "- reached: lookd",
        "25: milestones.settled.when.all[0].reached: there is no milestone 'lookd'; did you mean 'looked'?",
    ),
    spoil(
        "name: actives",
        "name: active",
        "26: milestones.settled.when.all[1].measure.name: there is no measure 'active'; did you mean 'actives'?",
    ),
    spoil(
        "at_least: 2}",
        "at_least: two}",
        "26: milestones.settled.when.all[1].measure.at_least: must be a number, not 'two'",
    ),
    spoil(
        "at_least: 2}",
        "at_least: 2, below: 9}",
        "26: milestones.settled.when.all[1].measure: give exactly one of at_least, below; found at_least, below",
    ),
    spoil(
        "initial: true",
        "initial: false",
        "27: stages: no stage is the initial one; write 'initial: true' in the stage accounts begin in",
    ),
    spoil(
        "    dwell: 2d",
        "    initial: true",
        "33: stages.active.initial: the initial stage is 'trial' already; let one of them go",
    ),
    spoil(
        "    dwell: 2d",
        "    dwel: 2d",
        "33: stages.active.dwel: there is no such key here; did you mean 'dwell'?",
    ),
    spoil(
        "    from: trial\n",
        "    from: tril\n",
        "31: stages.active.from: there is no stage 'tril'; did you mean 'trial'?",
    ),
    spoil(
        "    from: trial\n",
        "    from: [any, active]\n",
        "31: stages.active.from[1]: 'active' cannot be entered from itself; leave it out",
    ),
    spoil(
        "    from: trial\n",
        "",
        "30: stages.active: 'from' and 'enter' go together: where an account comes from, and when",
        "30: stages.active: no way leads here from 'trial'; give it 'from' and 'enter', or an exit to it",
    ),
    spoil(
        "to: previous",
        "to: previos",
        "35: stages.active.exit[0].to: there is no stage 'previos'; did you mean 'previous'?",
    ),
    spoil(
        "to: previous",
        "to: active",
        "35: stages.active.exit[0].to: 'active' cannot be left for itself; name another stage, or 'previous'",
    ),
    spoil(
        "times: 3",
        "times: 0",
        "36: stages.active.exit[0].when.did.times: must be at least 1, not 0",
    ),
    spoil(
        "times: 3",
        "times: true",
        "36: stages.active.exit[0].when.did.times: must be a whole number, not true",
    ),
    spoil(
        "times: 3",
        "times: 3, since: stage",
        "36: stages.active.exit[0].when.did: 'since: stage' goes without 'within' and 'times'",
    ),
    spoil(
        "[trial, active]",
        "quiet",
        "37: stages.quiet: no way leads here from 'trial'; give it 'from' and 'enter', or an exit to it",
        "38: stages.quiet.from: 'quiet' cannot be entered from itself; leave it out",
    ),
    spoil(
        "{for: 14d}",
        "{for: 30m}",
        "39: stages.quiet.enter.silent.for: '30m' is shorter than allowed_lateness ('1h'), so it cannot be "
        "told in time; write '1h' or longer",
    ),
    spoil(
        "{for: 14d}",
        "{}",
        "39: stages.quiet.enter.silent.for: this key is missing; it must be given",
    ),
    spoil(
        "at_once: true",
        "at_once: on",
        "40: stages.quiet.at_once: must be true or false, not 'on'",
    ),
    spoil(
        "kind: renewal",
        "kind: renewel",
        "43: alerts.ends_soon.kind: must be one of nudge, stall, usage_drop, risk, handoff, renewal, "
        "expansion, not 'renewel'; did you mean 'renewal'?",
    ),
    spoil(
        "    severity: warning\n",
        "",
        "42: alerts.ends_soon.severity: this key is missing; it must be given",
    ),
    spoil(
        "trait: ends_at",
        "trait: seats",
        "45: alerts.ends_soon.when.date.trait: the trait 'seats' is a number, and this asks for a date; test "
        "it with 'trait' and 'at_least' or 'below'",
    ),
    spoil(
        "name: plan, is: [team, pro]",
        "name: plan, at_least: 5",
        "51: alerts.upgrade.when.any[0].trait.name: the trait 'plan' is a text, and this asks for a number; "
        "test it with 'trait' and 'is'",
    ),
    spoil(
        "is: [team, pro]",
        "is: [team, 2]",
        "51: alerts.upgrade.when.any[0].trait.is[1]: must be a text, not 2",
    ),
    spoil(
        "is: [team, pro]",
        "is: []",
        "51: alerts.upgrade.when.any[0].trait.is: must have at least 1 entry; it is empty",
    ),
    spoil(
        "grade: hint",
        "grade: sure",
        "53: alerts.upgrade.when.any[2].usage_drop.grade: must be one of hint, warning, critical, not 'sure'",
    ),
    spoil(
        "cooldown: 7d",
        "cooldown: 7d\n    raise: {to: info, when: {stage: quiet}}",
        "46: alerts.upgrade: 'raise' goes up: 'info' is not above 'info'",
    ),
    spoil(
        "cooldown: 7d",
        "cooldown: 7d\n    raise: {to: critical, when: {stage: quite}}",
        "56: alerts.upgrade.raise.when.stage: there is no stage 'quite'; did you mean 'quiet'?",
    ),
    spoil(
        "{stage: active}",
        "{stage: actve}",
        "54: alerts.upgrade.until.none[0].stage: there is no stage 'actve'; did you mean 'active'?",
    ),
    spoil(
        "until: {none: [{stage: active}]}",
        "until:",
        "54: alerts.upgrade.until: this is empty; give it a value, or leave it out",
    ),
    spoil(
        "cooldown: 7d",
        "cooldown: 7 days",
        "55: alerts.upgrade.cooldown: '7 days' is not a span; write '7d'",
    ),
    spoil(
        "$page]",
        "$pages]",
        "59: alerts.not_looking.when.absent.after[1]: the event '$pages' is not declared under events; did "
        "you mean '$page'?",
    ),
    spoil(
        "within: 3d",
        "wihtin: 3d",
        "59: alerts.not_looking.when.absent.within: this key is missing; it must be given",
        "59: alerts.not_looking.when.absent.wihtin: there is no such key here; did you mean 'within'?",
    ),
    spoil(
        "  not_looking:",
        "  Not looking:",
        "56: alerts.Not looking: 'Not looking' is not a name; write small letters, digits and '_', as in 'not_looking'",
    ),
)


@pytest.mark.parametrize(("content", "told"), BROKEN)
def test_a_fault_is_told_with_its_line_its_path_and_a_remedy(content: bytes, told: tuple[str, ...]) -> None:
    with pytest.raises(JourneyError) as caught:
        read_journey(content)
    assert tuple(str(fault) for fault in caught.value.faults) == told
