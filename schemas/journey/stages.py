"""Milestones and stages: what counts as progress, and where an account can stand."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from schemas.journey.conditions import Condition, limited
from schemas.journey.parts import Flag, Name, Names, Span, Strict, as_list
from schemas.journey.segments import Only


class Milestone(Strict):
    """Something reached once and never unreached."""

    meaning: str = Field("", max_length=500)
    when: Condition
    only: Only | None = Field(None, description="the segments whose accounts can reach it")
    activation: Flag = Field(default=False, description="reaching it means first value was had")

    @property
    def condition(self) -> Condition:
        """`when`, for the accounts it is meant for."""
        return limited(self.only, self.when)


class Exit(Strict):
    """A way out of a stage."""

    to: Name = Field(description="a stage, or `previous`: the one the account came from")
    when: Condition


class Stage(Strict):
    """Where an account can stand: entered from `from` when `enter` holds, left by `exit` or another's `enter`."""

    meaning: str = Field("", max_length=500)
    initial: Flag = False
    from_: tuple[Name, ...] = Field((), alias="from")
    enter: Condition | None = None
    exit: tuple[Exit, ...] = ()
    dwell: Span | None = Field(None, description="how long an account stays at least, so that stages do not flap")
    at_once: Flag = Field(default=False, description="entering it does not wait for the dwell of the stage left")

    @field_validator("from_", mode="before", json_schema_input_type=Names)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @model_validator(mode="after")
    def _entry_is_whole(self) -> Self:
        if bool(self.from_) != (self.enter is not None):
            raise ValueError("'from' and 'enter' go together: where an account comes from, and when")
        return self
