"""Random streams: a few accounts and users over weeks, with gaps, disorder, late and future clocks, duplicates."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import yaml
from hypothesis import strategies as st

from schemas.journey import Journey
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.compiler import compile_journey
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.message import Message
from streams.engine.outputs import DeadLetter, FigureClosed, InstrumentationChanged, Linked, Output, PassedOn, Routed
from streams.engine.times import rfc3339
from streams.engine.users import RoutePartition
from tests.driver import START

SOURCE = Journey.model_validate(
    yaml.safe_load(Path(__file__).with_name("every_condition.yaml").read_text(encoding="utf-8"))
)
JOURNEY = compile_journey(SOURCE)
LATENESS_MS = JOURNEY.lateness_ms
END = START + 400 * DAY_MS
"""Later than any stream: by then time has decided all it will."""

GAPS_MS = [0, 1, MINUTE_MS, HOUR_MS, 5 * HOUR_MS, DAY_MS, 2 * DAY_MS, 9 * DAY_MS, 20 * DAY_MS]
ON_TIME_MS = [0, 1, MINUTE_MS, 30 * MINUTE_MS, LATENESS_MS - 1, LATENESS_MS]
LATE_MS = [LATENESS_MS + 1, 3 * HOUR_MS, DAY_MS, 3 * DAY_MS, 30 * DAY_MS, 90 * DAY_MS]
FUTURE_MS = [-MINUTE_MS, -300 * DAY_MS]

ACCOUNTS = ["acme", "globex", "initech"]
USERS = ["ann", "bob", "cyd", "dan"]
NAMES = [*SOURCE.events, "Never Declared"]
TRAITS: list[dict[str, object] | None] = [
    None,
    {},
    {"seats": 2},
    {"seats": 7.5, "plan": "team"},
    {"plan": None, "seats": None},
    {"contract_ends_at": rfc3339(START + 20 * DAY_MS), "plan": "free"},
    {"contract_ends_at": "2026-02-20"},
    {"contract_ends_at": None},
    {"seats": "many"},
    {"timezone": "Asia/Tokyo"},
    {"timezone": "No/Where"},
    {"seats": -2},
    {"contract_starts_at": "2026-03-01", "contract_ends_at": "2026-02-28"},
]


PROPERTIES: list[dict[str, object]] = [
    {"format": "csv"},
    {"format": "csv", "rows": 3},
    {"format": "csv", "rows": -1.5},
    {"format": "csv", "rows": 12.001},
    {"format": "csv", "rows": "many"},
    {},
]


USER_TRAITS: list[dict[str, object] | None] = [
    None,
    {"role": "champion", "timezone": "Asia/Tokyo"},
    {"unsubscribed": True},
    {"unsubscribed": False},
    {"role": "owner", "team": "security"},
    {"role": ["maker", 7]},
    {"role": ["maker", "other"], "team": None},
    {"role": "nobody"},
]


@dataclass(frozen=True)
class Sent:
    """One message of a stream, with what the test knows of it."""

    at: int
    arrived_at: int
    call: dict[str, object] = field(hash=False)

    @property
    def value(self) -> bytes:
        """As bytes."""
        return orjson.dumps(self.call)

    @property
    def event(self) -> Event:
        """As the engine sees it; only for calls that are sound."""
        event = decode(self.value)
        assert isinstance(event, Event)
        return event


def _calls(accounts: list[str]) -> st.SearchStrategy[dict[str, object]]:
    user = st.sampled_from(USERS)
    context = st.sampled_from([{"groupId": account} for account in accounts])
    track = st.fixed_dictionaries(
        {
            "type": st.just("track"),
            "event": st.sampled_from(NAMES),
            "userId": user,
            "context": context,
            "properties": st.sampled_from(PROPERTIES),
        }
    )
    group = st.fixed_dictionaries(
        {
            "type": st.just("group"),
            "groupId": st.sampled_from(accounts),
            "userId": user,
            "traits": st.sampled_from(TRAITS),
        }
    )
    other = st.fixed_dictionaries(
        {
            "type": st.sampled_from(["page", "identify"]),
            "userId": user,
            "context": st.one_of(context, st.none()),
            "traits": st.sampled_from(USER_TRAITS),
        }
    )
    alias = st.fixed_dictionaries(
        {
            "type": st.just("alias"),
            "userId": user,
            "previousId": st.sampled_from([*USERS, "visitor"]),
            "context": st.one_of(context, st.none()),
        }
    )
    nobodys = st.fixed_dictionaries(
        {
            "type": st.just("track"),
            "event": st.sampled_from(["Report Viewed", "Account Removed User"]),
            "userId": st.sampled_from([*USERS, "visitor"]),
        }
    )
    member = st.fixed_dictionaries(
        {
            "type": st.just("track"),
            "event": st.sampled_from(["Account Added User", "Account Removed User"]),
            "userId": user,
            "context": context,
        }
    )
    return st.one_of(track, track, track, track, group, other, other, alias, nobodys, member)


DELAYS = st.one_of(
    st.just(0), st.just(0), st.sampled_from(ON_TIME_MS), st.sampled_from(ON_TIME_MS + LATE_MS + FUTURE_MS)
)


@st.composite
def streams(
    draw: st.DrawFn,
    *,
    accounts: int = 3,
    delays: st.SearchStrategy[int] = DELAYS,
    max_size: int = 60,
    redelivered: bool = True,
) -> list[Sent]:
    """Messages in the order of their arrival; some are redelivered."""
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from(GAPS_MS), delays, _calls(ACCOUNTS[:accounts])), min_size=1, max_size=max_size
        )
    )
    sent: list[Sent] = []
    arrived_at = START
    for number, (gap_ms, delay_ms, call) in enumerate(steps):
        arrived_at += gap_ms
        sent.append(_sent(f"m{number}", arrived_at, delay_ms, call))
        if redelivered and number % 7 == 3:
            sent.append(sent[-2 if len(sent) > 1 else -1])
    return sent


def _sent(message_id: str, arrived_at: int, delay_ms: int, call: dict[str, object]) -> Sent:
    at = arrived_at - delay_ms
    stamps: dict[str, object] = {"messageId": message_id, "timestamp": rfc3339(at), "receivedAt": rfc3339(arrived_at)}
    return Sent(at, arrived_at, stamps | call)


NOBODYS = (DeadLetter, Linked, PassedOn, FigureClosed, InstrumentationChanged)


def per_account(outputs: Iterable[Output]) -> dict[str, list[Output]]:
    """What was said, account by account; dead letters by their key, and what is of no account under none."""
    said: dict[str, list[Output]] = defaultdict(list)
    for output in outputs:
        if isinstance(output, DeadLetter):
            said[f"letter of {output.key!r}"].append(output)
        else:
            said["" if isinstance(output, NOBODYS) else output.account].append(output)
    return dict(said)


def account_messages(stream: Iterable[Sent]) -> list[Message]:
    """What `route` writes of a stream, as records of one partition of account events."""
    route = RoutePartition(JOURNEY)
    messages = [Message(None, sent.value, None, offset) for offset, sent in enumerate(stream)]
    routed = [output for output in route.receive(messages) if isinstance(output, Routed)]
    return [Message(output.account.encode(), output.value, None, offset) for offset, output in enumerate(routed)]
