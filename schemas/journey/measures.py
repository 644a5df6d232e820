"""Measures: numbers read from windows of event time, from each other, and from how far an account has come."""

from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from schemas.journey.parts import EventName, Events, Name, Names, Number, Span, Strict, Window, as_list, exactly_one
from schemas.spans import HOUR_MS, MINUTE_MS

PropertyName = Annotated[str, Field(min_length=1, max_length=255, pattern=r'^[^"\\\u0000-\u001f\u007f]*$')]

Kind = Literal[
    "count", "users", "active_days", "features", "personas", "sum", "mean", "last", "session_time",
    "open", "oldest_open", "resolution", "ratio", "progress",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
WINDOWED: Final = frozenset[Kind](KINDS) - {"open", "oldest_open", "ratio", "progress"}
"""The kinds that are read from a trailing window."""

FEATURES: Final = "features"
"""As what a ratio is to: how many features the journey declares."""


class Valued(Strict):
    """A number that events carry among their properties. What is not a number there is passed over."""

    event: Events
    property: PropertyName


class Open(Strict):
    """What was opened and not closed yet, told apart by an id that both events carry: support tickets."""

    opened: Events
    closed: Events
    by: PropertyName


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
    session_time: Events | None = Field(None, description="minutes that users spent in visits made of these events")
    gap: Span | None = Field(None, description="of `session_time`: a longer pause ends a visit; unless said '30m'")
    open: Open | None = Field(None, description="how many are open now")
    oldest_open: Name | None = Field(None, description="hours since the oldest was opened, of a measure that is `open`")
    resolution: Name | None = Field(None, description="mean hours to close, of a measure that is `open`, by day closed")
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

    @model_validator(mode="after")
    def _gap_fits(self) -> Self:
        if self.gap is not None and self.session_time is None:
            raise ValueError(f"'gap' parts visits, and '{self.kind}' knows none; leave it out")
        if not MINUTE_MS <= self.gap_ms <= 12 * HOUR_MS:
            raise ValueError("a gap is from '1m' to '12h'; most products take '30m'")
        return self

    @property
    def gap_ms(self) -> int:
        """The pause that ends a visit."""
        return 30 * MINUTE_MS if self.gap is None else self.gap

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
        if isinstance(read, Open):
            return (*read.opened, *read.closed)
        return read if isinstance(read, tuple) and self.kind in WINDOWED else ()

    @property
    def window_ms(self) -> int:
        """The trailing window; 0 for a measure without one."""
        return self.over or 0
