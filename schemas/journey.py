"""The journey file: stages, milestones, measures and alerts as people declare them.

Spans are written as one number and one unit ("90s", "15m", "6h", "7d", "4w") and held as milliseconds. A window is
made of whole UTC days. Every model refuses keys it does not know, so no key is ever accepted without effect.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from schemas.spans import DAY_MS, format_span, parse_span

MAX_WINDOW_DAYS = 182
"""How far back a window may reach: the bound of the days an account keeps."""

MAX_LATENESS_MS = 7 * DAY_MS
"""How far out of order events may be declared to be."""

MAX_NAMES = 500
"""How many entries one section of the file may declare."""


def _span(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a span; write a number and a unit, as in '7d'")
    return parse_span(value)


Span = Annotated[
    int,
    BeforeValidator(_span),
    PlainSerializer(format_span, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]*[smhdw]$", "examples": ["7d"]}),
]
"""A span in milliseconds, read and dumped to JSON as it is written: '7d'."""


def _whole_days(value: int) -> int:
    if value % DAY_MS or not DAY_MS <= value <= MAX_WINDOW_DAYS * DAY_MS:
        raise ValueError(
            f"a window is whole days, at most {MAX_WINDOW_DAYS}; '{format_span(value)}' is not: write '7d'"
        )
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Window = Annotated[Span, AfterValidator(_whole_days)]
"""A trailing window in milliseconds: whole UTC days, the current one included."""


def _not_a_flag(value: object) -> object:
    if isinstance(value, bool):  # which Python takes for a number
        raise ValueError(f"must be a number, not {str(value).lower()}")
    return value


Number = Annotated[float, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
"""As JSON has them: 'yes', '3' and 1 for true are refused rather than guessed at."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Names = Name | Annotated[tuple[Name, ...], Field(min_length=1)]
"""How a file may write names: the one, or a list."""

EventName = Annotated[str, Field(min_length=1, max_length=255)]
EventList = Annotated[tuple[EventName, ...], Field(min_length=1, max_length=100)]
Events = Annotated[EventList, BeforeValidator(_as_list, json_schema_input_type=EventName | EventList)]
"""One event name, a list of them, or `any`: every event that comes from the product."""

ANY = "any"


class Strict(BaseModel):
    """A part of our own file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, serialize_by_alias=True)


class Source(StrEnum):
    """The system an event comes from. Only product events are activity."""

    PRODUCT = "product"
    BILLING = "billing"
    SUPPORT = "support"
    CRM = "crm"
    FEEDBACK = "feedback"


class Policy(StrEnum):
    """What becomes of an event the taxonomy does not cover: counted in any case, then kept or made a dead letter."""

    KEEP = "keep"
    REJECT = "reject"


class EventType(Strict):
    """One declared event of the taxonomy."""

    source: Source = Source.PRODUCT
    feature: Name | None = Field(None, description="the feature its use counts for, in measures of breadth")
    owner: str | None = Field(None, max_length=255, description="the team that answers for its instrumentation")
    required: tuple[str, ...] = Field((), max_length=50, description="properties that must be there and not null")


class TraitKind(StrEnum):
    """What an account trait holds. A date is an RFC 3339 date, or an instant with a zone."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


class Measure(Strict):
    """A number read from windows of event time. Exactly one kind: `count`, `users`, `active_days`, `features`."""

    count: Events | None = Field(None, description="how many of these events")
    users: Events | None = Field(None, description="how many distinct users sent these events")
    active_days: Events | None = Field(None, description="on how many days at least one of these events")
    features: Events | None = Field(None, description="how many distinct features these events used (breadth)")
    over: Window = Field(description="the trailing window, in whole days with the current one")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        _exactly_one(self, "count", "users", "active_days", "features")
        return self

    @property
    def kind(self) -> Literal["count", "users", "active_days", "features"]:
        """Which of the kinds this measure is."""
        if self.count is not None:
            return "count"
        if self.users is not None:
            return "users"
        return "active_days" if self.active_days is not None else "features"

    @property
    def events(self) -> tuple[str, ...]:
        """The events it reads."""
        return self.count or self.users or self.active_days or self.features or ()


class Did(Strict):
    """The account did it: ever, within a trailing window, or since it entered its present stage."""

    event: Events
    times: int = Field(1, strict=True, ge=1, le=1_000_000)
    within: Window | None = None
    since: Literal["stage"] | None = Field(None, description="count only what came after the present stage was entered")

    @model_validator(mode="after")
    def _since_stands_alone(self) -> Self:
        if self.since and (self.within or self.times > 1):
            raise ValueError("'since: stage' goes without 'within' and 'times'")
        return self


class MeasureIs(Strict):
    """A measure has reached a number, or is below it: the greater of today so far and the last closed day."""

    name: Name
    at_least: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        _exactly_one(self, "at_least", "below")
        return self


class Silent(Strict):
    """None of these events for a span (absence). Told although no further event ever arrives."""

    of: Events = (ANY,)
    span: Span = Field(alias="for")


class Absent(Strict):
    """A happened, and B did not follow within the span (sequence)."""

    event: Events = Field(description="B, the event that is missing")
    after: Events = Field(description="A, the event that called for it")
    within: Span


class InStage(Strict):
    """The account has stood in its present stage for a span."""

    span: Span = Field(alias="for")


class DateIs(Strict):
    """Timeline: a date trait lies ahead by no more than `within`, or has been past for at least `past`."""

    trait: Name
    within: Span | None = None
    past: Span | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        _exactly_one(self, "within", "past")
        return self


class TraitIs(Strict):
    """An account trait has one of these values, has reached a number, or is below it."""

    name: Name
    is_: tuple[str, ...] | None = Field(None, alias="is", min_length=1, max_length=100)
    at_least: Number | None = None
    below: Number | None = None

    @field_validator("is_", mode="before", json_schema_input_type=str | tuple[str, ...] | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return _as_list(value)

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        _exactly_one(self, "is_", "at_least", "below")
        return self


class UsageDrop(Strict):
    """Usage over the last closed days is below the account's own baseline by a share.

    The baseline of a day is the mean of the same weekday over the `against` weeks before; the days of the window are
    added up on both sides. With fewer weeks of history, or a baseline under `least`, nothing is said.
    """

    of: Events = (ANY,)
    over: Window = 3 * DAY_MS
    by: Number = Field(gt=0, lt=1, description="the share that is missing, as in 0.5 for half")
    against: Span = Field(4 * 7 * DAY_MS, description="how much history makes the baseline, in whole weeks")
    least: Number = Field(20, gt=0, description="the least baseline, in events over the window, worth judging")

    @field_validator("against")
    @classmethod
    def _against_is_whole_weeks(cls, value: int) -> int:
        if value % (7 * DAY_MS) or not 14 * DAY_MS <= value <= 84 * DAY_MS:
            raise ValueError("a baseline is whole weeks, from '2w' to '12w'")
        return value


class Condition(Strict):
    """One condition, named by its only key."""

    did: Did | None = None
    measure: MeasureIs | None = None
    reached: Name | None = Field(None, description="a milestone that has been reached")
    silent: Silent | None = None
    absent: Absent | None = None
    stage: tuple[Name, ...] | None = Field(None, min_length=1, description="the present stage is one of these")
    in_stage: InStage | None = None
    date: DateIs | None = None
    trait: TraitIs | None = None
    usage_drop: UsageDrop | None = None
    all: tuple["Condition", ...] | None = Field(None, min_length=1, max_length=50)
    any: tuple["Condition", ...] | None = Field(None, min_length=1, max_length=50)
    none: tuple["Condition", ...] | None = Field(None, min_length=1, max_length=50)

    @field_validator("did", mode="before", json_schema_input_type=Did | EventName | EventList | None)
    @classmethod
    def _did_by_name(cls, value: object) -> object:
        return {"event": value} if isinstance(value, (str, list)) else value

    @field_validator("stage", mode="before", json_schema_input_type=Names | None)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return _as_list(value)

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        _exactly_one(self, *Condition.model_fields)
        return self

    def walk(self) -> Iterator["Condition"]:
        """This condition and all inside it, outermost first."""
        yield self
        for part in (self.all or ()) + (self.any or ()) + (self.none or ()):
            yield from part.walk()


class Milestone(Strict):
    """Something reached once and never unreached."""

    meaning: str = Field("", max_length=500)
    when: Condition
    activation: Flag = Field(default=False, description="reaching it means first value was had")


class Exit(Strict):
    """A way out of a stage."""

    to: Name = Field(description="a stage, or `previous`: the one the account came from")
    when: Condition


class Stage(Strict):
    """Where an account can stand: entered from `from` when `enter` holds, left by `exit` or another's `enter`."""

    meaning: str = Field("", max_length=500)
    initial: Flag = False
    from_: tuple[Name, ...] = Field((), alias="from")
    enter: Condition | None = None
    exit: tuple[Exit, ...] = ()
    dwell: Span | None = Field(None, description="how long an account stays at least, so that stages do not flap")
    at_once: Flag = Field(default=False, description="entering it does not wait for the dwell of the stage left")

    @field_validator("from_", mode="before", json_schema_input_type=Names)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return _as_list(value)

    @model_validator(mode="after")
    def _entry_is_whole(self) -> Self:
        if bool(self.from_) != (self.enter is not None):
            raise ValueError("'from' and 'enter' go together: where an account comes from, and when")
        return self


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


class Journey(Strict):
    """The whole declared path of stages, milestones and alerts."""

    journey: Annotated[Literal[1], BeforeValidator(_not_a_flag)] = Field(description="the version of this language")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    version: int = Field(strict=True, ge=1, le=1_000_000)
    allowed_lateness: Span = Field(3_600_000, description="how far out of order events may be and still be on time")
    undeclared: Policy = Policy.KEEP
    malformed: Policy = Policy.KEEP
    events: dict[EventName, EventType] = Field(max_length=10_000)
    traits: dict[Name, TraitKind] = Field(default_factory=dict, max_length=MAX_NAMES)
    measures: dict[Name, Measure] = Field(default_factory=dict, max_length=MAX_NAMES)
    milestones: dict[Name, Milestone] = Field(default_factory=dict, max_length=MAX_NAMES)
    stages: dict[Name, Stage] = Field(min_length=1, max_length=100)
    alerts: dict[Name, AlertRule] = Field(default_factory=dict, max_length=2_000)

    @field_validator("events", mode="before", json_schema_input_type=dict[EventName, EventType | None])
    @classmethod
    def _bare_names(cls, value: object) -> object:
        return {k: {} if v is None else v for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("allowed_lateness")
    @classmethod
    def _lateness_is_bounded(cls, value: int) -> int:
        if value > MAX_LATENESS_MS:
            raise ValueError("allowed lateness is at most '7d': every deadline waits for it")
        return value


def _exactly_one(model: BaseModel, *names: str) -> None:
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        keys = [_key(model, name) for name in names]
        found = ", ".join(_key(model, name) for name in given) or "none"
        raise ValueError(f"give exactly one of {', '.join(keys)}; found {found}")


def _key(model: BaseModel, name: str) -> str:
    return type(model).model_fields[name].alias or name
