"""The drivers of churn over a customer base: how many accounts each applies to, and what is at stake with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TOP_ACCOUNTS = 5
"""How many accounts are named under a driver."""


@dataclass(frozen=True, slots=True)
class RankedDriver:
    """One driver. `at_stake`: risk x revenue added up, in minor units; `unvalued`: accounts of unknown revenue."""

    driver: str
    accounts: int
    unvalued: int
    at_stake: int
    currency: str | None
    expected_losses: float
    """Risk added up: how many accounts are expected to leave for it."""
    top: tuple[tuple[str, int], ...]
    """The accounts with most at stake."""


def rank_drivers(bodies: Iterable[Mapping[str, Any]]) -> list[RankedDriver]:
    """Rank by what is at stake, then by expected losses, then by name. Of each account the last body counts."""
    latest = {body["account_id"]: body for body in bodies}
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    currency: str | None = None
    for account, body in latest.items():
        currency = body["currency"]
        for driver in body["drivers"]:
            found.setdefault(driver["driver"], []).append((account, driver))
    ranked = [_ranked(name, held, currency) for name, held in found.items()]
    return sorted(ranked, key=lambda one: (-one.at_stake, -one.expected_losses, one.driver))


def _ranked(name: str, held: list[tuple[str, Mapping[str, Any]]], currency: str | None) -> RankedDriver:
    valued = [(account, driver["at_stake"]) for account, driver in held if driver["at_stake"] is not None]
    most = sorted(valued, key=lambda pair: (-pair[1], pair[0]))
    return RankedDriver(
        driver=name,
        accounts=len(held),
        unvalued=len(held) - len(valued),
        at_stake=sum(at_stake for _, at_stake in valued),
        currency=currency,
        expected_losses=round(sum(driver["risk"] for _, driver in held), 4),
        top=tuple(most[:TOP_ACCOUNTS]),
    )
