"""Business time: what the calendar leaves of the clock, whatever weekends, holidays and changes of clocks are in it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import journey as file
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.business_time import HORIZON_DAYS, Calendar, compile_calendar
from streams.engine.times import LAST_AT, instant_ms, rfc3339

LONDON = {"zone": "Europe/London", "hours": "09:00-17:00", "holidays": "GB-ENG"}
SPLIT = {"zone": "America/New_York", "hours": ["08:00-12:00", "13:00-17:30"], "days": ["mon", "wed", "sat"]}
NIGHTS = {"zone": "Australia/Lord_Howe", "hours": ["00:00-03:00", "22:00-24:00"]}
ALWAYS = {"zone": "Asia/Kathmandu", "hours": "00:00-24:00", "days": [day.value for day in file.Weekday]}
WEEKLY = {"zone": "Pacific/Apia", "hours": "23:00-24:00", "days": ["sun"], "closed": ["2026-03-01"]}


def calendar(**declared: object) -> Calendar:
    return compile_calendar(file.Calendar.model_validate(declared))


CALENDARS = [calendar(**declared) for declared in (LONDON, SPLIT, NIGHTS, ALWAYS, WEEKLY)]
INSTANTS = st.integers(instant_ms(datetime(1999, 1, 1, tzinfo=UTC)), instant_ms(datetime(2037, 1, 1, tzinfo=UTC)))
SPANS = st.integers(1, 60 * HOUR_MS)


def at(text: str) -> int:
    return instant_ms(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("begin", "hours", "end"),
    [
        ("2026-01-05T10:00Z", 4, "2026-01-05T14:00"),  # within a Monday
        ("2026-01-05T03:00Z", 4, "2026-01-05T13:00"),  # before it opens
        ("2026-01-05T20:00Z", 4, "2026-01-06T13:00"),  # after it has closed
        ("2026-01-05T13:00Z", 4, "2026-01-05T17:00"),  # to the minute in which it closes
        ("2026-01-05T13:01Z", 4, "2026-01-06T09:01"),
        ("2026-01-09T16:00Z", 2, "2026-01-12T10:00"),  # over a weekend
        ("2026-04-02T15:00Z", 2, "2026-04-07T09:00"),  # over Good Friday and Easter Monday; the clock is ahead by then
        ("2026-12-31T16:00Z", 2, "2027-01-04T10:00"),  # over New Year, a Friday
        ("2026-03-27T16:00Z", 2, "2026-03-30T09:00"),  # clocks go forward on the Sunday: ten in London is nine
        ("2026-10-23T15:00Z", 2, "2026-10-26T10:00"),  # and back
        ("2026-01-05T00:00Z", 16, "2026-01-06T17:00"),
    ],
)
def test_a_span_ends_when_so_much_of_it_was_open(begin: str, hours: int, end: str) -> None:
    london = calendar(**LONDON)
    assert rfc3339(london.add(at(begin), hours * HOUR_MS)) == f"{end}:00.000Z"


def test_days_that_are_declared_closed_are_left_out() -> None:
    open_then, closed = calendar(**LONDON), calendar(**LONDON, closed=["2026-01-06"])
    assert (
        closed.add(at("2026-01-05T16:00Z"), 2 * HOUR_MS) - open_then.add(at("2026-01-05T16:00Z"), 2 * HOUR_MS) == DAY_MS
    )


def test_a_night_shift_over_a_change_of_clocks_counts_no_hour_twice() -> None:
    nights = calendar(zone="Europe/Berlin", hours=["00:00-02:30", "03:00-04:00"], days=["sun"])
    forward = at("2026-03-29T00:00+01:00")
    assert nights.between(forward, forward + 4 * HOUR_MS) <= 4 * HOUR_MS
    openings = nights._on(datetime.fromtimestamp(forward / 1000 + HOUR_MS / 1000, UTC).toordinal())
    assert all(end <= start for (_, end), (start, _) in pairwise(openings))


@pytest.mark.parametrize("each", CALENDARS, ids=str)
@settings(max_examples=100, deadline=None)
@given(begin=INSTANTS, span=SPANS)
def test_so_much_business_time_lies_between_an_instant_and_the_end_of_a_span(
    each: Calendar, begin: int, span: int
) -> None:
    end = each.add(begin, span)
    assert each.between(begin, end) == span
    assert each.between(begin, end - 1) == span - 1  # and not an instant earlier


@pytest.mark.parametrize("each", CALENDARS, ids=str)
@settings(max_examples=100, deadline=None)
@given(end=INSTANTS, span=SPANS)
def test_subtracting_is_adding_backwards(each: Calendar, end: int, span: int) -> None:
    begin = each.subtract(end, span)
    assert each.between(begin, end) == span
    assert each.between(begin + 1, end) == span - 1


@pytest.mark.parametrize("each", CALENDARS, ids=str)
@settings(max_examples=50, deadline=None)
@given(begin=INSTANTS, spans=st.lists(SPANS, min_size=2, max_size=4))
def test_spans_add_up(each: Calendar, begin: int, spans: list[int]) -> None:
    there = begin
    for span in spans:
        there = each.add(there, span)
    assert there == each.add(begin, sum(spans))


def is_open(declared: dict[str, object], instant: datetime) -> bool:
    """The same, as plainly as can be."""
    source = file.Calendar.model_validate(declared)
    local = instant.astimezone(compile_calendar(source).zone)
    country, _, region = (source.holidays or "").partition("-")
    off = holidays.country_holidays(country, subdiv=region or None) if country else ()
    if list(file.Weekday)[local.weekday()] not in source.days or local.date() in source.closed or local.date() in off:
        return False
    since_midnight = local.hour * HOUR_MS + local.minute * MINUTE_MS
    return any(start <= since_midnight < end for start, end in source.hours)


@pytest.mark.parametrize("declared", [LONDON, SPLIT, ALWAYS], ids=["london", "split", "always"])
@pytest.mark.parametrize("month", ["2025-12-20", "2026-03-25", "2026-10-22", "2027-03-10"])
def test_counting_it_minute_by_minute_gives_the_same(declared: dict[str, object], month: str) -> None:
    begin = datetime.fromisoformat(month).replace(tzinfo=UTC)
    minutes = sum(is_open(declared, begin + timedelta(minutes=number)) for number in range(0, 14 * 24 * 60, 10)) * 10
    found = calendar(**declared).between(instant_ms(begin), instant_ms(begin) + 14 * DAY_MS)
    assert found == minutes * MINUTE_MS


def test_what_lies_beyond_the_horizon_is_cut_off_there() -> None:
    weekly = calendar(zone="UTC", hours="09:00-09:01", days=["mon"])
    begin = at("2026-01-05T00:00Z")
    assert weekly.add(begin, 1_000 * HOUR_MS) == begin + HORIZON_DAYS * DAY_MS
    assert weekly.subtract(begin, 1_000 * HOUR_MS) == begin - HORIZON_DAYS * DAY_MS
    assert weekly.between(begin, begin + 100 * 365 * DAY_MS) == (HORIZON_DAYS // 7 + 1) * MINUTE_MS


@pytest.mark.parametrize("each", CALENDARS, ids=str)
@pytest.mark.parametrize("edge", [0, 1, DAY_MS, LAST_AT - DAY_MS, LAST_AT - 1, LAST_AT])
def test_the_first_and_the_last_instant_there_are_can_be_reckoned_with(each: Calendar, edge: int) -> None:
    assert edge <= each.add(edge, 8 * HOUR_MS) <= LAST_AT
    assert 0 <= each.subtract(edge, 8 * HOUR_MS) <= edge
