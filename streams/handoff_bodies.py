"""The wire form of handoffs and of what became of them, as `schemas/outputs.py` publishes it."""

from typing import Any

from schemas.journey import Severity
from streams.engine.outputs import AlertChanged, HandedOver, SlaChanged, SlaGrade
from streams.engine.times import rfc3339

SEVERITIES = {
    None: Severity.INFO,
    SlaGrade.REMINDER: Severity.INFO,
    SlaGrade.BREACH: Severity.WARNING,
    SlaGrade.ESCALATION: Severity.CRITICAL,
    SlaGrade.UNROUTED: Severity.CRITICAL,
}


def handoff_part(said: AlertChanged) -> dict[str, Any]:
    """What an alert says of its owner."""
    handed = said.handed
    return {
        "owner": said.owner,
        "due_at": None if handed is None else _instant(handed.respond_by or handed.next_step_by),
        "handoff": None if handed is None else _handed(handed),
    }


def _handed(handed: HandedOver) -> dict[str, Any]:
    return {
        "lead": handed.lead,
        "team": handed.team,
        "respond_by": _instant(handed.respond_by),
        "next_step_by": _instant(handed.next_step_by),
        "intent": handed.intent,
        "blockers": {"firing": handed.firing, "missing": handed.missing},
    }


def sla_body(said: SlaChanged) -> dict[str, Any]:
    """An alert of the kind `sla`."""
    return {
        "rule": said.rule,
        "evidence": said.evidence,
        "kind": "sla",
        "severity": SEVERITIES[said.grade],
        "status": said.status,
        "episode": said.episode,
        "stage": said.stage,
        "play": None,
        "user_id": said.user,
        "persona": said.persona,
        "owner": said.owner,
        "due_at": _instant(said.due_at),
        "sla": {
            "handoff_id": said.handoff_id,
            "lead": said.lead,
            "grade": said.grade,
            "outcome": said.outcome,
            "escalated_to": said.escalated_to,
            "answered_at": _instant(said.answered_at),
            "took_s": _seconds(said.took_ms),
            "business_s": _seconds(said.business_ms),
            "met": said.met,
        },
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
