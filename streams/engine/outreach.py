"""Beside the path: whether alerts that fire are sent to people or held back, and sending those held back in time.

Every alert is said as it fires, with the decision. One that is held back for now and still fires when what held it is
over is decided anew, and said again with that decision: then, and not by a reader's timer, it is sent. What is over
before that is never sent. An account that is held out spends its budget as if it were contacted: so both groups are
told when contact was due, and can be compared.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.state import Person, Sent, Waiting
from schemas.zones import zone, zone_names
from streams.engine.alerting import tell_again
from streams.engine.contact import Holdout, Obstacle, Policy, Quiet, Rival
from streams.engine.ids import user_digest
from streams.engine.outputs import ContactDecided, Decision, Group, HeldBack
from streams.engine.people import person
from streams.engine.plays import chosen

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from streams.engine.account import Account


@dataclass(frozen=True, slots=True)
class Candidate:
    """An alert that may be sent now. `said`: where its record stands among the outputs, if it has just fired."""

    place: int
    rival: Rival
    play: str
    user: str | None
    since: int
    attempt: int = 1
    said: int | None = None


def propose(account: "Account", place: int, play: str | None, said: int) -> None:
    """Take up an alert that has just fired, if it is contact with this play."""
    rival = account.journey.alerts[place].rival
    if rival is not None and play in rival.plays:
        user = account.cause.user if account.cause else None
        account.candidates.append(Candidate(place, rival, play or "", user, _now(account), said=said))


def withdraw(account: "Account", place: int) -> None:
    """An alert is over: if it was held back, it is not sent any more."""
    if account.rare.release_at and account.outreach.held.pop(place, None) is not None:
        _reschedule(account)


def arbitrate(account: "Account", policy: Policy) -> None:
    """Decide on all that have fired at this instant or have waited for it, the most important first."""
    candidates = sorted([*account.candidates, *_released(account)], key=lambda one: (one.rival.rank, one.place))
    account.candidates = []
    for candidate in candidates:
        _tell(account, candidate, _decide(account, policy, candidate))
    if candidates or account.rare.release_at:
        _reschedule(account)


def _now(account: "Account") -> int:
    """When what is said now is said: at the arrival of the event, or once time has been waited for."""
    waited = account.hot.decided + account.journey.lateness_ms
    return max(account.cause.arrived_at, waited) if account.cause else waited


def _released(account: "Account") -> list[Candidate]:
    """Those held back whose time has come, unless the journey has changed and they are no contact any more."""
    decided = account.hot.decided
    if not 0 < account.rare.release_at <= decided:
        return []
    held = account.outreach.held
    due = {place: held.pop(place) for place, one in tuple(held.items()) if one.due <= decided}
    found = (_again(account, place, one) for place, one in due.items())
    return [candidate for candidate in found if candidate is not None]


def _again(account: "Account", place: int, held: Waiting) -> Candidate | None:
    rival, play = account.journey.alerts[place].rival, chosen(account, place)
    if rival is None or play is None or play not in rival.plays:
        return None
    return Candidate(place, rival, play, held.user or None, held.since, held.attempt + 1)


def _decide(account: "Account", policy: Policy, candidate: Candidate) -> ContactDecided:
    """Send it or hold it back, and remember which."""
    now, outreach = _now(account), account.outreach
    outreach.sent = [one for one in outreach.sent if now < one.at + policy.keeps_ms]
    group = _group(account, policy.holdout, candidate.rival)
    found = _obstacle(account, policy, candidate, now)
    if found is None:
        user = user_digest(candidate.user) if candidate.user else b""
        outreach.sent.append(Sent(now, candidate.rival.rank, user))
        if group is Group.HOLDOUT:
            return ContactDecided(Decision.HOLD, HeldBack.HOLDOUT, None, group, candidate.attempt)
        return ContactDecided(Decision.SEND, None, None, group, candidate.attempt)
    held_back, until = found
    if until is not None and until <= candidate.since + policy.patience_ms:
        due = until - account.journey.lateness_ms
        outreach.held[candidate.place] = Waiting(due, candidate.since, candidate.attempt, candidate.user or "")
        return ContactDecided(Decision.HOLD, held_back, until, group, candidate.attempt)
    return ContactDecided(Decision.HOLD, held_back, None, group, candidate.attempt)


def _obstacle(account: "Account", policy: Policy, candidate: Candidate, now: int) -> Obstacle | None:
    """What holds it back, the weightiest first, and until when."""
    who = person(account.outreach, candidate.user)
    if who.opted_out or (policy.suppress is not None and policy.suppress.holds(account)):
        return HeldBack.SUPPRESSED, None
    quiet = policy.quiet
    if quiet is not None and candidate.play in candidate.rival.quiet:
        over_at = quiet.hours.over_at(now, _zone(account, quiet, who))
        if over_at > now:
            return HeldBack.QUIET_HOURS, over_at
    sent = account.outreach.sent
    user = user_digest(candidate.user) if candidate.user else b""
    return policy.rivals(sent, candidate.rival.rank, now) or policy.overspent(sent, user, now)


def _zone(account: "Account", quiet: Quiet, who: Person) -> "ZoneInfo":
    """The zone of the user, else of the account, else that of those who have none."""
    if who.zone in zone_names():
        return zone(who.zone)
    named = None if quiet.place is None else account.trait(quiet.place)
    return zone(named if isinstance(named, str) and named in zone_names() else quiet.otherwise)


def _group(account: "Account", holdout: Holdout | None, rival: Rival) -> Group | None:
    if holdout is None or not rival.is_held_out:
        return None
    return Group.HOLDOUT if holdout.holds(account.id) else Group.TREATMENT


def _tell(account: "Account", candidate: Candidate, decided: ContactDecided) -> None:
    """Put the decision into the record that has just been said, or say another of the same episode."""
    if candidate.said is not None:
        account.amend(candidate.said, decided)
        return
    tell_again(account, candidate.place, _now(account), candidate.play, candidate.user, decided)


def _reschedule(account: "Account") -> None:
    account.rare.release_at = min((one.due for one in account.outreach.held.values()), default=0)
