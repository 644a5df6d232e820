"""Keys of one partition of `journey.events`: the users, and which account each of their events belongs to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from schemas.state import PartitionClock
from streams.engine.decode import Event, decode, with_received_at
from streams.engine.message import Message
from streams.engine.outputs import DeadLetter, Duplicate, Output, Routed
from streams.engine.rejection import Rejected
from streams.engine.routing import User

USER, CLOCK = b"u", b"k"
"""The first byte of a changelog key says what the record is; the rest is the user."""

_pack = msgspec.msgpack.Encoder().encode
_unpack_clock = msgspec.msgpack.Decoder(PartitionClock).decode


def dead_letter(message: Message, rejected: Rejected) -> DeadLetter:
    """Keep a message that could not become an event, as it came."""
    reason = rejected.reason.value
    return DeadLetter(reason, rejected.detail, message.key, message.value, message.headers, message.offset)


class RoutePartition:
    """One partition of `journey.events`, keyed by user: finds the account of each event. It has no deadlines."""

    is_due = False

    def __init__(self) -> None:
        self.clock = 0
        self._latest = 0
        """The largest event time so far: a replay's stand-in for arrival."""
        self._packed: dict[bytes, bytes] = {}
        self._live: dict[bytes, User] = {}
        self._counts: Counter[str] = Counter()

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back one changelog record; `None` is a tombstone."""
        if key == CLOCK and value is not None:
            self.clock = _unpack_clock(value).clock
        elif value is None:
            self._packed.pop(key[1:], None)
        else:
            self._packed[key[1:]] = value

    def ready(self) -> None:
        """Nothing is left to do once the changelog is read."""

    def receive(self, messages: Sequence[Message]) -> list[Output]:
        """Route a batch in the order given."""
        outputs: list[Output] = []
        for message in messages:
            event = decode(message.value, recorded_at=message.recorded_at, latest=self._latest)
            if isinstance(event, Rejected):
                outputs.append(self._reject(message, event))
            else:
                self.clock = max(self.clock, event.arrived_at)
                self._latest = max(self._latest, event.at)
                outputs += self._route(message, event)
        return outputs

    def advance(self, limit: int) -> list[Output]:  # noqa: ARG002  the protocol's
        """Nothing: no user has a deadline."""
        return []

    def changes(self) -> Iterable[tuple[bytes, bytes | None]]:
        """The changelog records of all that changed since the last call."""
        if not self._live:
            return
        yield CLOCK, _pack(PartitionClock(clock=self.clock))
        for key, user in self._live.items():
            self._packed[key] = packed = user.snapshot()
            yield USER + key, packed
        self._live = {}

    def dispositions(self) -> Mapping[str, int]:
        """How many messages ended as each disposition since the last call."""
        counts, self._counts = self._counts, Counter()
        return counts

    def warnings(self) -> Mapping[str, int]:
        """None: the taxonomy is the accounts' concern."""
        return {}

    def __len__(self) -> int:
        """How many users are held."""
        return len(self._packed)

    def _route(self, message: Message, event: Event) -> Iterable[Output]:
        key = event.user.encode()
        user = self._live.get(key)
        if user is None:
            packed = self._packed.get(key)
            user = self._live[key] = User() if packed is None else User.restore(packed)
        if message.offset < user.state.applied:
            return ()
        user.state.applied = message.offset + 1
        match user.receive(event):
            case str(account):
                return (Routed(account, self._stamped(message, event), message.headers),)
            case Duplicate():
                self._counts["duplicate"] += 1
                return ()
            case Rejected() as rejected:
                return (self._reject(message, rejected),)

    def _stamped(self, message: Message, event: Event) -> bytes:
        """The message with its arrival in it. Where `receivedAt` may already say so, writing it again says the same."""
        value = message.value or b""
        if message.recorded_at not in (None, event.arrived_at) and b'"receivedAt"' in value:
            return value
        return with_received_at(value, event.arrived_at)

    def _reject(self, message: Message, rejected: Rejected) -> DeadLetter:
        self._counts["dead_letter"] += 1
        return dead_letter(message, rejected)
