"""Beside the path: handoffs, compiled. What a rule hands an account over with; `cases` follows what becomes of it."""

from dataclasses import dataclass

from schemas import journey as file
from streams.engine.measure_kinds import compile_measure
from streams.engine.measures import Measure
from streams.engine.owners import Team, compile_team
from streams.engine.places import Places
from streams.engine.predicates import Cell

STEPS = ("respond", "next_step")
BLOCKING = frozenset({file.AlertKind.NUDGE, file.AlertKind.STALL, file.AlertKind.RISK, file.AlertKind.USAGE_DROP})
"""Alerts of these kinds say that something stands in the way of the account."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that must follow a handoff."""

    step: int
    place: int
    """Where the last of its events stands."""
    events: tuple[str, ...]
    within_ms: int


@dataclass(frozen=True, slots=True)
class Handoff:
    """What a rule hands an account over with. Spans are business time."""

    rule: str
    lead: file.Lead
    team: Team
    answers: tuple[Answer, ...]
    remind_before_ms: int
    escalate_after_ms: int
    escalate_to: str | None
    intent: tuple[tuple[str, Measure], ...]
    blocking_alerts: tuple[tuple[str, int], ...]
    blocking_milestones: tuple[tuple[str, int], ...]

    @property
    def cells(self) -> frozenset[Cell]:
        """Touched by an event, these can answer it."""
        return frozenset(("last", answer.place) for answer in self.answers)


def compile_handoff(name: str, source: file.Handoff | None, places: Places) -> Handoff | None:
    """Compile what a rule hands over with, if it does."""
    if source is None:
        return None
    journey, escalation = places.journey, source.escalate
    answers = ((step, getattr(source, key)) for step, key in enumerate(STEPS))
    return Handoff(
        rule=f"alerts.{name}",
        lead=source.lead,
        team=compile_team(source.team, places),
        answers=tuple(
            Answer(step, places.last(answer.by), answer.by, answer.within) for step, answer in answers if answer
        ),
        remind_before_ms=source.remind_before or 0,
        escalate_after_ms=escalation.after if escalation else 0,
        escalate_to=escalation.to if escalation else None,
        intent=tuple((measure, compile_measure(measure, places)) for measure in source.intent),
        blocking_alerts=tuple(
            (other, place) for place, (other, rule) in enumerate(journey.alerts.items()) if rule.kind in BLOCKING
        ),
        blocking_milestones=tuple((other, list(journey.milestones).index(other)) for other in source.blockers),
    )
