"""Measures: numbers read from windows of event time."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.journey.parts import Events, Strict, Window, exactly_one


class Measure(Strict):
    """A number read from windows of event time. Exactly one kind: `count`, `users`, `active_days`, `features`."""

    count: Events | None = Field(None, description="how many of these events")
    users: Events | None = Field(None, description="how many distinct users sent these events")
    active_days: Events | None = Field(None, description="on how many days at least one of these events")
    features: Events | None = Field(None, description="how many distinct features these events used (breadth)")
    over: Window = Field(description="the trailing window, in whole days with the current one")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        exactly_one(self, "count", "users", "active_days", "features")
        return self

    @property
    def kind(self) -> Literal["count", "users", "active_days", "features"]:
        """Which of the kinds this measure is."""
        if self.count is not None:
            return "count"
        if self.users is not None:
            return "users"
        return "active_days" if self.active_days is not None else "features"

    @property
    def events(self) -> tuple[str, ...]:
        """The events it reads."""
        return self.count or self.users or self.active_days or self.features or ()
