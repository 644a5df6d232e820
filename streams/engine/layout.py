"""What accounts keep of their days, as a journey lays it out: columns, and the trailing windows read from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from schemas.state import Cell

_WORD = 1 << 63


class Kind(Enum):
    """What a column holds of a day, and so how days are added up.

    SUM is of a property, in thousandths, and VALUES is how many events carried it. TIME is that of visits, in ms; TOOK
    is how long what was closed had been open, in ms, and CLOSED how many that were. HOURS is in which
    hours of an open day anything happened, as bits; a closed one holds none.
    """

    COUNT = "count"
    SUM = "sum"
    VALUES = "values"
    TIME = "time"
    TOOK = "took"
    CLOSED = "closed"
    USERS = "users"
    FEATURES = "features"
    HOURS = "hours"


FIRST, NEW_USER, NEW_FEATURE = 1, 2, 4
"""What an event can be to its day, as bits: the first of some events, or the first of a user or of a feature."""
ALL_NEWS = 7

NOTED = (Kind.SUM, Kind.VALUES, Kind.TIME, Kind.TOOK, Kind.CLOSED)
"""Columns that notes fill rather than counting."""


@dataclass(frozen=True, slots=True)
class Column:
    """One thing kept of each day, over a set of events."""

    kind: Kind
    events: tuple[str, ...]
    of: str = ""
    """The property that is summed."""

    @property
    def is_bitmap(self) -> bool:
        """Whether days are joined rather than added."""
        return self.kind in (Kind.USERS, Kind.FEATURES)

    @property
    def key(self) -> str:
        """Names the column in a `Vocabulary`: the same definition finds its past again in a changed journey."""
        return f"{self.kind.value}:{'|'.join(self.events)}" + (f"@{self.of}" if self.of else "")


def is_bitmap(key: str) -> bool:
    """Whether the column of a key holds bitmaps."""
    return key.startswith((f"{Kind.USERS.value}:", f"{Kind.FEATURES.value}:"))


@dataclass(frozen=True, slots=True)
class Trailing:
    """A reading over the last `days` days of one column. `active_days` counts the days on which it is not zero."""

    column: int
    days: int
    active_days: bool = False
    is_bitmap: bool = False

    def add(self, past: int, cells: Iterable[int]) -> int:
        """Fold days into one cell: a sum, a number of days, or the union of bitmaps."""
        if self.is_bitmap:
            for cell in cells:
                past |= cell
            return past
        return past + sum(1 for cell in cells if cell) if self.active_days else past + sum(cells)

    def read(self, cell: int) -> int:
        """The number a folded cell stands for."""
        return cell.bit_count() if self.is_bitmap else cell


@dataclass(frozen=True, slots=True)
class Usage:
    """The columns that watching for a usage drop reads."""

    counts: int
    hours: int
    sources: tuple[str, ...] = ()
    """The watched sources that its events come from: where one is dark, nothing is told of it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What every account of a journey keeps of its days: the columns, the readings on them, and for how long."""

    columns: tuple[Column, ...]
    trailing: tuple[Trailing, ...]
    days: int
    """How many closed days are held: enough for the longest window and baseline."""
    bitmaps: tuple[int, ...] = ()
    """The columns that are bitmaps, and may outgrow an integer of the state record."""
    folded_bitmaps: tuple[int, ...] = ()
    """The same of the trailing readings."""
    personas: int = 0
    user_traits: int = 0
    """How many personas there are, and how many traits of users decide them."""
    usages: tuple[Usage, ...] = ()
    """What is watched for a usage drop: judged at the close of each day."""


@dataclass(frozen=True, slots=True)
class Fold:
    """What one event name does to the columns of its day."""

    counts: tuple[int, ...] = ()
    users: tuple[int, ...] = ()
    features: tuple[int, ...] = ()
    feature_bit: int = 0
    hours: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    """The columns of properties it may carry: `Touch.notes` fills them."""


def freeze(cells: list[int], bitmaps: Sequence[int]) -> list[Cell]:
    """Cells as msgpack can carry them: bitmaps past 63 bits become bytes."""
    frozen: list[Cell] = cells  # type: ignore[assignment]
    for place in bitmaps if cells else ():
        cell = cells[place]
        if cell >= _WORD:
            frozen = list(frozen) if frozen is cells else frozen
            frozen[place] = cell.to_bytes((cell.bit_length() + 7) // 8, "little")
    return frozen


def thaw(cells: list[Cell], bitmaps: Sequence[int]) -> list[int]:
    """The opposite of `freeze`, in place."""
    for place in bitmaps if cells else ():
        cell = cells[place]
        if isinstance(cell, bytes):
            cells[place] = int.from_bytes(cell, "little")
    return cells  # type: ignore[return-value]
