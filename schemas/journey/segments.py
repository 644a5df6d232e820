"""Segments: what kind of customer an account is, dimension by dimension, read from its traits."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schemas.journey.parts import Name, Number, Strict, as_list, each_once

OTHER: Final = "other"
"""The segment of an account whose trait is none of the values listed, or in none of the bands."""

UNKNOWN: Final = "unknown"
"""The segment of an account that has no such trait."""

Text = Annotated[str, Field(min_length=1, max_length=255)]


def _not_taken(value: str) -> str:
    if value in (OTHER, UNKNOWN):
        raise ValueError(f"'{value}' is for accounts that fit nothing listed; leave it out")
    return value


Listed = Annotated[Text, AfterValidator(_not_taken)]


class Band(Strict):
    """Numbers from the band before up to, and without, `below`; the last band may be open."""

    below: Number | None = None


class Dimension(Strict):
    """One dimension of segments: a trait as it is, or only the listed values of it, or bands of a number."""

    trait: Name
    values: Annotated[tuple[Listed, ...], AfterValidator(each_once)] | None = Field(
        None, min_length=1, max_length=100, description="any other value is 'other'"
    )
    bands: dict[Annotated[Name, AfterValidator(_not_taken)], Band] | None = Field(
        None, min_length=1, max_length=100, description="by name, from the lowest up; 'other' above the last"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.values is not None and self.bands is not None:
            raise ValueError("give values, for a text, or bands, for a number; found both")
        return self

    @model_validator(mode="after")
    def _bands_rise(self) -> Self:
        ends = [band.below for band in (self.bands or {}).values()]
        if None in ends[:-1]:
            raise ValueError("only the last band may be open; give the others 'below'")
        closed = [end for end in ends if end is not None]
        if closed != sorted(set(closed)):
            raise ValueError("bands go from the lowest up; give each a greater 'below' than the one before")
        return self

    @property
    def names(self) -> tuple[str, ...] | None:
        """Every segment an account can be in; None where any text is one."""
        listed = self.values or tuple(self.bands or ())
        return (*listed, OTHER, UNKNOWN) if listed else None


Kinds = Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]
Only = Annotated[
    dict[Name, Annotated[Kinds, BeforeValidator(as_list, json_schema_input_type=Text | Kinds)]], Field(min_length=1)
]
"""For each dimension named, the segments an account may be in; in every dimension at once."""
