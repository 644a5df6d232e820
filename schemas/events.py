"""Events in: messages of the Segment specification, as any producer may write them to `journey.events`.

These models are the published contract and the wording of its errors. The worker itself reads messages with
`streams/engine/decode.py`, which accepts and refuses the same ones; a test holds the two together.

Other people's data: members not named here are ignored, and any optional member may be null.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, Self

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_10000: Final = msgspec.convert("9999-12-31T23:59:59.999999Z", datetime)


def _check_instant(text: str) -> str:
    """Read as the engine reads: a second parser would differ from it in some corner of RFC 3339."""
    try:
        instant = msgspec.convert(text, Annotated[datetime, msgspec.Meta(tz=True)])
    except msgspec.ValidationError as flaw:
        raise ValueError(f"{flaw}; write it as in 2026-03-04T05:06:07.089Z") from None
    if not _EPOCH <= instant <= _YEAR_10000:
        raise ValueError("outside the years 1970 to 9999, in UTC")
    return text


_NO_CONTROLS: Final = r"^[^\u0000-\u001f\u007f-\u009f]*$"

Text = Annotated[str, Field(strict=True, max_length=255, pattern=_NO_CONTROLS)]
"""At most 255 characters, none of them a control character. An empty text is as good as none."""

Id = Annotated[str, Field(strict=True, min_length=1, max_length=255, pattern=_NO_CONTROLS)]
"""1 to 255 characters, none of them a control character."""

Instant = Annotated[
    str,
    Field(strict=True),
    AfterValidator(_check_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A date and time by RFC 3339, with a zone, in the years 1970 to 9999 UTC; kept to the millisecond."""

UnreadInstant = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]})]
UnreadText = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]})]
"""Part of the specification, carried along, and never read: so no value of it is refused."""

_FOREIGN: Final = ConfigDict(extra="ignore", frozen=True, strict=True, alias_generator=to_camel)


class Context(BaseModel):
    """What the SDK knows about where the call was made; only the account is read."""

    model_config = _FOREIGN

    group_id: Text | None = Field(None, description="The account the user was in when this happened.")


class Call(BaseModel):
    """What all Segment calls share."""

    model_config = _FOREIGN

    message_id: Id = Field(description="Unique to the message, the same when it is sent again.")
    user_id: Text | None = Field(None, description="The user by the product's own id; this or anonymousId.")
    anonymous_id: Text | None = Field(None, description="The user before they are known; this or userId.")
    timestamp: Instant | None = Field(None, description="When it happened. If absent: when it arrived.")
    received_at: Instant | None = Field(None, description="When it arrived. If absent: the record's time.")
    original_timestamp: UnreadInstant = Field(None, description="When it happened by the sender's clock.")
    sent_at: UnreadInstant = Field(None, description="When it was sent by the sender's clock.")
    context: Context | None = Field(None, description="Where the call was made.")

    @model_validator(mode="after")
    def _has_user(self) -> Self:
        if not (self.user_id or self.anonymous_id):
            raise ValueError("userId or anonymousId is needed")
        return self


class Track(Call):
    """Somebody did something in the product."""

    type: Literal["track"]
    event: Id = Field(description="What was done, as in `Report Created`.")
    properties: dict[str, Any] | None = Field(None, description="How it was done; free-form.")


class Identify(Call):
    """Somebody is somebody: traits of a user."""

    type: Literal["identify"]
    traits: dict[str, Any] | None = Field(None, description="What is known of the user; free-form.")


class Group(Call):
    """Somebody belongs to an account: traits of the account."""

    type: Literal["group"]
    group_id: Id = Field(description="The account.")
    traits: dict[str, Any] | None = Field(None, description="What is known of the account; free-form.")


class Page(Call):
    """Somebody saw a page of a web site."""

    type: Literal["page"]
    name: Text | None = Field(None, description="Which page.")
    category: UnreadText = Field(None, description="The kind of page.")
    properties: dict[str, Any] | None = Field(None, description="Its url, title and the like; free-form.")


class Screen(Call):
    """Somebody saw a screen of an app."""

    type: Literal["screen"]
    name: Text | None = Field(None, description="Which screen.")
    category: UnreadText = Field(None, description="The kind of screen.")
    properties: dict[str, Any] | None = Field(None, description="What it showed; free-form.")


class Alias(Call):
    """Two ids are one person: what was previousId is userId from now on."""

    type: Literal["alias"]
    previous_id: Id = Field(description="The id used until now.")


class SegmentMessage(
    RootModel[Annotated[Track | Identify | Group | Page | Screen | Alias, Field(discriminator="type")]]
):
    """One message on `journey.events`: a Segment call as a JSON object, at most 256 KiB and 32 deep."""

    model_config = ConfigDict(frozen=True)
