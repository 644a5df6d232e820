"""What an alert says of itself: one record as it fires, is told again when it may be sent, or is over."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

import msgspec

from schemas.journey import TraitKind
from streams.engine.anchors import has_moved
from streams.engine.cases import handed_over
from streams.engine.health import drivers_of
from streams.engine.ids import output_id
from streams.engine.outputs import AlertChanged, AlertStatus, ContactDecided
from streams.engine.personas import personas_of
from streams.engine.predicates import Finding, negate
from streams.engine.proof import proof_of
from streams.engine.times import rfc3339

if TYPE_CHECKING:
    from streams.engine.account import Account

TOP_DRIVERS = 3
"""How many drivers an alert of kind risk tells."""


def tell_alert(account: "Account", place: int, status: AlertStatus, at: int, play: str | None) -> int:
    """Say that an alert fires or is over; where the record stands among the outputs."""
    user = account.cause.user if account.cause else None
    return account.say(_record(account, place, status, at, play, user))


def tell_raised(account: "Account", place: int, play: str | None) -> None:
    """Say that an alert which fires has come to its second grade: of the same episode, under an id of its own."""
    user = account.cause.user if account.cause else None
    record = _record(account, place, AlertStatus.FIRING, account.instant, play, user)
    own_id = output_id(account.id, record.rule, record.episode, "raised")
    account.say(msgspec.structs.replace(record, id=own_id, is_again=True))


def tell_again(
    account: "Account", place: int, at: int, play: str | None, user: str | None, decided: ContactDecided
) -> None:
    """Say what is decided, at `at`, of an alert that still fires: of the same episode, under an id of its own."""
    record = _record(account, place, AlertStatus.FIRING, at, play, user)
    own_id = output_id(account.id, record.rule, record.episode, f"contact {decided.attempt}")
    account.say(msgspec.structs.replace(record, id=own_id, contact=decided, is_again=True))


def _record(
    account: "Account", place: int, status: AlertStatus, at: int, play: str | None, user: str | None
) -> AlertChanged:
    alert, episode = account.journey.alerts[place], account.rare.alerts[place].number
    case, vital = account.rare.cases.get(place), account.journey.vital
    rule, fires = f"alerts.{alert.name}", status is AlertStatus.FIRING
    return AlertChanged(
        id=output_id(account.id, rule, episode, status),
        account=account.id,
        segment=account.segment,
        at=at,
        rule=rule,
        episode=episode,
        status=status,
        stage=account.journey.stages[account.hot.stage],
        user=user,
        persona=() if user is None else personas_of(account, user),
        evidence=account.evidence_of(_because(account, place, status)),
        play=play,
        owner=None if case is None else case.owner,
        handed=handed_over(account, alert.handoff, place) if fires and alert.handoff is not None else None,
        drivers=drivers_of(account, vital)[:TOP_DRIVERS] if vital and fires and alert.tells_drivers else (),
        proof=proof_of(account, alert.proving) if alert.proving and fires else None,
        raised=account.rare.alerts[place].raised,
    )


def _because(account: "Account", place: int, status: AlertStatus) -> list[Finding]:
    alert = account.journey.alerts[place]
    match status:
        case AlertStatus.FIRING:
            raised = alert.raised.evidence(account) if account.rare.alerts[place].raised else []
            return raised or alert.when.evidence(account)
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
