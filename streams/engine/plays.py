"""Beside the path: which play an alert carries, the first of its rule's that fits the account as it fires."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from streams.engine.places import Places
from streams.engine.predicates import Predicate, all_of

if TYPE_CHECKING:
    from streams.engine.account import Account

Compile = Callable[[file.Condition, Places], Predicate]


@dataclass(frozen=True, slots=True)
class Option:
    """A play that a rule may carry, and for whom it is; None for everybody."""

    name: str
    fits: Predicate | None


Options = tuple[Option, ...]


def options_of(rule: file.AlertRule, places: Places, compile_one: Compile) -> Options:
    """The plays of a rule, in the order in which they are tried."""
    plays = places.journey.plays
    return tuple(Option(name, _limit(plays[name].limits, places, compile_one)) for name in rule.play or ())


def _limit(limits: Iterable[file.Condition], places: Places, compile_one: Compile) -> Predicate | None:
    parts = [compile_one(limit, places) for limit in limits]
    return all_of(parts) if parts else None


def choose(account: "Account", place: int) -> str | None:
    """The play of an alert that fires now; None if none of its rule's is for this account as it stands."""
    options = account.journey.alerts[place].plays
    chosen = next((option.name for option in options if option.fits is None or option.fits.holds(account)), None)
    if not _is_certain(options):
        account.outreach.plays[place] = chosen or ""
    return chosen


def chosen(account: "Account", place: int) -> str | None:
    """The play that an alert was fired with, whatever the account has become since."""
    options = account.journey.alerts[place].plays
    if _is_certain(options):
        return options[0].name if options else None
    return account.outreach.plays.get(place) or None


def _is_certain(options: Options) -> bool:
    """Whether the rule alone says which it is, so that nothing need be remembered."""
    return not options or options[0].fits is None
