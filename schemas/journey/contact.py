"""The contact policy: how often, when and whom alerts may reach, and which accounts are left alone to compare with."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PlainSerializer, WithJsonSchema, field_validator, model_validator
from pydantic import BeforeValidator as Before

from schemas.journey.alerts import AlertKind
from schemas.journey.conditions import Condition
from schemas.journey.parts import Name, Names, Number, Span, Strict, as_list, exactly_one
from schemas.journey.plays import Channel
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS

MAX_SPAN_MS = 90 * DAY_MS
MAX_TIMES = 50

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _minute(value: object) -> int:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no time of day; write hours and minutes, as in '08:00'")
    return int(found[1]) * HOUR_MS + int(found[2]) * MINUTE_MS


def _clock(ms: int) -> str:
    return f"{ms // HOUR_MS:02d}:{ms % HOUR_MS // MINUTE_MS:02d}"


Clock = Annotated[
    int,
    Before(_minute),
    PlainSerializer(_clock, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{_CLOCK.pattern}$", "examples": ["08:00"]}),
]
"""A time of day in milliseconds since midnight, read and dumped to JSON as it is written: '08:00'."""


def _is_bounded(value: int) -> int:
    if value > MAX_SPAN_MS:
        raise ValueError("at most '90d' of contacts are remembered; write a shorter span")
    return value


Remembered = Annotated[Span, AfterValidator(_is_bounded)]
Channels = Annotated[
    tuple[Channel, ...], Field(min_length=1), Before(as_list, json_schema_input_type=Channel | tuple[Channel, ...])
]
Kinds = Annotated[
    tuple[AlertKind, ...],
    Field(min_length=1),
    Before(as_list, json_schema_input_type=AlertKind | tuple[AlertKind, ...]),
]


class Allowance(Strict):
    """So many contacts within a span; each counts from when it is sent up to, and not at, the end of the span."""

    at_most: int = Field(strict=True, ge=1, le=MAX_TIMES)
    within: Remembered


class Budget(Strict):
    """How often an account, and each of its users, may be contacted."""

    account: Allowance | None = None
    user: Allowance | None = Field(None, description="of contacts that an event of the user gave rise to")


class QuietHours(Strict):
    """The hours of the day, local time, in which nobody is contacted: from `from` up to `to`, over midnight or not."""

    from_: Clock = Field(alias="from")
    to: Clock
    channels: Channels | None = Field(None, description="those that keep quiet; unless said, all that are contact")
    timezone: Name | None = Field(None, description="the trait of a user, else of the account, that names the zone")
    otherwise: str = Field("UTC", description="the zone of those whose zone is not known")

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if self.from_ == self.to:
            raise ValueError("'from' and 'to' are the same time of day; give the hours in which to keep quiet")
        return self


class Outcome(Strict):
    """What is compared: how many accounts reach a milestone, or enter a stage, within the span after contact."""

    reached: Name | None = None
    stage: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "reached", "stage")
        return self


class Holdout(Strict):
    """Accounts, chosen by a hash of their id, that are not contacted, so that others can be compared with them."""

    share: Number = Field(gt=0, lt=1, description="the share of accounts that is held out, as in 0.1")
    salt: str = Field(min_length=1, max_length=100, description="another salt chooses other accounts")
    kinds: Kinds | None = Field(None, description="the alerts that are held out; unless said, all that are contact")
    outcomes: dict[Name, Outcome] = Field(min_length=1, max_length=20)
    within: Span = Field(description="how long after the first contact an outcome counts")


class Contact(Strict):
    """Which alerts are contact with people, and what holds one back."""

    channels: Channels = (Channel.IN_APP, Channel.EMAIL, Channel.CHAT, Channel.CALL)
    kinds: Kinds | None = Field(None, description="unless said, alerts of any kind whose play has such a channel")
    budget: Budget = Field(default_factory=Budget)
    priority: tuple[Name, ...] = Field(
        (), max_length=500, description="alerts and kinds of alert, the most important first; others come last"
    )
    yields_for: Remembered | None = Field(
        None,
        description="for this span after one was sent, those of lesser priority are held back, and others of the same "
        "instant; unless said, priority only decides which of one instant spends the budget first",
    )
    quiet_hours: QuietHours | None = None
    suppress: Condition | None = Field(None, description="while this holds, an account is not contacted")
    opt_out: Name | None = Field(None, description="a user whose trait of this name is true is not contacted")
    patience: Remembered = Field(
        3 * DAY_MS, description="how long after it fired an alert that is held back may still be sent"
    )
    holdout: Holdout | None = None

    @field_validator("priority", mode="before", json_schema_input_type=Names)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @model_validator(mode="after")
    def _priority_has_effect(self) -> Self:
        if self.yields_for is not None and not self.priority:
            raise ValueError("'yields_for' asks for 'priority': which alerts come before which")
        if self.priority and self.yields_for is None and self.budget == Budget():
            raise ValueError("'priority' asks for 'yields_for' or a 'budget': without them every alert is sent")
        return self
