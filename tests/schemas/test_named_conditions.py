"""Conditions by name: what they stand for stands where they are used, and a name that says nothing is a fault."""

# ruff: noqa: E501  a row is one fault

import pytest

from schemas.reading import JourneyError, read_journey
from streams.engine.compiler import compile_journey
from tests.small_journey import SMALL

LOOKED = "when: {did: Report Viewed}"
FIRST = len(SMALL.splitlines()) + 2


def small(use: str, conditions: str) -> bytes:
    """The small journey with a milestone that uses the conditions of its last section."""
    return (SMALL.replace(LOOKED, f"when: {use}") + "conditions:\n" + conditions).encode()


NAMED = "  new: {stage: trial, in_stage: 2d}\n  new_or_big: {any: [{is: new}, {trait: seats at least 50}]}\n"
USE = "{is: new_or_big, none: [{is: new}]}"
WRITTEN_OUT = (
    "{all: [{any: [{stage: trial, in_stage: 2d}, {trait: seats at least 50}]}, {none: [{stage: trial, in_stage: 2d}]}]}"
)


def test_a_journey_that_names_conditions_is_the_one_that_writes_them_out() -> None:
    named, out = (
        read_journey(text) for text in (small(USE, NAMED), SMALL.replace(LOOKED, f"when: {WRITTEN_OUT}").encode())
    )
    assert named == out
    assert compile_journey(named).digest == compile_journey(out).digest


FAULTS = (
    ("{is: nw}", "  new: {stage: trial}\n", 20, "milestones.looked.when.is: there is no condition 'nw'; did you mean 'new'?"),
    ("{is: nw}", "  new: {stage: trial}\n", FIRST, "conditions.new: nothing says 'is: new'; use it, or take it out"),
    ("{is: a}", "  a: {is: b}\n  b: {is: a}\n", FIRST, "conditions.a.is: 'b' does not stand above; a condition is made of those above it, so that none is circular"),
    ("{is: a}", "  a: {any: [{is: a}]}\n", FIRST, "conditions.a.any[0].is: 'a' does not stand above; a condition is made of those above it, so that none is circular"),
    ("{is: a}", "  a: {stage: tril}\n", FIRST, "conditions.a.stage: there is no stage 'tril'; did you mean 'trial'?"),
    ("{is: a}", "  a: {in_stage: 7 days}\n", FIRST, "conditions.a.in_stage: '7 days' is not a span; write '7d'"),
    ("{is: a}", "  a: {reached: settled}\n", 20, "milestones.looked.when: it waits for itself: looked → settled → looked; take one 'reached' out"),
    ("{is: a}", "  a: {stage: trial}\n  b: {health: {below: 3}}\nhealth: {x: {when: {is: b}}}\n", FIRST + 2, "health.x.when.is: a condition under health may not ask for 'health': they would wait for one another"),
)  # fmt: skip


@pytest.mark.parametrize(("use", "conditions", "line", "told"), FAULTS, ids=[told for *_, told in FAULTS])
def test_a_fault_of_a_name_is_told_with_its_line_and_a_remedy(use: str, conditions: str, line: int, told: str) -> None:
    with pytest.raises(JourneyError) as caught:
        read_journey(small(use, conditions))
    assert f"{line}: {told}" in [str(fault) for fault in caught.value.faults]
    assert len(caught.value.faults) <= 2  # what is wrong with a condition is told once, not at each use


def chained(times: int, link: str) -> str:
    return "  c0: {stage: trial}\n" + "".join(f"  c{i}: {link.format(i - 1)}\n" for i in range(1, times))


MUCH = (
    ("doubling", chained(60, "{{any: [{{is: c{0}}}, {{is: c{0}}}]}}"), "conditions.c9: with what it names, this is more than 1000"),
    ("deep", chained(60, "{{all: [{{is: c{0}}}]}}"), "conditions.c32: with what it names, this goes more than 32 levels deep"),
    ("used by all", "  c0: {any: [" + "{stage: trial}, " * 49 + "]}\n" + "".join(f"  d{i}: {{any: [{'{is: c0}, ' * 19}]}}\n" for i in range(50)), "conditions: written out wherever they are named"),
    ("names in thousands", chained(9_000, "{{is: c{0}}}"), "conditions: must have at most 500 entries"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "told"), [case[1:] for case in MUCH], ids=[case[0] for case in MUCH])
def test_names_that_come_to_too_much_are_refused_at_once(text: str, told: str) -> None:
    with pytest.raises(JourneyError) as caught:
        read_journey(small("{is: c0}", text))
    assert any(told in str(fault) for fault in caught.value.faults)
