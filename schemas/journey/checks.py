"""Checks: what the traits of an account must not say. A group call that fails one is refused as a whole."""

from typing import Self

from pydantic import Field, model_validator

from schemas.journey.measures import PropertyName
from schemas.journey.parts import Flag, Name, Number, Strict


class Check(Strict):
    """What one trait must be where a group call sets it; else the call is a dead letter, `bad_trait`."""

    at_least: Number | None = None
    at_most: Number | None = None
    whole: Flag = Field(default=False, description="no fractions: money in minor units, seats")
    not_before: Name | None = Field(None, description="of a date: not before this one, where the same call sets both")
    currency: PropertyName | None = Field(
        None, description="the member of the call that names the currency: another than that of `revenue` is refused"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("this checks nothing; give at_least, at_most, whole, not_before or currency")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("'at_least' is above 'at_most', so nothing fits; write the lesser one as 'at_least'")
        return self
