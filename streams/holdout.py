"""What contact brings about: accounts that were contacted against those held out, read from what the journey said.

Both groups are chosen alike: by the first time a contact was due (in the holdout it was not sent, but told). So the
difference is what contact does, and not what singles out those whom it reaches ("ghost ads": Johnson, Lewis and
Nubbemeyer, Journal of Marketing Research 54, 2017).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from typing import Any

from schemas import journey as file
from streams.engine.outputs import Decision, Group, HeldBack
from streams.engine.times import instant_ms

Body = Mapping[str, Any]
Z95 = 1.959963984540054


@dataclass(slots=True)
class Tally:
    """One group: how many accounts were watched for the whole span, and how many of them met the outcome."""

    accounts: int = 0
    met: int = 0
    before: int = 0
    """Left out: they had reached it before."""
    open: int = 0
    """Left out: their span is not over."""

    @property
    def rate(self) -> float | None:
        """The share that met the outcome; None without accounts."""
        return self.met / self.accounts if self.accounts else None


@dataclass(frozen=True, slots=True)
class Compared:
    """One outcome in both groups; the difference of the rates with its 95 % interval, None where a group is empty."""

    outcome: str
    treatment: Tally
    holdout: Tally

    @property
    def difference(self) -> float | None:
        """By how much more of those contacted met the outcome."""
        ours, theirs = self.treatment.rate, self.holdout.rate
        return None if ours is None or theirs is None else ours - theirs

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the difference lies with a confidence of 95 %."""
        if self.difference is None:
            return None
        return newcombe(self.treatment.met, self.treatment.accounts, self.holdout.met, self.holdout.accounts)


@dataclass(slots=True)
class Readout:
    """Takes the bodies of alerts, milestones and transitions in any order, each as often as it comes."""

    holdout: file.Holdout
    due: dict[str, tuple[int, Group]] = field(default_factory=dict)
    """For each account the first instant at which contact was due, and its group."""
    reached: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """By account and outcome, when it was met."""
    end: int = 0
    """Up to when the accounts were watched, for certain: the last instant that anything was said of."""

    def take(self, body: Body) -> None:
        """One record."""
        account, at = body["account_id"], _instant(body["at"])
        self.end = max(self.end, at)
        group = _group(body.get("contact"))
        if group is not None and at <= self.due.get(account, (at, group))[0]:
            self.due[account] = (at, group)
        for name, outcome in self.holdout.outcomes.items():
            if _is(outcome, body):
                self.reached.setdefault((account, name), set()).add(at)

    def compared(self) -> Iterator[Compared]:
        """Each declared outcome."""
        for name, outcome in self.holdout.outcomes.items():
            tallies = {group: Tally() for group in Group}
            for account, (due_at, group) in self.due.items():
                met = self.reached.get((account, name), set())
                self._count(tallies[group], due_at, met, is_once=outcome.reached is not None)
            yield Compared(name, tallies[Group.TREATMENT], tallies[Group.HOLDOUT])

    def _count(self, tally: Tally, due_at: int, met: Iterable[int], *, is_once: bool) -> None:
        if is_once and any(at < due_at for at in met):
            tally.before += 1
        elif due_at + self.holdout.within > self.end:
            tally.open += 1
        else:
            tally.accounts += 1
            tally.met += any(due_at <= at < due_at + self.holdout.within for at in met)


def _instant(text: str) -> int:
    return instant_ms(datetime.fromisoformat(text))


def _group(contact: Body | None) -> Group | None:
    """The group of an account to which contact was due with this record."""
    if not contact or contact["group"] is None:
        return None
    is_due = contact["decision"] == Decision.SEND or contact["reason"] == HeldBack.HOLDOUT
    return Group(contact["group"]) if is_due else None


def _is(outcome: file.Outcome, body: Body) -> bool:
    if outcome.reached is not None:
        return bool(body.get("milestone") == outcome.reached)
    return bool(body.get("to_stage") == outcome.stage)


def newcombe(met: int, of: int, other_met: int, other_of: int) -> tuple[float, float]:
    """The 95 % interval of a difference of two shares.

    From the score intervals of both: Newcombe, Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17 (1998), method 10. It holds for small groups and for shares near 0 and 1, too.
    """
    ours, theirs = met / of, other_met / other_of
    (low, high), (other_low, other_high) = wilson(met, of), wilson(other_met, other_of)
    below = sqrt((ours - low) ** 2 + (other_high - theirs) ** 2)
    above = sqrt((high - ours) ** 2 + (theirs - other_low) ** 2)
    return ours - theirs - below, ours - theirs + above


def wilson(met: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson, Journal of the American Statistical Association 22, 1927)."""
    share, spread = met / of, Z95 * Z95 / of
    middle = share + spread / 2
    reach = Z95 * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))
