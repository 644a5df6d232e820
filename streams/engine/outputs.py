"""Eighth and last on the path: what the engine says, as data. `streams/records.py` gives it its wire form."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from schemas.journey import Lead
from schemas.state import Forecast
from streams.engine.rejection import Reason, Rejected

Headers = list[tuple[str, bytes | None]] | None
Evidence = Mapping[str, object]


class Routed(msgspec.Struct, frozen=True):
    """An event re-keyed by its account: goes to the account-events topic with `value` as its body."""

    account: str
    value: bytes
    headers: Headers
    offset: int = 0
    """Where it stands in its source."""


class Linked(msgspec.Struct, frozen=True):
    """Word to another user of the same topic, perhaps in another partition: goes to the events topic."""

    user: str
    value: bytes


class PassedOn(msgspec.Struct, frozen=True):
    """An order that the same partition of account events is to carry out too."""

    value: bytes


class AccountForgotten(msgspec.Struct, frozen=True):
    """An account was forgotten: what is kept under its key goes."""

    account: str


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that could not become an event. `reason` is stable, `detail` is for people."""

    reason: str
    detail: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    offset: int


class Duplicate(msgspec.Struct, frozen=True):
    """A message whose id the account has already seen: it changed nothing."""

    message_id: str


class Late(msgspec.Struct, frozen=True):
    """An event that arrived later than the allowed lateness. `folded`: its day is still held, so it was counted."""

    message_id: str
    late_by_ms: int
    folded: bool


class Warned(msgspec.Struct, frozen=True):
    """An event was kept that the journey's taxonomy does not cover: by what reason it is to be counted."""

    reason: Reason


class StageChanged(msgspec.Struct, frozen=True):
    """The account moved to another stage. `segment`, here and below: by dimension, as of now. Instants in UTC ms.

    `retracts`: the id of the move that this takes back, since an event has come that happened before it; then
    `returned_to_at` is when the stage it returns to had been entered.
    """

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    rule: str
    from_stage: str
    to_stage: str
    entered_from_at: int
    evidence: Evidence
    retracts: str | None = None
    returned_to_at: int = 0


class MilestoneReached(msgspec.Struct, frozen=True):
    """The account reached a milestone, once and for good. `since_at` is when the account began."""

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    rule: str
    since_at: int
    activation: bool
    evidence: Evidence


class AlertStatus(StrEnum):
    """Where an alert stands."""

    FIRING = "firing"
    RESOLVED = "resolved"
    RETRACTED = "retracted"


class HandedOver(msgspec.Struct, frozen=True):
    """What the owner of a handoff is told: deadlines, what the account is after, what stands in its way."""

    owner: str | None
    lead: Lead
    team: str
    respond_by: int | None
    next_step_by: int | None
    intent: Mapping[str, int | float]
    firing: tuple[str, ...]
    missing: tuple[str, ...]


class Health(msgspec.Struct, frozen=True):
    """A health score, 0 to 100, with its parts; None for a part of which nothing is known."""

    score: int
    parts: Mapping[str, int | None]


class DriverFound(msgspec.Struct, frozen=True):
    """A driver of churn that applies. `at_stake`: risk x revenue, in minor units; None where revenue is not known."""

    driver: str
    risk: float
    at_stake: int | None
    because: Sequence[Mapping[str, object]]


class Decision(StrEnum):
    """Whether an alert is to reach people."""

    SEND = "send"
    HOLD = "hold"


class HeldBack(StrEnum):
    """Why an alert is held back, the weightiest reason first."""

    SUPPRESSED = "suppressed"
    QUIET_HOURS = "quiet_hours"
    OUTRANKED = "outranked"
    BUDGET = "budget"
    HOLDOUT = "holdout"


class Group(StrEnum):
    """The group an account is in, of those that are compared."""

    TREATMENT = "treatment"
    HOLDOUT = "holdout"


class ContactDecided(msgspec.Struct, frozen=True):
    """The decision on an alert that fires. `not_before`: it is decided anew then, if it still fires."""

    decision: Decision = Decision.SEND
    reason: HeldBack | None = None
    not_before: int | None = None
    group: Group | None = None
    attempt: int = 1


class Proof(msgspec.Struct, frozen=True):
    """What an account has achieved: measures, and when it reached which milestones since it began."""

    measures: Mapping[str, int | float]
    milestones: Mapping[str, int]
    since_at: int


class AlertChanged(msgspec.Struct, frozen=True):
    """An alert fired, or ended. Both share the episode: the how-manieth firing of this rule for this account.

    It ended as resolved; or as retracted, by an event that happened before it fired: it should never have.
    One that was held back is said again, as firing, with each later decision: `contact.attempt` counts them.
    """

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    rule: str
    episode: int
    status: AlertStatus
    stage: str
    user: str | None
    persona: tuple[str, ...]
    evidence: Evidence
    play: str | None = None
    owner: str | None = None
    handed: HandedOver | None = None
    drivers: tuple[DriverFound, ...] = ()
    contact: ContactDecided | None = None
    proof: Proof | None = None
    raised: bool = False
    """Whether it has come to its second grade."""
    is_again: bool = False
    """Its firing was told before: this is what has changed since."""


class SlaGrade(StrEnum):
    """How far a handoff has come without what should have followed it. A state keeps their order: add at the end."""

    REMINDER = "reminder"
    BREACH = "breach"
    ESCALATION = "escalation"
    UNROUTED = "unrouted"


class SlaOutcome(StrEnum):
    """How the waiting ended."""

    ANSWERED = "answered"
    ROUTED = "routed"
    CANCELLED = "cancelled"


class SlaChanged(msgspec.Struct, frozen=True):
    """What became of a handoff: firing with a grade, at last resolved with an outcome. All share rule and episode.

    `took_ms` and `business_ms` run from the handoff to the answer; `met`: by its deadline.
    """

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    rule: str
    episode: int
    status: AlertStatus
    stage: str
    user: str | None
    persona: tuple[str, ...]
    evidence: Evidence
    owner: str | None
    due_at: int | None
    handoff_id: str
    lead: Lead
    grade: SlaGrade | None
    outcome: SlaOutcome | None
    escalated_to: str | None
    answered_at: int | None
    took_ms: int | None
    business_ms: int | None
    met: bool | None


class InstrumentationChanged(msgspec.Struct, frozen=True):
    """A source fell silent as a whole, or is back: it is said of the source, and of no account."""

    id: str
    source: str
    at: int
    rule: str
    episode: int
    status: AlertStatus
    evidence: Evidence


class RevenueMoved(msgspec.Struct, frozen=True):
    """What the account pays a month has changed: `before` and `after` in minor units."""

    id: str
    account: str
    at: int
    rule: str
    segment: Mapping[str, str]
    movement: str
    before: int
    after: int
    evidence: Evidence


class RenewalOutcome(StrEnum):
    """How a contract ended."""

    RENEWED = "renewed"
    EXPANDED = "expanded"
    CONTRACTED = "contracted"
    CHURNED = "churned"
    LAPSED = "lapsed"

    @property
    def is_kept(self) -> bool:
        """Whether it was renewed, for whatever price."""
        return self not in (RenewalOutcome.CHURNED, RenewalOutcome.LAPSED)


class RenewalDecided(msgspec.Struct, frozen=True):
    """A contract was renewed, or ended. `before` is what it brought a month, `after` what the renewed one brings.

    `forecast` is the one that stood the declared span before the end; None where the end was not known until later.
    """

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    rule: str
    outcome: RenewalOutcome
    ends_at: int
    renewed_at: int | None
    before: int
    after: int
    forecast: Forecast | None
    evidence: Evidence


class Prospects(msgspec.Struct, frozen=True):
    """The contract that runs: when it ends, how likely it is renewed, by which line of the forecast, and why."""

    ends_at: int
    mrr: int
    forecast: str
    likelihood: float
    because: Sequence[Mapping[str, object]]


class AccountUpdated(msgspec.Struct, frozen=True):
    """The account as it stands after something was said of it, or after a day it was active on."""

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    stage: str
    stage_at: int
    since_at: int
    last_at: int
    milestones: Mapping[str, int]
    measures: Mapping[str, int | float]
    """Those that are known."""
    traits: Mapping[str, int | float | str]
    firing: tuple[str, ...]
    health: Health | None = None
    drivers: tuple[DriverFound, ...] = ()
    renewal: Prospects | None = None


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """What an account adds to the sums of the KPIs, as of an instant. `cohort`: the month it began, from the year 0."""

    account: str
    at: int
    cohort: int
    segment: Mapping[str, str]
    counts: Mapping[str, int]


class FigureClosed(msgspec.Struct, frozen=True):
    """One KPI over one period and one cut of the customer base. `of`: the stage, milestone or alert it is of, if any.

    `cut` is empty for all accounts, `DIMENSION=SEGMENT`, or `@MONTH` for those that began in a month.
    """

    id: str
    kpi: str
    of: str | None
    length: str
    start_at: int
    end_at: int
    cut: str
    unit: str
    value: float
    numerator: int
    denominator: int | None
    quantiles: Mapping[str, float] | None


Said = StageChanged | MilestoneReached | AlertChanged | SlaChanged | RevenueMoved | RenewalDecided | AccountUpdated
"""What an account says: these become records."""

Heard = Rejected | Duplicate | Late | Warned
"""What became of an event that was not simply applied: these are counted."""

HEARD = (Rejected, Duplicate, Late, Warned)
"""The same as a tuple, against which the most is told quickest."""

Output = (
    Routed | Linked | PassedOn | DeadLetter | Said | InstrumentationChanged | Fact | FigureClosed | AccountForgotten
)
"""What leaves the engine."""
