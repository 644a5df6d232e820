"""When time alone may next change an account: found anew when deadlines may have moved, else only brought forward."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemas.spans import DAY_MS
from streams.engine.cases import deadlines
from streams.engine.predicates import Due
from streams.engine.times import NEVER

if TYPE_CHECKING:
    from streams.engine.account import Account


def reschedule(account: "Account") -> None:
    """Find the next instant at which time alone may change something."""
    hot, journey = account.hot, account.journey
    instants = [due(account) for due in journey.dues]
    instants += [due(account) for due in journey.stage_dues[hot.stage]]
    if journey.dwell_ms[hot.stage]:
        instants.append(hot.stage_at + journey.dwell_ms[hot.stage])
    instants += [
        episode.fired_at + journey.alerts[place].cooldown_ms
        for place, episode in account.rare.alerts.items()
        if not episode.firing
    ]
    if journey.handing & account.settled:
        instants += deadlines(account)
    if journey.policy is not None:
        instants.append(account.rare.release_at)
    hot.timed_at = min((instant for instant in instants if instant > hot.decided), default=NEVER)
    _await_next(account)


def carry_on(account: "Account") -> None:
    """The same after the close of a day that moved nothing but readings: only what they tell can be due earlier."""
    bring_forward(account, account.journey.closing_dues)
    _await_next(account)


def must_wait(account: "Account", until: int) -> bool:
    """Whether what is to be decided up to an instant may depend on what is not known yet of watched sources.

    The close of a day does: were they dark on it, it is no drop, no return, and teaches nothing. Of days before, all is
    known. And so does an instant at which a silence would be long enough.
    """
    hot = account.hot
    if hot.decided // DAY_MS < until // DAY_MS:
        return True
    return any(hot.decided < due(account) <= until for due in account.journey.awaiting_sources)


def bring_forward(account: "Account", dues: Sequence[Due]) -> None:
    """Let the next deadline be no later than any of these."""
    hot = account.hot
    for due in dues:
        if hot.decided < (instant := due(account)) < hot.timed_at:
            hot.timed_at = instant
            hot.due = min(hot.due, instant)


def _await_next(account: "Account") -> None:
    """The close of the day, where one is held, or what comes before it."""
    hot = account.hot
    day_end = (hot.decided // DAY_MS + 1) * DAY_MS
    hot.due = day_end if day_end < hot.timed_at and account.windows.is_held else hot.timed_at
