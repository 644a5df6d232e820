"""Seventh on the path: the stages, as a table of moves. An account is in exactly one, and takes the first open move."""

from typing import TYPE_CHECKING

from schemas.state import Before
from streams.engine.compiled import PREVIOUS, Move
from streams.engine.ids import output_id
from streams.engine.outputs import StageChanged

if TYPE_CHECKING:
    from streams.engine.account import Account


def examine_stage(account: "Account") -> int:
    """Take the first open one of `account.moves`; the examinations the change wakes, 0 if there was none."""
    hot, journey = account.hot, account.journey
    dwells = account.instant < hot.stage_at + journey.dwell_ms[hot.stage]
    for move in account.moves:
        to = hot.previous if move.to == PREVIOUS else move.to
        if (dwells and not move.at_once) or account.entered >> to & 1:
            continue
        if move.when.holds(account):
            _enter(account, to, move)
            return journey.at_stage_change
    return 0


def _enter(account: "Account", to: int, move: Move) -> None:
    hot, stages = account.hot, account.journey.stages
    at = max(account.instant, hot.stage_at)
    hot.moves += 1
    account.say(
        StageChanged(
            id=output_id(account.id, "stage", hot.moves, stages[to]),
            account=account.id,
            segment=account.segment,
            at=at,
            rule=move.rule,
            from_stage=stages[hot.stage],
            to_stage=stages[to],
            entered_from_at=hot.stage_at,
            evidence=account.evidence(move.when),
        )
    )
    account.rare.before = Before(hot.stage_at, hot.previous)
    hot.previous, hot.stage, hot.stage_at = hot.stage, to, at
    account.entered |= 1 << to
    account.moves = account.journey.moves[to]
