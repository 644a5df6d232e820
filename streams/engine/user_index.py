"""Which bit of a bitmap stands for which user of an account: eight bytes of digest a slot."""

from collections.abc import Iterable, Sequence

from streams.engine.ids import user_digest
from streams.engine.personas import Cast

MAX_USERS = 10_000
"""Users of one account that are told apart within the days held; more than these are not counted as distinct."""

_SLOT = 8
_FEW = 64


class UserIndex:
    """The users of one account, in the order they were first seen."""

    __slots__ = ("_bits", "has_grown", "packed")

    def __init__(self, packed: bytes) -> None:
        self.packed = packed
        self.has_grown = False
        """Whether anybody was added since."""
        self._bits: dict[str, int] = {}

    def __len__(self) -> int:
        """How many slots are taken."""
        return len(self.packed) // _SLOT

    def bit(self, user: str) -> int:
        """The user's bit; a new user takes the next slot, and has none once all are taken."""
        known = self._bits.get(user)
        if known is None:
            known = self._bits[user] = self._take(user)
        return known

    def _take(self, user: str) -> int:
        known = self.known(user)
        if known or len(self) >= MAX_USERS:
            return known
        self.packed, self.has_grown = self.packed + user_digest(user), True
        return 1 << len(self) - 1

    def known(self, user: str) -> int:
        """The user's bit, 0 if it has none."""
        wanted, packed = user_digest(user), self.packed
        start = packed.find(wanted)
        while start > 0 and start % _SLOT:
            start = packed.find(wanted, start + 1)
        return 1 << start // _SLOT if start >= 0 else 0

    def forget(self, rows: Sequence[list[int]], columns: Iterable[int], cast: Cast | None = None) -> bool:
        """Give up the slots of users in no bitmap of `rows`, once they are the greater part; True if bits moved.

        Those with a persona are kept too, if they are not too many.
        """
        columns = tuple(columns)
        held = 0 if cast is None else cast.worth_keeping
        for cells in rows:
            for column in columns:
                held |= cells[column]
        if held.bit_count() * 2 > len(self) or (rows and len(self) < _FEW):
            return False
        self.keep([slot for slot in range(held.bit_length()) if held >> slot & 1], rows, columns, cast)
        return True

    def keep(
        self, kept: Sequence[int], rows: Iterable[list[int]], columns: Sequence[int], cast: Cast | None = None
    ) -> None:
        """Keep these slots alone, in every bitmap of `rows` too: for each new one the old."""
        self._bits = {}
        self.packed = b"".join(self.packed[slot * _SLOT : (slot + 1) * _SLOT] for slot in kept)
        if cast is not None:
            cast.keep(kept)
        for cells in rows:
            for column in columns:
                old = cells[column]
                cells[column] = sum(1 << new for new, slot in enumerate(kept) if old >> slot & 1)
