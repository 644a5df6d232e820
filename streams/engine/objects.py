"""Beside the path: the properties or traits of an event, parsed only when a measure asks for them."""

from typing import Final

import msgspec

from streams.engine.diagnosis import MAX_DEPTH, is_too_deep
from streams.engine.rejection import Reason, Rejected

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MAX_VALUES: Final = 10_000
MAX_TEXT: Final = 32_768
_INTEGERS: Final = range(-(2**63), 2**64)
"""What JSON writers and msgpack can hold, so that evidence taken from here can always be written out."""

_object_of: Final = msgspec.json.Decoder(dict[str, object]).decode


def parse_object(raw: msgspec.Raw) -> dict[str, Json] | Rejected:
    """The members of an event's properties or traits (null: no members), within stated bounds."""
    text = bytes(raw)
    if text == b"null":
        return {}
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and is_too_deep(text):
        return Rejected(Reason.TOO_DEEP, f"more than {MAX_DEPTH} deep")
    try:
        members = _object_of(text)
    except msgspec.DecodeError as flaw:
        return Rejected(Reason.BAD_NUMBER, str(flaw))
    return _out_of_bounds(members) or members  # type: ignore[return-value] # JSON holds nothing else


def _out_of_bounds(members: dict[str, object]) -> Rejected | None:
    waiting: list[object] = [members]
    seen = 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > MAX_VALUES:
            return Rejected(Reason.TOO_MANY_KEYS, f"more than {MAX_VALUES} values")
        match value:
            case int() if value not in _INTEGERS:
                return Rejected(Reason.BAD_NUMBER, "an integer beyond 64 bits")
            case str() if len(value) > MAX_TEXT:
                return Rejected(Reason.TOO_LONG, f"a text of {len(value)} characters; at most {MAX_TEXT}")
            case dict():
                waiting.extend(value.values())
            case list():
                waiting.extend(value)
    return None
