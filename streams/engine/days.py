"""Fourth on the path, lowest: the days of one account, open and closed, and the users that their bitmaps count."""

from collections.abc import Sequence

import msgspec

from schemas.spans import DAY_MS, HOUR_MS
from schemas.state import Cell, Cold, Hot
from streams.engine.instruments import ALL_ALIVE, Sources
from streams.engine.layout import FIRST, NEW_FEATURE, NEW_USER, Fold, Kind, Layout, freeze, thaw
from streams.engine.personas import Cast
from streams.engine.user_index import UserIndex

_NO_DAYS = Cold().days
_decode_cold = msgspec.msgpack.Decoder(Cold).decode
_decode_days = msgspec.msgpack.Decoder(dict[int, list[Cell]]).decode
_encode = msgspec.msgpack.Encoder().encode


class HeldDays:
    """The days of one account. Closed days stay packed until they are needed."""

    __slots__ = (
        "_bitmaps", "_cast", "_cold", "_days", "_hot", "_layout", "_profiles", "_touched", "_users", "open", "sources",
    )  # fmt: skip

    def __init__(self, layout: Layout, hot: Hot, cold: bytes | None, sources: Sources = ALL_ALIVE) -> None:
        self._layout = layout
        self.sources = sources
        """What the account's partition knows of the sources of its events."""
        self._bitmaps: Sequence[int] = layout.bitmaps
        self._hot = hot
        self._cold = cold
        self._days: dict[int, list[int]] | None = None
        self._users: UserIndex | None = None
        self._cast: Cast | None = None
        self._touched = False
        self._profiles: dict[int, bytes] | None = None
        self.open: dict[int, list[int]] = hot.open  # type: ignore[assignment] # once thawed
        for cells in hot.open.values() if layout.bitmaps else ():
            thaw(cells, layout.bitmaps)

    def count(self, cells: list[int], fold: Fold, user: str) -> int:
        """Count an event into the cells of its day; what news it is to that day."""
        news = 0
        for column in fold.counts:
            if count := cells[column]:
                cells[column] = count + 1
            else:
                cells[column] = news = FIRST
        if fold.users:
            users = self.users if self._users is None else self._users
            if _add(cells, fold.users, users.bit(user)):
                news |= NEW_USER
        if fold.features and _add(cells, fold.features, fold.feature_bit):
            news |= NEW_FEATURE
        return news

    def mark_hour(self, at: int, columns: Sequence[int]) -> None:
        """Note that something happened in an hour of a day that is open."""
        if cells := self.open.get(at // DAY_MS):
            for column in columns:
                cells[column] |= 1 << at // HOUR_MS % 24

    @property
    def is_held(self) -> bool:
        """Whether any day is held, so that closing the next one can change a reading."""
        return bool(self.open or (self._cold if self._days is None else self._days))

    @property
    def days(self) -> dict[int, list[int]]:
        """The closed days held, unpacked at their first use."""
        if self._days is None:
            packed = _decode_cold(self._cold).days if self._cold else _NO_DAYS
            self._days = {day: thaw(cells, self._bitmaps) for day, cells in _decode_days(packed).items()}
        return self._days

    def closed_days(self, column: int, last_day: int, days: int) -> list[int]:
        """One column over closed days up to `last_day`, oldest first, zero where nothing happened."""
        held = self.days
        none: list[int] = []
        return [
            cells[column] if (cells := held.get(day, none)) else 0 for day in range(last_day - days + 1, last_day + 1)
        ]

    @property
    def profiles(self) -> dict[int, bytes]:
        """Profiles of hours by the place of their column, unpacked at their first use."""
        if self._profiles is None:
            self._profiles = _decode_cold(self._cold).profiles if self._cold else {}
        return self._profiles

    @property
    def users(self) -> UserIndex:
        """The users that bitmaps count, unpacked at their first use."""
        if self._users is None:
            self._users = UserIndex(_decode_cold(self._cold).users if self._cold else b"")
        return self._users

    @property
    def cast(self) -> Cast:
        """Who of the users is which persona, unpacked at its first use."""
        if self._cast is None:
            self._cast = self._cast_of(self._layout.user_traits)
        return self._cast

    def learn(self, user: str, trait: int, decides: int, mask: int, at: int) -> None:
        """Learn which of the personas that a trait decides a user is."""
        bit = self.users.bit(user)
        if bit and self.cast.learn(bit.bit_length() - 1, trait, decides, mask, at):
            self._touched = True

    def personas_of(self, user: str) -> int:
        """The personas of a user, as bits."""
        return self.cast.of(self.users.known(user))

    def recast(self, personas: Sequence[int | None], traits: Sequence[int | None], before: int) -> None:
        """Take the personas and traits of a changed journey: for each new place the old one; `before`: old traits."""
        self._cast = self._cast_of(before)
        self._cast.recast(personas, traits, len(self.users))

    def _write_open(self) -> None:
        bitmaps = self._layout.bitmaps
        if bitmaps:
            self._hot.open = {day: freeze(cells, bitmaps) for day, cells in self.open.items()}

    def _pack_cold(self) -> bytes | None:
        """The cold bytes if they changed, empty if nothing is held."""
        layout = self._layout
        if not self._touched and (self._users is None or not self._users.has_grown):
            return None
        days, users = self.days, self.users.packed
        if not days and not users:
            return b""
        packed = _encode({day: freeze(cells, layout.bitmaps) for day, cells in days.items()})
        if not layout.personas:
            return _encode(Cold(users=users, days=msgspec.Raw(packed), profiles=self.profiles))
        bitmaps = [bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little") for bitmap in self.cast.bitmaps]
        days_packed, told = msgspec.Raw(packed), self.cast.told
        return _encode(Cold(users=users, days=days_packed, personas=bitmaps, told=told, profiles=self.profiles))

    def _row(self, days: dict[int, list[int]], day: int) -> list[int]:
        cells = days.get(day)
        if cells is None:
            cells = days[day] = [0] * len(self._layout.columns)
        return cells

    def _cast_of(self, traits: int) -> Cast:
        cold = _decode_cold(self._cold) if self._cold else Cold()
        bitmaps = [int.from_bytes(bitmap, "little") for bitmap in cold.personas]
        return Cast(bitmaps + [0] * (self._layout.personas - len(bitmaps)), cold.told, traits)

    @property
    def _user_columns(self) -> list[int]:
        """The columns that are bitmaps of users."""
        return [place for place in self._layout.bitmaps if self._layout.columns[place].kind is Kind.USERS]

    @property
    def _cast_or_none(self) -> Cast | None:
        return self.cast if self._layout.personas else None


def _add(cells: list[int], columns: Sequence[int], bit: int) -> bool:
    """Set a bit in some cells; True if any had it not."""
    is_new = False
    for column in columns:
        cell = cells[column]
        if not cell & bit:
            cells[column] = cell | bit
            is_new = True
    return is_new
