"""Personas: the parts people play in an account, read from what identify calls tell of them."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from schemas.journey.measures import PropertyName
from schemas.journey.parts import Strict, as_list

MAX_PERSONAS = 20

Text = Annotated[str, Field(min_length=1, max_length=255)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]


class Persona(Strict):
    """Users of whom a trait is one of these texts, or is a list that holds one; once an identify call says so."""

    trait: PropertyName = Field(description="the trait of the identify call, as in `role`")
    is_: Annotated[Texts, BeforeValidator(as_list, json_schema_input_type=Text | Texts)] = Field(alias="is")
