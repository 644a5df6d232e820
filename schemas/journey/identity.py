"""Identity: which events make a user a member of an account, and how long the events of strangers wait for one."""

from pydantic import Field, field_validator

from schemas.journey.parts import EventName, Span, Strict, as_list
from schemas.spans import DAY_MS, format_span

MAX_HOLD_MS = 30 * DAY_MS
"""How long an event may be declared to wait for its account."""

Names = tuple[EventName, ...]


class Identity(Strict):
    """Who belongs to which account. Group calls always join; alias and identify calls always tell who it was."""

    join: Names = Field(
        ("Account Added User",), max_length=100, description="its user belongs to its account from then on"
    )
    leave: Names = Field(("Account Removed User",), max_length=100, description="its user belongs to it no longer")
    hold: Span | None = Field(
        None, description="how long events of a user without account wait for one; unless said they are dead letters"
    )

    @field_validator("join", "leave", mode="before", json_schema_input_type=EventName | Names)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return as_list(value)

    @field_validator("hold")
    @classmethod
    def _hold_is_bounded(cls, value: int | None) -> int | None:
        if value is not None and value > MAX_HOLD_MS:
            raise ValueError(f"events wait for at most '{format_span(MAX_HOLD_MS)}'; write that or less")
        return value
