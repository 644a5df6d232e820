"""Beside the path: measures, one compiler for each kind that a journey can declare."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from schemas import journey as file
from streams.engine.durations import number_open, oldest_open, resolution, session_time
from streams.engine.layout import Kind
from streams.engine.measures import Measure, Number, Read, closed_reading, mean_of, share, told, trailing
from streams.engine.personas import different, seen_now, users_as
from streams.engine.places import Places
from streams.engine.predicates import Cell, Due, Finding
from streams.engine.times import rfc3339
from streams.engine.values import THOUSANDTHS

if TYPE_CHECKING:
    from streams.engine.account import Account


def compile_measure(name: str, places: Places) -> Measure:
    """Compile a declared measure; asked for twice, it reads the same places."""
    declared = places.journey.measures[name]
    return _COMPILERS[declared.kind](declared, places)


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
        lambda account: _of_thousandths(max(account.windows.now(index), closed_reading(account, index))),
        lambda account: _of_thousandths(closed_reading(account, index)),
        up=cells,
        down=cells,
        window=lambda account: account.windows.read_over(index),
    )


def _mean(declared: file.Measure, places: Places) -> Measure:
    """Of the window that ends today: of two windows the greater would be a mean of neither."""
    assert declared.mean is not None
    total = _value_reading(Kind.SUM, declared.mean, declared.window_ms, places)
    number = _value_reading(Kind.VALUES, declared.mean, declared.window_ms, places)
    return mean_of(total, number, unit=THOUSANDTHS, of="values")


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
        lambda account: share(of.read(account), to.read(account)),
        lambda account: share(of.closed(account), to.closed(account)),
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
    "session_time": session_time,
    "open": number_open,
    "oldest_open": oldest_open,
    "resolution": resolution,
}
