"""Word of ours that travels between the messages: JSON objects with one member, whose name says what it is."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

T = TypeVar("T")


def reader(envelope: type[T]) -> Callable[[bytes | None], T | None]:
    """What reads a value as this struct; None of all that is none, and of no value."""
    decode = msgspec.json.Decoder(envelope).decode

    def read(value: bytes | None) -> T | None:
        try:
            return decode(value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    return read
