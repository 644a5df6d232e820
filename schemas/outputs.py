"""What leaves: the JSON bodies of the output topics, and of the files that `journey replay` writes.

Instants are RFC 3339 in UTC with milliseconds; spans end in `_s` and are seconds. `at` is event time, `detected_at` is
when the verdict was written. Every record of the same verdict has the same `id`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.journey import AlertKind, Channel, Lead, Severity, Source

Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]


class Written(BaseModel):
    """Our own wire form: frozen, nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class JourneyVersion(Written):
    """The journey that decided."""

    name: str
    version: int
    digest: str = Field(description="of the journey file's content")


class CausingEvent(Written):
    """The event that turned a condition, where an event did."""

    message_id: str
    name: str
    at: Instant
    user_id: str


class Evidence(Written):
    """Why: what each part of the condition saw. A part under a `none` is marked so."""

    because: list[dict[str, Any]]
    event: CausingEvent | None = None


class Record(Written):
    """What every output says."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$", description="derived from the cause: equal for the same verdict")
    account_id: str
    at: Instant
    detected_at: Instant
    journey: JourneyVersion
    segment: dict[str, str] = Field(description="what kind of customer: the segment in each declared dimension")


class Verdict(Record):
    """An output that a rule decided."""

    rule: str = Field(description="the path of the rule in the journey file")
    evidence: Evidence


class Transition(Verdict):
    """On `journey.transitions`: an account moved from one stage to another."""

    from_stage: str
    to_stage: str
    time_in_stage_s: float = Field(ge=0, description="how long it stood in `from_stage`")
    retracts: str | None = Field(
        description="the id of the transition that this takes back: an event that came late happened before it, and "
        "under it the account would not have moved. It has then stood in `to_stage` since it first entered it"
    )


class Milestone(Verdict):
    """On `journey.milestones`: an account reached a milestone, once and for good."""

    milestone: str
    activation: bool
    time_to_s: float = Field(ge=0, description="since the account began")


class Play(Written):
    """What to do about an alert, as the journey declares it."""

    name: str
    content: str | None
    channel: Channel
    audience: str | None = Field(description="the persona it is meant for")
    owner: str | None = Field(description="the team that answers for it")


class Driver(Written):
    """A declared driver of churn that applies to the account."""

    driver: str
    risk: float = Field(gt=0, le=1)
    at_stake: int | None = Field(ge=0, description="risk times revenue, in minor units; null without known revenue")
    because: list[dict[str, Any]]


class Health(Written):
    """The health score as of the last closed day, with its parts."""

    score: int = Field(ge=0, le=100)
    parts: dict[str, int | None] = Field(description="each 0 to 100; null for a part of which nothing is known")


class Contact(Written):
    """Whether an alert that fires is to reach people. Act on `send`; `hold` is said so that it is on record."""

    decision: Literal["send", "hold"]
    reason: Literal["suppressed", "quiet_hours", "outranked", "budget", "holdout"] | None = Field(
        description="why it is held back"
    )
    not_before: Instant | None = Field(
        description="it is decided anew then, if it still fires, and that is said in another record of this episode"
    )
    group: Literal["treatment", "holdout"] | None = Field(
        description="the account's group, of those that are compared; null where the alert is no part of that"
    )
    attempt: int = Field(ge=1, description="the how-manieth decision on this episode")


class Achieved(Written):
    """A milestone that was reached."""

    at: Instant
    time_to_s: float = Field(description="since the account began")


class Proof(Written):
    """Value proof: what the account has achieved, of what the rule names in `proof`."""

    measures: dict[str, int | float]
    milestones: dict[str, Achieved]


class Blockers(Written):
    """What stands in the way of an account that is handed over."""

    firing: list[str] = Field(description="alerts of the kinds nudge, stall, risk and usage_drop")
    missing: list[str] = Field(description="milestones that are not reached yet")


class HandedOver(Written):
    """What the owner of a handoff needs to know."""

    lead: Lead
    team: str
    respond_by: Instant | None
    next_step_by: Instant | None
    intent: dict[str, float] = Field(description="what the account is after: measures, as they stand")
    blockers: Blockers


class Sla(Written):
    """What became of a handoff: a grade while it fires, an outcome once it is resolved. Each answer that was awaited
    ends with exactly one record that has an outcome; its `rule` says which answer. It is `retracted` where a breach was
    told of an answer that was in time, and arrived late."""

    handoff_id: str = Field(description="the alert that handed the account over")
    lead: Lead
    grade: Literal["unrouted", "reminder", "breach", "escalation"] | None = Field(description="the last one told")
    outcome: Literal["answered", "routed", "cancelled"] | None
    escalated_to: str | None
    answered_at: Instant | None = Field(description="when it happened, by the event that answered")
    took_s: float | None = Field(description="from the handoff to the answer, by the clock")
    business_s: float | None = Field(description="the same in the owner's business time")
    met: bool | None = Field(description="by its deadline; null while it may be, or where the alert ended before it")


class Alert(Verdict):
    """On `journey.alerts`: a signal told to people. What fires and what ends it share `rule` and `episode`.

    Of the kind `sla` are those that tell what became of a handoff.
    """

    kind: AlertKind | Literal["sla"]
    severity: Severity = Field(description="of the second grade, once it has come to that")
    status: Literal["firing", "resolved", "retracted"] = Field(
        description="retracted: an event has come that happened before it fired; it should never have"
    )
    episode: int = Field(ge=1, description="the how-manieth firing of this rule for this account")
    stage: str
    play: Play | None = Field(description="the first of the rule's plays that fitted the account as the alert fired")
    user_id: str | None = Field(description="whose event turned it, where an event did")
    owner: str | None = Field(description="who has it, where it hands an account over; null where nobody fits")
    due_at: Instant | None = Field(description="by when something must follow")
    handoff: HandedOver | None = None
    sla: Sla | None = None
    drivers: list[Driver] = Field(
        default_factory=list, max_length=3, description="of kind risk: why, by the greatest risk x revenue first"
    )
    currency: str | None = Field(None, description="of all money here, as the journey declares it")
    contact: Contact | None = Field(
        None,
        description="null where this record decides nothing: once it no longer fires, where it has come to its second "
        "grade (who is written to was decided as it fired), and of the kind `sla`",
    )
    persona: list[str] = Field(description="the personas of that user")
    proof: Proof | None = Field(None, description="as it fires, of a rule that names what it proves")


class Movement(Verdict):
    """On `journey.movements`: what an account pays a month has changed. Money is in minor units."""

    movement: Literal["new", "expansion", "contraction", "churn", "reactivation"]
    amount: int = Field(ge=1, description="by how much, up or down")
    mrr_before: int = Field(ge=0)
    mrr_after: int = Field(ge=0)
    currency: str | None


class Forecast(Written):
    """The forecast that stood so long before the end of a contract as the journey says, or since it was known."""

    name: str = Field(description="the line of the journey's forecast that applied")
    likelihood: float = Field(ge=0, le=1)
    mrr: int = Field(ge=0)
    at: Instant


class Renewal(Verdict):
    """On `journey.renewals`: how a contract ended, once for each end. Money is in minor units."""

    outcome: Literal["renewed", "expanded", "contracted", "churned", "lapsed"]
    ends_at: Instant = Field(description="the end of the contract that was renewed, or ran out")
    renewed_at: Instant | None
    mrr_before: int = Field(ge=0)
    mrr_after: int = Field(ge=0, description="of the renewed contract; 0 if it was not")
    currency: str | None
    forecast: Forecast | None = Field(description="null where it was renewed, or ended, before any forecast was due")


class Prospects(Written):
    """The contract that runs, and how likely it is renewed."""

    ends_at: Instant
    mrr: int = Field(ge=0)
    forecast: str = Field(description="the line of the journey's forecast that applies")
    likelihood: float = Field(ge=0, le=1)
    because: list[dict[str, Any]] = Field(description="what that line asks for, as it was seen")


class Instrumentation(Written):
    """On `journey.instrumentation`: a source fell silent as a whole, or is back. It is of no account.

    While it fires, the silence counts against none of the accounts.
    """

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    source: Source
    at: Instant
    detected_at: Instant
    journey: JourneyVersion
    rule: str
    evidence: Evidence
    kind: Literal["instrumentation_stopped"]
    severity: Severity
    status: Literal["firing", "resolved"]
    episode: int = Field(ge=1, description="the how-manieth silence of this source")
    owner: str | None = Field(description="the team that answers for it")


class Account(Record):
    """On `journey.accounts`, compacted: the account as it stood `at`.

    Written with every transition, alert and movement of revenue, and as a day closes on another health. A milestone or
    a measure that changes alone is in the next one.
    """

    stage: str
    stage_since: Instant
    since: Instant
    last_seen: Instant
    milestones: dict[str, Instant]
    measures: dict[str, int | float] = Field(description="those that are known")
    traits: dict[str, int | float | str]
    firing: list[str] = Field(description="the alerts that are firing")
    health: Health | None = Field(description="null before the first day has closed, or where none is declared")
    drivers: list[Driver] = Field(description="the drivers that apply, the greatest risk x revenue first")
    renewal: Prospects | None = Field(description="null where no contract runs, or none is declared")
    currency: str | None = Field(description="of all money here, as the journey declares it")


class Cut(Written):
    """Which accounts a figure is of: all, those of a segment, or those that began in a month (as in 2026-03)."""

    by: Literal["all", "segment", "cohort"]
    dimension: str | None = None
    value: str | None = None


class Kpi(Written):
    """On `journey.kpis`: one figure of the customer base over one closed period. A figure of nothing is not written."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    kpi: str
    of: str | None = Field(description="the stage, milestone, alert or movement it is of, where it is of one")
    period: Literal["day", "week", "month"]
    start: Instant
    end: Instant = Field(description="the first instant after the period")
    at: Instant
    detected_at: Instant
    journey: JourneyVersion
    cut: Cut
    unit: Literal["share", "accounts", "users", "features", "times", "money", "seconds", "score"]
    currency: str | None = Field(description="of figures of money, which are in minor units")
    value: float
    numerator: int
    denominator: int | None
    quantiles: dict[str, float] | None = Field(
        description="of spans: p50, p75, p90, each the end of a class of lengths: at most a quarter too long"
    )


MODELS: dict[str, type[Written]] = {
    "transition": Transition,
    "milestone": Milestone,
    "alert": Alert,
    "movement": Movement,
    "renewal": Renewal,
    "account": Account,
    "instrumentation": Instrumentation,
    "kpi": Kpi,
}
"""The published schemas, by file name."""
