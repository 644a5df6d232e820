"""One account explained: where it stands, why, and what would have to happen next. It reads, and changes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from schemas import journey as file
from streams.engine.account import Account
from streams.engine.accounts import FollowPartition
from streams.engine.cases import Standing, standing
from streams.engine.compiled import PREVIOUS, Move
from streams.engine.health import drivers_of, health_of
from streams.engine.measures import measures_of
from streams.engine.outputs import DriverFound, Health, Prospects
from streams.engine.plays import chosen
from streams.engine.predicates import Finding, Leaf
from streams.engine.renewal import prospects_of
from streams.engine.times import rfc3339

Leaves = Iterator[tuple[Leaf, bool]]


def account_in(partition: FollowPartition, name: str) -> Account | None:
    """The account as it stands by the clock of the partition that holds it; None if nobody has heard of it."""
    key = name.encode()
    account = partition.account(key) if key in partition else None
    if account is not None:
        account.advance(partition.clock - account.journey.lateness_ms)
    return account


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a condition. `met`: it is as the condition wants it. Instants are UTC ms, 0 for none."""

    __test__ = False  # it is no test of pytest's

    finding: Finding
    met: bool
    negated: bool
    turns_at: int
    """When time alone will change it, unless an event does before."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tests joined. `negated`: it stands under a `none`, or is an alert's condition that must end."""

    kind: Literal["all", "any", "none"]
    parts: tuple["Node", ...]
    negated: bool

    @property
    def wants_all(self) -> bool:
        """Whether every part must be as wanted, or one will do: under a `none`, all and any change places."""
        return (self.kind != "any") is not self.negated

    @property
    def met(self) -> bool:
        """Whether it is as the condition wants it."""
        return (all if self.wants_all else any)(part.met for part in self.parts)


Node = Test | Group


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of the present stage."""

    to: str
    rule: str
    when: Node


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that is firing, and what would end it."""

    alert: str
    since: int
    rule: file.AlertRule
    play: str | None
    case: Standing | None
    """Where the handoff stands, if it is one."""
    until: Node


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said of an account. Instants are UTC ms."""

    account: str
    as_of: int
    stage: str
    stage_at: int
    stays_until: int
    """The stage's dwell keeps the account in it until then."""
    reached: dict[str, int]
    missing: dict[str, Node]
    measures: dict[str, int | float]
    traits: dict[str, int | float | str]
    """Dates as RFC 3339."""
    segment: Mapping[str, str]
    health: Health | None
    drivers: tuple[DriverFound, ...]
    renewal: Prospects | None
    currency: str | None
    ways: tuple[Way, ...]
    firing: tuple[Firing, ...]
    meanings: dict[str, str]
    """What the journey says, in words, of the present stage, missing milestones and drivers; by their paths."""
    due_at: int | None
    """When time alone may next change anything; nothing changes earlier unless an event comes."""


def explain(account: Account, source: file.Journey) -> Explanation:
    """Explain an account of the journey compiled from `source`."""
    hot, journey = account.hot, account.journey
    return Explanation(
        account=account.id,
        as_of=max(hot.at, hot.decided),
        stage=journey.stages[hot.stage],
        stage_at=hot.stage_at,
        stays_until=hot.stage_at + journey.dwell_ms[hot.stage],
        reached={journey.milestones[place].name: at for place, at in account.rare.reached.items()},
        missing={
            m.name: node_of(source.milestones[m.name].condition, iter(m.when.leaves), account)
            for place, m in enumerate(journey.milestones)
            if place not in account.rare.reached
        },
        measures=measures_of(account),
        traits=_traits(account),
        segment=account.segment,
        health=health_of(account, journey.vital) if journey.vital else None,
        drivers=drivers_of(account, journey.vital) if journey.vital else (),
        renewal=prospects_of(account, journey.renewal) if journey.renewal else None,
        currency=source.revenue.currency if source.revenue else None,
        ways=tuple(_ways(account, source)),
        firing=tuple(_firing(account, source)),
        meanings=dict(_meanings(account, source)),
        due_at=account.due_at,
    )


def _traits(account: Account) -> dict[str, int | float | str]:
    held = ((name, kind, account.trait(place)) for name, (place, kind) in account.journey.traits.items())
    return {name: _shown(kind, value) for name, kind, value in held if value is not None}


def _shown(kind: file.TraitKind, value: float | str) -> int | float | str:
    return rfc3339(int(value)) if kind is file.TraitKind.DATE else value


def _meanings(account: Account, source: file.Journey) -> Iterator[tuple[str, str]]:
    stage = account.journey.stages[account.hot.stage]
    yield f"stages.{stage}", source.stages[stage].meaning
    for place, milestone in enumerate(account.journey.milestones):
        if place not in account.rare.reached:
            yield f"milestones.{milestone.name}", source.milestones[milestone.name].meaning
    yield from ((f"drivers.{name}", driver.meaning) for name, driver in source.drivers.items())


def ways_out(source: file.Journey, stage: str) -> Iterator[file.Condition]:
    """The conditions of the ways out of a stage, in the order in which the engine examines them."""
    yield from (way.when for way in source.stages[stage].exit)
    for name, target in source.stages.items():
        if target.enter is not None and (stage in target.from_ or (file.ANY in target.from_ and name != stage)):
            yield target.enter


def _ways(account: Account, source: file.Journey) -> Iterator[Way]:
    journey, hot = account.journey, account.hot
    moves: Iterable[Move] = journey.moves[hot.stage]
    for move, condition in zip(moves, ways_out(source, journey.stages[hot.stage]), strict=True):
        to = hot.previous if move.to == PREVIOUS else move.to
        yield Way(journey.stages[to], move.rule, node_of(condition, iter(move.when.leaves), account))


def _firing(account: Account, source: file.Journey) -> Iterator[Firing]:
    for place, episode in account.rare.alerts.items():
        if episode.firing:
            alert = account.journey.alerts[place]
            rule = source.alerts[alert.name]
            negated = rule.end is None
            until = node_of(rule.end or rule.condition, iter(alert.until.leaves), account, negated=negated)
            yield Firing(alert.name, episode.fired_at, rule, chosen(account, place), standing(account, place), until)


def node_of(condition: file.Condition, leaves: Leaves, account: Account, *, negated: bool = False) -> Node:
    """Give a condition's leaves, which are compiled in the order of the file, their groups back."""
    kind: Literal["all", "any", "none"]
    if condition.all is not None:
        kind, conditions = "all", condition.all
    elif condition.any is not None:
        kind, conditions = "any", condition.any
    elif condition.none is not None:
        kind, conditions = "none", condition.none
    else:
        return _test(*next(leaves), account)
    below = negated is not (kind == "none")
    parts = tuple(node_of(part, leaves, account, negated=below) for part in conditions)
    return Group(kind, parts, negated)


def _test(leaf: Leaf, negated: bool, account: Account) -> Test:  # noqa: FBT001  a pair as the engine has it
    turns_at = leaf.due(account) if leaf.due is not None else 0
    return Test(leaf.find(account), leaf.holds(account) is not negated, negated, turns_at)
