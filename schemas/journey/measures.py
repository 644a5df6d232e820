"""Measures: numbers read from windows of event time, from each other, and from how far an account has come."""

from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from schemas.journey.parts import EventName, Events, Name, Names, Number, Strict, Window, as_list, exactly_one

PropertyName = Annotated[str, Field(min_length=1, max_length=255, pattern=r'^[^"\\\u0000-\u001f\u007f]*$')]

Kind = Literal["count", "users", "active_days", "features", "personas", "sum", "mean", "last", "ratio", "progress"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
WINDOWED: Final = frozenset[Kind]({"count", "users", "active_days", "features", "personas", "sum", "mean", "last"})
"""The kinds that are read from a trailing window."""

FEATURES: Final = "features"
"""As what a ratio is to: how many features the journey declares."""


class Valued(Strict):
    """A number that events carry among their properties. What is not a number there is passed over."""

    event: Events
    property: PropertyName


def _to(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"'to' is a measure, a trait that is a number, a number, or '{FEATURES}'")
    return value


class Ratio(Strict):
    """One measure as a share of another, of a trait, or of a number. Of nothing, or less, there is no share."""

    of: Name
    to: Annotated[str | float, BeforeValidator(_to, json_schema_input_type=Name | Number)] = Field(
        description=f"a measure, a trait that is a number, a number, or '{FEATURES}': how many are declared"
    )


class Measure(Strict):
    """A number read from windows of event time, or from other numbers. Exactly one kind."""

    count: Events | None = Field(None, description="how many of these events")
    users: Events | None = Field(None, description="how many distinct users sent these events")
    active_days: Events | None = Field(None, description="on how many days at least one of these events")
    features: Events | None = Field(None, description="how many distinct features these events used (breadth)")
    personas: Events | None = Field(None, description="how many different personas sent these events")
    sum: Valued | None = Field(None, description="the sum of a number that events carry, to three decimals")
    mean: Valued | None = Field(None, description="the mean of a number that events carry; unknown without any")
    last: Valued | None = Field(None, description="the number that the latest event carries; unknown once it is old")
    ratio: Ratio | None = Field(None, description="one number as a share of another; unknown where that is unknown")
    progress: tuple[Name, ...] | None = Field(None, min_length=1, description="the share of these milestones reached")
    persona: Name | None = Field(None, description="of `users`: only those who are this persona")
    over: Window | None = Field(None, description="the trailing window, in whole days with the current one")

    @field_validator("progress", mode="before", json_schema_input_type=Names | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        exactly_one(self, *KINDS)
        if self.kind in WINDOWED and self.over is None:
            raise ValueError(f"'{self.kind}' is read from a window; give 'over', as in 'over: 7d'")
        if self.kind not in WINDOWED and self.over is not None:
            raise ValueError(f"'{self.kind}' is read as it stands; leave 'over' out")
        if self.persona is not None and self.users is None:
            raise ValueError(f"'persona' says which users are counted, and '{self.kind}' counts none; leave it out")
        return self

    @property
    def kind(self) -> Kind:
        """Which of the kinds this measure is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def events(self) -> tuple[EventName, ...]:
        """The events it reads."""
        read: Any = getattr(self, self.kind)
        if isinstance(read, Valued):
            return read.event
        return read if self.kind in WINDOWED else ()

    @property
    def window_ms(self) -> int:
        """The trailing window; 0 for a measure without one."""
        return self.over or 0
