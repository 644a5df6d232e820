"""The conditions of the language: what milestones, stages and alerts ask of an account."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, field_validator, model_validator

from schemas.journey.in_words import BOUND, DATE, TRAIT, in_words
from schemas.journey.parts import (
    ANY,
    EventList,
    EventName,
    Events,
    Name,
    Names,
    Number,
    Span,
    Strict,
    Window,
    as_list,
    exactly_one,
)
from schemas.journey.segments import Only


class Did(Strict):
    """The account did it: ever, within a trailing window, or since it entered its present stage."""

    event: Events = Field(description="any of these events")
    times: int = Field(1, strict=True, ge=1, le=1_000_000, description="how often, all of them together")
    within: Window | None = Field(None, description="in the last days, today included; unless said, ever")
    since: Literal["stage"] | None = Field(None, description="count only what came after the present stage was entered")

    @model_validator(mode="after")
    def _since_stands_alone(self) -> Self:
        if self.since and (self.within or self.times > 1):
            raise ValueError("'since: stage' goes without 'within' and 'times'")
        return self


class MeasureIs(Strict):
    """A measure has reached a number, or is below it: the greater of today so far and the last closed day."""

    name: Name
    at_least: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        exactly_one(self, "at_least", "below")
        return self


class Silent(Strict):
    """None of these events for a span (absence). Told although no further event ever arrives."""

    of: Events = (ANY,)
    span: Span = Field(alias="for")


class Absent(Strict):
    """A happened, and B did not follow within the span (sequence)."""

    event: Events = Field(description="B, the event that is missing")
    after: Events = Field(description="A, the event that called for it")
    within: Span


class Sequence(Strict):
    """A happened, and B followed within the span. From then on it holds."""

    event: Events = Field(description="B, the event that followed")
    after: Events = Field(description="A, the event before it")
    within: Span


class InStage(Strict):
    """The account has stood in its present stage for a span."""

    span: Span = Field(alias="for")


class DateIs(Strict):
    """Timeline: a date trait lies ahead by no more than `within`, or has been past for at least `past`."""

    trait: Name
    within: Span | None = None
    past: Span | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        exactly_one(self, "within", "past")
        return self


class TraitIs(Strict):
    """An account trait has one of these values, has reached a number, or is below it."""

    name: Name
    is_: tuple[str, ...] | None = Field(None, alias="is", min_length=1, max_length=100)
    at_least: Number | None = None
    below: Number | None = None

    @field_validator("is_", mode="before", json_schema_input_type=str | tuple[str, ...] | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        exactly_one(self, "is_", "at_least", "below")
        return self


class DropGrade(StrEnum):
    """How sure a usage drop is."""

    HINT = "hint"
    WARNING = "warning"
    CRITICAL = "critical"


class UsageDrop(Strict):
    """The account is used less than its own past makes likely, on days like these and in hours like these.

    A warning comes as soon as the evidence is there, within hours for a busy account that falls silent; it is critical
    once three days of closure would not explain it. A hint is half the evidence of a warning: while there is one, it
    is not over. With less than four weeks of history nothing is said.
    """

    of: Events = (ANY,)
    grade: DropGrade = DropGrade.WARNING


class HealthIs(Strict):
    """The health score, as of the last closed day, has reached a number, or is below it."""

    at_least: Number | None = Field(None, ge=0, le=100)
    below: Number | None = Field(None, ge=0, le=100)

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        exactly_one(self, "at_least", "below")
        return self


class Condition(Strict):
    """A condition, named by its key. Of several keys, all must hold: they are short for `all`."""

    did: Did | None = None
    measure: MeasureIs | None = None
    reached: Name | None = Field(None, description="a milestone that has been reached")
    silent: Silent | None = None
    absent: Absent | None = None
    sequence: Sequence | None = None
    stage: tuple[Name, ...] | None = Field(None, min_length=1, description="the present stage is one of these")
    in_stage: InStage | None = None
    date: DateIs | None = None
    trait: TraitIs | None = None
    usage_drop: UsageDrop | None = None
    segment: Only | None = Field(None, description="the account is in one of these segments, in each dimension named")
    health: HealthIs | None = None
    driver: Name | None = Field(None, description="a driver of churn that applies")
    named: Name | None = Field(None, alias="is", description="a condition of `conditions`")
    all: tuple["Condition", ...] | None = Field(None, min_length=1, max_length=50)
    any: tuple["Condition", ...] | None = Field(None, min_length=1, max_length=50)
    none: tuple["Condition", ...] | None = Field(None, min_length=1, max_length=50)

    @field_validator("did", mode="before", json_schema_input_type=Did | EventName | EventList | None)
    @classmethod
    def _did_by_name(cls, value: object) -> object:
        return {"event": value} if isinstance(value, (str, list)) else value

    @field_validator("stage", mode="before", json_schema_input_type=Names | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @field_validator("measure", mode="before", json_schema_input_type=MeasureIs | BOUND | None)
    @classmethod
    def _measure_in_words(cls, value: object) -> object:
        return in_words(value, "name", "at least", "below")

    @field_validator("date", mode="before", json_schema_input_type=DateIs | DATE | None)
    @classmethod
    def _date_in_words(cls, value: object) -> object:
        return in_words(value, "trait", "within", "past")

    @field_validator("trait", mode="before", json_schema_input_type=TraitIs | TRAIT | None)
    @classmethod
    def _trait_in_words(cls, value: object) -> object:
        return in_words(value, "name", "is", "at least", "below")

    @field_validator("silent", mode="before", json_schema_input_type=Silent | Span | None)
    @classmethod
    def _silent_by_span(cls, value: object) -> object:
        return {"for": value} if isinstance(value, str) else value

    @field_validator("in_stage", mode="before", json_schema_input_type=InStage | Span | None)
    @classmethod
    def _in_stage_by_span(cls, value: object) -> object:
        return {"for": value} if isinstance(value, str) else value

    @field_validator("usage_drop", mode="before", json_schema_input_type=UsageDrop | DropGrade | None)
    @classmethod
    def _drop_by_grade(cls, value: object) -> object:
        return {"grade": value} if isinstance(value, str) else value

    @model_validator(mode="wrap")
    @classmethod
    def _several_are_all(cls, data: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        condition = read(data)
        keys = {field.alias or name: name for name, field in cls.model_fields.items()}
        given = {key: name for key, name in keys.items() if getattr(condition, name) is not None}
        if not given:
            raise ValueError(f"give at least one of {', '.join(keys)}; found none")
        if len(given) == 1 or not isinstance(data, dict):
            return condition
        others = {key: dict.fromkeys({*given.values()} - {name}) for key, name in given.items()}
        return cls(all=tuple(condition.model_copy(update=others[key]) for key in data if key in given))

    def walk(self) -> Iterator["Condition"]:
        """This condition and all inside it, outermost first."""
        yield self
        for part in (self.all or ()) + (self.any or ()) + (self.none or ()):
            yield from part.walk()


def limited(only: Only | None, when: Condition) -> Condition:
    """A condition that holds for accounts of some segments only."""
    return when if only is None else Condition(all=(Condition(segment=only), when))
