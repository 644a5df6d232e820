"""Beside the path: the accounts of one partition as they are held, packed, with the heap of their deadlines.

An account is unpacked for its messages of one batch, stepped through all of them, and packed again: only one is
ever live, so that its memory stays in the processor's cache. The instant that stands in the heap for it is kept with
the packed state, and the one before it that was put off: it is pushed again only when its deadline becomes earlier,
and an event that puts the deadline off costs nothing.
"""

from collections.abc import Iterator, KeysView
from heapq import heapify, heappop, heappush
from struct import Struct

import msgspec

from schemas.state import Vocabulary
from streams.engine.account import Account
from streams.engine.compiled import Journey
from streams.engine.instruments import Sources
from streams.engine.times import NEVER

HOT, COLD, VOCABULARY = b"h", b"c", b"v"
"""The first byte of a changelog key says what the record is; the rest is the account, or the vocabulary's id."""

MAX_KEY_BYTES = 1024
HEADER = Struct(">qq")
"""A hot record begins with the instants that stand in the heap, so that restoring need not unpack it."""

_encode = msgspec.msgpack.Encoder().encode
_unpack_vocabulary = msgspec.msgpack.Decoder(Vocabulary).decode


class AccountStore:
    """The accounts of one partition, by key."""

    def __init__(self, journey: Journey, sources: Sources, keeps_live: int) -> None:
        self._journey = journey
        self._sources = sources
        self._keeps_live = keeps_live
        self._live: dict[bytes, Account] = {}
        self._hot: dict[bytes, bytes] = {}
        self._cold: dict[bytes, bytes] = {}
        self._touched: dict[bytes, bool] = {}
        """What `changes` will tell: the accounts, and whether their cold part is to be written too."""
        self._gone: list[bytes] = []
        """Accounts dropped since the last `changes`."""
        self._heap: list[tuple[int, bytes]] = []
        self._vocabularies: dict[int, Vocabulary] = {}

    def load(self, kind: bytes, name: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `None` is a tombstone."""
        if kind == VOCABULARY:
            if value:
                self._vocabularies[int.from_bytes(name, "big")] = _unpack_vocabulary(value)
            return
        held = self._hot if kind == HOT else self._cold
        if value:
            held[name] = value
        else:
            held.pop(name, None)

    def ready(self) -> None:
        """Put the deadlines of all that was loaded into the heap."""
        self._heap = [(due, key) for key, hot in self._hot.items() for due in HEADER.unpack_from(hot) if due < NEVER]
        heapify(self._heap)

    def __contains__(self, key: bytes) -> bool:
        """Whether anything is known of an account."""
        return key in self._hot or key in self._live

    def __len__(self) -> int:
        """How many accounts are held."""
        return len(self._hot.keys() | self._live.keys())

    def keys(self) -> KeysView[bytes]:
        """The accounts that are held packed."""
        return self._hot.keys()

    def packed(self, key: bytes) -> tuple[bytes, ...]:
        """What an account was packed to last; nothing if it never was."""
        hot = self._hot.get(key)
        return () if hot is None else (hot, self._cold.get(key, b""))

    def get(self, key: bytes) -> Account | None:
        """The account of a key, as it is held or new; None if no account can have such a key."""
        if (live := self._live.get(key)) is not None:
            return live
        hot = self._hot.get(key)
        if hot is None:
            name = _account_id(key)
            return None if name is None else Account.begin(self._journey, name, self._sources)
        cold = self._cold.get(key)
        account = Account.restore(
            self._journey, key.decode(), hot[HEADER.size :], cold, self._vocabularies, self._sources
        )
        account.queued, account.put_off = HEADER.unpack_from(hot)
        return account

    def put(self, key: bytes, account: Account) -> None:
        """Hold the account as it is now, and see to it that the heap holds no later instant than its own."""
        due = account.hot.due
        if due < account.queued:
            account.queued, account.put_off = due, account.queued
            heappush(self._heap, (due, key))
        if not self._keeps_live:
            self._hold(key, account)
            return
        self._live[key] = account
        if len(self._live) > self._keeps_live:
            self.pack_live()

    def drop(self, key: bytes) -> None:
        """Hold an account no longer: what stands in the heap finds nothing any more."""
        for held in (self._hot, self._cold, self._live, self._touched):
            held.pop(key, None)
        self._gone.append(key)

    def is_due(self, at: int) -> bool:
        """Whether a deadline has come by an instant."""
        return bool(self._heap) and self._heap[0][0] <= at

    def pop_due(self) -> tuple[int, bytes]:
        """Take the first deadline from the heap, and the account for which it stood there."""
        return heappop(self._heap)

    def woken(self, key: bytes, due: int) -> Account | None:
        """The account for which a deadline stood in the heap, with the one put off in its place; None if outdated."""
        account = self.get(key)
        if account is None or account.queued != due:
            return None
        account.queued, account.put_off = account.put_off, NEVER
        return account

    def pack_live(self) -> None:
        """Pack the accounts that were kept unpacked."""
        for key, account in self._live.items():
            self._hold(key, account)
        self._live = {}

    @property
    def has_changed(self) -> bool:
        """Whether `changes` will tell of an account that is held."""
        return bool(self._touched)

    def changes(self) -> Iterator[tuple[bytes, bytes | None]]:
        """The changelog records of all that was packed or dropped since the last call."""
        vocabulary = self._journey.vocabulary_id
        if self._touched and vocabulary not in self._vocabularies:
            self._vocabularies[vocabulary] = self._journey.vocabulary
            yield VOCABULARY + vocabulary.to_bytes(4, "big"), _encode(self._journey.vocabulary)
        for key, is_cold in self._touched.items():
            yield HOT + key, self._hot[key]
            if is_cold:
                yield COLD + key, self._cold[key]
        self._touched = {}
        yield from ((kind + key, None) for key in self._gone for kind in (HOT, COLD))
        self._gone = []

    def _hold(self, key: bytes, account: Account) -> None:
        snapshot = account.snapshot()
        self._hot[key] = HEADER.pack(account.queued, account.put_off) + snapshot.hot
        if snapshot.cold is not None:
            self._cold[key] = snapshot.cold
        self._touched[key] = snapshot.cold is not None or self._touched.get(key, False)


def _account_id(key: bytes) -> str | None:
    if not 0 < len(key) <= MAX_KEY_BYTES:
        return None
    try:
        name = key.decode()
    except UnicodeDecodeError:
        return None
    return name if len(name) <= 255 else None
