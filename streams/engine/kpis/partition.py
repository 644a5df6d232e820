"""The sums of all facts, day by day, and the figures read from them once a day, a week or a month is whole.

A fact is added to the sums of its day. A day is closed once the clock has passed its end by the allowed lateness: by
then no fact can come from within it (`facts`). A closed day is added to its week and its month, and what it changed
to the levels.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from schemas.spans import DAY_MS
from schemas.state import Figures
from streams.engine.clock import Clock, Progress, decode_progress, unpack_clock
from streams.engine.ids import output_id
from streams.engine.kpis.catalogue import told
from streams.engine.kpis.declared import Kpis
from streams.engine.kpis.figure import Figure, View
from streams.engine.kpis.periods import Length, Period, month_of, period
from streams.engine.kpis.sheet import ALL, Sheet, cuts
from streams.engine.message import Message, dead_letter
from streams.engine.outputs import DeadLetter, Fact, FigureClosed, Output
from streams.engine.rejection import Reason, Rejected
from streams.engine.sightings import Seen

CLOCK, STATE, DAY, LEVELS, OPENING, SUMS = b"k", b"s", b"d", b"l", b"o", b"p"
"""The first byte of a changelog key says what the record is; then the day or the length of the period, and the cut."""

OPENED = ("=mrr", "=paying")
"""The levels that figures compare with how they were as the period opened."""

_encode = msgspec.msgpack.Encoder().encode
_decode_fact = msgspec.msgpack.Decoder(Fact).decode
_decode_state = msgspec.msgpack.Decoder(Figures).decode
_decode_sums = msgspec.msgpack.Decoder(dict[str, int]).decode


class KpiPartition:
    """The one partition of `journey.kpi-facts`. See `streams.engine.message.Keyed` for what the runtime may expect."""

    def __init__(self, kpis: Kpis, lateness_ms: int) -> None:
        self._kpis = told(kpis)
        self._lateness_ms = lateness_ms
        self._clock = Clock()
        self._told = 0
        self._state = Figures()
        self._days: dict[int, Sheet] = {}
        """The days that are not closed; few, unless one account is far ahead of the clock."""
        self._closed: list[tuple[int, str]] = []
        """The cuts of days closed since they were last written down."""
        self._levels = Sheet()
        self._openings = {length: Sheet() for length in Length}
        self._sums = {length: Sheet() for length in Length}
        self._counts: Counter[str] = Counter()

    @property
    def clock(self) -> int:
        """The arrival clock in UTC ms: the least of those of the partitions of accounts."""
        return self._clock.now

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `None` is a tombstone."""
        if key == CLOCK and value:
            self._clock = Clock(unpack_clock(value))
        elif key == STATE and value:
            self._state = _decode_state(value)
        elif key[:1] == DAY:
            _put(self._days.setdefault(int.from_bytes(key[1:5], "big"), Sheet()), key[5:], value)
        elif key[:1] == LEVELS:
            _put(self._levels, key[1:], value)
        elif key[:1] in (OPENING, SUMS):
            sheets = self._openings if key[:1] == OPENING else self._sums
            length, _, cut = key[1:].partition(b":")
            _put(sheets[Length(length.decode())], cut, value)

    def ready(self) -> None:
        """Drop the days of which nothing is left."""
        self._days = {day: sheet for day, sheet in self._days.items() if sheet.sums}

    def hear(self, progress: Progress) -> None:
        """Take what the partitions of accounts know of time."""
        self._clock.hear(progress)

    def tick(self, clock: int) -> None:
        """Nothing: the clock is told in band."""

    def receive(self, messages: Sequence[Message]) -> list[Output]:
        """Add the facts of a batch."""
        return [letter for message in messages for letter in self._take(message)]

    def _take(self, message: Message) -> Iterator[DeadLetter]:
        if message.offset < self._state.applied:
            return
        self._state.applied = message.offset + 1
        if message.key is None and (progress := decode_progress(message.value)) is not None:
            self.hear(progress)
            return
        try:
            self.add(_decode_fact(message.value or b""))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._counts["dead_letter"] += 1
            yield dead_letter(message, Rejected(Reason.BAD_FACT, Reason.BAD_FACT.meaning))

    def add(self, fact: Fact) -> None:
        """Add a fact to the sums of its day, in each of its cuts."""
        self._counts["applied"] += 1
        sheet = self._days.setdefault(max(fact.at // DAY_MS, self._state.day), Sheet())
        for cut in cuts(fact):
            sheet.add(cut, fact.counts.items())

    def advance(self, limit: int) -> list[Output]:  # noqa: ARG002  one day is work enough
        """Close the next day, if the clock has passed it."""
        if not self.is_due:
            return []
        day = self._next_day
        self._state.day = day + 1
        return list(self._close(day))

    @property
    def is_due(self) -> bool:
        """Whether the clock has passed the end of a day."""
        day = self._next_day
        return day >= 0 and self._clock.now - self._lateness_ms >= (day + 1) * DAY_MS

    can_wait = False

    @property
    def _next_day(self) -> int:
        """The first day that is not closed; -1 while there is nothing to close."""
        return self._state.day if self._state.day >= 0 else min(self._days, default=-1)

    def _close(self, day: int) -> Iterator[FigureClosed]:
        sheet = self._days.pop(day, Sheet())
        self._closed += [(day, cut) for cut in sheet.sums]
        self._levels.age(month_of(day * DAY_MS))
        periods = [period(length, day) for length in Length]
        for one in periods:
            if one.first == day or not self._sums[one.length].sums:
                self._open(one.length)
        for cut, counts in sheet.sums.items():
            self._levels.add(cut, (sum_ for sum_ in counts.items() if sum_[0].startswith("=")))
        for one in periods:
            self._sum(self._sums[one.length], sheet)
            if one.end == day + 1:
                yield from self._figures(one)
                self._sums[one.length].forget()

    def _open(self, length: Length) -> None:
        """Note how things stand as a period opens."""
        opening = self._openings[length]
        opening.forget()
        for cut, levels in self._levels.sums.items():
            opening.add(cut, ((name, levels[name]) for name in OPENED if levels.get(name)))

    def _sum(self, sums: Sheet, sheet: Sheet) -> None:
        """Add a closed day to its period: what happened on it, and how its active users stood."""
        for cut, counts in sheet.sums.items():
            sums.add(cut, (sum_ for sum_ in counts.items() if not sum_[0].startswith("=")))
        for cut, levels in self._levels.sums.items():
            stood = [(f"sum.{name}", levels.get(f"={name}", 0)) for name in ("daily", "weekly", "monthly")]
            sums.add(cut, [("days", 1), *stood])

    def _figures(self, one: Period) -> Iterator[FigureClosed]:
        sums = self._sums[one.length].sums
        for cut in sorted(sums.keys() | self._levels.sums.keys()):
            view = View(one.length, sums.get(cut, {}), self._openings[one.length].of(cut), self._levels.of(cut))
            for kpi in self._kpis:
                for figure in kpi.figures(view):
                    yield _closed(one, cut, kpi.name, kpi.unit, figure)

    def running(self) -> Iterator[tuple[str, str, str, float]]:
        """KPI, what it is of, length of period, and value so far, over all accounts, of each period not yet closed."""
        last = max(self._days, default=self._state.day)
        for length in Length:
            inside = [sheet.of(ALL) for day, sheet in self._days.items() if period(length, day) == period(length, last)]
            open_days: Counter[str] = Counter()
            for counts in inside:
                open_days.update(counts)
            levels = Counter(self._levels.of(ALL))
            levels.update({name: count for name, count in open_days.items() if name.startswith("=")})
            happened = Counter(self._sums[length].of(ALL))
            happened.update(open_days)
            view = View(length, happened, self._openings[length].of(ALL), levels)
            for kpi in self._kpis:
                for figure in kpi.figures(view):
                    yield kpi.name, figure.of or "", length.value, figure.value

    def changes(self) -> Iterable[tuple[bytes, bytes | None]]:
        """The changelog records of all that changed since the last call."""
        if self._told != self._clock.now:
            self._told = self._clock.now
            yield CLOCK, _encode(self._clock.state)
        yield STATE, _encode(self._state)
        for day, cut in self._closed:
            yield _day_key(day, cut), None
        self._closed = []
        for day, sheet in self._days.items():
            yield from _written(sheet, _day_key(day, ""))
        yield from _written(self._levels, LEVELS)
        for length in Length:
            yield from _written(self._openings[length], OPENING + length.encode() + b":")
            yield from _written(self._sums[length], SUMS + length.encode() + b":")

    def sightings(self) -> Seen:
        """Nothing: sources are the users' concern."""
        return {}

    def dispositions(self) -> Mapping[str, int]:
        """How many messages ended as each disposition since the last call."""
        counts, self._counts = self._counts, Counter()
        return counts

    def warnings(self) -> Mapping[str, int]:
        """None: facts are our own."""
        return {}

    def __len__(self) -> int:
        """How many cuts are held."""
        return len(self._levels.sums)


def _closed(one: Period, cut: str, kpi: str, unit: str, figure: Figure) -> FigureClosed:
    return FigureClosed(
        id=output_id(f"kpis.{kpi}", f"{one.length}|{cut}", one.first, figure.of or ""),
        kpi=kpi,
        of=figure.of,
        length=one.length.value,
        start_at=one.start_at,
        end_at=one.end_at,
        cut=cut,
        unit=unit,
        value=figure.value,
        numerator=figure.numerator,
        denominator=figure.denominator,
        quantiles=figure.quantiles,
    )


def _day_key(day: int, cut: str) -> bytes:
    return DAY + day.to_bytes(4, "big") + cut.encode()


def _put(sheet: Sheet, cut: bytes, value: bytes | None) -> None:
    if value:
        sheet.sums[cut.decode()] = _decode_sums(value)
    else:
        sheet.sums.pop(cut.decode(), None)


def _written(sheet: Sheet, prefix: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """The records of the cuts that changed, and tombstones of those that are gone."""
    for cut in sorted(sheet.changed):
        sums = sheet.sums.get(cut)
        yield prefix + cut.encode(), None if sums is None else _encode(sums)
    sheet.changed = set()
