"""The journey, compiled once into tables: what each event name touches, and what each touch makes worth examining.

Examinations are bits of one integer, lowest first: milestones in file order, then the stage, then the alerts.
"""

from dataclasses import dataclass, field

from schemas import journey as file
from schemas.state import Vocabulary
from streams.engine.contact import Policy, Rival
from streams.engine.handoffs import Handoff
from streams.engine.health import Vital
from streams.engine.identity import Identity
from streams.engine.kpis.declared import Kpis
from streams.engine.layout import Fold, Layout
from streams.engine.measures import Measure
from streams.engine.notes import Take
from streams.engine.personas import Casting
from streams.engine.plays import Options
from streams.engine.predicates import Due, Predicate
from streams.engine.proof import Proving
from streams.engine.renewal import Renewal
from streams.engine.revenue import Revenue
from streams.engine.segments import Dimension
from streams.engine.sightings import Instruments
from streams.engine.times import NEVER
from streams.engine.trait_checks import Check

PREVIOUS = -1
"""As the target of a move: the stage the account came from."""

DESCRIBED = ("$identify", "$group", "$alias", "$page", "$screen")
"""Calls that need no declaration."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone and what reaching it makes worth examining."""

    name: str
    when: Predicate
    activation: bool
    wakes: int


@dataclass(frozen=True, slots=True)
class Move:
    """A way from one stage to another."""

    to: int
    rule: str
    when: Predicate
    at_once: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert rule."""

    name: str
    when: Predicate
    until: Predicate
    raised: Predicate
    """While it fires: when it comes to matter more."""
    cooldown_ms: int
    plays: Options
    handoff: Handoff | None
    tells_drivers: bool
    rival: Rival | None
    once_per: int | None
    """The trait for each value of which it fires once."""
    proving: Proving | None


@dataclass(frozen=True, slots=True)
class Wakes:
    """What the cells that an event touches make worth examining."""

    fires: tuple[int, ...]
    """For each stage, what they can make true there: milestones, and alerts that are not firing."""
    ends: int
    """The alerts they can end."""
    arms: int
    """The alerts whose condition they can make cease: one that is spent may fire again after that."""
    moves: tuple[tuple[Move, ...], ...]
    """For each stage, the ways out that they can open."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What one event name does to the state, and what it makes worth examining."""

    fold: Fold
    lasts: tuple[tuple[int, int], ...]
    """Each place, with the shortest silence asked about: a longer gap ends a silence."""
    totals: tuple[int, ...]
    opens: tuple[tuple[int, int], ...]
    """Each wait it opens, with the place in `lasts` of what would have forestalled it."""
    closes: tuple[int, ...]
    counts_on: bool
    """Whether it has totals, opens or closes."""
    notes: tuple[Take, ...]
    """What else measures make of it."""
    wakes: tuple[Wakes, ...]
    """What it can change, by what news it is to its day; the last is all."""
    dues: tuple[tuple[Due, ...], ...]
    """For each stage, the deadlines that come nearer when it ends a silence or opens a wait."""
    required: tuple[str, ...]
    is_declared: bool
    demands: bool
    """Whether the journey demands anything of it that must be checked first."""
    warns: bool = False
    """Whether the journey wants it counted where it is not declared, or not whole."""
    marks: tuple[int, ...] = field(init=False)
    """The places in `lasts` whose silence nobody asks about."""
    silences: tuple[tuple[int, int], ...] = field(init=False)
    """The others."""
    is_plain: bool = field(init=False)
    """Whether it does no more than to count, to mark when, and to open and close waits."""

    def __post_init__(self) -> None:
        """Sort what is asked of every event."""
        derived = {
            "marks": tuple(place for place, silence in self.lasts if silence == NEVER),
            "silences": tuple((place, silence) for place, silence in self.lasts if silence != NEVER),
            "is_plain": not (self.notes or self.demands or self.warns),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)  # as dataclasses themselves do where they are frozen


@dataclass(frozen=True, slots=True)
class Journey:
    """A compiled journey. It holds no state: one serves every account."""

    name: str
    version: int
    digest: str
    lateness_ms: int
    rejects_undeclared: bool
    rejects_malformed: bool
    stages: tuple[str, ...]
    initial: int
    dwell_ms: tuple[int, ...]
    moves: tuple[tuple[Move, ...], ...]
    milestones: tuple[Milestone, ...]
    alerts: tuple[Alert, ...]
    measures: tuple[tuple[str, Measure], ...]
    traits: dict[str, tuple[int, file.TraitKind]]
    dimensions: tuple[Dimension, ...]
    identity: Identity
    instruments: Instruments
    casting: Casting
    checks: tuple[Check, ...]
    follows_visits: bool
    touches: dict[str, Touch]
    undeclared: Touch
    layout: Layout
    dues: tuple[Due, ...]
    awaiting_sources: tuple[Due, ...]
    """When time may turn what depends on watched sources."""
    stage_dues: tuple[tuple[Due, ...], ...]
    closing_dues: tuple[Due, ...]
    """Those that the close of a day can move, of whatever stage."""
    possible: tuple[int, ...]
    """For each stage, the examinations that something can come true of there; the change of a stage asks all anew."""
    timed: int
    at_close: int
    at_stage_change: int
    trait_wakes: tuple[int, ...]
    vocabulary: Vocabulary
    vocabulary_id: int
    stage_bit: int
    """The examination of the stage."""
    revenue: Revenue | None
    revenue_bit: int
    """The examination of what the account pays; 0 if the journey does not declare it."""
    handing: int
    """The alerts that hand an account over: while one fires, its case is followed."""
    kpis: Kpis | None
    everything: int
    """All examinations."""
    vital: Vital | None = None
    """Health and drivers, where they are declared."""
    at_health: int = 0
    """The examinations that read the health score."""
    policy: Policy | None = None
    """What holds alerts back, where that is declared."""
    renewal: Renewal | None = None
    renewal_bit: int = 0
    """The examination of the contract that runs; 0 if the journey does not declare it."""
