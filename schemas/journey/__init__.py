"""The journey file: what people declare. `file.py` is the whole; each of its sections has a room of its own."""

from schemas.journey.alerts import AlertKind, AlertRule, Severity
from schemas.journey.conditions import Absent, Condition, DateIs, Did, InStage, MeasureIs, Silent, TraitIs, UsageDrop
from schemas.journey.file import MAX_LATENESS_MS, Journey
from schemas.journey.measures import FEATURES, Measure, PropertyName, Ratio, Valued
from schemas.journey.measures import Kind as MeasureKind
from schemas.journey.parts import ANY, MAX_NAMES, MAX_WINDOW_DAYS
from schemas.journey.plays import Channel, Play
from schemas.journey.revenue import Revenue
from schemas.journey.segments import OTHER, UNKNOWN, Band, Dimension
from schemas.journey.stages import Exit, Milestone, Stage
from schemas.journey.taxonomy import EventType, Policy, Source, TraitKind

__all__ = [
    "ANY",
    "FEATURES",
    "MAX_LATENESS_MS",
    "MAX_NAMES",
    "MAX_WINDOW_DAYS",
    "OTHER",
    "UNKNOWN",
    "Absent",
    "AlertKind",
    "AlertRule",
    "Band",
    "Channel",
    "Condition",
    "DateIs",
    "Did",
    "Dimension",
    "EventType",
    "Exit",
    "InStage",
    "Journey",
    "Measure",
    "MeasureIs",
    "MeasureKind",
    "Milestone",
    "Play",
    "Policy",
    "PropertyName",
    "Ratio",
    "Revenue",
    "Severity",
    "Silent",
    "Source",
    "Stage",
    "TraitIs",
    "TraitKind",
    "UsageDrop",
    "Valued",
]
