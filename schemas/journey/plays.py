"""Plays: what is done about an alert, by which channel, for whom, and who answers for it."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from schemas.journey.conditions import Condition
from schemas.journey.parts import MAX_NAMES, Name, Names, Strict, as_list
from schemas.journey.segments import Only

MAX_CONTENT = 255


class Channel(StrEnum):
    """By which way a play reaches people. A task is work for our own people: it reaches no customer."""

    IN_APP = "in_app"
    EMAIL = "email"
    CHAT = "chat"
    CALL = "call"
    TASK = "task"


class Play(Strict):
    """One touchpoint. With `stage`, `segment` or `driver` it is for such accounts alone."""

    content: str | None = Field(None, max_length=MAX_CONTENT, description="what is shown, sent, said or done")
    channel: Channel = Channel.TASK
    audience: Name | None = Field(None, description="the persona it is meant for")
    owner: str | None = Field(None, max_length=255, description="the team that answers for it")
    stage: tuple[Name, ...] | None = Field(None, min_length=1, max_length=100, description="for these stages only")
    segment: Only | None = Field(None, description="for these segments only")

    driver: tuple[Name, ...] | None = Field(
        None, min_length=1, max_length=50, description="for accounts to which one of these drivers of churn applies"
    )

    @field_validator("stage", "driver", mode="before", json_schema_input_type=Names | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @property
    def limits(self) -> tuple[Condition, ...]:
        """What must hold of an account for the play to be for it."""
        return tuple(self._limits())

    def _limits(self) -> Iterator[Condition]:
        if self.stage is not None:
            yield Condition(stage=self.stage)
        if self.segment is not None:
            yield Condition(segment=self.segment)
        if self.driver is not None:
            yield Condition(any=tuple(Condition(driver=name) for name in self.driver))


def _by_content(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: {"content": play} if isinstance(play, str) else play for name, play in value.items()}


Content = Annotated[str, Field(max_length=MAX_CONTENT)]
Plays = Annotated[
    dict[Name, Play],
    Field(max_length=MAX_NAMES),
    BeforeValidator(_by_content, json_schema_input_type=dict[Name, Play | Content]),
]
"""The declared plays; one may be written as its content alone: a task of nobody's."""
