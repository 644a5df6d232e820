"""The journey file: what is wrong in it is told, all of it, where it stands, with what would do."""

import time
from pathlib import Path

import pytest

from schemas.faults import Fault
from schemas.reading import JourneyError, read_journey
from tests.small_journey import SMALL, spoiled


def faults_of(content: bytes) -> tuple[Fault, ...]:
    with pytest.raises(JourneyError) as caught:
        read_journey(content, "small.yaml")
    return caught.value.faults


def test_a_journey_without_faults_is_read() -> None:
    journey = read_journey(SMALL.encode())
    assert journey.stages["active"].from_ == ("trial",)
    assert journey.alerts["upgrade"].cooldown == 7 * 86_400_000


def test_a_journey_dumped_to_json_reads_the_same_again() -> None:
    journey = read_journey(SMALL.encode())
    assert read_journey(journey.model_dump_json(exclude_none=True).encode()) == journey


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
        "15: measures.tickets.over: this key is missing; it must be given",
    ),
    spoil(
        "{count: Ticket Opened, over: 28d}",
        "{count: Ticket Opened, over: 36h}",
        "15: measures.tickets.over: a window is whole days, at most 182; '36h' is not: write '7d'",
    ),
    spoil(
        "{count: Ticket Opened, over: 28d}",
        "{over: 28d}",
        "15: measures.tickets: give exactly one of count, users, active_days, features; found none",
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
        "20: milestones.looked.when: give exactly one of did, measure, reached, silent, absent, stage, "
        "in_stage, date, trait, usage_drop, all, any, none; found did, reached",
        "20: milestones.looked.when: it waits for itself: looked → settled → looked; take one 'reached' out",
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
        "by: 0.5",
        "by: 50",
        "53: alerts.upgrade.when.any[2].usage_drop.by: must be less than 1, not 50",
    ),
    spoil(
        "by: 0.5",
        "by: 1e400",
        "53: alerts.upgrade.when.any[2].usage_drop.by: must be a number, not inf",
    ),
    spoil(
        "by: 0.5",
        "by: 0.5, against: 10d",
        "53: alerts.upgrade.when.any[2].usage_drop.against: a baseline is whole weeks, from '2w' to '12w'",
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
    assert tuple(str(fault) for fault in faults_of(content)) == told


def test_the_text_of_the_error_has_a_line_for_each_fault_in_the_order_of_the_file() -> None:
    with pytest.raises(JourneyError) as caught:
        read_journey(spoiled("cooldown: 7d", "cooldown: 7 days").replace(b"version: 1", b"version: 0"), "x/small.yaml")
    assert str(caught.value) == (
        "x/small.yaml:3: version: must be at least 1, not 0\n"
        "x/small.yaml:55: alerts.upgrade.cooldown: '7 days' is not a span; write '7d'"
    )


def test_a_fault_in_one_place_hides_none_in_another_of_the_same_rule() -> None:
    content = spoiled("{stage: active}", "{stage: actve}").replace(b"kind: expansion", b"kind: expanding")
    assert [fault.path for fault in faults_of(content)] == ["alerts.upgrade.kind", "alerts.upgrade.until.none[0].stage"]


def test_words_that_yaml_1_1_would_have_bent_are_keys_and_texts() -> None:
    content = spoiled("is: [team, pro]", "is: [on, no, 2026-01-31, 22:30, 0x1f, ~, 010, 1_000]")
    condition = read_journey(content).alerts["upgrade"].when
    assert condition.any is not None
    assert condition.any[0].trait is not None
    assert condition.any[0].trait.is_ == ("on", "no", "2026-01-31", "22:30", "0x1f", "~", "010", "1_000")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ["1: the file is empty; it begins with 'journey: 1'"]),
        (b"# soon\n", ["1: the file is empty; it begins with 'journey: 1'"]),
        (b"- journey: 1\n", ["1: the file is a list; it must be a mapping of keys to values"]),
        (b"journey\n", ["1: the file is 'journey'; it must be a mapping of keys to values"]),
        (b"a: 1\nb: 1\na: 2\n", ["3: a: the key stands here twice, first on line 1"]),
        (
            b"a: &x 1\nb: *x\n",
            ["1: a: '&x' is an anchor; write each value out", "2: b: '*x' is an alias; write the value out"],
        ),
        (b"a: 1\nb: !thing 1\n", ["2: b: '!thing' is a tag; values need none here: remove it"]),
        (b"a: 1\n---\nb: 1\n", ["2: a second document begins here; a file holds one"]),
        (b"a: 1\nb: \xff\n", ["2: this is not UTF-8; save the file in that encoding"]),
        (b"a: 1\nb: \x00\n", ["2: the character '\\x00' cannot stand in this file; remove it"]),
        (b'a: 1\nb: "\\0"\n', ["2: b: the character '\\x00' cannot stand in a text"]),
        (b"? [a]\n: 1\n", ["1: a key must be a text"]),
    ],
)
def test_what_is_not_yaml_as_we_use_it_is_told_alone(content: bytes, told: list[str]) -> None:
    assert [str(fault) for fault in faults_of(content)] == told


@pytest.mark.parametrize(
    ("content", "line"), [(b"a: 1\nb: [\n", 2), (b"a: 1\nb: c: d\n", 2), (b"a: 1\n\tb: 1\n", 2), (b"a: 'x\n", 1)]
)
def test_bad_yaml_is_told_with_its_line(content: bytes, line: int) -> None:
    (fault,) = faults_of(content)
    assert fault.line == line
    assert fault.message.startswith("this is not YAML: ")


BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c, c, c - 1, c - 1) for c in range(ord("b"), ord("z")))


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        b"x" * 10_000_000,
        b"[" * 1_000_000,
        b"{a: " * 200_000,
        b"- " * 500_000,
        b"a: [" + b"1," * 400_000 + b"]",
        b"version: " + b"9" * 1_000_000,
        b"events: {" + b"".join(b"e%d: {x: }," % i for i in range(20_000)) + b"}",
        b"measures: {" + b"".join(b"m%d: {count: e%d, over: 7d}," % (i, i) for i in range(9_000)) + b"}",
    ],
    ids=["aliases", "10 MB", "lists", "mappings", "bullets", "entries", "digits", "unknown keys", "unknown names"],
)
def test_a_hostile_file_is_refused_within_a_second(content: bytes) -> None:
    began = time.process_time()
    assert faults_of(content)
    assert time.process_time() - began < 1


def test_a_file_that_cannot_be_read_is_a_fault_too(tmp_path: Path) -> None:
    with pytest.raises(JourneyError, match=r"none\.yaml:1: cannot be read: No such file"):
        read_journey(tmp_path / "none.yaml")
    with pytest.raises(JourneyError, match="cannot be read: Is a directory"):
        read_journey(tmp_path)
