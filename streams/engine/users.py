"""Keys of one partition of `journey.events`: the users, and which account each of their events belongs to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from schemas.state import Held, PartitionClock
from streams.engine.clock import unpack_clock
from streams.engine.compiled import Journey
from streams.engine.decode import MAX_BYTES, decode, with_received_at
from streams.engine.event import Event
from streams.engine.forgetting import admitted, forget_in_user
from streams.engine.held import HELD, Waiting, as_held, as_message, is_named
from streams.engine.identity import Act
from streams.engine.ids import digest
from streams.engine.links import Link, decode_link
from streams.engine.memberships import FORGOTTEN
from streams.engine.message import Message, dead_letter
from streams.engine.outputs import DeadLetter, Linked, Output, PassedOn, Routed
from streams.engine.rejection import Reason, Rejected
from streams.engine.restamp import released, under
from streams.engine.routing import User, other_id
from streams.engine.searches import ORDER, Searches
from streams.engine.sightings import Seen, Sightings
from streams.engine.suppressions import SUPPRESSION, Forget, Kind, Suppressions, decode_forget

USER, CLOCK = b"u", b"k"
"""The first byte of a changelog key says what the record is; the rest is the user."""

_pack = msgspec.msgpack.Encoder().encode


class RoutePartition:
    """One partition of `journey.events`, keyed by user: finds the account of each event.

    Where the journey lets events wait for their account, those that have waited too long are its deadlines.
    """

    def __init__(self, journey: Journey) -> None:
        self.clock = 0
        self._identity = journey.identity
        self._sightings = Sightings(journey.instruments)
        self._lateness_ms = journey.lateness_ms
        self._latest = 0
        """The largest event time so far: a replay's stand-in for arrival."""
        self._packed: dict[bytes, bytes] = {}
        self._clock_told = -1  # the first commit writes the clock in any case: where an offset is, there is a state
        self._live: dict[bytes, User] = {}
        self._waiting = Waiting(journey.identity.hold_ms)
        self._suppressions = Suppressions("route")
        self._searches = Searches(self._suppressions)
        self._gone: list[bytes] = []
        """Users forgotten since the last `changes`."""
        self._counts: Counter[str] = Counter()

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `None` is a tombstone."""
        if key == CLOCK and value is not None:
            known = unpack_clock(value)
            self.clock, self._sightings.seen = known.clock, known.seen
        elif key[:1] == HELD:
            self._waiting.load(key[1:], value)
        elif key[:1] == SUPPRESSION:
            self._suppressions.load(key)
        elif key[:1] == ORDER:
            self._searches.load(key[1:], value)
        elif value is None:
            self._packed.pop(key[1:], None)
        else:
            self._packed[key[1:]] = value

    def ready(self) -> None:
        """Find out when what waits has waited long enough."""
        self._waiting.ready()

    def tick(self, clock: int) -> None:
        """Let time pass without a message."""
        self.clock = max(self.clock, clock)

    def receive(self, messages: Sequence[Message]) -> list[Output]:
        """Route a batch in the order given."""
        outputs: list[Output] = []
        for message in messages:
            event = decode(message.value, recorded_at=message.recorded_at, latest=self._latest)
            if isinstance(event, Rejected):
                outputs += self._hear_or_reject(message, event)
            else:
                self.clock = max(self.clock, event.arrived_at)
                self._latest = max(self._latest, event.at)
                outputs += self._route(message, event)
        return outputs

    def advance(self, limit: int) -> list[Output]:
        """Give up what has waited long enough, of at most `limit` users; if nothing has, search."""
        if not self.can_wait:
            due = self._waiting.take_due(self._watermark, limit)
            return [output for held in due for output in self._let_go(held)]
        if self._searches:
            self._searches.advance(chain(self._packed, self._live), self._search, limit)
        return []

    @property
    def is_due(self) -> bool:
        """Whether anything may have waited long enough, or somebody is being forgotten."""
        return not self.can_wait or bool(self._searches)

    @property
    def can_wait(self) -> bool:
        """Whether there is nothing but traces of the forgotten to search for."""
        return not self._waiting.is_due(self._watermark)

    def changes(self) -> Iterable[tuple[bytes, bytes | None]]:
        """The changelog records of all that changed since the last call."""
        waiting = self._waiting.changes()
        if self._clock_told != self.clock or self._live or waiting:
            self._clock_told = self.clock
            yield CLOCK, _pack(PartitionClock(clock=self.clock, seen=self._sightings.seen))
        for key, user in self._live.items():
            self._packed[key] = packed = user.snapshot()
            yield USER + key, packed
        self._live = {}
        yield from waiting
        yield from ((USER + key, None) for key in self._gone)
        self._gone = []
        yield from self._searches.changes()
        yield from self._suppressions.changes().items()

    def sightings(self) -> Seen:
        """What was seen of the watched sources since the last call."""
        return self._sightings.tell()

    def dispositions(self) -> Mapping[str, int]:
        """How many messages ended as each disposition since the last call."""
        counts, self._counts = self._counts, Counter()
        return counts

    def warnings(self) -> Mapping[str, int]:
        """None: the taxonomy is the accounts' concern."""
        return {}

    @property
    def held(self) -> int:
        """How many messages wait for their account."""
        return len(self._waiting)

    def __len__(self) -> int:
        """How many users are held."""
        return len(self._packed)

    @property
    def _watermark(self) -> int:
        return self.clock - self._lateness_ms

    def _user(self, name: str) -> User:
        key = name.encode()
        user = self._live.get(key)
        if user is None:
            packed = self._packed.get(key)
            user = self._live[key] = User(name) if packed is None else User.restore(name, packed)
        if self._searches:
            self._forget_in(user)
        return user

    def _route(self, message: Message, event: Event) -> Iterable[Output]:
        act = self._identity.acts.get(event.name)
        if self._is_forgotten(event, act):
            return self._drop()
        user = self._user(event.user)
        state = user.state
        if message.offset < state.applied:
            return ()
        state.applied = message.offset + 1
        account = self._account_of(user, event)
        mark = digest(event.message_id)
        if self._waiting.has(event.user.encode(), mark) if account is None else user.saw(mark):
            self._counts["duplicate"] += 1
            return ()
        told = () if act is None else self._told(user, *user.act(act, event, account), event.arrived_at)
        if account is None:
            return (*told, *self._wait(user, mark, message, event))
        if not (accounts := self._accounts_told(user, event, account)):
            return (*told, *self._drop())
        self._sightings.see(event, accounts[0])
        value = self._stamped(message, event)
        if state.path:
            value = under(value, user.person)
        routed = [Routed(one, value, message.headers, message.offset) for one in accounts]
        return (*told, *routed) if told else routed

    def _accounts_told(self, user: User, event: Event, account: str) -> list[str]:
        """The accounts that an event goes to; none if it belongs to one that was forgotten, and no other is told."""
        told = [] if account == FORGOTTEN else [account]
        if event.name == "$identify" and self._identity.learns:
            told += user.others_told(event, account)
        return told

    def _account_of(self, user: User, event: Event) -> str | None:
        account = user.account_of(event)
        return FORGOTTEN if account and self._suppressions.has(Kind.ACCOUNT, account) else account

    def _is_forgotten(self, event: Event, act: Act | None) -> bool:
        """Whether an event is of a forgotten user, or says that somebody else is."""
        if not self._suppressions:
            return False
        is_forgotten = self._suppressions.has
        if is_forgotten(Kind.USER, event.user):
            return True
        return act is Act.ALIAS and is_forgotten(Kind.USER, other_id(event) or "")

    def _hear_or_reject(self, message: Message, rejected: Rejected) -> Iterable[Output]:
        """What is no event may be word of another id, or an order."""
        if rejected.reason is Reason.MISSING_TYPE:
            if (link := decode_link(message.value)) is not None:
                return self._hear(link)
            if (order := decode_forget(message.value)) is not None:
                return self._forget(order)
        if message.key and self._suppressions.has(Kind.USER, message.key.decode("utf-8", "replace")):
            return self._drop()
        return (self._reject(message, rejected),)

    def _hear(self, link: Link) -> Iterable[Output]:
        heard = admitted(link, self._suppressions)
        if heard is None:
            return ()
        user = self._user(heard.to)
        return self._told(user, *user.hear(heard), heard.arrived_at)

    def _forget(self, order: Forget) -> Iterable[Output]:
        """Begin to carry an order out, and pass it on: given again it changes nothing, but accounts may not know it."""
        if self._searches.begin(order) and order.kind is Kind.USER:
            key = order.id.encode()
            self._forget_waiting(key)
            is_known = self._packed.pop(key, None) is not None
            if self._live.pop(key, None) is not None or is_known:
                self._gone.append(key)
        return (PassedOn(order.encode()),)

    def _search(self, key: bytes) -> int:
        """Take whoever is being forgotten out of the state of another; how much there was to do."""
        packed = self._packed.get(key, b"")
        if key in self._live or any(search.has_traces(packed) for search in self._searches):
            self._user(key.decode())
            return 1 + self._waiting.count(key)
        return self._forget_waiting(key)

    def _forget_in(self, user: User) -> None:
        for search in self._searches:
            forget_in_user(user.state, search.order)
        self._forget_waiting(user.id.encode())

    def _forget_waiting(self, key: bytes) -> int:
        """Drop what waits of a user and names somebody who is being forgotten; how much was looked at."""
        waiting = self._waiting.of(key)
        for mark, held in waiting:
            if self._names_forgotten(held):
                self._waiting.drop(key, mark)
                self._drop()
        return len(waiting)

    def _names_forgotten(self, held: Held) -> bool:
        return any(search.order.kind is Kind.USER and is_named(held, search.order.id) for search in self._searches)

    def _drop(self) -> tuple[Output, ...]:
        """Keep nothing of a message of somebody forgotten, not even as a dead letter."""
        self._counts["forgotten"] += 1
        return ()

    def _told(self, user: User, has_changed: bool, links: Iterable[Link], now: int) -> tuple[Output, ...]:  # noqa: FBT001
        """What follows once somebody is known better: events that waited go on, other ids are told."""
        going = self._release(user, now) if has_changed else ()
        return (*going, *(Linked(link.to, link.encode()) for link in links))

    def _release(self, user: User, now: int) -> Iterator[Output]:
        """Send on what waited and now has an account, in the order it came; it arrives there now."""
        key = user.id.encode()
        for mark, held in self._waiting.of(key):
            account = user.account_at(held.at)
            if account is None and not self._waiting.is_over(held, now):
                continue
            self._waiting.drop(key, mark)
            if account is None or self._waiting.is_over(held, now):
                yield self._give_up(held)
            elif user.saw(mark):
                self._counts["duplicate"] += 1
            elif account == FORGOTTEN:
                self._drop()
            else:
                yield Routed(account, released(held, user.person, now), held.headers, held.offset)

    def _wait(self, user: User, mark: bytes, message: Message, event: Event) -> Iterable[Output]:
        """Let an event without account wait for one, where the journey lets it."""
        if self._suppressions.has(Kind.USER, event.call.anonymous_id or ""):
            return self._drop()
        if not self._identity.hold_ms:
            return (self._reject(message, _nobodys("no groupId, and no membership is known of its user")),)
        return map(self._give_up, self._waiting.hold(user.id.encode(), mark, as_held(message, event)))

    def _let_go(self, held: Held) -> tuple[Output, ...]:
        return self._drop() if self._names_forgotten(held) else (self._give_up(held),)

    def _give_up(self, held: Held) -> DeadLetter:
        return self._reject(as_message(held), _nobodys("no account was known of its user for as long as it could wait"))

    def _stamped(self, message: Message, event: Event) -> bytes:
        """The message with its arrival in it. Where `receivedAt` may already say so, writing it again says the same."""
        value = message.value or b""
        if message.recorded_at not in (None, event.arrived_at) and b'"receivedAt"' in value:
            return value
        stamped = with_received_at(value, event.arrived_at)
        return stamped if len(stamped) <= MAX_BYTES else value  # no room: then it has one, or it were no event

    def _reject(self, message: Message, rejected: Rejected) -> DeadLetter:
        self._counts["dead_letter"] += 1
        return dead_letter(message, rejected)


def _nobodys(detail: str) -> Rejected:
    return Rejected(Reason.NO_ACCOUNT, detail)
