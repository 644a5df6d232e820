"""Beside the path: orders that a partition is carrying out, by a pass over all its states, a slice at a time.

What is stepped meanwhile is searched before, so nothing that is said depends on how far a pass has come. An order
stands in the changelog until its pass is over, and on the list of the forgotten from then on: after a restart in
between the pass begins again, and finds only what is left.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from schemas.state import Forgetting
from streams.engine.forgetting import traces
from streams.engine.suppressions import Forget, Kind, Suppressions, suppression_digest

ORDER: Final = b"o"
"""The first byte of a changelog key; the rest is the digest of who is to be forgotten."""

LOOKED_AT: Final = 5_000
"""States that a slice looks at, at most: some 20 ms."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Forgetting).decode


class Search(NamedTuple):
    """One order under way."""

    order: Forget
    watermark: int
    """Up to where time had decided before it was given."""
    has_traces: Callable[[bytes], bool]


class Searches:
    """The orders under way in one partition, in the order given. False while there is none."""

    def __init__(self, suppressions: Suppressions) -> None:
        """Whom they name is kept out by `suppressions` at once, and listed there for good when they are carried out."""
        self._suppressions = suppressions
        self._open: dict[bytes, Search] = {}
        self._left: list[bytes] | None = None
        """The keys that the pass of the first order has yet to come to; None before it begins."""
        self._changed: dict[bytes, bytes | None] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def __iter__(self) -> Iterator[Search]:
        return iter(self._open.values())

    def load(self, name: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `name` is its key without the first byte."""
        if value is None:
            self._open.pop(name, None)
            return
        held = _unpack(value)
        self._add(name, Forget(Kind(held.kind), held.id, held.at), held.watermark)

    def begin(self, order: Forget, watermark: int = 0) -> bool:
        """Take an order on; False if it was given before."""
        if self._suppressions.has(order.kind, order.id):
            return False
        name = suppression_digest(order.kind, order.id).encode()
        self._add(name, order, watermark)
        self._changed[name] = _pack(Forgetting(kind=order.kind, id=order.id, at=order.at, watermark=watermark))
        return True

    def advance(self, keys: Iterable[bytes], search: Callable[[bytes], int], limit: int) -> None:
        """Have `search` look at some more of the `keys` that are held; it answers how much it found to do.

        Not many, and fewer once there was as much to do as `limit`.
        """
        if self._left is None:
            self._left = list(keys)
        done = 0
        for _ in range(min(LOOKED_AT, len(self._left))):
            done += search(self._left.pop())
            if done >= limit:
                break
        if not self._left:
            self._end()

    def changes(self) -> Iterator[tuple[bytes, bytes | None]]:
        """The changelog records of what was begun or ended since the last call."""
        changed, self._changed = self._changed, {}
        yield from ((ORDER + name, value) for name, value in changed.items())

    def _add(self, name: bytes, order: Forget, watermark: int) -> None:
        self._suppressions.bar(order)
        self._open[name] = Search(order, watermark, traces(order))

    def _end(self) -> None:
        """The first pass is over; the next begins anew, for who is named by it may be anywhere."""
        name = next(iter(self._open))
        self._suppressions.add(self._open.pop(name).order)
        self._changed[name] = None
        self._left = None
