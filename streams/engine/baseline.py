"""Usage drops: the last closed days of an account against its own past, weekday by weekday."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from schemas.spans import DAY_MS, format_span
from streams.engine.layout import Kind
from streams.engine.places import Places
from streams.engine.predicates import Finding, Leaf
from streams.engine.times import rfc3339
from streams.engine.windows import Comparison

if TYPE_CHECKING:
    from streams.engine.account import Account


@dataclass(frozen=True, slots=True)
class Drop:
    """A usage drop as declared: which column, over how many days, against how many weeks."""

    column: int
    days: int
    weeks: int

    @property
    def history_days(self) -> int:
        """Closed days that are needed: the window, and before it the weeks that make the baseline."""
        return self.days + 7 * (self.weeks + self._shift - 1)

    @property
    def _shift(self) -> int:
        """How many weeks lie between a day and the nearest like it before the window."""
        return (self.days + 6) // 7

    def compare(self, account: "Account") -> Comparison | None:
        """Compare as of the last closed day; None while the account has too little history."""
        known = account.windows.compared
        if self not in known:
            known[self] = self._compare(account)
        return known[self]

    def _compare(self, account: "Account") -> Comparison | None:
        end = account.hot.decided // DAY_MS
        start = end - self.days
        if account.hot.born_at // DAY_MS > end - self.history_days:
            return None
        counts = account.windows.closed_days(self.column, end - 1, self.history_days)
        offset = len(counts) - self.days
        back = range(self._shift, self._shift + self.weeks)
        before = sum(counts[offset + day - 7 * week] for day in range(self.days) for week in back)
        return Comparison(sum(counts[offset:]), before / self.weeks, start * DAY_MS, end * DAY_MS)


def usage_drop_leaf(drop: file.UsageDrop, places: Places) -> Leaf:
    """Holds when the window brought less than (1 - by) of a baseline that is worth judging."""
    declared = Drop(places.column(Kind.COUNT, drop.of), drop.over // DAY_MS, drop.against // (7 * DAY_MS))
    places.keep(declared.history_days)
    share = 1 - drop.by

    def holds(account: "Account") -> bool:
        seen = declared.compare(account)
        return seen is not None and seen.baseline >= drop.least and seen.value < share * seen.baseline

    def find(account: "Account") -> Finding:
        what: Finding = {"usage_drop": list(drop.of), "by": drop.by, "against": format_span(drop.against)}
        seen = declared.compare(account)
        if seen is None:
            return what | {"outcome": "too_little_history"}
        window = {"start": rfc3339(seen.start), "end": rfc3339(seen.end)}
        below = round(share * seen.baseline, 2)
        return what | {
            "value": seen.value,
            "baseline": round(seen.baseline, 2),
            "below": below,
            "least": drop.least,
            "window": window,
        }

    return Leaf(holds, find, at_close=True)
