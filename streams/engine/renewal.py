"""Beside revenue: how likely a contract is renewed, read from the journey's forecast line by line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from schemas.state import Contract, Forecast
from streams.engine.outputs import Prospects
from streams.engine.places import Note, Places
from streams.engine.predicates import Finding, Predicate

if TYPE_CHECKING:
    from streams.engine.account import Account

Compile = Callable[[file.Condition, Places], Predicate]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the forecast. `when` and `firing` are None where it asks for none."""

    name: str
    likelihood: float
    when: Predicate | None
    firing: frozenset[int] | None
    """The places of alerts, one of which must fire."""

    def applies(self, account: "Account") -> bool:
        """Whether the account is one of those the line is for."""
        if self.when is not None and not self.when.holds(account):
            return False
        return self.firing is None or bool(self._fires(account))

    def because(self, account: "Account") -> list[Finding]:
        """What the line asks for, as it is seen."""
        found: list[Finding] = [] if self.when is None else self.when.evidence(account)
        return found + [{"firing": account.journey.alerts[place].name} for place in self._fires(account)]

    def _fires(self, account: "Account") -> list[int]:
        return [place for place in self.firing or () if (held := account.rare.alerts.get(place)) and held.firing]


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a journey declares of renewals."""

    ends: int
    """The place of the trait that says when the contract ends."""
    ends_name: str
    renewed: tuple[str, ...]
    before_ms: int
    grace_ms: int
    lines: tuple[Line, ...]


def compile_renewal(source: file.Journey, places: Places, compile_condition: Compile) -> Renewal | None:
    """Compile `renewal`; None where it is not declared. Its events are noted from now on."""
    declared = source.renewal
    if declared is None:
        return None
    alerts = list(source.alerts)
    lines = tuple(
        Line(
            name,
            line.likelihood,
            None if line.when is None else compile_condition(line.when, places),
            None if line.firing is None else frozenset(alerts.index(alert) for alert in line.firing),
        )
        for name, line in declared.forecast.items()
    )
    places.note(Note("renewed", declared.renewed, 0, ""))
    ends = list(source.traits).index(declared.ends)
    return Renewal(ends, declared.ends, declared.renewed, declared.forecast_before, declared.grace, lines)


def running(account: "Account") -> Contract | None:
    """The contract that runs; None where none does."""
    contract = account.rare.contract
    return contract if contract is not None and contract.ends_at else None


def forecast_now(account: "Account", renewal: Renewal) -> Forecast:
    """The forecast as things stand."""
    line = _line(account, renewal)
    return Forecast(line.name, line.likelihood, account.books.mrr, max(account.hot.decided, account.instant))


def prospects_of(account: "Account", renewal: Renewal) -> Prospects | None:
    """The contract that runs, with the forecast as things stand and what it rests on; None where none runs."""
    contract = running(account)
    if contract is None or contract.settles_at:
        return None
    line = _line(account, renewal)
    return Prospects(contract.ends_at, account.books.mrr, line.name, line.likelihood, line.because(account))


def _line(account: "Account", renewal: Renewal) -> Line:
    return next(line for line in renewal.lines if line.applies(account))
