"""Health and the drivers of churn: read as days close, kept until the next one, told with the account."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from schemas.state import Vitals
from streams.engine.measure_kinds import compile_measure
from streams.engine.outputs import DriverFound, Health
from streams.engine.places import Places
from streams.engine.predicates import Cell, Finding, Leaf, Predicate

if TYPE_CHECKING:
    from streams.engine.account import Account

UNKNOWN = -1
HEALTH: frozenset[Cell] = frozenset({("health", 0)})

Compile = Callable[[file.Condition, Places], Predicate]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the score; `points` are 0 to 100, or UNKNOWN."""

    name: str
    weight: float
    points: Callable[["Account"], int]


@dataclass(frozen=True, slots=True)
class Driver:
    """A reason for which accounts churn."""

    name: str
    risk: float
    when: Predicate


@dataclass(frozen=True, slots=True)
class Vital:
    """What a journey declares of health and drivers."""

    parts: tuple[Part, ...]
    drivers: tuple[Driver, ...]
    mrr: int | None
    """The place of the trait that holds revenue."""
    conditions: tuple[Predicate, ...]
    """All of theirs: time alone may change one."""


def compile_vital(source: file.Journey, places: Places, compile_condition: Compile) -> Vital | None:
    """Compile `health` and `drivers`; None where neither is declared."""
    if not source.health and not source.drivers:
        return None
    conditions: list[Predicate] = []

    def compiled(condition: file.Condition) -> Predicate:
        conditions.append(compile_condition(condition, places))
        return conditions[-1]

    parts = tuple(Part(name, part.weight, _points(part, places, compiled)) for name, part in source.health.items())
    drivers = tuple(Driver(name, driver.risk, compiled(driver.when)) for name, driver in source.drivers.items())
    mrr = list(source.traits).index(source.revenue.mrr) if source.revenue else None
    return Vital(parts, drivers, mrr, tuple(conditions))


def _points(
    part: file.HealthPart, places: Places, compiled: Callable[[file.Condition], Predicate]
) -> Callable[["Account"], int]:
    if part.when is not None:
        holds = compiled(part.when).holds
        return lambda account: 100 if holds(account) else 0
    zero, full = part.from_ or 0.0, part.to or 0.0
    read = _number(part, places)

    def points(account: "Account") -> int:
        value = read(account)
        return UNKNOWN if value is None else _share(value, zero, full)

    return points


def _number(part: file.HealthPart, places: Places) -> Callable[["Account"], float | None]:
    if part.measure is not None:
        # As of the last closed day: by the day under way the score would depend on the order of events.
        return compile_measure(part.measure, places).closed
    place = list(places.journey.traits).index(part.trait or "")

    def read(account: "Account") -> float | None:
        value = account.trait(place)
        return value if isinstance(value, int | float) else None

    return read


def _share(value: float, zero: float, full: float) -> int:
    """How far a value has come from what is worth 0 to what is worth 100."""
    return round(100 * min(1.0, max(0.0, (value - zero) / (full - zero))))


def take_vitals(account: "Account", vital: Vital) -> bool:
    """Read health and drivers as the state stands; True if either is not what it was."""
    rare = account.rare
    parts = [part.points(account) for part in vital.parts]
    drivers = sum(1 << place for place, driver in enumerate(vital.drivers) if driver.when.holds(account))
    now = Vitals(_score(parts, vital.parts), parts, drivers)
    if now == rare.vitals:
        return False
    rare.vitals = now
    return True


def _score(points: Iterable[int], parts: Iterable[Part]) -> int:
    known = [(point, part.weight) for point, part in zip(points, parts, strict=True) if point != UNKNOWN]
    weight = sum(weight for _, weight in known)
    return round(sum(point * weight for point, weight in known) / weight) if known else UNKNOWN


def score_of(account: "Account") -> int:
    """The score as of the last closed day, or UNKNOWN before the first."""
    vitals = account.rare.vitals
    return UNKNOWN if vitals is None else vitals.score


def health_of(account: "Account", vital: Vital) -> Health | None:
    """The score with its parts; None before the first day has closed, and where nothing is known."""
    vitals = account.rare.vitals
    if vitals is None or vitals.score == UNKNOWN:
        return None
    points: Mapping[str, int | None] = {
        part.name: None if point == UNKNOWN else point for part, point in zip(vital.parts, vitals.parts, strict=True)
    }
    return Health(vitals.score, points)


def drivers_of(account: "Account", vital: Vital) -> tuple[DriverFound, ...]:
    """The drivers that apply now, each with its evidence, the greatest risk x revenue first."""
    mrr = None if vital.mrr is None else account.trait(vital.mrr)
    revenue = mrr if isinstance(mrr, int | float) else None
    if (paid := account.journey.revenue) is not None and account.hot.stage in paid.lost:
        revenue = 0  # nothing is left to lose
    found = [
        DriverFound(
            driver.name,
            driver.risk,
            None if revenue is None else round(driver.risk * max(0, revenue)),
            driver.when.evidence(account),
        )
        for driver in vital.drivers
        if driver.when.holds(account)
    ]
    return tuple(sorted(found, key=lambda driver: -driver.risk))


def health_leaf(test: file.HealthIs, _places: Places) -> Leaf:
    """Holds while the score as of the last closed day is on the wanted side; an unknown score is on neither."""
    at_least, below = test.at_least, test.below
    bound: Finding = {"below": below} if at_least is None else {"at_least": at_least}

    def holds(account: "Account") -> bool:
        score = score_of(account)
        if score == UNKNOWN:
            return False
        return score >= at_least if at_least is not None else score < (below or 0.0)

    def find(account: "Account") -> Finding:
        score = score_of(account)
        return {"health": "score", "value": None if score == UNKNOWN else score, **bound}

    return Leaf(holds, find, rise=HEALTH, fall=HEALTH)


def driver_leaf(name: str, when: Predicate) -> Leaf:
    """A driver's whole condition as one leaf."""
    dues = when.dues

    def due(account: "Account") -> int:
        return min((at for due in dues if (at := due(account))), default=0)

    return Leaf(
        when.holds,
        lambda account: {"driver": name, "applies": when.holds(account), "because": when.evidence(account)},
        due=due if dues else None,
        rise=when.rise,
        fall=when.fall,
        at_close=when.at_close,
    )
