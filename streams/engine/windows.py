"""Fourth on the path: windows of event time, as one account keeps them: open days, closed days, trailing readings.

A *column* is what is kept of each day: a count of some events, a bitmap of the users who sent them, or a bitmap of the
features they used. Days are UTC. A day is open until the watermark passes its end, then it is closed: sealed into the
cold part of the state, still read by trailing windows, changed only by late events.
"""

from collections.abc import Sequence

from schemas.spans import DAY_MS
from schemas.state import EMPTY, Hot, Readings
from streams.engine.instruments import Sources
from streams.engine.layout import Fold, Kind, Layout, thaw
from streams.engine.trailing import TrailingDays
from streams.engine.usage import grade, learn

MAX_CELL = 1 << 54
"""The greatest sum of one day, of either sign."""


class Windows(TrailingDays):
    """The days of one account, and all that changes them."""

    __slots__ = ()

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

    def grade(self, place: int) -> int:
        """How sure a usage drop was at the last close of a day; 0 for none."""
        grades = self._readings_today().grades
        return grades[place] if grades else 0

    def forget_user(self, user: str) -> None:
        """Take a user out of all that counts users."""
        slot = self.users.known(user).bit_length() - 1
        if slot < 0:
            return
        kept = [other for other in range(len(self.users)) if other != slot]
        self.users.keep(kept, [*self.days.values(), *self.open.values()], self._user_columns, self._cast_or_none)
        self._touched = True
        self._read_anew()

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
        self._write_open()
        self._write_readings()
        return self._pack_cold()

    def _seal(self, day: int, cells: list[int], readings: Readings) -> None:
        self.days[day] = cells
        self._touched = True
        for usage in self._layout.usages:
            learn(self, usage, day, cells)
        past: list[int] = readings.past  # type: ignore[assignment] # live cells are integers
        for place, trailing in enumerate(self._layout.trailing):
            if day > readings.as_of - trailing.days:
                past[place] = trailing.add(past[place], (cells[trailing.column],))

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


def _move_bits(bitmap: int, sources: Sequence[int | None]) -> int:
    return sum(1 << new for new, old in enumerate(sources) if old is not None and bitmap >> old & 1)
