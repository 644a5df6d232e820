"""Keys of one partition of `journey.account-events`: each account's messages, and what time decides between them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from streams.engine.account import Account
from streams.engine.account_store import COLD, HOT, VOCABULARY, AccountStore
from streams.engine.ahead import AHEAD, Ahead
from streams.engine.clock import Clock, Progress, decode_progress, unpack_clock
from streams.engine.compiled import Journey
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.forgetting import farewell, forget_user
from streams.engine.instruments import Sources, speaks_for
from streams.engine.message import Message, dead_letter
from streams.engine.outputs import HEARD, AccountForgotten, Duplicate, Fact, Heard, Late, Output, Said, Warned
from streams.engine.rejection import Reason, Rejected
from streams.engine.searches import ORDER, Searches
from streams.engine.sightings import Seen
from streams.engine.suppressions import SUPPRESSION, Forget, Kind, Suppressions, decode_forget
from streams.engine.timetable import must_wait, reschedule

CLOCK, SOURCE = b"k", b"s"
"""The first byte of a changelog key says what the record is; the rest is the name of the source."""

Spell = tuple[int, dict[bytes, list[Message]]]
"""What came between two markers, by account, and the watermark that the first of these told."""

_MISMATCH = Rejected(Reason.ACCOUNT_MISMATCH, Reason.ACCOUNT_MISMATCH.meaning)
_encode = msgspec.msgpack.Encoder().encode


class FollowPartition:
    """One partition of accounts. See `streams.engine.message.Keyed` for what the runtime may expect."""

    def __init__(self, journey: Journey, *, keeps_live: int = 0) -> None:
        """Keep up to so many accounts unpacked between batches: where batches are of one message, as in a replay."""
        self._journey = journey
        self._clock = Clock()
        self._sources = Sources(journey.instruments.names)
        self._accounts = AccountStore(journey, self._sources, keeps_live)
        self._watches = bool(journey.instruments.names)
        self._ahead = Ahead()
        self._watermark = -self._journey.lateness_ms
        self._counts: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self._told = -1  # the first commit writes the clock in any case: where an offset is, there is a state
        self._changed: list[bytes] = []
        """Accounts whose deadlines another journey found."""
        self._suppressions = Suppressions("follow")
        self._searches = Searches(self._suppressions)

    @property
    def clock(self) -> int:
        """The arrival clock in UTC ms."""
        return self._clock.now

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `None` is a tombstone."""
        kind, name = key[:1], key[1:]
        if kind in (HOT, COLD, VOCABULARY):
            self._accounts.load(kind, name, value)
        elif kind == CLOCK and value:
            self._clock = Clock(unpack_clock(value))
            self._watermark = self._clock.now - self._journey.lateness_ms
        elif kind == SOURCE:
            self._sources.load(name, value)
        elif kind == AHEAD:
            self._ahead.load(name, value)
        elif kind == SUPPRESSION:
            self._suppressions.load(key)
        elif kind == ORDER:
            self._searches.load(name, value)

    def ready(self) -> None:
        """Put the deadlines of all that was loaded into the heap."""
        self._accounts.ready()
        if self._clock.state.journey != self._journey.digest:
            self._clock.state.journey = self._journey.digest
            self._changed = list(self._accounts.keys())

    def tick(self, clock: int) -> None:
        """Nothing: what the sources before this partition know of time comes in band."""

    def hear(self, progress: Progress) -> list[Output]:
        """Take what the partitions before this one know of time, and of the sources; say what that tells of these."""
        self._clock.hear(progress)
        self._watermark = self._clock.now - self._journey.lateness_ms
        latest = max((clock for clock, _ in progress.sources.values()), default=0)
        told = self._sources.hear(progress.seen, latest, self._watermark)
        return [said for said in told if speaks_for(progress.at, said.source)]

    def receive(self, messages: Sequence[Message]) -> Iterator[Output]:
        """Step a batch: each account's messages in the order given, one account after the other.

        An account goes through all of its messages at once, and past each marker between them: it hears of the time
        that was told before a message, though the markers behind that message have been read by then.
        """
        spells: list[Spell] = [(self._watermark, {})]
        for message in messages:
            key = message.key
            if key is not None:
                accounts = spells[-1][1]
                if (together := accounts.get(key)) is not None:
                    together.append(message)
                else:
                    accounts[key] = [message]
            elif (progress := decode_progress(message.value)) is not None and not progress.is_idle:
                yield from self.hear(progress)
                spells.append((self._watermark, {}))
            else:
                yield from self._step_all(spells)
                yield from self._mark(message, progress)
                spells = [(self._watermark, {})]
        yield from self._step_all(spells)

    def advance(self, limit: int) -> list[Output]:
        """Fire the due deadlines of at most `limit` accounts by the clock as it stands; when none is due, search."""
        outputs: list[Output] = []
        if self._changed:
            self._reschedule(limit)
        elif self._is_time_due:
            self._fire(limit, outputs)
        elif self._searches:
            self._searches.advance(self._accounts.keys(), lambda key: self._search(key, outputs), limit)
        return outputs

    def _fire(self, limit: int, outputs: list[Output]) -> None:
        for _ in range(limit):
            if not self._is_time_due:
                break
            due, key = self._accounts.pop_due()
            self._search(key, outputs)
            account = self._accounts.woken(key, due)
            if account is not None:
                if self._ahead.has(key):
                    self._let_go(key, account, self._watermark, outputs)
                outputs += account.advance(self._watermark)
                self._accounts.put(key, account)

    @property
    def is_due(self) -> bool:
        """Whether the clock has passed a deadline, deadlines must be found anew, or somebody is being forgotten."""
        return bool(self._changed) or self._is_time_due or bool(self._searches)

    @property
    def can_wait(self) -> bool:
        """Whether an account's next message may come before its deadlines: it is brought up to the clock first anyhow.

        Under another journey not, until every deadline is found anew.
        """
        return not self._changed

    @property
    def _is_time_due(self) -> bool:
        return self._accounts.is_due(self._watermark)

    def changes(self) -> Iterable[tuple[bytes, bytes | None]]:
        """The changelog records of all that changed since the last call."""
        self._accounts.pack_live()
        if self._told != self._clock.now or self._accounts.has_changed:
            self._told = self._clock.now
            yield CLOCK, _encode(self._clock.state)
        for name, packed in self._sources.changes():
            yield SOURCE + name, packed
        yield from self._ahead.changes()
        yield from self._accounts.changes()
        yield from self._searches.changes()
        yield from self._suppressions.changes().items()

    def dark(self) -> Iterator[tuple[str, bool]]:
        """Of the sources that this partition speaks for, whether they are dark."""
        return (told for told in self._sources.dark() if speaks_for(self._clock.state.at, told[0]))

    def sightings(self) -> Seen:
        """Nothing: sources are the users' concern."""
        return {}

    def dispositions(self) -> Mapping[str, int]:
        """How many messages ended as each disposition since the last call."""
        counts, self._counts = self._counts, Counter()
        return counts

    def warnings(self) -> Mapping[str, int]:
        """How many events were kept that the taxonomy does not cover, by reason, since the last call."""
        warnings, self._warnings = self._warnings, Counter()
        return warnings

    def __contains__(self, key: bytes) -> bool:
        """Whether anything is known of an account."""
        return key in self._accounts

    def __len__(self) -> int:
        """How many accounts are held."""
        return len(self._accounts)

    def _step_all(self, spells: list[Spell]) -> Iterator[Output]:
        for place, (watermark, accounts) in enumerate(spells):
            later = spells[place + 1 :]
            for key, messages in accounts.items():
                outputs: list[Output] = []
                self._search(key, outputs)
                account = self._accounts.get(key)
                parts = [(watermark, messages), *((then, more.pop(key)) for then, more in later if key in more)]
                if account is None:
                    rejected = Rejected(Reason.BAD_KEY, Reason.BAD_KEY.meaning)
                    for message in chain.from_iterable(part for _, part in parts):
                        self._reject(message, rejected, outputs)
                elif self._suppressions and self._suppressions.has(Kind.ACCOUNT, account.id):
                    self._counts["forgotten"] += sum(len(part) for _, part in parts)
                else:
                    before = account.hot.applied
                    for then, part in parts:
                        self._step_account(key, account, then, part, outputs)
                    if account.hot.applied > before:
                        self._accounts.put(key, account)
                yield from outputs

    def _step_account(
        self, key: bytes, account: Account, watermark: int, messages: Sequence[Message], outputs: list[Output]
    ) -> None:
        hot, names = account.hot, (None, account.id)
        applied, latest, forgets = 0, 0, bool(self._suppressions)
        is_held = self._ahead.has(key) and not self._let_go(key, account, watermark, outputs)
        for message in messages:
            event = decode(message.value, message.recorded_at)
            if (
                type(event) is not Event
                or event.group_id not in names
                or (forgets and self._suppressions.has(Kind.USER, event.user))
            ):
                self._turn_away(message, event, outputs)
                continue
            if (offset := message.offset) < hot.applied:
                continue
            hot.applied = offset + 1
            if event.arrived_at > latest:
                latest = event.arrived_at
            # Time first: where batches happen to end must not decide whether a tick came before this event.
            if watermark > hot.decided and not is_held:
                outputs += account.advance(watermark)
            if self._watches and (is_held or self._must_wait(account, watermark, event)):
                self._ahead.put(key, message, event)
                is_held = not (self._ahead.is_full(key) and self._let_go(key, account, watermark, outputs))
                continue
            said = account.receive(event)
            if said:
                self._counts[self._sort(said, message, outputs)] += 1
            else:
                applied += 1
        if applied:
            self._counts["applied"] += applied
        self._clock.arrive(latest)

    def _turn_away(self, message: Message, event: Event | Rejected, outputs: list[Output]) -> None:
        if isinstance(event, Rejected):
            self._reject(message, event, outputs)
        elif self._suppressions.has(Kind.USER, event.user):
            self._counts["forgotten"] += 1
        else:
            self._reject(message, _MISMATCH, outputs)

    def _must_wait(self, account: Account, watermark: int, event: Event) -> bool:
        """Whether what an event's arrival decides may depend on what markers have not told of the sources yet."""
        until = event.arrived_at - self._journey.lateness_ms
        return account.hot.due <= until > watermark and must_wait(account, until)

    def _let_go(self, key: bytes, account: Account, watermark: int, outputs: list[Output]) -> bool:
        """Let messages that waited go on, as far as their sources are known now; True if none is left."""
        while self._ahead.has(key):
            message, must_go = self._ahead.first(key)
            event = decode(message.value, message.recorded_at)
            assert isinstance(event, Event)
            outputs += account.advance(min(watermark, event.arrived_at - self._journey.lateness_ms))
            if not must_go and self._must_wait(account, watermark, event):
                return False
            self._ahead.drop(key)
            self._counts[self._sort(account.receive(event), message, outputs)] += 1
        return True

    def _sort(self, said: Sequence[Said | Fact | Heard], message: Message, outputs: list[Output]) -> str:
        """Tell what leaves from what became of the event; the latter is its disposition."""
        disposition = "applied"
        for one in said:
            if not isinstance(one, HEARD):
                outputs.append(one)
                continue
            match one:
                case Rejected():
                    disposition = "dead_letter"
                    outputs.append(dead_letter(message, one))
                case Duplicate():
                    disposition = "duplicate"
                case Late():
                    disposition = "late"
                case Warned():
                    self._warnings[one.reason.value] += 1
        return disposition

    def _reschedule(self, limit: int) -> None:
        """Find the deadlines of some accounts anew, under a journey that has changed."""
        for key in self._changed[-limit:]:
            account = self._accounts.get(key) if key in self._accounts else None
            if account is not None:
                reschedule(account)
                self._accounts.put(key, account)
        del self._changed[-limit:]

    def account(self, key: bytes) -> Account | None:
        """The account of a key, as it is held or new; None if no account can have such a key."""
        return self._accounts.get(key)

    def _mark(self, message: Message, progress: Progress | None) -> Sequence[Output]:
        if progress is not None:
            return self.hear(progress)
        if (order := decode_forget(message.value)) is not None:
            return list(self._forget(order))
        outputs: list[Output] = []
        self._reject(message, Rejected(Reason.MISSING_KEY, Reason.MISSING_KEY.meaning), outputs)
        return outputs

    def _forget(self, order: Forget) -> Iterator[Output]:
        """Carry an order out, or begin to; said again it changes nothing."""
        if order.kind is Kind.USER:
            if self._searches.begin(order, self._watermark):
                yield from self._forget_ahead(order.id)
                self._accounts.pack_live()
        elif not self._suppressions.has(order.kind, order.id):
            yield from self._forget_account(order.id.encode())
            self._suppressions.add(order)

    def _forget_ahead(self, user: str) -> Iterator[Output]:
        """Take a user at once out of the accounts of which messages wait: there is less to know about them later."""
        for key in self._ahead.accounts():
            account, outputs = self._brought_up(key)
            yield from outputs
            forget_user(account, user)
            self._counts["forgotten"] += self._ahead.forget(key, user)
            self._accounts.put(key, account)

    def _search(self, key: bytes, outputs: list[Output]) -> int:
        """Take whoever is being forgotten out of an account, as of when they were; 1 if there was a trace."""
        if not self._searches:
            return 0
        packed = self._accounts.packed(key)
        found = [search for search in self._searches if any(map(search.has_traces, packed))]
        if not found:
            return 0
        account = self._accounts.get(key)
        assert account is not None
        for search in found:
            outputs += account.advance(search.watermark)
            forget_user(account, search.order.id)
        self._accounts.put(key, account)
        return 1

    def _brought_up(self, key: bytes) -> tuple[Account, list[Output]]:
        """An account after all that time has decided: first of all, wherever batches happen to end."""
        outputs: list[Output] = []
        self._search(key, outputs)
        account = self._accounts.get(key)
        assert account is not None
        if self._ahead.has(key):
            self._let_go(key, account, self._watermark, outputs)
        outputs += account.advance(self._watermark)
        return account, outputs

    def _forget_account(self, key: bytes) -> Iterator[Output]:
        """Drop an account with all that was to come of it."""
        if key not in self._accounts:
            return
        account, outputs = self._brought_up(key)
        yield from outputs
        yield from farewell(account, self._watermark)
        self._accounts.drop(key)
        self._counts["forgotten"] += self._ahead.forget(key)
        yield AccountForgotten(account.id)

    def _reject(self, message: Message, rejected: Rejected, outputs: list[Output]) -> None:
        self._counts["dead_letter"] += 1
        outputs.append(dead_letter(message, rejected))
