"""The journey file: what people declare. `file.py` is the whole; each of its sections has a room of its own."""

from schemas.journey.alerts import AlertKind, AlertRule, Raise, Severity
from schemas.journey.calendars import Calendar, Weekday
from schemas.journey.checks import Check
from schemas.journey.conditions import (
    Absent,
    Condition,
    DateIs,
    Did,
    DropGrade,
    HealthIs,
    InStage,
    MeasureIs,
    Sequence,
    Silent,
    TraitIs,
    UsageDrop,
)
from schemas.journey.contact import Allowance, Contact, Holdout, Outcome, QuietHours
from schemas.journey.file import MAX_LATENESS_MS, Journey
from schemas.journey.handoffs import Answer, Escalation, Handoff, Lead, Owner, Team
from schemas.journey.health import Driver, HealthPart
from schemas.journey.identity import Identity
from schemas.journey.instrumentation import Instrument
from schemas.journey.kpis import ActiveUsers, Goal, Kpis
from schemas.journey.measures import FEATURES, Measure, Open, PropertyName, Ratio, Valued
from schemas.journey.measures import Kind as MeasureKind
from schemas.journey.parts import ANY, MAX_NAMES, MAX_WINDOW_DAYS
from schemas.journey.personas import Persona
from schemas.journey.plays import Channel, Play
from schemas.journey.renewal import Prospect, Renewal
from schemas.journey.revenue import Revenue
from schemas.journey.segments import OTHER, UNKNOWN, Band, Dimension
from schemas.journey.stages import Exit, Milestone, Stage
from schemas.journey.taxonomy import EventGroup, EventGroups, EventType, Policy, Source, TraitKind, spread

__all__ = [
    "ANY",
    "FEATURES",
    "MAX_LATENESS_MS",
    "MAX_NAMES",
    "MAX_WINDOW_DAYS",
    "OTHER",
    "UNKNOWN",
    "Absent",
    "ActiveUsers",
    "AlertKind",
    "AlertRule",
    "Allowance",
    "Answer",
    "Band",
    "Calendar",
    "Channel",
    "Check",
    "Condition",
    "Contact",
    "DateIs",
    "Did",
    "Dimension",
    "Driver",
    "DropGrade",
    "Escalation",
    "EventGroup",
    "EventGroups",
    "EventType",
    "Exit",
    "Goal",
    "Handoff",
    "HealthIs",
    "HealthPart",
    "Holdout",
    "Identity",
    "InStage",
    "Instrument",
    "Journey",
    "Kpis",
    "Lead",
    "Measure",
    "MeasureIs",
    "MeasureKind",
    "Milestone",
    "Open",
    "Outcome",
    "Owner",
    "Persona",
    "Play",
    "Policy",
    "PropertyName",
    "Prospect",
    "QuietHours",
    "Raise",
    "Ratio",
    "Renewal",
    "Revenue",
    "Sequence",
    "Severity",
    "Silent",
    "Source",
    "Stage",
    "Team",
    "TraitIs",
    "TraitKind",
    "UsageDrop",
    "Valued",
    "Weekday",
    "spread",
]
