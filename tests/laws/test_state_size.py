"""What an account costs: with the whole reference journey its state stays within so many bytes, however busy it is."""

from bench.state import HEAVY, TYPICAL, measure

DAYS = 75
"""More than the journey holds: no day more makes the state larger."""


def test_a_typical_account_costs_at_most_8_kib() -> None:
    size = measure(TYPICAL, DAYS)
    assert size.hot + size.cold <= 8 * 1024


def test_a_heavy_account_of_500_users_costs_at_most_32_kib() -> None:
    size = measure(HEAVY._replace(events_a_day=1_500), DAYS)  # more of them cost no more: see below
    assert size.hot <= 13 * 1024
    assert size.hot + size.cold <= 32 * 1024


def test_once_every_user_is_active_each_day_more_events_cost_next_to_nothing() -> None:
    few, many = (measure(HEAVY._replace(events_a_day=events), days=3) for events in (2_000, HEAVY.events_a_day))
    assert many.hot + many.cold <= 1.02 * (few.hot + few.cold)
