"""How long: tickets that are open, their age and the time they took; and time that users spend in the product."""

from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.pending import MAX_OPEN
from streams.engine.visits import lengthen
from tests.driver import Customer, Product, because, day, journey
from tests.engine.test_transfers import redeployed

JOURNEY = """
events: {Opened: {source: support}, Resolved: {source: support}, Report Viewed: , Cancelled: {source: billing}}
measures:
  tickets: {open: {opened: Opened, closed: Resolved, by: ticket}}
  oldest: {oldest_open: tickets}
  took: {resolution: tickets, over: 7d}
  minutes: {session_time: any, over: 7d}
  quick_minutes: {session_time: any, gap: 5m, over: 7d}
alerts:
  old_ticket: {kind: risk, severity: warning, when: {measure: {name: oldest, at_least: 48}}}
  fresh_tickets: {kind: nudge, severity: info, when: {measure: {name: oldest, below: 2}}}
"""
HOUR = 3_600_000


def opens(acme: Customer, ticket: object, *, hours_ago: float = 0) -> Customer:
    return acme.does("Opened", hours_ago=hours_ago, properties={"ticket": ticket})


def closes(acme: Customer, ticket: object, *, hours_ago: float = 0) -> Customer:
    return acme.does("Resolved", hours_ago=hours_ago, properties={"ticket": ticket})


def told(acme: Customer) -> dict[str, float]:
    """The measures as told at the end of the day."""
    return dict(acme.passes(days=1).settles().measures)


def test_tickets_open_are_those_that_were_opened_and_not_closed(acme: Customer) -> None:
    for ticket in ("a", "b", 3):
        opens(acme, ticket)
    closes(acme, "a")
    closes(acme, 3)
    assert told(acme)["tickets"] == 1


def test_what_carries_no_id_is_passed_over(acme: Customer) -> None:
    acme.does("Opened").does("Opened", properties={"ticket": None})
    opens(acme, ["a"])
    assert told(acme)["tickets"] == 0


def test_the_oldest_ticket_grows_old_without_any_event_and_its_age_is_told_as_of_the_instant(acme: Customer) -> None:
    opens(acme.passes(hours=9), "a").passes(hours=5)
    opens(acme, "b").passes(days=3)
    [alert] = acme.said("alerts.old_ticket")
    assert alert.at == day(2, 9)
    assert because(alert) == [{"measure": "oldest", "value": 48, "at_least": 48.0}]
    closes(acme, "a")
    assert "old_ticket" in acme.firing
    closes(acme, "b")
    assert "old_ticket" not in acme.firing


def test_a_young_ticket_stops_being_young_by_time_alone(acme: Customer) -> None:
    opens(acme, "a").passes(hours=9)
    assert [(alert.status, alert.at) for alert in acme.said("alerts.fresh_tickets")] == [  # type: ignore[union-attr]
        ("firing", day(0)),
        ("resolved", day(0, 2)),
    ]


def test_without_open_tickets_there_is_no_oldest(acme: Customer) -> None:
    closes(opens(acme, "a"), "a")
    assert "oldest" not in told(acme)


def test_the_time_to_resolve_is_the_mean_of_those_closed_in_the_window(acme: Customer) -> None:
    opens(acme, "a").passes(hours=2)
    opens(acme, "b").passes(hours=1)
    closes(acme, "a").passes(hours=4)
    closes(acme, "b")
    assert told(acme)["took"] == 4
    assert "took" not in told(acme.passes(days=9).does("Report Viewed"))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_openings_and_closings_may_arrive_in_any_order(order: tuple[int, ...]) -> None:
    acme = Product(journey(JOURNEY)).account("acme").does("Report Viewed").passes(hours=1)
    deeds = [(opens, 0.9), (closes, 0.5), (opens, 0.1)]  # opened, closed, and opened once more
    for place in order:
        deed, hours_ago = deeds[place]
        deed(acme, "a", hours_ago=hours_ago)
    measures = told(acme)
    assert (measures["tickets"], measures["took"]) == (1, 0.4)


def test_a_ticket_opened_twice_counts_once_and_since_the_first_time(acme: Customer) -> None:
    opens(acme, "a").passes(hours=3)
    opens(acme, "a").passes(hours=1)
    closes(acme, "a", hours_ago=0)
    measures = told(acme)
    assert (measures["tickets"], measures["took"]) == (0, 4)


def test_no_more_tickets_are_told_apart_than_the_bound(acme: Customer) -> None:
    for ticket in range(MAX_OPEN + 5):
        opens(acme, ticket)
    assert told(acme)["tickets"] == MAX_OPEN


def test_time_in_the_product_is_what_lies_between_deeds_of_one_user_unless_they_pause(
    acme: Customer,
) -> None:
    for user, minutes in (("ann", (0, 10, 25)), ("bob", (0, 30, 61))):
        for minute in minutes:
            acme.does("Report Viewed", by=user, hours_ago=(61 - minute) / 60)
    measures = told(acme)
    assert (measures["minutes"], measures["quick_minutes"]) == (55, 0)


def test_what_is_no_activity_is_no_visit(acme: Customer) -> None:
    acme.does("Cancelled").passes(minutes=10).does("Cancelled")
    assert told(acme)["minutes"] == 0


def test_a_visit_ends_with_the_day(acme: Customer) -> None:
    acme.passes(hours=23, minutes=50).does("Report Viewed").passes(minutes=5).does("Report Viewed")
    acme.passes(minutes=15).does("Report Viewed").passes(minutes=5).does("Report Viewed")
    assert told(acme)["minutes"] == 10


def test_the_visits_of_a_closed_day_are_forgotten_and_their_time_is_kept(acme: Customer) -> None:
    acme.passes(hours=9).does("Report Viewed").passes(minutes=20).does("Report Viewed").passes(days=2)
    account = acme.product.pipeline.follow.account(b"acme")
    assert account is not None
    assert all(not days for days in account.tallies.visits.values())
    assert acme.measures["minutes"] == 20


def test_a_changed_journey_keeps_what_is_open(acme: Customer) -> None:
    opens(acme, "a").passes(hours=2)
    measures = {
        "more": {"last": {"event": "Opened", "property": "x"}, "over": "7d"},
        "waiting": {"open": {"opened": "Opened", "closed": "Resolved", "by": "ticket"}},
    }
    acme = redeployed(acme, JOURNEY, measures=measures, alerts={})
    assert told(acme.does("Report Viewed"))["waiting"] == 1


@given(st.lists(st.integers(0, 400), max_size=12), st.randoms(use_true_random=False))
def test_visits_are_as_long_in_whatever_order_the_deeds_arrive(instants: list[int], random: Random) -> None:
    shuffled = list(instants)
    random.shuffle(shuffled)
    ordered = sorted(instants)
    pauses = [later - earlier for earlier, later in pairwise(ordered)]
    visits: list[int] = []
    assert sum(lengthen(visits, at, 30) for at in shuffled) == sum(pause for pause in pauses if pause <= 30)
