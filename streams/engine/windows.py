"""Fourth on the path: windows of event time, as one account keeps them: open days, closed days, trailing readings.

A *column* is what is kept of each day: a count of some events, a bitmap of the users who sent them, or a bitmap of the
features they used. Days are UTC. A day is open until the watermark passes its end, then it is closed: sealed into the
cold part of the state, still read by trailing windows, changed only by late events.
"""

from collections.abc import Sequence

import msgspec

from schemas.spans import DAY_MS, HOUR_MS
from schemas.state import EMPTY, Cell, Cold, Hot, Readings
from streams.engine.instruments import ALL_ALIVE, Sources
from streams.engine.layout import FIRST, NEW_FEATURE, NEW_USER, Fold, Kind, Layout, Trailing, freeze, thaw
from streams.engine.personas import Cast
from streams.engine.usage import grade, learn, may_rise
from streams.engine.user_index import UserIndex

MAX_CELL = 1 << 54
"""The greatest sum of one day, of either sign."""

_NO_DAYS = Cold().days
_decode_cold = msgspec.msgpack.Decoder(Cold).decode
_decode_readings = msgspec.msgpack.Decoder(Readings).decode
_decode_days = msgspec.msgpack.Decoder(dict[int, list[Cell]]).decode
_encode = msgspec.msgpack.Encoder().encode


class Windows:
    """The days of one account. Closed days and readings stay packed until they are needed."""

    __slots__ = (
        "_bitmaps", "_cast", "_closed_users", "_cold", "_days", "_hot", "_layout", "_profiles", "_readings", "_touched",
        "_users", "open", "sources",
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
        self._closed_users: dict[int, int] = {}
        """Trailing bitmaps of users as of the last closed day; forgotten when it changes."""
        self._readings: Readings | None = None
        self._touched = False
        self._profiles: dict[int, bytes] | None = None
        self.open: dict[int, list[int]] = hot.open  # type: ignore[assignment] # once thawed
        for cells in hot.open.values() if layout.bitmaps else ():
            thaw(cells, layout.bitmaps)

    @classmethod
    def stored_otherwise(
        cls, layout: Layout, hot: Hot, cold: bytes | None, bitmaps: Sequence[int], sources: Sources
    ) -> "Windows":
        """Days as another journey laid them out, with its `bitmaps`: to be rearranged before anything else."""
        hot.readings = EMPTY
        held, hot.open = hot.open, {}
        windows = cls(layout, hot, cold, sources)
        windows._bitmaps = bitmaps
        windows.open.update({day: thaw(cells, bitmaps) for day, cells in held.items()})
        return windows

    def fold(self, at: int, fold: Fold, user: str) -> bool:
        """Count an event on its day; False where the day is no longer held, and nothing was counted."""
        day, first_open = at // DAY_MS, self._hot.decided // DAY_MS
        if day >= first_open:
            self.count(self._row(self.open, day), fold, user)
            return True
        if day < first_open - self._layout.days:
            return False
        self.count(self._row(self.days, day), fold, user)
        self._touched = True
        self._read_anew()
        return True

    def add(self, at: int, column: int, amount: int) -> None:
        """Add to the column of a day on which something was counted; nothing if that is no longer held."""
        day = at // DAY_MS
        cells = self.open.get(day)
        if cells is not None:
            cells[column] = _bounded(cells[column] + amount)
        elif (cells := self.days.get(day)) is not None:
            cells[column] = _bounded(cells[column] + amount)
            self._touched = True
            self._read_anew()

    def close(self, day: int) -> bool:
        """Close a day whose end the watermark has passed; True if anything happened on it, or a reading changed."""
        readings = self._readings_today()
        cells = self.open.pop(day, None)
        if cells is not None:
            self._seal(day, cells, readings)
        before = readings.closed
        readings.closed = self._closed_on(day, readings)
        self._closed_users.clear()
        if self._layout.usages:
            readings.grades = self._grades(day)
        self._forget(day - self._layout.days)
        return cells is not None or readings.closed != (before or [0] * len(readings.closed))

    def _seal(self, day: int, cells: list[int], readings: Readings) -> None:
        self.days[day] = cells
        self._touched = True
        for usage in self._layout.usages:
            learn(self, usage, day, cells)
        past: list[int] = readings.past  # type: ignore[assignment] # live cells are integers
        for place, trailing in enumerate(self._layout.trailing):
            if day > readings.as_of - trailing.days:
                past[place] = trailing.add(past[place], (cells[trailing.column],))

    @property
    def is_held(self) -> bool:
        """Whether any day is held, so that closing the next one can change a reading."""
        return bool(self.open or (self._cold if self._days is None else self._days))

    def reading(self, index: int) -> int:
        """A measure as it stands: the greater of the last closed day's reading and that of the days so far.

        At the start of a day a trailing window has lost a day and gained only a morning: by the greater of the
        two nothing seems to fall before the day has closed.
        """
        readings = self._readings_today()
        now, closed = self._now(index, readings), readings.closed
        return closed[index] if closed and closed[index] > now else now

    def now(self, index: int) -> int:
        """A trailing reading of the days so far."""
        return self._now(index, self._readings_today())

    def now_over(self, index: int) -> tuple[int, int]:
        """The window of `now`, as the first and the last day it covers."""
        last = self._readings_today().as_of
        return max(0, last - self._layout.trailing[index].days + 1), last

    @property
    def closed(self) -> list[int]:
        """Every trailing reading as of the last closed day; empty before the first."""
        return self._readings_today().closed

    def read_over(self, index: int) -> tuple[int, int]:
        """The window of `reading`, as the first and the last day it covers."""
        readings = self._readings_today()
        is_closed = bool(readings.closed) and readings.closed[index] >= self._now(index, readings)
        last = self._hot.decided // DAY_MS - 1 if is_closed else readings.as_of
        return max(0, last - self._layout.trailing[index].days + 1), last

    def closed_days(self, column: int, last_day: int, days: int) -> list[int]:
        """One column over closed days up to `last_day`, oldest first, zero where nothing happened."""
        held = self.days
        none: list[int] = []
        return [
            cells[column] if (cells := held.get(day, none)) else 0 for day in range(last_day - days + 1, last_day + 1)
        ]

    @property
    def days(self) -> dict[int, list[int]]:
        """The closed days held, unpacked at their first use."""
        if self._days is None:
            packed = _decode_cold(self._cold).days if self._cold else _NO_DAYS
            self._days = {day: thaw(cells, self._bitmaps) for day, cells in _decode_days(packed).items()}
        return self._days

    @property
    def profiles(self) -> dict[int, bytes]:
        """Profiles of hours by the place of their column, unpacked at their first use."""
        if self._profiles is None:
            self._profiles = _decode_cold(self._cold).profiles if self._cold else {}
        return self._profiles

    def grade(self, place: int) -> int:
        """How sure a usage drop was at the last close of a day; 0 for none."""
        grades = self._readings_today().grades
        return grades[place] if grades else 0

    def may_drop(self, day: int) -> bool:
        """Whether the close of a day may make a usage drop surer, if no source was dark on it."""
        usages, born_at = self._layout.usages, self._hot.born_at
        return any(u.sources and may_rise(self, u, place, day, born_at) for place, u in enumerate(usages))

    def mark_hour(self, at: int, columns: Sequence[int]) -> None:
        """Note that something happened in an hour of a day that is open."""
        if cells := self.open.get(at // DAY_MS):
            for column in columns:
                cells[column] |= 1 << at // HOUR_MS % 24

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

    def _cast_of(self, traits: int) -> Cast:
        cold = _decode_cold(self._cold) if self._cold else Cold()
        bitmaps = [int.from_bytes(bitmap, "little") for bitmap in cold.personas]
        return Cast(bitmaps + [0] * (self._layout.personas - len(bitmaps)), cold.told, traits)

    def learn(self, user: str, trait: int, decides: int, mask: int, at: int) -> None:
        """Learn which of the personas that a trait decides a user is."""
        bit = self.users.bit(user)
        if bit and self.cast.learn(bit.bit_length() - 1, trait, decides, mask, at):
            self._touched = True

    def personas_of(self, user: str) -> int:
        """The personas of a user, as bits."""
        return self.cast.of(self.users.known(user))

    def forget_user(self, user: str) -> None:
        """Take a user out of all that counts users."""
        slot = self.users.known(user).bit_length() - 1
        if slot < 0:
            return
        kept = [other for other in range(len(self.users)) if other != slot]
        self.users.keep(kept, [*self.days.values(), *self.open.values()], self._user_columns, self._cast_or_none)
        self._touched = True
        self._read_anew()

    def users_now(self, index: int) -> int:
        """The users of a trailing reading of the days so far, as bits."""
        return self._cell_now(index, self._readings_today())

    def closed_users(self, index: int) -> int:
        """The users of a trailing reading as of the last closed day, as bits."""
        held = self._closed_users
        if index not in held:
            held[index] = self._fold_days(self._layout.trailing[index], self._hot.decided // DAY_MS - 1)
        return held[index]

    def recast(self, personas: Sequence[int | None], traits: Sequence[int | None], before: int) -> None:
        """Take the personas and traits of a changed journey: for each new place the old one; `before`: old traits."""
        self._cast = self._cast_of(before)
        self._cast.recast(personas, traits, len(self.users))

    def rearrange(self, columns: Sequence[int | None], features: Sequence[int | None]) -> None:
        """Give every day the columns and feature bits of a changed journey: for each new place the old one, if any."""
        kinds = [column.kind for column in self._layout.columns]
        for days in (self.days, self.open):
            for day, cells in days.items():
                moved = [0 if place is None else cells[place] for place in columns]
                days[day] = [
                    _move_bits(cell, features) if kind is Kind.FEATURES else cell
                    for cell, kind in zip(moved, kinds, strict=True)
                ]
        places = {old: new for new, old in enumerate(columns) if old is not None}
        self._profiles = {places[old]: profile for old, profile in self.profiles.items() if old in places}
        self._bitmaps = self._layout.bitmaps
        self._touched = True
        self._read_anew()

    def pack(self) -> bytes | None:
        """Write the live days back into the hot part; the cold bytes if they changed, empty if nothing is held."""
        hot, layout = self._hot, self._layout
        if layout.bitmaps:
            hot.open = {day: freeze(cells, layout.bitmaps) for day, cells in self.open.items()}
        if (live := self._readings) is not None:
            past = freeze(live.past, layout.folded_bitmaps)  # type: ignore[arg-type] # live cells are integers
            hot.readings = msgspec.Raw(_encode(Readings(live.as_of, past, live.closed, live.grades)))
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

    def _forget(self, day: int) -> None:
        """Forget the days up to one that no window reaches any more, and users whom only they knew."""
        days = self.days
        outdated = [held for held in days if held <= day]
        for held in outdated:
            del days[held]
        if outdated:
            self._touched = True
            self._forget_users()

    def _forget_users(self) -> None:
        columns = self._user_columns
        if columns and self.users.forget([*self.days.values(), *self.open.values()], columns, self._cast_or_none):
            self._read_anew()

    @property
    def _user_columns(self) -> list[int]:
        """The columns that are bitmaps of users."""
        return [place for place in self._layout.bitmaps if self._layout.columns[place].kind is Kind.USERS]

    @property
    def _cast_or_none(self) -> Cast | None:
        return self.cast if self._layout.personas else None

    def _now(self, index: int, readings: Readings) -> int:
        """A trailing reading on the day `as_of`."""
        cell = self._cell_now(index, readings)
        return cell.bit_count() if self._layout.trailing[index].is_bitmap else cell

    def _cell_now(self, index: int, readings: Readings) -> int:
        """What closed days bring to a trailing reading on the day `as_of`, and the open days."""
        trailing = self._layout.trailing[index]
        column, first = trailing.column, readings.as_of - trailing.days
        cell: int = readings.past[index]  # type: ignore[assignment] # live cells are integers
        is_bitmap, active_days = trailing.is_bitmap, trailing.active_days
        for day, cells in self.open.items():
            if day <= first:
                continue
            if is_bitmap:
                cell |= cells[column]
            else:
                cell += (cells[column] != 0) if active_days else cells[column]
        return cell

    def _readings_today(self) -> Readings:
        """The readings, moved on to the day the account lives in."""
        readings, hot = self._readings, self._hot
        if readings is None:
            readings = self._readings = _decode_readings(hot.readings)
            thaw(readings.past, self._layout.folded_bitmaps)
        today = (hot.at if hot.at > hot.decided else hot.decided) // DAY_MS
        if readings.as_of != today:
            self._move(readings, today)
        return readings

    def _move(self, readings: Readings, today: int) -> None:
        """Let windows end on another day."""
        if readings.past and today == readings.as_of + 1:
            self._move_by_a_day(readings.past, today)  # type: ignore[arg-type] # live cells are integers
        else:
            readings.past = [self._fold_days(trailing, today) for trailing in self._layout.trailing]
        readings.as_of = today

    def _move_by_a_day(self, past: list[int], today: int) -> None:
        """Take from each window the day it loses; a bitmap that held anyone then is folded anew."""
        days = self.days
        for place, trailing in enumerate(self._layout.trailing):
            lost = days.get(today - trailing.days)
            if lost is None or not (cell := lost[trailing.column]):
                continue
            if trailing.is_bitmap:
                past[place] = self._fold_days(trailing, today)
            else:
                past[place] -= 1 if trailing.active_days else cell

    def _fold_days(self, trailing: Trailing, last: int) -> int:
        """Fold the closed days of a window that ends on a day."""
        days, column = self.days, trailing.column
        if len(days) < trailing.days:
            return trailing.add(0, [c[column] for day, c in days.items() if last - trailing.days < day <= last])
        window = range(last - trailing.days + 1, last + 1)
        return trailing.add(0, [cells[column] for day in window if (cells := days.get(day))])

    def _closed_on(self, day: int, readings: Readings) -> list[int]:
        """Every trailing window as of a closed day: what `past` has of it, and the day that windows then lost."""
        if readings.as_of != day + 1:
            return [t.read(self._fold_days(t, day)) for t in self._layout.trailing]
        found = []
        for trailing, cell in zip(self._layout.trailing, readings.past, strict=True):
            cells = self.days.get(day - trailing.days + 1)
            found.append(trailing.read(trailing.add(cell, (cells[trailing.column],)) if cells else cell))  # type: ignore[arg-type]
        return found

    def _grades(self, last_day: int) -> list[int]:
        return [grade(self, usage, last_day, self._hot.born_at) for usage in self._layout.usages]

    def _read_anew(self) -> None:
        """Read everything again after a closed day, or what cells mean, has changed."""
        self._closed_users.clear()
        readings = self._readings = Readings()
        self._readings_today()
        last = self._hot.decided // DAY_MS - 1
        readings.grades = self._grades(last)
        readings.closed = [t.read(self._fold_days(t, last)) for t in self._layout.trailing]


def _bounded(cell: int) -> int:
    """Within what the sum over the days of a window can still be written with."""
    return max(-MAX_CELL, min(MAX_CELL, cell))


def _add(cells: list[int], columns: Sequence[int], bit: int) -> bool:
    """Set a bit in some cells; True if any had it not."""
    is_new = False
    for column in columns:
        cell = cells[column]
        if not cell & bit:
            cells[column] = cell | bit
            is_new = True
    return is_new


def _move_bits(bitmap: int, sources: Sequence[int | None]) -> int:
    return sum(1 << new for new, old in enumerate(sources) if old is not None and bitmap >> old & 1)
