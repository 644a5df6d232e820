"""Calendars: when somebody is at work. Deadlines of handoffs are reckoned in *business time*, by one of these.

A span of business time is written with a unit of its own, "4bh" or "30bm": hours and minutes in which the calendar is
open. It is never mistaken for a span by the clock, which is "4h".
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator

from schemas.faults import meant
from schemas.journey.parts import Strict, as_list
from schemas.public_holidays import regions
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from schemas.zones import zone_names

MAX_BUSINESS_MS: Final = 1_000 * HOUR_MS
"""The longest span of business time: half a year of full working weeks."""


class Weekday(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _business_span(value: object) -> int:
    match = re.fullmatch(r"([1-9][0-9]{0,5})b([hm])", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not business time; write hours or minutes of it, as in '4bh' or '30bm'")
    span = int(match[1]) * (HOUR_MS if match[2] == "h" else MINUTE_MS)
    if span > MAX_BUSINESS_MS:
        raise ValueError(f"'{value}' is too long; business time goes up to '{format_business(MAX_BUSINESS_MS)}'")
    return span


def format_business(ms: int) -> str:
    """A span of business time as it is written: 14400000 is '4bh'."""
    return f"{ms // MINUTE_MS}bm" if ms % HOUR_MS else f"{ms // HOUR_MS}bh"


BusinessSpan = Annotated[
    int,
    BeforeValidator(_business_span),
    PlainSerializer(format_business, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,5}b[hm]$", "examples": ["4bh"]}),
]
"""Business time in milliseconds, read and dumped to JSON as it is written: '4bh'."""

Opening = tuple[int, int]
"""[start, end) of working hours, in milliseconds since midnight by the wall clock."""


def _opening(value: object) -> Opening:
    clock = r"([01][0-9]|2[0-4]):([0-5][0-9])"
    match = re.fullmatch(f"{clock}-{clock}", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} are no hours; write them as in '09:00-17:30'")
    numbers = [int(number) for number in match.groups()]
    start, end = (numbers[i] * HOUR_MS + numbers[i + 1] * MINUTE_MS for i in (0, 2))
    if not start < end <= DAY_MS:
        raise ValueError(
            f"'{value}' ends before it begins; hours past midnight are two: '22:00-24:00' and '00:00-06:00'"
        )
    return start, end


def _format_opening(opening: Opening) -> str:
    return "-".join(f"{ms // HOUR_MS:02d}:{ms % HOUR_MS // MINUTE_MS:02d}" for ms in opening)


_HOURS = r"^([01][0-9]|2[0-4]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]$"
Hours = Annotated[
    Opening,
    BeforeValidator(_opening, json_schema_input_type=str),
    PlainSerializer(_format_opening, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _HOURS, "examples": ["09:00-17:30"]}),
]


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is not a day; write it as in '2026-12-24'") from None


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]


class Calendar(Strict):
    """When somebody is at work."""

    zone: str = Field(description="the IANA time zone, as in Europe/London")
    days: tuple[Weekday, ...] = Field(tuple(Weekday)[:5], max_length=7, description="working days")
    hours: tuple[Hours, ...] = Field(
        ((9 * HOUR_MS, 17 * HOUR_MS),),
        max_length=10,
        description="working hours by the wall clock, one span or several",
    )
    holidays: str | None = Field(None, description="whose public holidays are off: a country, or with region: DE-BY")
    closed: tuple[Day, ...] = Field((), max_length=366, description="further days off")

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, value: str) -> str:
        if value not in zone_names():
            raise ValueError(
                f"there is no time zone '{value}'; {meant(value, zone_names(), 'write it as in Asia/Tokyo')}"
            )
        return value

    @field_validator("days", mode="before", json_schema_input_type=Weekday | tuple[Weekday, ...])
    @classmethod
    def _one_day_or_many(cls, value: object) -> object:
        return as_list(value)

    @field_validator("hours", mode="before", json_schema_input_type=Hours | tuple[Hours, ...])
    @classmethod
    def _one_span_or_many(cls, value: object) -> object:
        return as_list(value)

    @field_validator("days", "hours")
    @classmethod
    def _some_are_given(cls, value: tuple[object, ...]) -> tuple[object, ...]:
        if not value:
            raise ValueError("must have at least 1 entry; it is empty")
        return value

    @field_validator("hours")
    @classmethod
    def _in_order(cls, value: tuple[Opening, ...]) -> tuple[Opening, ...]:
        for before, after in pairwise(value):
            if after[0] < before[1]:
                raise ValueError(f"'{_format_opening(after)}' begins before '{_format_opening(before)}' has ended")
        return value

    @field_validator("holidays")
    @classmethod
    def _country_is_known(cls, value: str | None) -> str | None:
        if value is not None:
            country, _, region = value.partition("-")
            _must_be_known("country", country, regions())
            if region:
                _must_be_known(f"region of {country}", region, regions()[country])
        return value


def _must_be_known(what: str, code: str, known: Iterable[str]) -> None:
    if code not in known:
        remedy = "write its two letters, as in 'GB'" if what == "country" else f"there are {', '.join(known) or 'none'}"
        raise ValueError(f"no holidays are known for the {what} '{code}'; {remedy}")
