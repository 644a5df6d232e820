"""Lives of wild values: sound calls, whose ids, names, instants, properties and traits are whatever JSON can say.

A stream is made from choices, so that a seed, Hypothesis or a fuzzer's bytes can drive it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import orjson

from schemas.journey import Journey, TraitKind
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.times import LAST_AT, rfc3339
from tests.driver import START

T = TypeVar("T")
Choose = Callable[[int], int]
"""A number from 0 to below the one given."""

NUMBERS: Final = [
    0, 1, -1, 49, 0.1, -0.0, 5e-324, 1e-9, 1e15, 10**12, 2**53, 2**53 + 1, 2**63 - 1, 2**64 - 1, -(2**63), 1e308, -1e308
]  # fmt: skip
TEXTS: Final = [
    "", "free", "pro", "enterprise", "admin", "champion", "EUR", "USD", "Europe/London", "Mars/Olympus", "localtime",
    "../../etc/passwd", "\u202e", "e\u0301", "\u00e9", "a\nb", "\x00", "x" * 255, "x" * 256
]  # fmt: skip
DATES: Final = [
    "2026-01-20", "2026-02-01T10:00:00Z", "2026-06-01", "2027-01-01T00:00:00+14:00", "1970-01-02", "9999-12-31",
    "9999-12-31T23:59:59.999Z", "2026-02-30", "0001-01-01", "20260131", "2026-W05", "1970-01-01T00:00:00.001Z"
]  # fmt: skip
ODD: Final = [None, True, False, [], {}, [1, "admin"], ["admin", "champion"], {"a": 1}, [[["x"]]], ["x"] * 50]
USERS: Final = ["ann", "bob", "visitor", "x" * 255, "\u00e9", "e\u0301", "\u202eann"]
ACCOUNTS: Final = ["acme", "globex", "\u00e9", "x" * 255, None]
GAPS_MS: Final = [0, 1, MINUTE_MS, HOUR_MS, 5 * HOUR_MS, DAY_MS, 9 * DAY_MS]
DELAYS_MS: Final = [
    0,
    0,
    0,
    1,
    HOUR_MS,
    HOUR_MS + 1,
    3 * DAY_MS,
    90 * DAY_MS,
    LAST_AT,
    -MINUTE_MS,
    -300 * DAY_MS,
    -LAST_AT,
]
MEMBERS: Final = ["id", "rows", "seats", "score", "ticket_id", "amount"]
USER_TRAITS: Final = ["timezone", "role", "team", "unsubscribed", "title"]
FITTING: Final[Mapping[TraitKind, Sequence[object]]] = {
    TraitKind.NUMBER: NUMBERS, TraitKind.TEXT: TEXTS, TraitKind.DATE: DATES,
}  # fmt: skip


def life(source: Journey, choose: Choose, messages: int) -> Iterator[bytes]:
    """So many messages of the customers of a journey; some are redelivered."""
    now, before = START, b""
    for number in range(messages):
        now += _one(choose, GAPS_MS)
        if before and choose(20) == 0:
            yield before
        stamps = {"messageId": f"m{number}", "receivedAt": rfc3339(now)}
        happened_at = max(0, min(LAST_AT, now - _one(choose, DELAYS_MS)))
        call = {"userId": _one(choose, USERS), "timestamp": rfc3339(happened_at), **_call(source, choose)}
        if account := _one(choose, ACCOUNTS):
            call["context"] = {"groupId": account}
        before = orjson.dumps(stamps | call)
        yield before


def _call(source: Journey, choose: Choose) -> dict[str, object]:
    kind = choose(10)
    if kind < 5:
        event = _one(choose, [*source.events, "$page", "$group", "$alias", "Never Declared"])
        required = source.events[event].required if event in source.events else ()
        return {"type": "track", "event": event, "properties": _members(choose, [*required, *MEMBERS])}
    if kind < 8:
        traits = {name: _trait(choose, source.traits[name]) for name in _some(choose, list(source.traits))}
        return {"type": "group", "groupId": _one(choose, ACCOUNTS[:-1]), "traits": traits}
    if kind == 8:
        return {"type": "identify", "traits": _members(choose, USER_TRAITS), "anonymousId": _one(choose, USERS)}
    return {"type": "alias", "previousId": _one(choose, USERS)}


def _members(choose: Choose, names: Sequence[str]) -> dict[str, object]:
    kinds: list[Sequence[object]] = [NUMBERS, TEXTS, DATES, ODD]
    return {name: _one(choose, _one(choose, kinds)) for name in _some(choose, names)}


def _trait(choose: Choose, kind: TraitKind) -> object:
    """Mostly of its kind: a call with one wrong trait is refused whole."""
    return _one(choose, ODD) if choose(30) == 0 else _one(choose, FITTING[kind])


def _some(choose: Choose, names: Sequence[str]) -> Sequence[str]:
    start = choose(len(names)) if names else 0
    return names[start : start + choose(4)]


def _one(choose: Choose, values: Sequence[T]) -> T:
    return values[choose(len(values))]
