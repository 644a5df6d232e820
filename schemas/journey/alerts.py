"""Alerts: signals told to people."""

from enum import StrEnum

from pydantic import Field

from schemas.journey.conditions import Condition
from schemas.journey.parts import Span, Strict


class Severity(StrEnum):
    """How much an alert matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertKind(StrEnum):
    """What an alert is for; consumers choose by it."""

    NUDGE = "nudge"
    STALL = "stall"
    USAGE_DROP = "usage_drop"
    RISK = "risk"
    HANDOFF = "handoff"
    RENEWAL = "renewal"
    EXPANSION = "expansion"


class AlertRule(Strict):
    """A signal told to people: it fires when `when` comes to hold, and is resolved when `until` does."""

    meaning: str = Field("", max_length=500)
    kind: AlertKind
    severity: Severity
    when: Condition
    until: Condition | None = Field(None, description="when it is over; unless said, once `when` no longer holds")
    cooldown: Span | None = Field(None, description="after firing, it does not fire again for this span")
    play: str | None = Field(None, max_length=255, description="what to do about it")
