"""Beside the path: numbers that events carry among their properties, as whole thousandths, so that sums are exact."""

from collections.abc import Callable
from functools import cache
from typing import Final

import msgspec

from streams.engine.event import Event

ABSENT: Final = msgspec.Raw(b"")
"""A member that is not there."""

THOUSANDTHS: Final = 1_000
MAX_VALUE: Final = 10**12
"""Greater numbers, of either sign, are passed over: so many of them still fit a state record."""

_number_of: Final = msgspec.json.Decoder(int | float).decode
_text_of: Final = msgspec.json.Decoder(int | str).decode


def thousandths(event: Event, name: str) -> int | None:
    """A property in thousandths; None if it is absent, or no number that can be counted."""
    try:
        value = _number_of(_member(name)(event.members))
    except msgspec.DecodeError:
        return None
    return round(value * THOUSANDTHS) if -MAX_VALUE <= value <= MAX_VALUE else None


def name_of(event: Event, name: str) -> str | None:
    """A property that names something, a text or a whole number, as text; None if it is neither."""
    try:
        return str(_text_of(_member(name)(event.members))) or None
    except msgspec.DecodeError:
        return None


def member_of(event: Event, name: str) -> msgspec.Raw:
    """A property or trait as it came, ABSENT if it did not."""
    return _member(name)(event.members)


@cache
def _member(name: str) -> Callable[[msgspec.Raw], msgspec.Raw]:
    """Reads one member of an object as it came; the others are passed over unread."""
    kind = msgspec.defstruct("Member", [("value", msgspec.Raw, ABSENT)], rename={"value": name})
    read = msgspec.json.Decoder(kind | None).decode

    def member(members: msgspec.Raw) -> msgspec.Raw:
        found = read(members)
        value: msgspec.Raw = ABSENT if found is None else found.value
        return value

    return member
