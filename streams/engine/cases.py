"""Beside the path: cases. A handoff alert that fires opens one, whose owner, answers and deadlines are followed here.

A case has an owner and awaits up to two answers, each with a deadline in the owner's business time. What is missing
is told as time decides it: reminder, breach, escalation, each as of its own instant. The first event to arrive that
answers ends the waiting with its own event time, however late it comes; the end of the alert ends all that is still
awaited. So every answer that was awaited ends with exactly one record that is not `firing`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from schemas.journey.calendars import format_business
from schemas.state import Awaited, Case
from streams.engine.business_time import Calendar
from streams.engine.handoffs import STEPS, Answer, Handoff
from streams.engine.ids import output_id
from streams.engine.measures import readings
from streams.engine.outputs import AlertStatus, HandedOver, SlaChanged, SlaGrade, SlaOutcome
from streams.engine.owners import choose_owner, named_owner
from streams.engine.personas import personas_of
from streams.engine.predicates import Finding
from streams.engine.times import rfc3339

if TYPE_CHECKING:
    from streams.engine.account import Account

GRADES = tuple(SlaGrade)


@dataclass(frozen=True, slots=True)
class _Wait:
    """What a case awaits: one answer, or somebody to take it."""

    handoff: Handoff
    case: Case
    answer: Answer | None = None

    @property
    def awaited(self) -> Awaited | None:
        return None if self.answer is None else self.case.awaited[self.answer.step]

    @property
    def rule(self) -> str:
        return f"{self.handoff.rule}.handoff.{'team' if self.answer is None else STEPS[self.answer.step]}"

    @property
    def calendar(self) -> Calendar:
        return self.handoff.team.calendar_of(self.case.owner)

    def find(self) -> Finding:
        """What is awaited, as evidence."""
        since: Finding = {"since": rfc3339(self.case.opened_at)}
        if self.answer is None:
            return {"team": self.handoff.team.name, "owners": list(self.handoff.team.owners)} | since
        return {"awaited": list(self.answer.events), "within": format_business(self.answer.within_ms)} | since


def open_case(account: "Account", handoff: Handoff, place: int, episode: int) -> None:
    """Open the case of an alert that fires now."""
    at, team = account.instant, handoff.team
    owner = choose_owner(account, team, handoff.rule, episode)
    calendar = team.calendar_of(owner)
    awaited: list[Awaited | None] = [None] * len(STEPS)
    for answer in handoff.answers:
        awaited[answer.step] = _await(handoff, calendar, calendar.add(at, answer.within_ms))
    account.rare.cases[place] = Case(at, episode, owner, awaited)


def handed_over(account: "Account", handoff: Handoff, place: int) -> HandedOver:
    """What the record of an alert whose case is open tells the owner."""
    case = account.rare.cases[place]
    respond_by, next_step_by = (None if one is None else one.due_at for one in case.awaited)
    return HandedOver(
        owner=case.owner,
        lead=handoff.lead,
        team=handoff.team.name,
        respond_by=respond_by,
        next_step_by=next_step_by,
        intent=readings(account, handoff.intent),
        firing=tuple(name for name, other in handoff.blocking_alerts if _is_firing(account, other)),
        missing=tuple(name for name, milestone in handoff.blocking_milestones if not account.settled >> milestone & 1),
    )


def follow_case(account: "Account", handoff: Handoff, place: int) -> None:
    """Say what is new about a case: somebody to take it, an answer, a deadline that is near or has passed."""
    case = account.rare.cases.get(place)
    if case is None:  # the rule hands over since today, and fired before
        return
    _follow_owner(account, _Wait(handoff, case))
    for answer in handoff.answers:
        awaited = case.awaited[answer.step]
        if awaited is not None:
            _follow_answer(account, _Wait(handoff, case, answer), awaited)


def close_case(account: "Account", handoff: Handoff | None, place: int) -> None:
    """Close the case of an alert that is over, if it had one."""
    case = account.rare.cases.pop(place, None)
    if case is None or handoff is None:
        return
    if case.owner is None:
        _say(account, _Wait(handoff, case), SlaOutcome.CANCELLED)
    for answer in handoff.answers:
        if case.awaited[answer.step] is not None:
            _say(account, _Wait(handoff, case, answer), SlaOutcome.CANCELLED)


class Standing(NamedTuple):
    """Where a case stands: who has it, and by when which answers are awaited."""

    owner: str | None
    awaited: dict[str, int]


def standing(account: "Account", place: int) -> Standing | None:
    """Where the case of an alert stands; None if it has none."""
    case = account.rare.cases.get(place)
    if case is None:
        return None
    return Standing(case.owner, {step: one.due_at for step, one in zip(STEPS, case.awaited, strict=True) if one})


def deadlines(account: "Account") -> Iterable[int]:
    """The next instant of everything that is awaited."""
    for case in account.rare.cases.values():
        for awaited in case.awaited:
            if awaited is not None and awaited.ahead:
                yield awaited.ahead[0][1]


def _await(handoff: Handoff, calendar: Calendar, due_at: int) -> Awaited:
    ahead = [(GRADES.index(SlaGrade.BREACH), due_at)]
    if handoff.remind_before_ms:
        remind_at = calendar.subtract(due_at, handoff.remind_before_ms)
        ahead.insert(0, (GRADES.index(SlaGrade.REMINDER), remind_at))
    if handoff.escalate_after_ms:
        escalate_at = calendar.add(due_at, handoff.escalate_after_ms)
        ahead.append((GRADES.index(SlaGrade.ESCALATION), escalate_at))
    return Awaited(due_at, ahead)


def _is_firing(account: "Account", place: int) -> bool:
    return bool(account.settled & account.journey.stage_bit << 1 + place)


def _follow_owner(account: "Account", wait: _Wait) -> None:
    """A trait may name another owner at any time; else who has the case keeps it. Whom nobody has is flagged, once."""
    case, handoff = wait.case, wait.handoff
    if case.owner is not None:
        case.owner = named_owner(account, handoff.team) or case.owner
        return
    case.owner = choose_owner(account, handoff.team, handoff.rule, case.episode)
    if case.owner is not None:
        _say(account, wait, SlaOutcome.ROUTED, answered_at=account.instant)
    elif not case.is_flagged:
        case.is_flagged = True
        _say(account, wait, SlaGrade.UNROUTED, at=account.instant)


def _follow_answer(account: "Account", wait: _Wait, awaited: Awaited) -> None:
    answer, case = wait.answer, wait.case
    assert answer is not None
    last = account.hot.last[answer.place]
    if last > case.opened_at:
        _say(account, wait, SlaOutcome.ANSWERED, answered_at=last)
        case.awaited[answer.step] = None
        return
    while awaited.ahead and awaited.ahead[0][1] <= account.hot.decided:
        awaited.told, at = awaited.ahead.pop(0)
        _say(account, wait, GRADES[awaited.told], at=at)


def _say(
    account: "Account",
    wait: _Wait,
    what: SlaGrade | SlaOutcome,
    *,
    at: int | None = None,
    answered_at: int | None = None,
) -> None:
    case, handoff, awaited = wait.case, wait.handoff, wait.awaited
    told = None if awaited is None or awaited.told is None else GRADES[awaited.told]
    met = _met(awaited, answered_at, account.hot.decided)
    account.say(
        SlaChanged(
            id=output_id(account.id, wait.rule, case.episode, what),
            account=account.id,
            at=max(account.instant, case.opened_at, answered_at or 0) if at is None else at,
            segment=account.segment,
            rule=wait.rule,
            episode=case.episode,
            status=_status(what, told, met),
            stage=account.journey.stages[account.hot.stage],
            user=account.cause.user if account.cause else None,
            persona=personas_of(account),
            evidence=account.evidence_of([wait.find()]),
            owner=case.owner,
            due_at=None if awaited is None else awaited.due_at,
            handoff_id=output_id(account.id, handoff.rule, case.episode, AlertStatus.FIRING),
            lead=handoff.lead,
            grade=what if isinstance(what, SlaGrade) else told,
            outcome=what if isinstance(what, SlaOutcome) else None,
            escalated_to=handoff.escalate_to if what in (SlaGrade.UNROUTED, SlaGrade.ESCALATION) else None,
            answered_at=answered_at,
            took_ms=None if answered_at is None else answered_at - case.opened_at,
            business_ms=None if answered_at is None else wait.calendar.between(case.opened_at, answered_at),
            met=met,
        )
    )


def _status(what: SlaGrade | SlaOutcome, told: SlaGrade | None, met: bool | None) -> AlertStatus:  # noqa: FBT001  three-valued
    """A late answer that was in time after all overturns the breach."""
    if isinstance(what, SlaGrade):
        return AlertStatus.FIRING
    is_overturned = met is True and told in (SlaGrade.BREACH, SlaGrade.ESCALATION)
    return AlertStatus.RETRACTED if is_overturned else AlertStatus.RESOLVED


def _met(awaited: Awaited | None, answered_at: int | None, decided: int) -> bool | None:
    """Whether the deadline was kept; None while it may be, or where the alert ended before it."""
    if awaited is None:
        return None
    if answered_at is not None:
        return answered_at <= awaited.due_at
    return False if awaited.due_at <= decided else None
