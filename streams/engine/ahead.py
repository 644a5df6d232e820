"""Messages of one partition of accounts that came before it is known whether their sources were alive.

A message may arrive here before markers have told of the hours up to its own arrival: one source partition is ahead of
another. What time decides up to then may depend on whether a source was dark. Where it does, the message waits, and so
do all behind it of the same account: so a verdict is the same however far each partition has come.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from schemas.state import Held
from streams.engine.event import Event
from streams.engine.held import as_held, as_message, is_named
from streams.engine.message import Message

AHEAD: Final = b"q"
"""The first byte of a changelog key; the rest is the account."""

MAX_AHEAD: Final = 1_000
MAX_AHEAD_BYTES: Final = 400_000
"""Messages of one account that wait, and what they are together: one record has to hold them. Of more, the oldest go on
with their sources taken to be alive."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[Held]).decode


class Ahead:
    """The messages that wait, by account and in order."""

    __slots__ = ("_changed", "_sizes", "_waiting")

    def __init__(self) -> None:
        self._waiting: dict[bytes, list[Held]] = {}
        self._sizes: dict[bytes, int] = {}
        self._changed: dict[bytes, None] = {}

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back what waits of an account."""
        self._hold(key, _unpack(value) if value else [])

    def has(self, key: bytes) -> bool:
        """Whether anything of an account waits."""
        return key in self._waiting

    def put(self, key: bytes, message: Message, event: Event) -> None:
        """Let a message wait behind the others of its account."""
        held = as_held(message, event)
        self._waiting.setdefault(key, []).append(held)
        self._sizes[key] = self._sizes.get(key, 0) + len(held.value)
        self._changed[key] = None

    def is_full(self, key: bytes) -> bool:
        """Whether more waits of an account than may."""
        return len(self._waiting.get(key, ())) > MAX_AHEAD or self._sizes.get(key, 0) > MAX_AHEAD_BYTES

    def first(self, key: bytes) -> tuple[Message, bool]:
        """The first that waits of an account, and whether it has to make room."""
        return as_message(self._waiting[key][0]), self.is_full(key)

    def drop(self, key: bytes) -> None:
        """Let the first wait no longer."""
        waiting = self._waiting[key]
        self._sizes[key] -= len(waiting.pop(0).value)
        self._changed[key] = None
        if not waiting:
            self._hold(key, waiting)

    def accounts(self) -> list[bytes]:
        """The accounts of which something waits."""
        return list(self._waiting)

    def forget(self, key: bytes, user: str | None = None) -> int:
        """Drop what waits of an account; or of that what names a user. How much that was."""
        waiting = self._waiting.get(key, [])
        left = [held for held in waiting if user is not None and not is_named(held, user)]
        self._hold(key, left)
        if len(left) < len(waiting):
            self._changed[key] = None
        return len(waiting) - len(left)

    def _hold(self, key: bytes, waiting: list[Held]) -> None:
        if waiting:
            self._waiting[key], self._sizes[key] = waiting, sum(len(held.value) for held in waiting)
        else:
            self._waiting.pop(key, None)
            self._sizes.pop(key, None)

    def changes(self) -> Iterator[tuple[bytes, bytes | None]]:
        """What waits of the accounts for which that changed since the last call; None for nothing any more."""
        changed, self._changed = self._changed, {}
        for key in changed:
            waiting = self._waiting.get(key)
            yield AHEAD + key, _pack(waiting) if waiting else None
