"""Events in groups: what they have in common stands once, and each event is declared as if it stood alone."""

# ruff: noqa: E501  a row is one fault

import pytest

from schemas.reading import JourneyError, read_journey
from streams.engine.compiler import compile_journey
from tests.small_journey import SMALL

ALONE = """\
  Signed Up:
  Report Viewed: {feature: reports, owner: Insights}
  Ticket Opened: {source: support}
  Import Run: {required: [rows]}
"""
GROUPS = """\
  - {names: Signed Up}
  - {feature: reports, owner: Insights, names: [Report Viewed, Report Shared]}
  - {source: support, names: [Ticket Opened]}
  - {required: [rows], names: [Import Run]}
"""


def small(events: str) -> bytes:
    assert ALONE in SMALL
    return SMALL.replace(ALONE, events).encode()


def test_events_in_groups_are_those_declared_by_themselves() -> None:
    alone = ALONE.replace("  Ticket", "  Report Shared: {feature: reports, owner: Insights}\n  Ticket")
    grouped, single = read_journey(small(GROUPS)), read_journey(small(alone))
    assert grouped == single
    assert compile_journey(grouped).digest == compile_journey(single).digest


FAULTS = (
    ("owner: Insights", "ownr: Insights", "7: events[1].ownr: there is no such key here; did you mean 'owner'?"),
    ("owner: Insights", "owner: ", "7: events[1].owner: this is empty; give it a value, or leave it out"),
    ("source: support", "source: suport", "8: events[2].source: must be one of product, billing, support, crm, feedback, not 'suport'; did you mean 'support'?"),
    ("names: [Ticket Opened]", "names: [Ticket Opened, Report Shared]", "8: events[2].names[1]: the event 'Report Shared' stands here twice, first on line 7"),
    ("- {names: Signed Up}", "- Signed Up", "6: events[0]: must be a mapping of keys to values, not 'Signed Up'"),
    ("Report Shared]", "any]", "7: events.any: 'any' means every event of the product; choose another name"),
    ("names: [Ticket Opened]", "names: []", "8: events[2].names: must have at least 1 entry; it is empty"),
    ("required: [rows]", "required: [rows, rows]", "9: events[3].required: 'rows' stands here twice; once is enough"),
    (", names: [Ticket Opened]", "", "8: events[2].names: this key is missing; it must be given"),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), FAULTS, ids=[told for *_, told in FAULTS])
def test_a_fault_in_a_group_is_told_once_with_its_line(old: str, new: str, told: str) -> None:
    assert GROUPS.count(old) == 1
    with pytest.raises(JourneyError) as caught:
        read_journey(small(GROUPS.replace(old, new)))
    faults = [str(fault) for fault in caught.value.faults]
    assert faults[0] == told
    assert all("is not declared" in fault or "has a feature" in fault for fault in faults[1:])
