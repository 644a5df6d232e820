"""Quiet hours by the wall clock of a place, also on the days on which clocks are put forward and back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from schemas.zones import zone
from streams.engine.quiet import QuietHours
from streams.engine.times import LAST_AT, instant_ms

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]
NIGHT = QuietHours(20 * HOUR_MS, 8 * HOUR_MS)
DAYS = ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1))
CHANGES = [datetime(2026, month, day, tzinfo=UTC) for month, day in DAYS]


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return instant_ms(datetime(year, month, day, hour, minute, tzinfo=UTC))


def wall(instant: int, where: str) -> int:
    """Minutes since midnight that a clock on the wall shows."""
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant)).astimezone(zone(where))
    return local.hour * 60 + local.minute


def test_they_begin_at_their_first_minute_and_end_at_their_last() -> None:
    berlin = zone("Europe/Berlin")
    assert not NIGHT.holds(at(2026, 1, 5, 18, 59), berlin)
    assert NIGHT.holds(at(2026, 1, 5, 19), berlin)
    assert NIGHT.holds(at(2026, 1, 6, 6, 59), berlin)
    assert not NIGHT.holds(at(2026, 1, 6, 7), berlin)


@pytest.mark.parametrize(
    ("where", "quiet_from", "over_at"),
    [
        ("Europe/Berlin", at(2026, 3, 28, 19), at(2026, 3, 29, 6)),  # the night is an hour shorter
        ("Europe/Berlin", at(2026, 10, 24, 18), at(2026, 10, 25, 7)),  # and here longer
        ("America/New_York", at(2026, 3, 8, 1), at(2026, 3, 8, 12)),
        ("America/New_York", at(2026, 11, 1, 0), at(2026, 11, 1, 13)),
    ],
)
def test_they_are_over_by_the_wall_clock_in_the_night_that_clocks_change(
    where: str, quiet_from: int, over_at: int
) -> None:
    assert NIGHT.over_at(quiet_from, zone(where)) == over_at


def test_an_end_that_no_clock_shows_is_when_clocks_are_put_forward_over_it() -> None:
    until_half_past_two = QuietHours(22 * HOUR_MS, 2 * HOUR_MS + 30 * MINUTE_MS)
    assert until_half_past_two.over_at(at(2026, 3, 29, 0), zone("Europe/Berlin")) == at(2026, 3, 29, 1)


def test_where_clocks_are_put_back_over_their_start_they_are_over_until_it_comes_again() -> None:
    past_two = QuietHours(2 * HOUR_MS + MINUTE_MS, 3 * HOUR_MS)
    assert past_two.over_at(at(2026, 10, 25, 0) + MINUTE_MS, zone("Europe/Berlin")) == at(2026, 10, 25, 1)


def test_an_instant_that_is_not_quiet_is_over_at_once() -> None:
    assert NIGHT.over_at(at(2026, 1, 5, 12), zone("UTC")) == at(2026, 1, 5, 12)


def test_the_last_instants_there_are_are_quiet_nowhere_and_nothing_fails() -> None:
    for where in ZONES:
        assert NIGHT.over_at(LAST_AT, zone(where)) == LAST_AT
        assert NIGHT.over_at(0, zone(where)) >= 0


@settings(max_examples=300, deadline=None)
@given(
    where=st.sampled_from(ZONES),
    near=st.sampled_from(CHANGES),
    minutes=st.integers(-2 * 24 * 60, 2 * 24 * 60),
    start=st.integers(0, 24 * 60 - 1),
    length=st.integers(1, 24 * 60 - 1),
)
def test_the_end_is_the_first_minute_at_which_the_wall_clock_is_not_within_them(
    where: str, near: datetime, minutes: int, start: int, length: int
) -> None:
    end = (start + length) % (24 * 60)
    hours = QuietHours(start * MINUTE_MS, end * MINUTE_MS)
    now = instant_ms(near) + minutes * MINUTE_MS

    def quiet(instant: int) -> bool:
        shown = wall(instant, where)
        return start <= shown < end if start < end else shown >= start or shown < end

    expected = next(instant for instant in range(now, now + 3 * DAY_MS, MINUTE_MS) if not quiet(instant))
    assert hours.over_at(now, zone(where)) == expected


def test_the_changes_of_the_clock_that_are_tried_are_changes() -> None:
    def offsets(where: str) -> set[timedelta | None]:
        days = [near + timedelta(days=days) for near in CHANGES for days in (-1, 2)]
        return {day.astimezone(zone(where)).utcoffset() for day in days}

    assert [len(offsets(where)) for where in ZONES] == [1, 2, 2, 1, 2, 1]
    assert all(first < second for first, second in pairwise(CHANGES))
