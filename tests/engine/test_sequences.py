"""Sequences: A and then B within a span, and A without B."""

import pytest

from tests.driver import Customer, because, day

JOURNEY = """
milestones:
  shared: {when: {sequence: {event: Export Run, after: Report Viewed, within: 2h}}}
  twice: {when: {sequence: {event: Report Viewed, after: Report Viewed, within: 1h}}}
alerts:
  never_shared:
    {kind: nudge, severity: info, when: {absent: {event: Export Run, after: Report Viewed, within: 2h}}}
  not_active:
    kind: nudge
    severity: info
    when: {all: [{did: Signed Up}, {none: [{did: {event: Report Viewed, within: 3d}}]}]}
"""


def test_b_within_the_span_after_a_makes_it_true_and_says_when(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=2).does("Export Run")
    assert acme.milestones["shared"] == day(0, 2)
    [said] = acme.said("milestones.shared")
    assert because(said) == [
        {
            "sequence": ["Export Run"],
            "after": ["Report Viewed"],
            "within": "2h",
            "at": "2026-01-05T02:00:00.000Z",
        }
    ]


def test_b_too_late_or_before_a_does_not(acme: Customer) -> None:
    acme.does("Export Run").passes(hours=1).does("Report Viewed").passes(hours=2, minutes=1).does("Export Run")
    assert "shared" not in acme.milestones


def test_the_nearest_a_counts_not_the_first(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=5).does("Report Viewed").passes(hours=1).does("Export Run")
    assert "shared" in acme.milestones


@pytest.mark.parametrize("first", ["Report Viewed", "Export Run"])
def test_the_two_may_arrive_in_either_order(acme: Customer, first: str) -> None:
    acme.passes(hours=1)
    happened = {"Report Viewed": 0.75, "Export Run": 0.25}
    for event in sorted(happened, key=lambda name: name != first):
        acme.does(event, hours_ago=happened[event])
    assert "shared" in acme.milestones


def test_an_event_is_no_sequence_by_itself(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=2)
    assert "twice" not in acme.milestones
    acme.does("Report Viewed").passes(hours=1).does("Report Viewed")
    assert "twice" in acme.milestones


def test_a_without_b_is_told_once_the_span_is_over(acme: Customer) -> None:
    acme.does("Report Viewed").passes(hours=4)
    assert [alert.at for alert in acme.said("alerts.never_shared")] == [day(0, 2)]


def test_not_done_within_a_window_is_none_of_done(acme: Customer) -> None:
    acme.does("Report Viewed").does("Signed Up").passes(days=2)
    assert "not_active" not in acme.firing
    acme.passes(days=3)
    assert "not_active" in acme.firing
    acme.does("Report Viewed")
    assert "not_active" not in acme.firing
