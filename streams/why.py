"""One rule explained for one account: what holds, what is missing and by how much, and what holds a verdict back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from schemas import journey as file
from streams.engine.account import Account
from streams.engine.anchors import anchor_of
from streams.engine.compiled import PREVIOUS, Alert, Journey, Move
from streams.engine.times import rfc3339
from streams.explain import Node, node_of, ways_out

State = Literal["firing", "reached", "entered", "open"]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What keeps a rule from its verdict, or its alert from people, though its condition may hold.

    `until`: UTC ms, 0 where time does not tell.
    """

    reason: Literal["cooldown", "ended", "told_already", "no_value", "dwell", "other_stage", "earlier_way", "contact"]
    says: str
    until: int = 0


@dataclass(frozen=True, slots=True)
class Why:
    """One rule and one account. Instants are UTC ms, 0 for none."""

    account: str
    rule: str
    meaning: str
    as_of: int
    state: State
    """Whether its verdict stands, or is still open."""
    since: int
    when: Node
    until: Node | None
    """Of an alert that fires: what would end it."""
    held_back: tuple[Hindrance, ...]


def rules_of(journey: Journey) -> tuple[str, ...]:
    """Every rule that can be explained, by its path in the journey file."""
    moves = (move.rule for moves in journey.moves for move in moves)
    return tuple(
        dict.fromkeys(
            (
                *(f"milestones.{milestone.name}" for milestone in journey.milestones),
                *moves,
                *(f"alerts.{alert.name}" for alert in journey.alerts),
            )
        )
    )


def why(account: Account, source: file.Journey, rule: str) -> Why:
    """Explain one of the `rules_of` the journey compiled from `source`."""
    kind, _, name = rule.partition(".")
    if kind == "alerts":
        return _alert(account, source, name)
    return _milestone(account, source, name) if kind == "milestones" else _move(account, source, rule)


def _as_of(account: Account) -> int:
    return max(account.hot.at, account.hot.decided)


def _milestone(account: Account, source: file.Journey, name: str) -> Why:
    declared = source.milestones[name]
    place = list(source.milestones).index(name)
    when = node_of(declared.condition, iter(account.journey.milestones[place].when.leaves), account)
    reached = account.rare.reached.get(place)
    state: State = "open" if reached is None else "reached"
    return Why(account.id, f"milestones.{name}", declared.meaning, _as_of(account), state, reached or 0, when, None, ())


def _alert(account: Account, source: file.Journey, name: str) -> Why:
    rule, place = source.alerts[name], list(source.alerts).index(name)
    alert, episode = account.journey.alerts[place], account.rare.alerts.get(place)
    fires = episode is not None and episode.firing
    when = node_of(rule.condition, iter(alert.when.leaves), account)
    until = None
    if fires:
        ends = rule.end or rule.condition
        until = node_of(ends, iter(alert.until.leaves), account, negated=rule.until is None)
    return Why(
        account.id,
        f"alerts.{name}",
        rule.meaning,
        _as_of(account),
        "firing" if fires else "open",
        episode.fired_at if fires and episode else 0,
        when,
        until,
        tuple(_waits(account, place) if fires else _hindrances(account, source, alert, place)),
    )


def _hindrances(account: Account, source: file.Journey, alert: Alert, place: int) -> Iterator[Hindrance]:
    episode = account.rare.alerts.get(place)
    if alert.once_per is not None:
        yield from _anchored(account, list(source.traits)[alert.once_per], alert.once_per, place)
    elif episode is not None and not episode.is_armed:
        yield Hindrance("ended", "it ended by its 'until' while 'when' held: 'when' must cease to hold first")
    if episode is not None and episode.fired_at + alert.cooldown_ms > _as_of(account):
        until = episode.fired_at + alert.cooldown_ms
        yield Hindrance("cooldown", f"it fired {rfc3339(episode.fired_at)[:10]} and cools down", until)


def _waits(account: Account, place: int) -> Iterator[Hindrance]:
    """What keeps an alert that fires from the people it is for."""
    if (waiting := account.outreach.held.get(place)) is not None:
        until = waiting.due + account.journey.lateness_ms
        yield Hindrance("contact", "it fires, but the contact policy keeps it from people", until)


def _anchored(account: Account, name: str, trait: int, place: int) -> Iterator[Hindrance]:
    anchor, episode = anchor_of(account, trait), account.rare.alerts.get(place)
    if anchor is None:
        yield Hindrance("no_value", f"it is told once per {name}, which is not set")
    elif episode is not None and anchor in episode.told_for:
        yield Hindrance("told_already", f"it has been told for this {name} already")


def _move(account: Account, source: file.Journey, rule: str) -> Why:
    journey, hot = account.journey, account.hot
    stage, place = next(
        (stage, place)
        for stage in (hot.stage, *range(len(journey.stages)))
        for place, move in enumerate(journey.moves[stage])
        if move.rule == rule
    )
    move = journey.moves[stage][place]
    condition = list(ways_out(source, journey.stages[stage]))[place]
    entered = rule == f"stages.{journey.stages[hot.stage]}.enter"
    owner = source.stages[rule.split(".")[1]]
    return Why(
        account.id,
        rule,
        owner.meaning,
        _as_of(account),
        "entered" if entered else "open",
        hot.stage_at if entered else 0,
        node_of(condition, iter(move.when.leaves), account),
        None,
        () if entered else tuple(_kept(account, rule, move)),
    )


def _kept(account: Account, rule: str, move: Move) -> Iterator[Hindrance]:
    journey, hot = account.journey, account.hot
    here = journey.moves[hot.stage]
    if move not in here:
        sources = [journey.stages[stage] for stage, moves in enumerate(journey.moves) if _leads(moves, rule)]
        yield Hindrance(
            "other_stage", f"it leads from {', '.join(sources)}; the account is in {journey.stages[hot.stage]}"
        )
        return
    stays_until = hot.stage_at + journey.dwell_ms[hot.stage]
    if stays_until > _as_of(account) and not move.at_once:
        yield Hindrance("dwell", f"the account stays in {journey.stages[hot.stage]}", stays_until)
    for earlier in here[: here.index(move)]:
        if earlier.when.holds(account):
            to = journey.stages[hot.previous if earlier.to == PREVIOUS else earlier.to]
            yield Hindrance("earlier_way", f"the way to {to} ({earlier.rule}) comes first, and is open")


def _leads(moves: Iterable[Move], rule: str) -> bool:
    return any(move.rule == rule for move in moves)
