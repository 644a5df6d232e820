"""Second on the path: which account an event belongs to. Membership is state per user, so `route` is keyed by user.

The event's own group id comes first, then the account the user belonged to when the event happened.
"""

from bisect import bisect_right

import msgspec

from schemas.state import Membership
from schemas.state import User as UserState
from streams.engine.calls import Kind
from streams.engine.decode import Event
from streams.engine.ids import digest
from streams.engine.outputs import Duplicate
from streams.engine.rejection import Reason, Rejected
from streams.engine.seen import saw

SEEN_PER_GENERATION = 64
"""Message ids remembered for each user: between 64 and 128."""

MAX_MEMBERSHIPS = 100
"""Memberships remembered for each user; past these the oldest goes, and its account takes the next one's start."""

_decode = msgspec.msgpack.Decoder(UserState).decode
_encode = msgspec.msgpack.Encoder().encode


class User:
    """The state of one user: which accounts, since when, and which messages were seen."""

    __slots__ = ("state",)

    def __init__(self, state: UserState | None = None) -> None:
        self.state = state or UserState()

    @classmethod
    def restore(cls, packed: bytes) -> "User":
        """A user from a snapshot."""
        return cls(_decode(packed))

    def snapshot(self) -> bytes:
        """Pack the user."""
        return _encode(self.state)

    def receive(self, event: Event) -> str | Duplicate | Rejected:
        """The account an event belongs to. A group call makes the user a member from then on."""
        account = event.group_id or self._account_at(event.at)
        if account is None:
            return Rejected(Reason.NO_ACCOUNT, "no groupId, and no membership is known of its user")
        if saw(self.state, digest(event.message_id), SEEN_PER_GENERATION):
            return Duplicate(event.message_id)
        if event.kind is Kind.GROUP:
            self._join(account, event.at)
        return account

    def _account_at(self, at: int) -> str | None:
        """The membership in force at an instant; before the first one, the first."""
        memberships = self.state.memberships
        if not memberships:
            return None
        place = bisect_right(memberships, at, key=lambda membership: membership.since)
        return memberships[max(0, place - 1)].account

    def _join(self, account: str, at: int) -> None:
        memberships = self.state.memberships
        place = bisect_right(memberships, at, key=lambda membership: membership.since)
        if place and memberships[place - 1].account == account:
            return
        memberships.insert(place, Membership(at, account))
        if place + 1 < len(memberships) and memberships[place + 1].account == account:
            del memberships[place + 1]  # the same membership, known from an earlier instant on
        if len(memberships) > MAX_MEMBERSHIPS:
            del memberships[0]
