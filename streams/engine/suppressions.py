"""Who is forgotten: the order to forget somebody, and the list of those whose events are dropped from then on.

The list keeps a digest of each id, not the id. It has no secret in it: one that was lost, or differed on one worker,
would bring back in silence whom it was to keep out. So the list tells nobody's name, but somebody who has a name can
ask it whether that one was forgotten.
"""

from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Final

import msgspec

from streams.engine.in_band import reader
from streams.engine.times import LAST_AT

SUPPRESSION: Final = b"!"
"""The first byte of a record of the list. It outlives the changelogs, so that states built anew keep to it."""


class Kind(StrEnum):
    """Of what an id is."""

    USER = "user"
    ACCOUNT = "account"


class Forget(msgspec.Struct, frozen=True):
    """The order to forget one id. It goes to every partition: traces of a user may be in any."""

    kind: Kind
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    at: Annotated[int, msgspec.Meta(ge=0, le=LAST_AT)]
    """When it was given, in UTC ms."""

    def encode(self) -> bytes:
        """As a message value; its key is null."""
        return msgspec.json.encode({"journey_forget": self})


class _Envelope(msgspec.Struct):
    journey_forget: Forget


_read = reader(_Envelope)


def decode_forget(value: bytes | None) -> Forget | None:
    """The order in a value, or None if it is not one."""
    read = _read(value)
    return None if read is None else read.journey_forget


def is_forget(value: bytes | None) -> bool:
    """Whether a message is an order, not an event; told at once for nearly every message."""
    return b'"journey_forget"' in (value or b"")[:32] and decode_forget(value) is not None


@lru_cache(maxsize=65_536)  # the same users come again
def suppression_digest(kind: Kind, name: str) -> str:
    """What the list keeps of an id: 32 hex digits."""
    return blake2b(f"forgotten\x1f{kind}\x1f{name}".encode(), digest_size=16).hexdigest()


def suppression_key(stage: str, kind: Kind, name: str) -> bytes:
    """The key of a record of the list: that a stage has forgotten an id in this partition."""
    return SUPPRESSION + f"{stage}/{kind}/{suppression_digest(kind, name)}".encode()


class Suppressions:
    """The list as one stage keeps it in one partition. It grows by sixteen bytes with each id, and is never cut."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._digests: set[str] = set()
        self._news: dict[bytes, bytes] = {}

    def load(self, key: bytes) -> None:
        """Take back one record; those of the other stage are passed over."""
        stage, _, digest = key[len(SUPPRESSION) :].decode().split("/")
        if stage == self._stage:
            self._digests.add(digest)

    def bar(self, order: Forget) -> None:
        """Keep out whom an order names, while it is carried out."""
        self._digests.add(suppression_digest(order.kind, order.id))

    def add(self, order: Forget) -> None:
        """Put an id on the list for good, which says that its order has been carried out."""
        self.bar(order)
        self._news[suppression_key(self._stage, order.kind, order.id)] = msgspec.json.encode({"at": order.at})

    def __len__(self) -> int:
        """How many ids are on the list. Most lists are empty, and need not be asked of each message."""
        return len(self._digests)

    def has(self, kind: Kind, name: str) -> bool:
        """Whether an id is on the list."""
        return bool(self._digests) and suppression_digest(kind, name) in self._digests

    def changes(self) -> dict[bytes, bytes]:
        """The records of what was put on the list since the last call."""
        news, self._news = self._news, {}
        return news
