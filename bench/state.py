"""State: what one account costs in bytes under the whole reference journey, once its days are full.

Every user says who they are and works each day, over all events of the product; tickets are opened and most are closed,
questions answered, contracts dated. What is packed is what a commit writes to the changelog: the hot part with each
commit in which the account had events, the cold part once a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import orjson

from bench.journeys import reference
from bench.load import BEGIN_MS
from schemas.journey import Journey, Source
from schemas.spans import DAY_MS, MINUTE_MS
from streams.engine.account import Account
from streams.engine.compiler import compile_journey
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.instruments import Sources
from streams.engine.times import rfc3339

TRAITS = {
    "plan": "business", "seats": 600, "mrr": 1_499_000, "employees": 4_000, "industry": "manufacturing",
    "acquisition_channel": "partner", "use_case": "automation", "sold_use_case": "reporting", "csm": "Sam",
    "account_executive": "Ada", "timezone": "Europe/Paris", "trial_starts_at": "2026-03-02",
    "trial_ends_at": "2026-03-16", "contract_starts_at": "2026-03-16", "contract_ends_at": "2026-06-30",
}  # fmt: skip
WHO = ({"role": "admin", "team": "it"}, {"role": "member"}, {"role": "champion", "team": "finance"})
ZONE = {"timezone": "America/New_York"}
EXTRA = ("Ticket Opened", "Ticket Resolved", "Ticket Opened", "NPS Answered", "CSAT Answered", "Invoice Failed")


class Busy(NamedTuple):
    """How much goes on in an account."""

    name: str
    users: int
    events_a_day: int


TYPICAL, HEAVY = Busy("typical", 8, 25), Busy("heavy", 500, 20_000)


@dataclass(frozen=True)
class Size:
    """What an account costs, in bytes as packed."""

    name: str
    users: int
    events_a_day: int
    days: int
    hot: int
    cold: int


def measure(busy: Busy, days: int) -> Size:
    """Let one account live, and pack it late on its last day."""
    source = reference()
    journey = compile_journey(source)
    account = Account.begin(journey, "account-0001", Sources(journey.instruments.names))
    for event in _life(source, busy, days):
        account.receive(event)
    packed = account.snapshot()
    return Size(busy.name, busy.users, busy.events_a_day, days, len(packed.hot), len(packed.cold or b""))


def _life(source: Journey, busy: Busy, days: int) -> Iterator[Event]:
    choose = Random(20_260_302)  # noqa: S311  no secret hangs on it
    product = [name for name, event in source.events.items() if event.source is Source.PRODUCT]
    users = [f"user-{number}@customer.example" for number in range(busy.users)]
    for day in range(days):
        at = BEGIN_MS + day * DAY_MS
        yield _call(f"g{day}", at, users[0], type="group", groupId="account-0001", traits=TRAITS)
        for number, user in enumerate(users if day == 0 else ()):
            yield _call(f"i{number}", at + number, user, type="identify", traits=WHO[number % len(WHO)] | ZONE)
        for number in range(busy.events_a_day):
            event = product[choose.randrange(len(product))]
            user = users[number % len(users)]
            yield _call(f"{day}-{number}", at + MINUTE_MS + number * 86_000_000 // busy.events_a_day, user, event=event)
        for number, event in enumerate(EXTRA):
            said = {"ticket_id": f"T{day}-{number // 2}", "score": day % 11}
            yield _call(f"x{day}-{number}", at + DAY_MS - MINUTE_MS + number, users[0], event=event, properties=said)


def _call(message_id: str, at: int, user: str, **members: object) -> Event:
    instant = rfc3339(at)
    call = {"type": "track", "messageId": message_id, "userId": user, "timestamp": instant, "receivedAt": instant}
    event = decode(orjson.dumps(call | members))
    assert isinstance(event, Event)
    return event
