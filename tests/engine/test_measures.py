"""Measures beyond counting: numbers that events carry, shares of one another, and how far an account has come."""

import pytest

from streams.engine.measures import MAX_SHARE
from tests.driver import Customer, Product, because, day, journey

JOURNEY = """
traits: {seats: number}
measures:
  rows: {sum: {event: Export Run, property: rows}, over: 3d}
  score: {mean: {event: Report Viewed, property: score}, over: 7d}
  last_score: {last: {event: Report Viewed, property: score}, over: 7d}
  users: {users: any, over: 7d}
  week: {users: any, over: 7d}
  day: {users: any, over: 1d}
  breadth: {features: any, over: 7d}
  seat_use: {ratio: {of: users, to: seats}}
  stickiness: {ratio: {of: day, to: week}}
  depth: {ratio: {of: breadth, to: features}}
  half: {ratio: {of: users, to: 2}}
  onboarded: {progress: [looked, exported]}
milestones:
  looked: {when: {did: Report Viewed}}
  exported: {when: {did: Export Run}}
"""


def exports(acme: Customer, *rows: object) -> Customer:
    for number in rows:
        acme.does("Export Run", properties={"rows": number})
    return acme


def answers(acme: Customer, *scores: float, hours_ago: float = 0) -> Customer:
    for score in scores:
        acme.does("Report Viewed", properties={"score": score}, hours_ago=hours_ago)
    return acme


def measured(acme: Customer, name: str) -> float | None:
    return acme.passes(days=1).settles().measures.get(name)


def rule(name: str, **bound: object) -> Customer:
    """A customer of a product with one alert on a measure."""
    alerts = {"it": {"kind": "nudge", "severity": "info", "when": {"measure": {"name": name} | bound}}}
    return Product(journey(JOURNEY, alerts=alerts)).account("acme")


def test_a_sum_adds_a_number_that_events_carry_to_three_decimals(acme: Customer) -> None:
    assert measured(exports(acme, 3, 0.1, 0.2, -1.2345), "rows") == 2.066


def test_a_sum_passes_over_what_is_no_number_or_beyond_all_bounds(acme: Customer) -> None:
    acme.does("Export Run")
    assert measured(exports(acme, 3, "4", None, [True], {"five": 5}, 10**13, 10**18), "rows") == 3


def test_a_sum_slides_by_whole_days(acme: Customer) -> None:
    exports(acme, 5).passes(days=3)
    assert measured(exports(acme, 2), "rows") == 2


def test_a_late_event_adds_to_the_sum_of_its_day(acme: Customer) -> None:
    exports(acme, 5).passes(days=1, hours=12).does("Export Run", properties={"rows": 4}, days_ago=1)
    assert measured(acme, "rows") == 9


def test_the_mean_is_of_those_that_were_given_and_unknown_without_any(acme: Customer) -> None:
    assert measured(acme.does("Report Viewed"), "score") is None
    assert measured(answers(acme, 9, 6, 6), "score") == 7


def test_a_condition_on_an_unknown_measure_holds_neither_way() -> None:
    for bound in ({"at_least": 0}, {"below": 100}):
        assert rule("score", **bound).does("Export Run").passes(days=2).alerts == []


def test_a_mean_tells_of_how_many_values_it_is() -> None:
    acme = answers(rule("score", below=7), 9, 6, 5)
    [alert] = acme.alerts_told
    assert because(alert) == [
        {
            "measure": "score",
            "value": 6.6667,
            "values": 3,
            "window": {"start": "2025-12-30T00:00:00.000Z", "end": "2026-01-06T00:00:00.000Z"},
            "below": 7.0,
        }
    ]


def test_a_mean_over_a_window_grows_old_with_its_days() -> None:
    acme = answers(rule("score", below=7), 2).passes(days=6)
    answers(acme, 9).passes(days=2)
    assert [(alert.status, alert.at) for alert in acme.alerts_told] == [("firing", day(0)), ("resolved", day(7))]


def test_the_last_number_is_the_one_of_the_latest_event_whatever_came_last(acme: Customer) -> None:
    answers(acme.passes(hours=9), 4)
    answers(acme, 8, hours_ago=0.5)
    assert measured(acme, "last_score") == 4


def test_the_last_number_is_unknown_once_it_is_older_than_its_window() -> None:
    acme = answers(rule("last_score", at_least=5), 8).passes(days=8)
    assert [(alert.status, alert.at) for alert in acme.alerts_told] == [("firing", day(0)), ("resolved", day(7))]


def test_seat_utilisation_is_users_to_a_trait_and_unknown_without_seats(acme: Customer) -> None:
    acme.works(days=1, by=["ann", "bob", "cyd"])
    assert measured(acme, "seat_use") is None
    assert measured(acme.has(seats=4), "seat_use") == 0.75
    assert measured(acme.has(seats=0), "seat_use") is None


def test_a_ratio_turns_with_the_trait_it_is_to_and_tells_its_parts() -> None:
    acme = rule("seat_use", at_least=0.9).has(seats=9).works(days=1, by=[f"u{number}" for number in range(8)])
    assert acme.alerts == []
    acme.has(seats=8)
    [alert] = acme.alerts_told
    [seen] = because(alert)
    assert {key: seen[key] for key in ("value", "of", "to", "at_least")} == {
        "value": 1, "of": 8, "to": 8, "at_least": 0.9
    }  # fmt: skip
    acme.has(seats=20)
    assert acme.firing == set()


def test_a_ratio_falls_as_days_close_without_any_event() -> None:
    acme = rule("half", at_least=1).works(days=1, by=["ann", "bob"]).passes(days=9)
    assert [(alert.status, alert.at) for alert in acme.alerts_told] == [("firing", day(0, 9)), ("resolved", day(8))]


def test_stickiness_is_one_measure_to_another(acme: Customer) -> None:
    acme.works(days=1, by=["ann", "bob", "cyd"]).works(days=2, by=["ann"]).settles()
    assert acme.measures["stickiness"] == pytest.approx(1 / 3, abs=1e-4)


def test_depth_is_breadth_to_all_the_features_that_are_declared(acme: Customer) -> None:
    assert measured(acme.does("Report Viewed").does("Export Run"), "depth") == pytest.approx(2 / 3, abs=1e-4)


def test_a_ratio_may_be_to_a_number(acme: Customer) -> None:
    assert measured(acme.does("Report Viewed"), "half") == 0.5


@pytest.mark.parametrize("seats", [5e-324, 1e-308])
def test_a_ratio_to_next_to_nothing_is_bounded(acme: Customer, seats: float) -> None:
    assert measured(acme.has(seats=seats).does("Report Viewed"), "seat_use") == MAX_SHARE


def test_progress_is_the_share_of_milestones_reached_and_turns_with_each() -> None:
    acme = rule("onboarded", at_least=1).does("Report Viewed")
    assert acme.alerts == []
    acme.does("Export Run")
    assert acme.firing == {"it"}
    assert acme.measures["onboarded"] == 1


def test_lack_of_progress_ends_with_the_milestone() -> None:
    acme = rule("onboarded", below=0.5).does("Signed Up")
    assert acme.firing == {"it"}
    acme.does("Export Run")
    assert acme.firing == set()


def test_properties_are_read_only_where_a_measure_asks_for_them(acme: Customer) -> None:
    touches = acme.product.journey.touches
    assert [name for name, touch in touches.items() if touch.notes] == ["Report Viewed", "Export Run"]
