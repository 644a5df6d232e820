"""Alerts: signals told to people."""

from enum import StrEnum
from typing import Self

from pydantic import Field, field_validator, model_validator

from schemas.journey.conditions import Condition, limited
from schemas.journey.handoffs import Handoff
from schemas.journey.parts import Name, Names, Span, Strict, as_list
from schemas.journey.segments import Only


class Severity(StrEnum):
    """How much an alert matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertKind(StrEnum):
    """What an alert is for; consumers choose by it."""

    NUDGE = "nudge"
    STALL = "stall"
    USAGE_DROP = "usage_drop"
    RISK = "risk"
    HANDOFF = "handoff"
    RENEWAL = "renewal"
    EXPANSION = "expansion"


class Raise(Strict):
    """The second grade of an alert: while it fires, it is told once more in its episode, with a higher severity."""

    to: Severity
    when: Condition


class AlertRule(Strict):
    """A signal told to people: it fires when `when` comes to hold, and is resolved when `until` does."""

    meaning: str = Field("", max_length=500)
    kind: AlertKind
    severity: Severity
    when: Condition
    until: Condition | None = Field(None, description="when it is over; unless said, once `when` no longer holds")
    only: Only | None = Field(None, description="the segments it is told of; an account that leaves them ends it")
    cooldown: Span | None = Field(None, description="after firing, it does not fire again for this span")
    raised: Raise | None = Field(None, alias="raise", description="once it fires, when it comes to matter more")
    play: tuple[Name, ...] | None = Field(
        None, min_length=1, max_length=20, description="what to do about it: the first of these that fits the account"
    )

    once_per: Name | None = Field(
        None,
        description="a trait, as the date on which a contract ends: it fires at most once for each value, and anew "
        "for another, while one that is replaced ends; without a value it does not fire",
    )
    proof: tuple[Name, ...] | None = Field(
        None, min_length=1, max_length=50, description="milestones and measures its record tells of: value proof"
    )
    handoff: Handoff | None = Field(None, description="whom it hands the account to; with `kind: handoff` only")

    @field_validator("play", "proof", mode="before", json_schema_input_type=Names | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @model_validator(mode="after")
    def _handoffs_are_of_that_kind(self) -> Self:
        if self.handoff is not None and self.kind is not AlertKind.HANDOFF:
            raise ValueError(f"'handoff' goes with 'kind: handoff', not with 'kind: {self.kind}'")
        return self

    @model_validator(mode="after")
    def _raised_is_higher(self) -> Self:
        grades = list(Severity)
        if self.raised is not None and grades.index(self.raised.to) <= grades.index(self.severity):
            raise ValueError(f"'raise' goes up: '{self.raised.to}' is not above '{self.severity}'")
        return self

    @property
    def condition(self) -> Condition:
        """`when`, for the accounts it is meant for."""
        return limited(self.only, self.when)

    @property
    def end(self) -> Condition | None:
        """`until`, or that the account is none of those it is meant for; None where it ends with its condition."""
        if self.until is None or self.only is None:
            return self.until
        return Condition(any=(self.until, Condition(none=(Condition(segment=self.only),))))
