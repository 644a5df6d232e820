"""Handoffs: who takes an account over when a rule says so, and by when they must have answered."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from schemas.journey.calendars import BusinessSpan, format_business
from schemas.journey.parts import Events, Name, Names, Strict, as_list
from schemas.journey.segments import Only

OwnerName = Annotated[str, Field(min_length=1, max_length=255)]
"""A person or a queue, as the CRM knows it."""


class Lead(StrEnum):
    """What an account is to those who take it over."""

    MQL = "mql"
    PQL = "pql"
    SQL = "sql"
    CUSTOMER_SUCCESS = "customer_success"


class Owner(Strict):
    """Somebody who takes accounts over."""

    territory: Only | None = Field(None, description="only accounts in these segments")
    capacity: int = Field(
        1, strict=True, ge=1, le=100, description="the share of accounts, beside the others' capacity"
    )
    calendar: Name | None = Field(None, description="when this owner is at work, if not as the team is")


class Team(Strict):
    """Owners among whom accounts are shared out."""

    calendar: Name
    owner_trait: Name | None = Field(None, description="a text trait that names the owner: it goes before all else")
    owners: dict[OwnerName, Owner] = Field(default_factory=dict, max_length=500)

    @field_validator("owners", mode="before", json_schema_input_type=dict[OwnerName, Owner | None])
    @classmethod
    def _bare_names(cls, value: object) -> object:
        return {k: {} if v is None else v for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _somebody_is_there(self) -> Self:
        if not self.owners and self.owner_trait is None:
            raise ValueError("nobody is in this team; give it 'owners', or an 'owner_trait'")
        return self


class Answer(Strict):
    """Something that must follow a handoff: one of these events, within a span of the owner's business time."""

    by: Events
    within: BusinessSpan


class Escalation(Strict):
    """Who hears of it when an answer is still missing some business time after its deadline."""

    to: OwnerName
    after: BusinessSpan


class Handoff(Strict):
    """A handoff: to whom, what they need to know, and what must follow by when. All deadlines count from its firing."""

    lead: Lead
    team: Name
    respond: Answer | None = Field(None, description="somebody speaks with the account")
    next_step: Answer | None = Field(None, description="what was spoken of has an outcome")
    remind_before: BusinessSpan | None = Field(None, description="remind the owner so long before each deadline")
    escalate: Escalation | None = None
    intent: tuple[Name, ...] = Field((), max_length=20, description="measures to tell: what the account is after")
    blockers: tuple[Name, ...] = Field((), max_length=50, description="milestones that stand in its way until reached")

    @field_validator("intent", "blockers", mode="before", json_schema_input_type=Names)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @model_validator(mode="after")
    def _reminders_have_deadlines(self) -> Self:
        answers = [answer for answer in (self.respond, self.next_step) if answer is not None]
        if not answers and (self.remind_before or self.escalate):
            raise ValueError("'remind_before' and 'escalate' have no deadline here; give 'respond' or 'next_step'")
        if self.remind_before and any(answer.within <= self.remind_before for answer in answers):
            least = format_business(min(answer.within for answer in answers))
            raise ValueError(f"'remind_before' must be shorter than every 'within': less than '{least}'")
        return self
