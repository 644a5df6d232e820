"""Health: a score of weighted parts, and the named drivers of churn."""

from typing import Self

from pydantic import Field, model_validator

from schemas.journey.conditions import Condition
from schemas.journey.parts import Name, Number, Strict, exactly_one


class HealthPart(Strict):
    """One part of the health score, 0 to 100: a number between two values, or a condition that holds (100) or not (0).

    Where nothing is known, of a trait not set or a ratio to nothing, the part is left out; the others share its weight.
    """

    measure: Name | None = None
    trait: Name | None = None
    when: Condition | None = None
    from_: Number | None = Field(None, alias="from", description="the value that is worth 0; values beyond, too")
    to: Number | None = Field(None, description="the value that is worth 100; values beyond, too; may be the lesser")
    weight: Number = Field(1, gt=0, le=1000)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        exactly_one(self, "measure", "trait", "when")
        if self.when is not None and (self.from_, self.to) != (None, None):
            raise ValueError("'when' is worth 100 or 0: leave 'from' and 'to' out")
        if self.when is None and (self.from_ is None or self.to is None):
            raise ValueError("give 'from', the value that is worth 0, and 'to', the value that is worth 100")
        if self.when is None and self.from_ == self.to:
            raise ValueError("'from' and 'to' are the same; give the values that are worth 0 and 100")
        return self


class Driver(Strict):
    """A named reason for which accounts churn, and how likely one leaves to which it applies."""

    meaning: str = Field("", max_length=500)
    when: Condition
    risk: Number = Field(gt=0, le=1, description="the share of such accounts that leave, as in 0.4")
