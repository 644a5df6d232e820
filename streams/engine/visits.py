"""Beside the path: time in the product, added up from visits: deeds of one user with no gap between them too long.

A visit lasts from its first deed to its last; a single deed is a visit of no length. Visits end with the UTC day.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from schemas.spans import DAY_MS
from streams.engine.event import Event
from streams.engine.ids import user_digest

if TYPE_CHECKING:
    from streams.engine.account import Account

MAX_VISITORS: Final = 1_000
"""Users of one account whose visits of a day are followed; more than these spend no time."""


def follows(place: int, column: int, gap_ms: int) -> Callable[["Account", Event], bool]:
    """What takes a deed: the time by which it lengthens its user's visits goes into the column of its day."""

    def take(account: "Account", event: Event) -> bool:
        day = event.at // DAY_MS
        if day < account.hot.decided // DAY_MS:
            return False  # the visits of a closed day are forgotten; only their sum is held
        visitors = account.tallies.visits.setdefault(place, {}).setdefault(day, {})
        user = user_digest(event.user)
        if user in visitors or len(visitors) < MAX_VISITORS:
            account.windows.add(event.at, column, lengthen(visitors.setdefault(user, []), event.at, gap_ms))
        return False

    return take


def lengthen(visits: list[int], at: int, gap_ms: int) -> int:
    """Put a deed among visits, which are starts and ends in order; by how much they lengthen, in whatever order."""
    near = [place for place in range(0, len(visits), 2) if visits[place] - gap_ms <= at <= visits[place + 1] + gap_ms]
    if not near:
        visits += (at, at)
        visits.sort()
        return 0
    first, last = near[0], near[-1] + 1
    before = sum(visits[place + 1] - visits[place] for place in near)
    joined = [min(at, visits[first]), max(at, visits[last])]
    visits[first : last + 1] = joined
    return joined[1] - joined[0] - before


def forget_visits(account: "Account", day: int) -> None:
    """Forget who visited on a day that has closed, and before."""
    for days in account.tallies.visits.values():
        for outdated in [held for held in days if held <= day]:
            del days[outdated]
