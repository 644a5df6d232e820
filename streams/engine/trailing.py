"""Fourth on the path, in the middle: trailing windows over the days of one account, read and moved on day by day."""

import msgspec

from schemas.spans import DAY_MS
from schemas.state import Hot, Readings
from streams.engine.days import HeldDays
from streams.engine.instruments import ALL_ALIVE, Sources
from streams.engine.layout import Layout, Trailing, freeze, thaw

_decode_readings = msgspec.msgpack.Decoder(Readings).decode
_encode = msgspec.msgpack.Encoder().encode


class TrailingDays(HeldDays):
    """Days, and what trailing windows read of them. Readings stay packed until they are needed."""

    __slots__ = ("_closed_users", "_readings")

    def __init__(self, layout: Layout, hot: Hot, cold: bytes | None, sources: Sources = ALL_ALIVE) -> None:
        super().__init__(layout, hot, cold, sources)
        self._closed_users: dict[int, int] = {}
        """Trailing bitmaps of users as of the last closed day; forgotten when it changes."""
        self._readings: Readings | None = None

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

    def users_now(self, index: int) -> int:
        """The users of a trailing reading of the days so far, as bits."""
        return self._cell_now(index, self._readings_today())

    def closed_users(self, index: int) -> int:
        """The users of a trailing reading as of the last closed day, as bits."""
        held = self._closed_users
        if index not in held:
            held[index] = self._fold_days(self._layout.trailing[index], self._hot.decided // DAY_MS - 1)
        return held[index]

    def _write_readings(self) -> None:
        if (live := self._readings) is not None:
            past = freeze(live.past, self._layout.folded_bitmaps)  # type: ignore[arg-type] # live cells are integers
            self._hot.readings = msgspec.Raw(_encode(Readings(live.as_of, past, live.closed, live.grades)))

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
