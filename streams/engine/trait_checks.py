"""Beside the path: what the traits of a group call must not say, as a journey declares it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from schemas import journey as file

Value = int | float | str | None
Fault = Callable[[Value, Mapping[str, object], Mapping[str, Value]], str | None]
"""What is wrong with a value, by the other members of its call as they came, and by the traits read from them."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one trait must not be."""

    trait: str
    fault: Fault


def checks_of(source: file.Journey) -> tuple[Check, ...]:
    """Compile the checks of a journey, in the order of the file."""
    currency = source.revenue.currency if source.revenue else None
    return tuple(Check(trait, fault) for trait, check in source.checks.items() for fault in _faults(check, currency))


def fault_in(checks: Iterable[Check], members: Mapping[str, object], traits: Mapping[str, Value]) -> str | None:
    """The first fault in the traits of one call; a trait it does not set, or clears, has none."""
    for check in checks:
        value = traits.get(check.trait)
        if value is not None and (found := check.fault(value, members, traits)):
            return f"{check.trait} {found}"
    return None


def _faults(check: file.Check, currency: str | None) -> Iterable[Fault]:
    if check.at_least is not None:
        yield _bound(lambda value, bound: value < bound, "is below", check.at_least)
    if check.at_most is not None:
        yield _bound(lambda value, bound: value > bound, "is above", check.at_most)
    if check.whole:
        yield lambda value, _, __: "is not whole" if isinstance(value, float) and not value.is_integer() else None
    if check.not_before is not None:
        yield _not_before(check.not_before)
    if check.currency is not None:
        yield _in_currency(check.currency, currency)


def _bound(beyond: Callable[[float, float], bool], words: str, bound: float) -> Fault:
    def fault(value: Value, _: Mapping[str, object], __: Mapping[str, Value]) -> str | None:
        return f"{words} {bound:g}" if isinstance(value, int | float) and beyond(value, bound) else None

    return fault


def _not_before(other: str) -> Fault:
    """Only what one call says is compared: what calls say apart would depend on their order."""

    def fault(value: Value, _: Mapping[str, object], traits: Mapping[str, Value]) -> str | None:
        first = traits.get(other)
        comes_before = isinstance(value, int) and isinstance(first, int) and value < first
        return f"comes before {other}" if comes_before else None

    return fault


def _in_currency(member: str, currency: str | None) -> Fault:
    def fault(_: Value, members: Mapping[str, object], __: Mapping[str, Value]) -> str | None:
        given = members.get(member)
        return None if given in (None, currency) else f"is not in {currency}"

    return fault
