"""Beside the path: the contact policy, compiled: which alerts are contact, and what holds one back at an instant.

Instants here are those at which something is said: the arrival of the event that fires an alert; where time alone
fires it, its own instant plus the allowed lateness. So it is the person's own clock that is kept, and not the events'.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from schemas import journey as file
from schemas.state import Sent
from streams.engine.outputs import HeldBack
from streams.engine.places import Places
from streams.engine.plays import Compile
from streams.engine.predicates import Predicate
from streams.engine.quiet import QuietHours

MAX_SENT = 200
"""Contacts of one account that are remembered. While so many are not over, no further one is sent."""

Obstacle = tuple[HeldBack, int | None]
"""Why an alert is held back, and until when; None if it is not sent later either."""


@dataclass(frozen=True, slots=True)
class Holdout:
    """Which accounts are held out."""

    share: float
    salt: str

    def holds(self, account: str) -> bool:
        """Whether an account is held out: by its id and the salt alone, whoever asks and whenever."""
        chosen = blake2b(f"{self.salt}\x1f{account}".encode(), digest_size=8).digest()
        return int.from_bytes(chosen, "big") < self.share * 2**64


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours, and the place of the account's trait that names its zone."""

    hours: QuietHours
    place: int | None
    otherwise: str


@dataclass(frozen=True, slots=True)
class Rival:
    """An alert that is contact when it carries one of these plays. A lesser rank comes first."""

    rank: int
    plays: frozenset[str]
    quiet: frozenset[str]
    """Of these, those that keep quiet hours."""
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of a journey."""

    account: file.Allowance | None
    user: file.Allowance | None
    yields_ms: int
    quiet: Quiet | None
    suppress: Predicate | None
    patience_ms: int
    holdout: Holdout | None

    @property
    def keeps_ms(self) -> int:
        """For how long a contact matters."""
        return max(self.yields_ms, *(allowed.within for allowed in (self.account, self.user) if allowed), 1)

    def rivals(self, sent: Sequence[Sent], rank: int, now: int) -> Obstacle | None:
        """Whether a contact of the same instant, or a higher one before, holds this one back, and until when."""
        lasting = (one for one in sent if now < one.at + self.yields_ms)
        ends = [one.at + self.yields_ms for one in lasting if one.at == now or one.rank < rank]
        return (HeldBack.OUTRANKED, max(ends)) if ends else None

    def overspent(self, sent: Sequence[Sent], user: bytes, now: int) -> Obstacle | None:
        """Whether a budget is used up, and when it allows the next."""
        free_at = [_free_at([one.at for one in sent], self.account, now)]
        if user:
            free_at.append(_free_at([one.at for one in sent if one.user == user], self.user, now))
        if len(sent) >= MAX_SENT:
            free_at.append(min(one.at for one in sent) + self.keeps_ms)
        return (HeldBack.BUDGET, max(free_at)) if max(free_at) > now else None


def _free_at(sent: Iterable[int], allowed: file.Allowance | None, now: int) -> int:
    """When one more is allowed; `now` or before if it is already."""
    if allowed is None:
        return now
    counted = sorted(at for at in sent if now < at + allowed.within)
    return now if len(counted) < allowed.at_most else counted[-allowed.at_most] + allowed.within


def compile_policy(contact: file.Contact | None, places: Places, compile_one: Compile) -> Policy | None:
    """The policy of a journey; None where it has none."""
    if contact is None:
        return None
    holdout, suppress = contact.holdout, contact.suppress
    return Policy(
        account=contact.budget.account,
        user=contact.budget.user,
        yields_ms=contact.yields_for or 0,
        quiet=_quiet(contact.quiet_hours, places),
        suppress=compile_one(suppress, places) if suppress else None,
        patience_ms=contact.patience,
        holdout=Holdout(holdout.share, holdout.salt) if holdout else None,
    )


def _quiet(hours: file.QuietHours | None, places: Places) -> Quiet | None:
    if hours is None:
        return None
    traits = list(places.journey.traits)
    place = traits.index(hours.timezone) if hours.timezone in traits else None
    return Quiet(QuietHours(hours.from_, hours.to), place, hours.otherwise)


def rival_of(name: str, rule: file.AlertRule, source: file.Journey) -> Rival | None:
    """What an alert is to the policy; None if it is never contact."""
    contact = source.contact
    if contact is None or (contact.kinds is not None and rule.kind not in contact.kinds):
        return None
    by_channel = {play: source.plays[play].channel for play in rule.play or ()}
    quiet = contact.quiet_hours.channels if contact.quiet_hours else ()
    held_out = contact.holdout is not None and (contact.holdout.kinds is None or rule.kind in contact.holdout.kinds)
    return Rival(
        rank=_rank(name, rule, contact.priority),
        plays=frozenset(play for play, channel in by_channel.items() if channel in contact.channels),
        quiet=frozenset(play for play, channel in by_channel.items() if quiet is None or channel in quiet),
        is_held_out=held_out,
    )


def _rank(name: str, rule: file.AlertRule, priority: Sequence[str]) -> int:
    """The place of the alert itself in the order of priority, else that of its kind, else the last."""
    return next((priority.index(one) for one in (name, rule.kind) if one in priority), len(priority))
