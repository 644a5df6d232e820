"""Messages of one partition of users that wait for their account, each in a changelog record of its own.

They are bounded for each user by MAX_HELD, MAX_HELD_BYTES and the age that the journey declares.
"""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import Final

import msgspec

from schemas.state import Held
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.ids import digest
from streams.engine.message import Message
from streams.engine.routing import other_id
from streams.engine.times import NEVER

HELD: Final = b"h"
"""The first byte of a changelog key; eight of the message id's digest follow, the rest is the user."""

MAX_HELD: Final = 100
"""Messages of one user that wait; of more, the oldest waits no longer."""

MAX_HELD_BYTES: Final = 64 * 1024
"""The same in bytes."""

_DIGEST: Final = len(digest(""))
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Held).decode


def as_held(message: Message, event: Event) -> Held:
    """A message as it is kept while it waits."""
    return Held(
        offset=message.offset,
        at=event.at,
        arrived_at=event.arrived_at,
        key=message.key,
        value=message.value or b"",
        headers=message.headers,
    )


def as_message(held: Held) -> Message:
    """The message again, as of when it came."""
    return Message(held.key, held.value, held.arrived_at, held.offset, held.headers)


def is_named(held: Held, user: str) -> bool:
    """Whether a message that waits is of a user, or says that somebody is."""
    event = decode(held.value, held.arrived_at)
    return isinstance(event, Event) and user in (event.user, event.call.anonymous_id, other_id(event))


class Waiting:
    """The messages that wait, by user and by digest of their message id."""

    def __init__(self, hold_ms: int) -> None:
        self._hold_ms = hold_ms
        self._held: dict[bytes, dict[bytes, bytes]] = {}
        self._heap: list[tuple[int, bytes]] = []
        self._queued: dict[bytes, int] = {}
        """By user the instant that stands in the heap."""
        self._changed: dict[bytes, bytes | None] = {}

    def __len__(self) -> int:
        """How many messages wait."""
        return sum(map(len, self._held.values()))

    def load(self, name: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `name` is its key without the first byte."""
        self._put(name[_DIGEST:], name[:_DIGEST], value)

    def ready(self) -> None:
        """Find when the messages that were loaded have waited long enough."""
        self._queued = {user: self._due(user) for user in self._held}
        self._heap = [(due, user) for user, due in self._queued.items()]
        heapify(self._heap)

    def has(self, user: bytes, mark: bytes) -> bool:
        """Whether this message of a user waits."""
        return mark in self._held.get(user, ())

    def of(self, user: bytes) -> list[tuple[bytes, Held]]:
        """What waits of a user, in the order it came."""
        waiting = [(mark, _unpack(packed)) for mark, packed in self._held.get(user, {}).items()]
        return sorted(waiting, key=lambda one: one[1].offset)

    def count(self, user: bytes) -> int:
        """How many messages of a user wait."""
        return len(self._held.get(user, ()))

    def is_over(self, held: Held, at: int) -> bool:
        """Whether a message has waited long enough by an instant."""
        return held.arrived_at + self._hold_ms <= at

    def hold(self, user: bytes, mark: bytes, held: Held) -> list[Held]:
        """Let a message wait; those that must make room for it come back, maybe itself."""
        packed = _pack(held)
        if len(packed) > MAX_HELD_BYTES:
            return [held]
        self._set(user, mark, packed)
        self._queue(user, held.arrived_at + self._hold_ms)
        sizes = list(map(len, self._held[user].values()))
        if len(sizes) <= MAX_HELD and sum(sizes) <= MAX_HELD_BYTES:
            return []
        return list(self._make_room(user))

    def drop(self, user: bytes, mark: bytes) -> None:
        """Let a message wait no longer."""
        self._set(user, mark, None)

    def is_due(self, at: int) -> bool:
        """Whether anything may have waited long enough by an instant."""
        return bool(self._heap) and self._heap[0][0] <= at

    def take_due(self, at: int, limit: int) -> Iterator[Held]:
        """Give up what has waited long enough by an instant, of at most `limit` users."""
        for _ in range(limit):
            if not self.is_due(at):
                return
            due, user = heappop(self._heap)
            if self._queued.get(user) != due:
                continue
            del self._queued[user]
            for mark, held in self.of(user):
                if self.is_over(held, at):
                    self.drop(user, mark)
                    yield held
            self._queue(user, self._due(user))

    def changes(self) -> Iterable[tuple[bytes, bytes | None]]:
        """The changelog records of all that changed since the last call."""
        changed, self._changed = self._changed, {}
        return changed.items()

    def _make_room(self, user: bytes) -> Iterator[Held]:
        waiting = self.of(user)
        left = sum(len(packed) for packed in self._held[user].values())
        for place, (mark, held) in enumerate(waiting):
            if len(waiting) - place <= MAX_HELD and left <= MAX_HELD_BYTES:
                return
            left -= len(self._held[user][mark])
            self.drop(user, mark)
            yield held

    def _due(self, user: bytes) -> int:
        arrivals = (held.arrived_at for _, held in self.of(user))
        return min(arrivals, default=NEVER - self._hold_ms) + self._hold_ms

    def _queue(self, user: bytes, due: int) -> None:
        if due < self._queued.get(user, NEVER):
            self._queued[user] = due
            heappush(self._heap, (due, user))

    def _set(self, user: bytes, mark: bytes, packed: bytes | None) -> None:
        self._put(user, mark, packed)
        self._changed[HELD + mark + user] = packed

    def _put(self, user: bytes, mark: bytes, packed: bytes | None) -> None:
        if packed:
            self._held.setdefault(user, {})[mark] = packed
            return
        waiting = self._held.get(user, {})
        waiting.pop(mark, None)
        if not waiting:
            self._held.pop(user, None)
