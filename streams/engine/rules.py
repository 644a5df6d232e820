"""Sixth on the path: milestones and alerts, examined when something they read has changed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from schemas.journey import TraitKind
from schemas.state import Episode
from streams.engine.anchors import has_moved, is_untold, told_for
from streams.engine.cases import close_case, follow_case, open_case
from streams.engine.compiled import Alert
from streams.engine.health import drivers_of
from streams.engine.ids import output_id
from streams.engine.outputs import AlertChanged, AlertStatus, HandedOver, MilestoneReached
from streams.engine.outreach import propose, withdraw
from streams.engine.personas import personas_of
from streams.engine.plays import choose, chosen
from streams.engine.predicates import Finding, negate
from streams.engine.proof import proof_of
from streams.engine.times import rfc3339

if TYPE_CHECKING:
    from streams.engine.account import Account

TOP_DRIVERS = 3
"""How many drivers an alert of kind risk tells."""


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
            if alert.handoff is not None:
                follow_case(account, alert.handoff, place)
            return
        end_alert(account, place, AlertStatus.RESOLVED)
        if alert.once_per is None:
            return
    if not alert.when.holds(account):
        if episode is not None:
            episode.is_armed = True
        return
    if not may_fire(account, alert, episode):
        return
    number = 1 if episode is None else episode.number + 1
    told = told_for(account, alert.once_per, episode)
    account.rare.alerts[place] = Episode(number, account.instant, firing=True, told_for=told)
    account.settled |= account.journey.stage_bit << 1 + place
    handed = None if alert.handoff is None else open_case(account, alert.handoff, place, number)
    _say(account, place, AlertStatus.FIRING, account.instant, handed)
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
    episode.is_armed = not alert.when.holds(account)
    if status is AlertStatus.RETRACTED:
        episode.fired_at = 0
        episode.told_for = episode.told_for[:-1]
    account.settled &= ~(account.journey.stage_bit << 1 + place)
    _say(account, place, status, at)
    close_case(account, alert.handoff, place)


def _because(account: "Account", place: int, status: AlertStatus) -> list[Finding]:
    alert = account.journey.alerts[place]
    match status:
        case AlertStatus.FIRING:
            return alert.when.evidence(account)
        case AlertStatus.RESOLVED:
            moved = has_moved(account, alert.once_per, account.rare.alerts[place])
            return [*(_moved(account, place) if moved else ()), *alert.until.evidence(account)]
        case AlertStatus.RETRACTED:
            return negate(alert.when).evidence(account)
        case _:
            assert_never(status)


def _moved(account: "Account", place: int) -> Iterator[Finding]:
    """That the value an alert was told for is another now; dates as they are told elsewhere."""
    told, once_per = account.rare.alerts[place].told_for, account.journey.alerts[place].once_per
    for name, (trait, kind) in account.journey.traits.items():
        if trait == once_per:
            values = [account.trait(trait), *told[-1:]]
            if kind is TraitKind.DATE:
                values = [rfc3339(value) if isinstance(value, int) else None for value in values]
            yield {"once_per": name, "value": values[0], "was": values[-1]}


def _say(account: "Account", place: int, status: AlertStatus, at: int, handed: HandedOver | None = None) -> None:
    alert, episode = account.journey.alerts[place], account.rare.alerts[place].number
    case, vital = account.rare.cases.get(place), account.journey.vital
    rule, fires = f"alerts.{alert.name}", status is AlertStatus.FIRING
    play = choose(account, place) if fires else chosen(account, place)
    number = account.say(
        AlertChanged(
            id=output_id(account.id, rule, episode, status),
            account=account.id,
            segment=account.segment,
            at=at,
            rule=rule,
            episode=episode,
            status=status,
            stage=account.journey.stages[account.hot.stage],
            user=account.cause.user if account.cause else None,
            persona=personas_of(account),
            evidence=account.evidence_of(_because(account, place, status)),
            play=play,
            owner=None if case is None else case.owner,
            handed=handed,
            drivers=drivers_of(account, vital)[:TOP_DRIVERS] if vital and fires and alert.tells_drivers else (),
            proof=proof_of(account, alert.proving) if alert.proving and fires else None,
        )
    )
    if fires:
        propose(account, place, play, number)
    else:
        withdraw(account, place)
