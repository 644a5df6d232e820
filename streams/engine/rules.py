"""Sixth on the path: milestones and alerts, examined when something they read has changed."""

from typing import TYPE_CHECKING

from schemas.state import Episode
from streams.engine.alerting import tell_alert, tell_raised
from streams.engine.anchors import has_moved, is_untold, told_for
from streams.engine.cases import close_case, follow_case, open_case
from streams.engine.compiled import Alert
from streams.engine.ids import output_id
from streams.engine.outputs import AlertStatus, MilestoneReached
from streams.engine.outreach import propose, withdraw
from streams.engine.plays import choose, chosen

if TYPE_CHECKING:
    from streams.engine.account import Account


def examine_milestone(account: "Account", place: int) -> int:
    """Reach a milestone if it is true now and was not before; the examinations that wakes."""
    milestone = account.journey.milestones[place]
    if account.settled >> place & 1 or not milestone.when.holds(account):
        return 0
    account.settled |= 1 << place
    account.rare.reached[place] = account.instant
    rule = f"milestones.{milestone.name}"
    account.say(
        MilestoneReached(
            id=output_id(account.id, rule, 1, "reached"),
            account=account.id,
            segment=account.segment,
            at=account.instant,
            rule=rule,
            since_at=account.hot.born_at,
            activation=milestone.activation,
            evidence=account.evidence(milestone.when),
        )
    )
    return milestone.wakes


def examine_alert(account: "Account", place: int) -> None:
    """Fire an alert that has come to hold and is not cooling down; resolve one that is over.

    One that ended by its own `until` while `when` still held must cease to hold before it fires again.
    """
    alert = account.journey.alerts[place]
    episode = account.rare.alerts.get(place)
    if episode is not None and episode.firing:
        if not alert.until.holds(account) and not has_moved(account, alert.once_per, episode):
            _follow(account, place)
            return
        end_alert(account, place, AlertStatus.RESOLVED)
        if alert.once_per is None:
            return
    if not alert.when.holds(account):
        if episode is not None and not episode.is_armed:
            account.arm(episode, is_armed=True)
        return
    if not may_fire(account, alert, episode):
        return
    number = 1 if episode is None else episode.number + 1
    told, raised = told_for(account, alert.once_per, episode), alert.raised.holds(account)
    account.rare.alerts[place] = episode = Episode(number, account.instant, firing=True, told_for=told, raised=raised)
    account.arm(episode, is_armed=True)
    account.settled |= account.journey.stage_bit << 1 + place
    if alert.handoff is not None:
        open_case(account, alert.handoff, place, number)
    _say(account, place, AlertStatus.FIRING, account.instant)
    if alert.handoff is not None:  # nobody may fit, or the answer have come before its cause
        follow_case(account, alert.handoff, place)


def may_fire(account: "Account", alert: Alert, episode: Episode | None) -> bool:
    """Whether nothing holds an alert back whose condition holds."""
    if alert.once_per is not None:
        is_armed = is_untold(account, alert.once_per, episode)
    else:
        is_armed = episode is None or episode.is_armed
    return is_armed and (episode is None or account.instant >= episode.fired_at + alert.cooldown_ms)


def end_alert(account: "Account", place: int, status: AlertStatus) -> None:
    """End an alert that fires, and what waits on it. One that is retracted never fired: no cooldown follows it."""
    alert, episode = account.journey.alerts[place], account.rare.alerts[place]
    # An event out of order may end what a later one has begun.
    at = max(account.instant, episode.fired_at)
    episode.firing = False
    account.arm(episode, is_armed=not alert.when.holds(account))
    if status is AlertStatus.RETRACTED:
        episode.fired_at = 0
        episode.told_for = episode.told_for[:-1]
    account.settled &= ~(account.journey.stage_bit << 1 + place)
    _say(account, place, status, at)
    close_case(account, alert.handoff, place)


def _follow(account: "Account", place: int) -> None:
    """See whether an alert that fires matters more by now, and how far its handoff has come."""
    alert, episode = account.journey.alerts[place], account.rare.alerts[place]
    if not episode.raised and alert.raised.holds(account):
        episode.raised = True
        # Nobody is written to twice about one episode: nothing is proposed.
        tell_raised(account, place, chosen(account, place))
    if alert.handoff is not None:
        follow_case(account, alert.handoff, place)


def _say(account: "Account", place: int, status: AlertStatus, at: int) -> None:
    if status is AlertStatus.FIRING:
        play = choose(account, place)
        propose(account, place, play, tell_alert(account, place, status, at, play))
    else:
        tell_alert(account, place, status, at, chosen(account, place))
        withdraw(account, place)
