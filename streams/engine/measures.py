"""Fifth on the path: measures, compiled: how each is read, what can change it, and how conditions test it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from schemas.spans import DAY_MS
from streams.engine.layout import Kind
from streams.engine.personas import different, seen_now, users_as
from streams.engine.places import Places
from streams.engine.predicates import Cell, Due, Finding, Leaf
from streams.engine.times import rfc3339
from streams.engine.values import THOUSANDTHS

if TYPE_CHECKING:
    from streams.engine.account import Account

Number = int | float
Read = Callable[["Account"], Number | None]
Window = Callable[["Account"], tuple[int, int]]
NO_CELLS = frozenset[Cell]()


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of an account. None where there is nothing to measure: no condition on it holds then."""

    read: Read
    """As it stands."""
    closed: Read
    """As of the last closed day, where it is read from days."""
    up: frozenset[Cell] = NO_CELLS
    """Touched by an event, these cells can raise it, or make it known."""
    down: frozenset[Cell] = NO_CELLS
    """Touched by an event, these cells can lower it, or make it known."""
    at_close: bool = True
    """The close of a day can change it."""
    due: Due | None = None
    """The next instant at which time alone changes it."""
    window: Window | None = None
    """The days it covers, as the first and the last."""
    parts: Callable[["Account"], Finding] | None = None
    """What else it is told with."""


def told(value: Number | None) -> Number | None:
    """A number as outputs have it: whole if it is, else to four decimals."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value.is_integer() else round(value, 4)


def measures_of(account: "Account") -> dict[str, Number]:
    """Every measure that is known, by name."""
    return readings(account, account.journey.measures)


def readings(account: "Account", measures: Iterable[tuple[str, Measure]]) -> dict[str, Number]:
    """Those of these measures that are known, by name."""
    found = ((name, told(measure.read(account))) for name, measure in measures)
    return {name: value for name, value in found if value is not None}


def compile_measure(name: str, places: Places) -> Measure:
    """Compile a declared measure; asked for twice, it reads the same places."""
    declared = places.journey.measures[name]
    return _COMPILERS[declared.kind](declared, places)


def trailing(index: int) -> Measure:
    """The measure of a trailing reading that events only raise."""
    return Measure(
        lambda account: account.windows.reading(index),
        lambda account: _closed(account, index),
        up=frozenset({("reading", index)}),
        window=lambda account: account.windows.read_over(index),
    )


def reaches(what: Finding, measure: Measure, threshold: float) -> Leaf:
    """The test that a measure is at least so much."""
    read = measure.read

    def holds(account: "Account") -> bool:
        value = read(account)
        return value is not None and value >= threshold

    find = _finder(what, measure, {"at_least": threshold})
    return Leaf(holds, find, due=measure.due, rise=measure.up, fall=measure.down, at_close=measure.at_close)


def falls_below(what: Finding, measure: Measure, threshold: float) -> Leaf:
    """The test that a measure is less than so much."""
    read = measure.read

    def holds(account: "Account") -> bool:
        value = read(account)
        return value is not None and value < threshold

    find = _finder(what, measure, {"below": threshold})
    return Leaf(holds, find, due=measure.due, rise=measure.down, fall=measure.up, at_close=measure.at_close)


def _finder(what: Finding, measure: Measure, bound: Finding) -> Callable[["Account"], Finding]:
    """How a test of a measure is told: its value, its window [start, end), what it is made of, the threshold."""

    def find(account: "Account") -> Finding:
        found: Finding = what | {"value": told(measure.read(account))}
        if measure.parts is not None:
            found |= measure.parts(account)
        if measure.window is not None:
            first, last = measure.window(account)
            found["window"] = {"start": rfc3339(first * DAY_MS), "end": rfc3339((last + 1) * DAY_MS)}
        return found | bound

    return find


def _closed(account: "Account", index: int) -> int:
    closed = account.windows.closed
    return closed[index] if closed else 0


def _counted(declared: file.Measure, places: Places) -> Measure:
    if declared.persona is not None:
        return _users_as(declared, places)
    kind = {"users": Kind.USERS, "features": Kind.FEATURES}.get(declared.kind, Kind.COUNT)
    is_active_days = declared.kind == "active_days"
    return trailing(places.reading(kind, declared.events, declared.window_ms, active_days=is_active_days))


def _users_as(declared: file.Measure, places: Places) -> Measure:
    persona = places.casting.names.index(declared.persona or "")
    index = places.reading(Kind.USERS, declared.events, declared.window_ms)
    told_as: Finding = {"persona": declared.persona}
    return _of_personas(index, (persona,), users_as(persona, index), lambda _: told_as)


def _personas(declared: file.Measure, places: Places) -> Measure:
    index = places.reading(Kind.USERS, declared.events, declared.window_ms)
    everyone = range(len(places.casting.names))
    return _of_personas(index, everyone, different(index), lambda account: {"seen": seen_now(account, index)})


def _of_personas(
    index: int, personas: Iterable[int], read: tuple[Read, Read], parts: Callable[["Account"], Finding]
) -> Measure:
    """A measure of the personas among the users of a reading: events raise it, identify calls turn it either way."""
    roles = frozenset[Cell](("persona", place) for place in personas)
    reading = frozenset[Cell]({("reading", index)})
    return Measure(
        *read,
        up=reading | roles,
        down=roles,
        window=lambda account: account.windows.read_over(index),
        parts=parts,
    )


def _sum(declared: file.Measure, places: Places) -> Measure:
    assert declared.sum is not None
    index = _value_reading(Kind.SUM, declared.sum, declared.window_ms, places)
    cells = frozenset[Cell]({("reading", index)})
    return Measure(
        lambda account: _of_thousandths(max(account.windows.now(index), _closed(account, index))),
        lambda account: _of_thousandths(_closed(account, index)),
        up=cells,
        down=cells,
        window=lambda account: account.windows.read_over(index),
    )


def _mean(declared: file.Measure, places: Places) -> Measure:
    """Of the window that ends today: of two windows the greater would be a mean of neither."""
    assert declared.mean is not None
    total = _value_reading(Kind.SUM, declared.mean, declared.window_ms, places)
    number = _value_reading(Kind.VALUES, declared.mean, declared.window_ms, places)
    cells = frozenset[Cell]({("reading", total), ("reading", number)})
    return Measure(
        lambda account: _share(account.windows.now(total), THOUSANDTHS * account.windows.now(number)),
        lambda account: _share(_closed(account, total), THOUSANDTHS * _closed(account, number)),
        up=cells,
        down=cells,
        window=lambda account: account.windows.now_over(total),
        parts=lambda account: {"values": account.windows.now(number)},
    )


def _last(declared: file.Measure, places: Places) -> Measure:
    assert declared.last is not None
    place, over = places.latest(declared.last), declared.window_ms

    def read(account: "Account") -> Number | None:
        held = account.tallies.latest.get(place)
        return None if held is None or held[0] + over <= account.hot.decided else _of_thousandths(held[1])

    def due(account: "Account") -> int:
        held = account.tallies.latest.get(place)
        return held[0] + over if held is not None and held[0] + over > account.hot.decided else 0

    def parts(account: "Account") -> Finding:
        return {"told_at": rfc3339(account.tallies.latest[place][0])} if read(account) is not None else {}

    cells = frozenset[Cell]({("latest", place)})
    return Measure(read, read, up=cells, down=cells, at_close=False, due=due, parts=parts)


def _value_reading(kind: Kind, value: file.Valued, over_ms: int, places: Places) -> int:
    return places.reading(kind, value.event, over_ms, of=value.property)


def _ratio(declared: file.Measure, places: Places) -> Measure:
    assert declared.ratio is not None
    of, to = compile_measure(declared.ratio.of, places), _denominator(declared.ratio.to, places)
    cells = of.up | of.down | to.up | to.down
    return Measure(
        lambda account: _share(of.read(account), to.read(account)),
        lambda account: _share(of.closed(account), to.closed(account)),
        up=cells,
        down=cells,
        at_close=of.at_close or to.at_close,
        due=_soonest(of.due, to.due),
        window=of.window,
        parts=lambda account: {"of": told(of.read(account)), "to": told(to.read(account))},
    )


def _denominator(to: str | float, places: Places) -> Measure:
    source = places.journey
    if isinstance(to, str) and to in source.measures:
        return compile_measure(to, places)
    if isinstance(to, str) and to in source.traits:
        return _of_trait(list(source.traits).index(to))
    number = len(places.features()) if isinstance(to, str) else to
    return Measure(lambda _: number, lambda _: number, at_close=False)


def _of_trait(place: int) -> Measure:
    def read(account: "Account") -> Number | None:
        value = account.trait(place)
        return value if isinstance(value, int | float) else None

    cells = frozenset[Cell]({("trait", place)})
    return Measure(read, read, up=cells, down=cells, at_close=False)


def _progress(declared: file.Measure, places: Places) -> Measure:
    milestones = list(places.journey.milestones)
    wanted = {milestones.index(name) for name in declared.progress or ()}
    mask = sum(1 << place for place in wanted)

    def read(account: "Account") -> Number:
        return (account.settled & mask).bit_count() / len(wanted)

    return Measure(read, read, up=frozenset(("milestone", place) for place in wanted), at_close=False)


def _share(of: Number | None, to: Number | None) -> float | None:
    return None if of is None or to is None or to <= 0 else of / to


def _of_thousandths(value: int) -> Number:
    return value // THOUSANDTHS if value % THOUSANDTHS == 0 else value / THOUSANDTHS


def _soonest(*dues: Due | None) -> Due | None:
    """The earliest of several instants; 0 means none."""
    given = [due for due in dues if due is not None]
    if not given:
        return None
    return lambda account: min((at for due in given if (at := due(account))), default=0)


_COMPILERS: dict[file.MeasureKind, Callable[[file.Measure, Places], Measure]] = {
    "count": _counted,
    "users": _counted,
    "active_days": _counted,
    "features": _counted,
    "personas": _personas,
    "sum": _sum,
    "mean": _mean,
    "last": _last,
    "ratio": _ratio,
    "progress": _progress,
}
