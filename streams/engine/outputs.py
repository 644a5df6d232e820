"""Eighth and last on the path: what the engine says, as data. `streams/records.py` gives it its wire form."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from streams.engine.rejection import Reason, Rejected

Headers = list[tuple[str, bytes | None]] | None
Evidence = Mapping[str, object]


class Routed(msgspec.Struct, frozen=True):
    """An event re-keyed by its account: goes to the account-events topic with `value` as its body."""

    account: str
    value: bytes
    headers: Headers


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
    """The account moved to another stage. `segment`, here and below: by dimension, as of now. Instants in UTC ms."""

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    rule: str
    from_stage: str
    to_stage: str
    entered_from_at: int
    evidence: Evidence


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


class AlertChanged(msgspec.Struct, frozen=True):
    """An alert fired or was resolved. Both share the episode: the how-manieth firing of this rule for this account."""

    id: str
    account: str
    segment: Mapping[str, str]
    at: int
    rule: str
    episode: int
    status: AlertStatus
    stage: str
    user: str | None
    evidence: Evidence
    play: str | None = None


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


Said = StageChanged | MilestoneReached | AlertChanged | RevenueMoved | AccountUpdated
"""What an account says: these become records."""

Heard = Rejected | Duplicate | Late | Warned
"""What became of an event that was not simply applied: these are counted."""

Output = Routed | DeadLetter | Said
"""What leaves the engine."""
