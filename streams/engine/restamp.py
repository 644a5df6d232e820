"""Messages written anew for their account: under the person's own id, or after they waited. The last member counts."""

from typing import Final

import msgspec

from schemas.state import Held
from streams.engine.decode import MAX_BYTES
from streams.engine.times import rfc3339

_SPACE: Final = b" \t\r\n"


def under(value: bytes, person: str) -> bytes:
    """The same message as of this user; as it is where there is no room for the id."""
    attributed = _with(value, b'"userId":' + msgspec.json.encode(person))
    return attributed if len(attributed) <= MAX_BYTES else value


def released(held: Held, person: str, now: int) -> bytes:
    """A message that waited: it happened when it happened, and arrives at its account now."""
    arrived_at = max(held.arrived_at, now)
    stamps = f'"timestamp":"{rfc3339(held.at)}","receivedAt":"{rfc3339(arrived_at)}"'.encode()
    return under(_with(held.value, stamps), person)


def _with(value: bytes, members: bytes) -> bytes:
    head = value.rstrip(_SPACE)[:-1].rstrip(_SPACE)
    return head + (b"" if head.endswith(b"{") else b",") + members + b"}"
