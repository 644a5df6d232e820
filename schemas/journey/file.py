"""The journey file as a whole."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from schemas.journey.alerts import AlertRule
from schemas.journey.calendars import Calendar
from schemas.journey.checks import Check
from schemas.journey.conditions import Condition
from schemas.journey.contact import Contact
from schemas.journey.handoffs import Team
from schemas.journey.health import Driver, HealthPart
from schemas.journey.identity import Identity
from schemas.journey.instrumentation import Instrument
from schemas.journey.kpis import Kpis
from schemas.journey.measures import Measure
from schemas.journey.naming import put_in_place, written_out
from schemas.journey.parts import MAX_NAMES, EventName, Name, Span, Strict, not_a_flag
from schemas.journey.personas import MAX_PERSONAS, Persona
from schemas.journey.plays import Plays
from schemas.journey.renewal import Renewal
from schemas.journey.revenue import Revenue
from schemas.journey.segments import Dimension
from schemas.journey.stages import Milestone, Stage
from schemas.journey.taxonomy import EventGroup, EventType, Policy, Source, TraitKind, spread
from schemas.spans import DAY_MS

MAX_LATENESS_MS = 7 * DAY_MS
"""How far out of order events may be declared to be."""


class Journey(Strict):
    """The whole declared path of stages, milestones and alerts."""

    journey: Annotated[Literal[1], BeforeValidator(not_a_flag)] = Field(description="the version of this language")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    version: int = Field(strict=True, ge=1, le=1_000_000)
    allowed_lateness: Span = Field(3_600_000, description="how far out of order events may be and still be on time")
    undeclared: Policy = Policy.KEEP
    malformed: Policy = Policy.KEEP
    events: dict[EventName, EventType] = Field(
        max_length=10_000, description="by name; or a list of groups, each with `names` and what they have in common"
    )
    instrumentation: dict[Source, Instrument] = Field(default_factory=dict, description="sources watched as a whole")
    identity: Identity = Identity()
    traits: dict[Name, TraitKind] = Field(default_factory=dict, max_length=MAX_NAMES)
    checks: dict[Name, Check] = Field(default_factory=dict, max_length=MAX_NAMES)
    personas: dict[Name, Persona] = Field(default_factory=dict, max_length=MAX_PERSONAS)
    segments: dict[Name, Dimension] = Field(default_factory=dict, max_length=20)
    revenue: Revenue | None = None
    measures: dict[Name, Measure] = Field(default_factory=dict, max_length=MAX_NAMES)
    conditions: dict[Name, Condition] = Field(
        default_factory=dict,
        max_length=MAX_NAMES,
        description="conditions by name, for `is`; each may name those above it",
    )
    milestones: dict[Name, Milestone] = Field(default_factory=dict, max_length=MAX_NAMES)
    stages: dict[Name, Stage] = Field(min_length=1, max_length=100)
    plays: Plays = Field(default_factory=dict)
    calendars: dict[Name, Calendar] = Field(default_factory=dict, max_length=100)
    teams: dict[Name, Team] = Field(default_factory=dict, max_length=100)
    health: dict[Name, HealthPart] = Field(
        default_factory=dict, max_length=50, description="the parts of the health score, 0 to 100 as days close"
    )
    drivers: dict[Name, Driver] = Field(default_factory=dict, max_length=50, description="why accounts churn")
    renewal: Renewal | None = None
    contact: Contact | None = None
    alerts: dict[Name, AlertRule] = Field(default_factory=dict, max_length=2_000)
    kpis: Kpis | None = None

    @field_validator(
        "events", mode="before", json_schema_input_type=dict[EventName, EventType | None] | tuple[EventGroup, ...]
    )
    @classmethod
    def _by_name(cls, value: object) -> object:
        if isinstance(value, list):
            return {name: kind for _, name, kind in spread(value)}
        return {k: {} if v is None else v for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("instrumentation", mode="before", json_schema_input_type=dict[Source, Instrument | None])
    @classmethod
    def _bare_sources(cls, value: object) -> object:
        return {k: {} if v is None else v for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("revenue", mode="before", json_schema_input_type=Revenue | Name | None)
    @classmethod
    def _revenue_by_trait(cls, value: object) -> object:
        return {"mrr": value} if isinstance(value, str) else value

    @field_validator("allowed_lateness")
    @classmethod
    def _lateness_is_bounded(cls, value: int) -> int:
        if value > MAX_LATENESS_MS:
            raise ValueError("allowed lateness is at most '7d': every deadline waits for it")
        return value

    @model_validator(mode="after")
    def _conditions_are_where_they_are_used(self) -> Self:
        if not self.conditions:
            return self
        placed: Self = put_in_place(self, written_out(self.conditions))
        return placed.model_copy(update={"conditions": {}})
