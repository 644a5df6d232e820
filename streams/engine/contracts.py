"""Beside revenue: the contract that runs. Each end has one outcome, examined after what the account pays.

Billing and CRM tell of one renewal in several calls, a new date, a new price, the event itself, in any order. So what
is known of an outcome settles for a day, and what stood before those calls is kept: it is what was renewed.
"""

from typing import TYPE_CHECKING

import msgspec

from schemas.spans import DAY_MS
from schemas.state import Contract
from streams.engine.event import Event
from streams.engine.ids import output_id
from streams.engine.outputs import RenewalDecided, RenewalOutcome
from streams.engine.predicates import Due, Finding
from streams.engine.renewal import Renewal, forecast_now, running
from streams.engine.times import rfc3339

if TYPE_CHECKING:
    from streams.engine.account import Account

SETTLES_MS = DAY_MS


def contract_dues(renewal: Renewal | None) -> tuple[Due, ...]:
    """When a forecast is to be taken, and when an outcome is certain."""
    if renewal is None:
        return ()

    def forecast_at(account: "Account") -> int:
        contract = running(account)
        return 0 if contract is None or not _awaits_forecast(contract) else contract.ends_at - renewal.before_ms

    def decided_at(account: "Account") -> int:
        contract = running(account)
        return 0 if contract is None else _decided_at(contract, renewal)

    return forecast_at, decided_at


def take_renewal(account: "Account", event: Event) -> bool:
    """Take note of an event that renews the contract; True if that is news."""
    contract = running(account)
    if contract is None or contract.renewed_at:
        return False
    if abs(event.at - contract.moved_at) <= SETTLES_MS:
        if not contract.ends_was:
            return False  # the contract has just begun: the event is of its beginning
        if contract.ends_was < contract.ends_at:
            contract.ends_at, contract.forecast = contract.ends_was, contract.forecast_was
    _renew(account, contract, event.at)
    return True


def examine_contract(account: "Account") -> None:
    """See what has become of the contract, and whether another has begun."""
    renewal = account.journey.renewal
    assert renewal is not None
    if (contract := running(account)) is not None:
        _follow_money(account, contract)
        _follow_date(account, contract, renewal)
        _settle(account, contract, renewal)
        if _decided_at(contract, renewal) <= account.hot.decided:
            _end(account, contract, renewal)
    if running(account) is None:
        _begin(account, renewal)
    _forecast(account, renewal)


def _decided_at(contract: Contract, renewal: Renewal) -> int:
    return contract.settles_at or max(contract.ends_at + renewal.grace_ms, contract.moved_at + SETTLES_MS)


def _awaits_forecast(contract: Contract) -> bool:
    """Whether the forecast that its outcome is held against is yet to be taken, and not too late."""
    return not contract.forecast and not contract.settles_at


def _renew(account: "Account", contract: Contract, at: int) -> None:
    contract.renewed_at = at
    contract.settles_at = max(at, account.hot.decided) + SETTLES_MS


def _begin(account: "Account", renewal: Renewal) -> None:
    """Follow a contract whose end was not told yet, unless it is long over, or its account lost."""
    date, before = account.trait(renewal.ends), account.rare.contract or Contract()
    if not isinstance(date, int) or date == before.told_for or is_lost(account):
        return
    if date + renewal.grace_ms > account.hot.decided:
        mrr = account.books.mrr
        account.rare.contract = Contract(
            date, account.instant, mrr=mrr, mrr_was=mrr, told=before.told, told_for=before.told_for
        )


def _forecast(account: "Account", renewal: Renewal) -> None:
    contract = running(account)
    if contract is None or not _awaits_forecast(contract):
        return
    if contract.ends_at - renewal.before_ms <= account.hot.decided:
        contract.forecast = forecast_now(account, renewal)


def _follow_money(account: "Account", contract: Contract) -> None:
    if account.books.mrr != contract.mrr:
        if account.instant - contract.mrr_changed_at > SETTLES_MS:
            contract.mrr_was = contract.mrr
        contract.mrr, contract.mrr_changed_at = account.books.mrr, account.instant


def _follow_date(account: "Account", contract: Contract, renewal: Renewal) -> None:
    """A date moves with its contract; one that moves on after the end has passed renews it."""
    date = account.trait(renewal.ends)
    if contract.renewed_at or not isinstance(date, int) or date == contract.ends_at:
        return
    has_stood = account.instant - contract.moved_at > SETTLES_MS
    if has_stood and contract.ends_at <= account.instant < date:
        _renew(account, contract, account.instant)
        return
    if has_stood:
        contract.ends_was, contract.forecast_was = contract.ends_at, contract.forecast
    contract.ends_at, contract.moved_at = date, account.instant
    if date - renewal.before_ms > account.hot.decided:
        contract.forecast = None  # it will stand anew, so long before the new end


def _settle(account: "Account", contract: Contract, renewal: Renewal) -> None:
    """What is lost, or has no end any more, is so once it has stayed so."""
    if contract.renewed_at:
        return
    if not is_lost(account) and account.trait(renewal.ends) is not None:
        contract.settles_at = 0
    elif not contract.settles_at:
        contract.settles_at = max(account.instant, account.hot.decided) + SETTLES_MS


def is_lost(account: "Account") -> bool:
    """Whether the account pays nothing any more."""
    revenue, books = account.journey.revenue, account.books
    return (revenue is not None and account.hot.stage in revenue.lost) or (books.moves > 0 and not books.mrr)


def _end(account: "Account", contract: Contract, renewal: Renewal) -> None:
    known_at = contract.renewed_at or (contract.settles_at or account.instant) - SETTLES_MS
    before = contract.mrr_was if contract.mrr_changed_at >= known_at - SETTLES_MS else contract.mrr
    outcome = _outcome(account, contract, before)
    ended = msgspec.structs.replace(contract, ends_at=0)
    if outcome is not None:
        ended.told += 1
        ended.told_for = 0 if outcome is RenewalOutcome.CHURNED else contract.ends_at
        _tell(account, msgspec.structs.replace(contract, mrr=before, told=ended.told), outcome, renewal)
    account.rare.contract = ended


def _outcome(account: "Account", contract: Contract, before: int) -> RenewalOutcome | None:
    """How it ended; None where it only has no end any more."""
    if is_lost(account):
        return RenewalOutcome.CHURNED
    if not contract.renewed_at:
        return None if contract.settles_at else RenewalOutcome.LAPSED
    if account.books.mrr == before:
        return RenewalOutcome.RENEWED
    return RenewalOutcome.EXPANDED if account.books.mrr > before else RenewalOutcome.CONTRACTED


def _tell(account: "Account", contract: Contract, outcome: RenewalOutcome, renewal: Renewal) -> None:
    account.say(
        RenewalDecided(
            id=output_id(account.id, "renewal", contract.told, outcome),
            account=account.id,
            segment=account.segment,
            at=account.instant,
            rule="renewal",
            outcome=outcome,
            ends_at=contract.ends_at,
            renewed_at=contract.renewed_at or None,
            before=contract.mrr,
            after=account.books.mrr if outcome.is_kept else 0,
            forecast=contract.forecast,
            evidence=account.evidence_of(_because(account, contract, renewal)),
        )
    )


def _because(account: "Account", contract: Contract, renewal: Renewal) -> list[Finding]:
    """When it was to end, what the date says now, and whether and when it was renewed; what was paid, and is."""
    date = account.trait(renewal.ends)
    return [
        {
            "contract": renewal.ends_name,
            "ended": rfc3339(contract.ends_at),
            "value": rfc3339(date) if isinstance(date, int) else None,
        },
        {"renewed": list(renewal.renewed), "at": rfc3339(contract.renewed_at) if contract.renewed_at else None},
        {"mrr": account.books.mrr, "was": contract.mrr, "stage": account.journey.stages[account.hot.stage]},
    ]
