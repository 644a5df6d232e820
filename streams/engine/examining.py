"""Sixth on the path, before its rules: what an input can have changed is examined, and what that wakes."""

from typing import TYPE_CHECKING

from streams.engine.contracts import examine_contract
from streams.engine.event import Event
from streams.engine.lifecycle import examine_stage
from streams.engine.outreach import arbitrate
from streams.engine.retractions import Doubts, overturn
from streams.engine.revenue import examine_revenue
from streams.engine.rules import examine_alert, examine_milestone

if TYPE_CHECKING:
    from streams.engine.account import Account


def examine(
    account: "Account", bits: int, instant: int, cause: Event | None = None, doubts: Doubts | None = None
) -> None:
    """Examine in order; what comes out true may wake what depends on it, before or after."""
    account.instant, account.cause = instant, cause
    if doubts is not None:
        bits |= overturn(account, doubts)
    account.entered = 1 << account.hot.stage
    stage_bit = account.journey.stage_bit
    while bits:
        bit = bits & -bits
        bits ^= bit
        if bit < stage_bit:
            woken = examine_milestone(account, bit.bit_length() - 1)
            if woken & stage_bit:
                account.moves = account.journey.moves[account.hot.stage]
            bits |= woken
        elif bit == stage_bit:
            bits |= examine_stage(account)
        elif bit == account.journey.revenue_bit:
            examine_revenue(account)
        elif bit == account.journey.renewal_bit:
            examine_contract(account)
        else:
            examine_alert(account, (bit // stage_bit).bit_length() - 2)
    policy = account.journey.policy
    if policy is not None and (account.candidates or cause is None):
        arbitrate(account, policy)
