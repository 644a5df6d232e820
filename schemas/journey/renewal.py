"""Renewal: when a contract ends, what tells that it is renewed, and how likely that is."""

from typing import Annotated

from pydantic import Field, field_validator

from schemas.journey.conditions import Condition
from schemas.journey.parts import Events, Name, Names, Number, Span, Strict, as_list
from schemas.spans import DAY_MS


class Prospect(Strict):
    """One line of the forecast: accounts of a kind, and the share of them that renew."""

    likelihood: Number = Field(ge=0, le=1, description="the share of such accounts that renew, as in 0.8")
    when: Condition | None = Field(None, description="what is true of them")
    firing: tuple[Name, ...] | None = Field(
        None, min_length=1, max_length=50, description="of them, those for whom one of these alerts fires"
    )

    @field_validator("firing", mode="before", json_schema_input_type=Names | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)


class Renewal(Strict):
    """How contracts end. Each end has one outcome: renewed, expanded, contracted, churned or lapsed."""

    ends: Name = Field(description="the date trait that says when the contract ends")
    renewed: Events = Field(description="the events that renew it")
    forecast_before: Span = Field(
        90 * DAY_MS, description="the forecast that stands so long before the end is held against the outcome"
    )
    grace: Span = Field(14 * DAY_MS, description="how long after its end it may be renewed yet; then it has lapsed")
    forecast: Annotated[dict[Name, Prospect], Field(min_length=1, max_length=50)] = Field(
        description="the first line that applies says how likely a renewal is; the last one is for all others"
    )

    @field_validator("forecast")
    @classmethod
    def _the_last_is_for_all_others(cls, value: dict[str, Prospect]) -> dict[str, Prospect]:
        open_lines = [name for name, line in value.items() if line.when is None and line.firing is None]
        if open_lines != list(value)[-1:]:
            raise ValueError("the last line, and no other, is for all accounts: leave 'when' and 'firing' out there")
        return value
