"""Usage drops as statistics: counts of days in, a finding out. `python -m bench drops` judges whole populations."""

from collections.abc import Sequence
from random import Random

import pytest

from bench.drops import judge
from bench.drops.lives import live
from schemas.spans import DAY_MS, HOUR_MS
from streams.engine import hours
from streams.engine.baselines import DAYS, TURNS, Days, varies_by
from streams.engine.drops import HISTORY_DAYS, Drop, Grade, find_drop, last_week

WEEK = [100, 100, 100, 100, 80, 10, 0]
"""Monday to Sunday."""

SEEDS = (1, 2)
LIVES = 40


def counts(*changes: tuple[int, float], week: Sequence[int] = WEEK) -> list[int]:
    """Ten weeks that end on a Sunday; from each number of days before the end on, use is so much of the usual."""
    days = [week[day % 7] for day in range(DAYS)]
    for ago, share in changes:
        days[DAYS - ago :] = [round(share * week[day % 7]) for day in range(DAYS - ago, DAYS)]
    return days


def drop_in(days: Sequence[int], known: int = DAYS) -> Drop | None:
    drop = find_drop(Days(days, known))
    return drop if drop is not None and drop.grade >= Grade.WARNING else None


def test_steady_use_with_its_weekends_is_no_drop() -> None:
    assert [drop_in(counts()[day:] + counts()[:day]) for day in range(0, DAYS, 7)] == [None] * 10


def test_one_day_is_enough_for_a_busy_account() -> None:
    friday = counts()[:-2]
    assert drop_in([0, 0, *friday[:-1], 20], DAYS - 2) is not None


def test_the_quieter_the_account_the_longer_it_takes() -> None:
    def delay(per_day: int) -> int:
        steady = [per_day] * DAYS
        return next(n for n in range(1, 29) if drop_in(steady[n:] + [0] * n))

    assert [delay(rate) for rate in (1, 3, 30)] == sorted((delay(rate) for rate in (1, 3, 30)), reverse=True)
    assert delay(30) == 1 < delay(3) < delay(1)


def test_a_drop_is_confirmed_once_it_is_there_without_its_worst_three_days() -> None:
    days = [
        day for day in range(1, 8) if (drop := drop_in(counts()[day:] + [0] * day)) and drop.grade is Grade.CRITICAL
    ]
    assert days
    assert min(days) > 3


@pytest.mark.parametrize("closed", [range(DAYS - 3, DAYS), range(DAYS - 7, DAYS - 4), range(DAYS - 6, DAYS - 3)])
def test_three_days_of_closure_are_never_confirmed(closed: range) -> None:
    drop = drop_in([0 if day in closed else count for day, count in enumerate(counts(week=[100] * 7))])
    assert drop is None or drop.grade < Grade.CRITICAL


def test_a_few_events_less_beside_a_closure_confirm_nothing_and_a_whole_silent_week_does() -> None:
    quiet = [5, 5, 5, 5, 5, 0, 0]
    grades = [
        drop.grade
        for week in ([0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0])
        if (drop := drop_in([*counts(week=quiet)[:-7], *week]))
    ]
    assert grades == [Grade.WARNING, Grade.CRITICAL]


def test_a_closure_may_have_a_weekend_within() -> None:
    days = counts(week=[12, 12, 12, 12, 12, 3, 3])
    for closed in (-11, -10, -7):  # Thursday, Friday and Monday
        days[closed] = 0
    found = [find_drop(Days([*[0] * ago, *days[: DAYS - ago]], DAYS - ago)) for ago in range(6, -1, -1)]
    assert found[0] is not None
    assert all(drop is None or drop.grade < Grade.CRITICAL for drop in found)


def test_usage_that_is_back_is_no_drop_though_the_week_is_low() -> None:
    days = counts(week=[100] * 7)
    days[-6:-1] = [0] * 5
    assert drop_in(days) is None
    assert drop_in([*days[:-1], 0]) is not None


def test_a_past_holiday_and_an_import_do_not_move_the_baseline() -> None:
    days = counts(week=[100] * 7)
    days[14:21], days[28:35] = [0] * 7, [900] * 7
    week = last_week(Days(days, DAYS))
    assert week is not None
    assert (week.baseline.events, week.baseline.weeks) == (700, 6)


def test_growth_does_not_hide_a_drop() -> None:
    days = [round(50 * 1.05 ** (day / 7)) for day in range(DAYS)]
    assert drop_in(days) is None
    assert drop_in([*days[:-3], *(round(0.4 * count) for count in days[-3:])]) is not None


def test_a_slow_decline_is_found_within_six_weeks() -> None:
    days = [round(100 * min(1, 0.9 ** ((day - DAYS + 42) / 7))) for day in range(DAYS)]
    assert drop_in(days) is not None


def test_an_account_that_varies_is_given_more_room() -> None:
    varies = [week * day for week in (60, 140, 80, 120, 60, 130, 70, 140, 90, 50) for day in (1, 1, 1, 1, 1, 0, 0)]
    steady = [week * day for week in (100, 100, 100, 100, 100, 100, 100, 100, 100, 50) for day in (1, 1, 1, 1, 1, 0, 0)]
    assert drop_in(varies) is None
    assert drop_in(steady) is not None


def test_a_rate_that_changes_on_a_wednesday_is_known_as_well_as_one_that_changes_on_a_monday() -> None:
    rates = (60, 140, 80, 120, 60, 130, 70, 140, 90, 110, 60)
    lived = [rate for rate in rates for _ in range(7)]
    on_monday, on_wednesday = (Days(lived[begin : begin + DAYS], DAYS) for begin in (0, 3))

    assert varies_by([on_wednesday.weeks()] * TURNS) < 0.5 * varies_by([on_monday.weeks()] * TURNS)
    known = [varies_by(days.weeks(turn) for turn in range(TURNS)) for days in (on_monday, on_wednesday)]
    assert known[0] == pytest.approx(known[1], rel=0.2)


def test_less_than_four_weeks_say_nothing_of_a_week() -> None:
    days = [0] * (DAYS - HISTORY_DAYS + 1) + [100] * (HISTORY_DAYS - 1)
    assert last_week(Days(days, HISTORY_DAYS - 1)) is None
    assert last_week(Days([0] * (DAYS - HISTORY_DAYS) + [100] * HISTORY_DAYS, HISTORY_DAYS)) is not None


# Hours.

OFFICE = sum(1 << hour for hour in range(9, 17))
MONDAY = 4


def profile_of(days: int, active: int = OFFICE, week: Sequence[int] = WEEK) -> bytes:
    """The profile after so many days from a Monday on, each with these hours."""
    profile, lived = hours.EMPTY, list[int]()
    for day in range(days):
        lived.append(week[day % 7])
        profile = hours.close_day(profile, MONDAY + day, lived[-29:], active if week[day % 7] else 0)
    return profile


def at(day: int, hour: float) -> int:
    """An instant, counted from that Monday on."""
    return (MONDAY + day) * DAY_MS + round(hour * HOUR_MS)


def test_three_silent_hours_that_never_are_tell_of_a_silence() -> None:
    profile = profile_of(56)
    assert hours.tells_at(profile, at(56, 10.5)) == at(56, 14)


def test_nights_and_weekends_are_no_silence() -> None:
    profile = profile_of(54)  # up to a Friday
    assert hours.tells_at(profile, at(53, 16.5)) == at(56, 12)


def test_hours_that_are_often_silent_tell_nothing() -> None:
    lived, profile = list[int](), hours.EMPTY
    for day in range(70):
        lived.append(WEEK[day % 7])
        profile = hours.close_day(profile, MONDAY + day, lived[-29:], OFFICE if day % 3 else 0)
    assert hours.tells_at(profile, at(70, 9)) == 0


def test_a_closed_day_teaches_nothing() -> None:
    profile = profile_of(56)
    assert hours.close_day(profile, MONDAY + 56, [*WEEK * 4, 3], 1) == profile


def test_a_quiet_account_has_no_hours() -> None:
    assert profile_of(56, week=[10, 10, 10, 10, 10, 0, 0]) == hours.EMPTY


# Populations: a small sample of what the bench judges, on seeds of its own.


@pytest.mark.parametrize("planted", [judge.PLANTED[number] for number in (0, 3, 5)], ids=lambda planted: planted.name)
def test_planted_drops_are_found_in_time(planted: judge.Planted) -> None:
    found = judge.find(planted, SEEDS, LIVES)
    assert found.share["warning"] >= planted.target[0]
    assert found.share["critical"] >= planted.target[1]


def test_the_silence_of_a_busy_account_is_found_within_four_business_hours() -> None:
    assert max(judge.silences(SEEDS, LIVES // 4)) <= 4


def test_false_alarms_are_few_also_where_usage_is_bursty() -> None:
    left = judge.leave_alone("bursty", judge.BURST, SEEDS, LIVES // 2)
    assert left.false["warning"] <= 3  # in 20 account-years; the bench takes 750, and comes to 1
    assert left.false["critical"] <= 0.4
    assert left.false["week over week"] > 10 * left.false["warning"]


def test_the_same_seed_gives_the_same_life() -> None:
    assert live(Random(1), 20, 30) == live(Random(1), 20, 30)
