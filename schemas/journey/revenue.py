"""Revenue: which trait of an account says what it pays, and where it pays no more."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator

from schemas.journey.parts import Name, Names, Strict, as_list


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError(f"{value!r} is not a currency; write three capitals, as in 'EUR'")
    return value


Currency = Annotated[str, AfterValidator(_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]


class Revenue(Strict):
    """Where revenue is found. `revenue: mrr` is short for `revenue: {mrr: mrr}`."""

    mrr: Name = Field(description="the number trait that holds monthly recurring revenue, in minor units")
    currency: Currency | None = Field(None, description="as in EUR (ISO 4217)")
    lost: tuple[Name, ...] = Field((), description="stages in which an account pays nothing, whatever the trait says")

    @field_validator("lost", mode="before", json_schema_input_type=Names)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)
