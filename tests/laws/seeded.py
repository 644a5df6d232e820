"""Long random streams from a seed, for laws about size and about other processes, where shrinking is of no use."""

from collections.abc import Iterator
from random import Random

import orjson

from streams.engine.times import rfc3339
from tests.driver import START
from tests.laws.streams import ACCOUNTS, GAPS_MS, LATE_MS, NAMES, ON_TIME_MS, TRAITS, USER_TRAITS


def life(
    random: Random, messages: int, *, users: int = 30, gaps_ms: list[int] = GAPS_MS[:6], late: float = 0.1
) -> Iterator[bytes]:
    """So many messages, with now and then a late one, a group call, a redelivery."""
    now, before = START, b""
    for number in range(messages):
        now += random.choice(gaps_ms)
        delay_ms = random.choice(LATE_MS if random.random() < late else ON_TIME_MS)
        if before and random.random() < 0.05:
            yield before
        before = _message(random, number, now, delay_ms, users)
        yield before


def _message(random: Random, number: int, now: int, delay_ms: int, users: int) -> bytes:
    call: dict[str, object] = {
        "messageId": f"m{number}",
        "userId": f"u{random.randrange(users)}",
        "timestamp": rfc3339(now - delay_ms),
        "receivedAt": rfc3339(now),
    }
    account = random.choice(ACCOUNTS)
    if random.random() < 0.1:
        call |= {"type": "group", "groupId": account, "traits": random.choice(TRAITS)}
    elif random.random() < 0.05:
        call |= {"type": "identify", "traits": random.choice(USER_TRAITS), "context": {"groupId": account}}
    else:
        call |= {"type": "track", "event": random.choice(NAMES), "context": {"groupId": account}}
        call["properties"] = {"format": "csv", "rows": number % 7, "id": number // 3}
    return orjson.dumps(call)
