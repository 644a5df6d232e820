"""What a test of a condition saw, as a sentence."""

from collections.abc import Callable
from typing import Any

from streams.cli.say import printable
from streams.engine.predicates import Finding
from streams.explain import Test

Found = dict[str, Any]


def sentence(test: Test) -> str:
    """What is asked, what is there, and how far it is from turning."""
    found: Found = test.finding
    said = next(word(found) for key, word in WORDS.items() if key in found)
    return printable(said + _gap(test))


def moment(at: object) -> str:
    """An instant as people read it, to the minute; `at` is RFC 3339 or None."""
    return f"{at[:10]} {at[11:16]}" if isinstance(at, str) else "never"


def names(of: object) -> str:
    """Events by name: 'Signed Up or Invited User'."""
    return " or ".join(map(str, of)) if isinstance(of, list) else str(of)


def _gap(test: Test) -> str:
    gap = gap_of(test.finding)
    if test.met or gap is None:
        return ""
    if "at_least" in test.finding and not test.negated:
        return f", {gap:g} to go"
    if "below" in test.finding and not test.negated:
        return f", {gap:g} away from it"
    return ""


def gap_of(finding: Finding) -> float | None:
    """How far a number is from its threshold; None where there is none."""
    value = finding.get("value", finding.get("times"))
    threshold = finding.get("at_least", finding.get("below"))
    if isinstance(value, int | float) and isinstance(threshold, int | float):
        return abs(threshold - value)
    return None


def _did(found: Found) -> str:
    what = f"did {names(found['did'])}"
    if "at_least" in found:
        over = f" from {found['window']['start'][:10]}" if "window" in found else ""
        return f"{what} at least {found['at_least']:g} times{over}: {found.get('value', found.get('times'))}"
    since = " in this stage" if "since" in found else ""
    return f"{what}{since}: last {moment(found['last_at'])}" if found["last_at"] else f"{what}{since}: never"


def _measure(found: Found) -> str:
    bound = f"at least {found['at_least']:g}" if "at_least" in found else f"below {found['below']:g}"
    value = "unknown" if found["value"] is None else f"{found['value']:g}"
    of = f" ({found['of']} of {found['to']})" if "to" in found else ""
    return f"{found['measure']} {bound}: {value}{of}"


def _reached(found: Found) -> str:
    return f"reached {found['reached']}: {'on ' + moment(found['at']) if found['at'] else 'not yet'}"


def _silent(found: Found) -> str:
    of = "" if found["silent"] == ["any"] else f" of {names(found['silent'])}"
    return f"silent{of} for {found['for']}: last event {moment(found['last_at'])}"


def _absent(found: Found) -> str:
    waiting = f"awaited since {moment(found['since'])}" if found["since"] else "not awaited"
    return f"no {names(found['absent'])} within {found['within']} after {names(found['after'])}: {waiting}"


def _sequence(found: Found) -> str:
    said = f"{names(found['sequence'])} within {found['within']} after {names(found['after'])}"
    return f"{said}: {'on ' + moment(found['at']) if found['at'] else 'not yet'}"


def _stage(found: Found) -> str:
    return f"in stage {names(found['is'])}: in {found['stage']}"


def _in_stage(found: Found) -> str:
    return f"in {found['in_stage']} for {found['for']}: since {moment(found['since'])}"


def _date(found: Found) -> str:
    bound = f"at most {found['within']} ahead" if "within" in found else f"past for {found['past']}"
    return f"{found['date']} {bound}: {found['value'][:10] if found['value'] else 'not set'}"


def _trait(found: Found) -> str:
    value = "not set" if found["value"] is None else found["value"]
    if "is" in found:
        return f"{found['trait']} is {names(found['is'])}: {value}"
    bound = f"at least {found['at_least']:g}" if "at_least" in found else f"below {found['below']:g}"
    return f"{found['trait']} {bound}: {value}"


def _usage_drop(found: Found) -> str:
    what = f"usage dropped ({found['grade']})"
    if "last_at" in found:
        return f"{what}: silent since {moment(found['last_at'])}, in hours in which it never is"
    if "baseline" not in found:
        return f"{what}: {found['outcome'].replace('_', ' ')}"
    return f"{what}: {found['value']} where {found['baseline']:g} were usual ({found['outcome']})"


def _segment(found: Found) -> str:
    wanted = " and ".join(f"{name} {names(kinds)}" for name, kinds in found["is"].items())
    return f"{wanted}: {', '.join(found['segment'].values())}"


def _health(found: Found) -> str:
    bound = f"at least {found['at_least']:g}" if "at_least" in found else f"below {found['below']:g}"
    return f"health {bound}: {'unknown' if found['value'] is None else found['value']}"


def _driver(found: Found) -> str:
    return f"driver {found['driver']}: {'applies' if found['applies'] else 'does not apply'}"


WORDS: dict[str, Callable[[Found], str]] = {
    "did": _did,
    "measure": _measure,
    "reached": _reached,
    "silent": _silent,
    "absent": _absent,
    "in_stage": _in_stage,
    "stage": _stage,
    "sequence": _sequence,
    "date": _date,
    "trait": _trait,
    "usage_drop": _usage_drop,
    "segment": _segment,
    "health": _health,
    "driver": _driver,
}
"""One for each kind of test; a test holds them equal to `streams.engine.leaves.LEAVES`."""
