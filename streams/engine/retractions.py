"""Retractions: verdicts that an event overturns which happened before them, and came only after.

What stands is read before such an event is folded, and again after it: only what it made false is taken back. A verdict
that has ceased to hold for other reasons in the meantime is not taken back, for nobody can tell any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from streams.engine.compiled import PREVIOUS, Move
from streams.engine.ids import output_id
from streams.engine.outputs import AlertStatus, StageChanged
from streams.engine.predicates import negate
from streams.engine.rules import end_alert

if TYPE_CHECKING:
    from streams.engine.account import Account


class Doubts(NamedTuple):
    """What stands, and began after an event happened that comes only now."""

    entry: Move | None
    """The move by which the account came into its stage."""
    alerts: tuple[int, ...]


def doubts_of(account: "Account", at: int) -> Doubts | None:
    """What an event that happened `at` may overturn; None for nothing. To be read before it is folded."""
    hot = account.hot
    entry = _entry(account) if at < hot.stage_at else None
    alerts = tuple(_firing_since(account, at)) if account.settled > account.journey.stage_bit else ()
    return Doubts(entry, alerts) if entry or alerts else None


def _firing_since(account: "Account", at: int) -> Iterator[int]:
    for place, episode in account.rare.alerts.items():
        if episode.firing and at < episode.fired_at and account.journey.alerts[place].when.holds(account):
            yield place


def overturn(account: "Account", doubts: Doubts) -> int:
    """Take back what no longer stands; the examinations this wakes."""
    woken = 0
    if doubts.entry is not None and _entry(account) is None:
        _move_back(account, doubts.entry)
        woken = account.journey.at_stage_change
    for place in doubts.alerts:
        if not account.journey.alerts[place].when.holds(account):
            end_alert(account, place, AlertStatus.RETRACTED)
    return woken


def _entry(account: "Account") -> Move | None:
    """The move by which the account may have come into its present stage, if one still holds."""
    stage = account.hot.stage
    with _in_stage_before(account) as is_known:
        hot = account.hot
        for move in account.journey.moves[hot.stage] if is_known else ():
            to = hot.previous if move.to == PREVIOUS else move.to
            if to == stage and move.when.holds(account):
                return move
    return None


@contextmanager
def _in_stage_before(account: "Account") -> Iterator[bool]:
    """Look at the account as it stood before its last move; False if that is not known."""
    hot, before = account.hot, account.rare.before
    if before is None:
        yield False
        return
    now = hot.stage, hot.previous, hot.stage_at, hot.moves
    hot.stage, hot.previous, hot.stage_at, hot.moves = hot.previous, before.previous, before.stage_at, hot.moves - 1
    try:
        yield True
    finally:
        hot.stage, hot.previous, hot.stage_at, hot.moves = now


def _move_back(account: "Account", entry: Move) -> None:
    """Return to the stage before, which the account should not have left: it has stood there since it entered it."""
    hot, stages, before = account.hot, account.journey.stages, account.rare.before
    assert before is not None
    with _in_stage_before(account):
        evidence = account.evidence(negate(entry.when))
    hot.moves += 1
    account.say(
        StageChanged(
            id=output_id(account.id, "stage", hot.moves, stages[hot.previous]),
            account=account.id,
            segment=account.segment,
            at=max(account.instant, hot.stage_at),
            rule=entry.rule,
            from_stage=stages[hot.stage],
            to_stage=stages[hot.previous],
            entered_from_at=hot.stage_at,
            evidence=evidence,
            retracts=output_id(account.id, "stage", hot.moves - 1, stages[hot.stage]),
            returned_to_at=before.stage_at,
        )
    )
    hot.stage, hot.previous, hot.stage_at = hot.previous, before.previous, before.stage_at
    account.rare.before = None
    account.moves = account.journey.moves[hot.stage]
