"""Touchpoints as a journey declares them: what lacks an owner or content, and who is served by no play.

A rule serves a stage or a segment if its condition can hold there: tests of stage and segment are decided, all others
are taken as open. A play serves those that its own limits leave of the rules that name it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from schemas.journey import AlertRule, Condition, Journey, Play

Segment = Mapping[str, str]
"""A segment in some of the dimensions; those left out are open."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is missing, where it would stand in the file."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Served:
    """The plays that accounts of one stage, or of one stage and segment, can be given."""

    stage: str
    segment: Segment
    plays: tuple[str, ...]


def notes(journey: Journey) -> Iterator[Note]:
    """All that is missing; nothing where no plays are declared."""
    if journey.plays:
        yield from _unmade(journey)
        yield from _unserved(journey)
        yield from _unserved_drivers(journey)


def served(journey: Journey) -> Iterator[Served]:
    """What each stage, and each stage and segment, is given."""
    for stage in journey.stages:
        for segment in ({}, *_segments(journey)):
            yield Served(stage, segment, plays_for(journey, stage, segment))


def plays_for(journey: Journey, stage: str, segment: Segment) -> tuple[str, ...]:
    """The plays that some alert can carry for an account in this stage and segment, in the order of the file."""
    carried = {
        name
        for rule in journey.alerts.values()
        if may_hold(rule.condition, stage, segment)
        for name in _fitting(journey, rule, stage, segment)
    }
    return tuple(name for name in journey.plays if name in carried)


def may_hold(condition: Condition, stage: str, segment: Segment) -> bool:
    """Whether a condition can hold for some account of this stage and segment."""
    return _decide(condition, stage, segment) is not False


def _fitting(journey: Journey, rule: AlertRule, stage: str, segment: Segment) -> Iterator[str]:
    """The plays of a rule up to and with the first that takes every such account."""
    for name in rule.play or ():
        fits = [_decide(limit, stage, segment) for limit in journey.plays[name].limits]
        if False not in fits:
            yield name
        if all(fit is True for fit in fits):
            return


def _decide(condition: Condition, stage: str, segment: Segment) -> bool | None:
    """Whether a condition holds; None where that is open."""
    if condition.stage is not None:
        return stage in condition.stage
    if condition.segment is not None:
        known = [segment[name] in kinds if name in segment else None for name, kinds in condition.segment.items()]
        return _every(known)
    if condition.all is not None:
        return _every([_decide(part, stage, segment) for part in condition.all])
    if condition.any is not None:
        return _not(_every([_not(_decide(part, stage, segment)) for part in condition.any]))
    if condition.none is not None:
        return _every([_not(_decide(part, stage, segment)) for part in condition.none])
    return None


def _every(parts: list[bool | None]) -> bool | None:
    if False in parts:
        return False
    return None if None in parts else True


def _not(part: bool | None) -> bool | None:  # noqa: FBT001  three-valued
    return None if part is None else not part


def _segments(journey: Journey) -> Iterator[Segment]:
    """Each segment that can be listed, one dimension at a time."""
    for name, dimension in journey.segments.items():
        for kind in dimension.names or ():
            yield {name: kind}


def _unmade(journey: Journey) -> Iterator[Note]:
    named = {name for rule in journey.alerts.values() for name in rule.play or ()}
    for name, play in journey.plays.items():
        yield from (Note(f"plays.{name}", f"it has no {what}") for what in _missing(play))
        if name not in named:
            yield Note(f"plays.{name}", "no alert names it")
    for name, rule in journey.alerts.items():
        if not rule.play:
            yield Note(f"alerts.{name}", "it has no play")


def _unserved_drivers(journey: Journey) -> Iterator[Note]:
    """Drivers that no play is for, and that no alert with a play asks about: what drives customers away, unanswered."""
    carrying = [rule for rule in journey.alerts.values() if rule.play]
    asked = {part.driver for rule in carrying for part in rule.condition.walk()}
    named = {name for rule in carrying for play in rule.play or () for name in journey.plays[play].driver or ()}
    for driver in journey.drivers:
        if driver not in asked | named:
            yield Note(f"drivers.{driver}", "no play serves it")


def _missing(play: Play) -> Iterator[str]:
    return (what for what in ("content", "owner") if getattr(play, what) is None)


def _unserved(journey: Journey) -> Iterator[Note]:
    """Stages without a play; and segments that have none in a stage where others have."""
    for stage, segment in product(journey.stages, ({}, *_segments(journey))):
        if plays_for(journey, stage, segment) or (segment and not plays_for(journey, stage, {})):
            continue
        whom = "".join(f" with {name} {kind}" for name, kind in segment.items())
        yield Note(f"stages.{stage}", f"no play serves it{whom}")
