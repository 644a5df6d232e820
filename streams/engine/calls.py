"""The six Segment calls as msgspec reads them: shapes only; `schemas/events.py` says what they mean."""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, ClassVar, Final

import msgspec

NULL: Final = msgspec.Raw(b"null")

Text = Annotated[str, msgspec.Meta(max_length=255)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Kind(IntEnum):
    """Which Segment call an event came as."""

    TRACK = 1
    IDENTIFY = 2
    GROUP = 3
    PAGE = 4
    SCREEN = 5
    ALIAS = 6


class Context(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The part of `context` that is read."""

    group_id: Text | None = None


class Call(msgspec.Struct, frozen=True, gc=False, rename="camel", tag_field="type"):
    """What all calls share."""

    kind: ClassVar[Kind]
    message_id: Text | None = None
    user_id: Text | None = None
    anonymous_id: Text | None = None
    timestamp: Instant | None = None
    received_at: Instant | None = None
    context: Context | None = None


class Track(Call, frozen=True, gc=False, rename="camel", tag="track"):
    """Somebody did something."""

    kind = Kind.TRACK
    event: Text | None = None
    properties: msgspec.Raw = NULL


class PlainTrack(Track, frozen=True, gc=False, rename="camel", tag="track", kw_only=True):
    """A track call that has all of what nearly every one has: nothing is left to be asked of it but its instants."""

    message_id: Name
    user_id: Name
    timestamp: Instant
    received_at: Instant
    event: Name


class Identify(Call, frozen=True, gc=False, rename="camel", tag="identify"):
    """Somebody is somebody."""

    kind = Kind.IDENTIFY
    traits: msgspec.Raw = NULL


class Group(Call, frozen=True, gc=False, rename="camel", tag="group"):
    """Somebody belongs to an account."""

    kind = Kind.GROUP
    group_id: Text | None = None
    traits: msgspec.Raw = NULL


class Page(Call, frozen=True, gc=False, rename="camel", tag="page"):
    """Somebody saw a page."""

    kind = Kind.PAGE
    name: Text | None = None
    properties: msgspec.Raw = NULL


class Screen(Call, frozen=True, gc=False, rename="camel", tag="screen"):
    """Somebody saw a screen."""

    kind = Kind.SCREEN
    name: Text | None = None
    properties: msgspec.Raw = NULL


class Alias(Call, frozen=True, gc=False, rename="camel", tag="alias"):
    """Two ids are one person."""

    kind = Kind.ALIAS
    previous_id: Text | None = None


PlainCall = PlainTrack | Identify | Group | Page | Screen | Alias
AnyCall = Track | Identify | Group | Page | Screen | Alias
CALLS: Final[dict[str, type[Call]]] = {
    "track": Track,
    "identify": Identify,
    "group": Group,
    "page": Page,
    "screen": Screen,
    "alias": Alias,
}
