"""Second on the path: which account an event belongs to. Membership is state per user, so `route` is keyed by user.

The event's own group id comes first, then the account the user belonged to when the event happened.
"""

from collections.abc import Iterable

import msgspec

from schemas.state import Membership
from schemas.state import User as UserState
from streams.engine.calls import Alias, Identify
from streams.engine.event import Event
from streams.engine.identity import Act
from streams.engine.links import Link, hear, person, spread, tell_alias
from streams.engine.memberships import FORGOTTEN, account_at, accounts_at, learn
from streams.engine.seen import Seen

SEEN_PER_GENERATION = 64
"""Message ids remembered for each user: between 64 and 128."""

MAX_TOLD = 20
"""Accounts that one identify call reaches; of more, those its user joined last."""

_decode = msgspec.msgpack.Decoder(UserState).decode
_encode = msgspec.msgpack.Encoder().encode


class User:
    """The state of one user: which accounts, since when, which other ids, and which messages were seen."""

    __slots__ = ("_seen", "id", "state")

    def __init__(self, name: str, state: UserState | None = None) -> None:
        self.id = name
        self.state = state or UserState()
        self._seen = Seen(self.state, SEEN_PER_GENERATION)

    @classmethod
    def restore(cls, name: str, packed: bytes) -> "User":
        """A user from a snapshot."""
        return cls(name, _decode(packed))

    def snapshot(self) -> bytes:
        """Pack the user."""
        self._seen.write(self.state)
        return _encode(self.state)

    @property
    def person(self) -> str:
        """The id under which the person counts."""
        return person(self.id, self.state)

    def account_of(self, event: Event) -> str | None:
        """The account an event belongs to."""
        return event.group_id or self.account_at(event.at)

    def account_at(self, at: int) -> str | None:
        """The account of what happened at an instant and names none."""
        return account_at(self.state.memberships, at)

    def others_told(self, event: Event, account: str) -> list[str]:
        """The accounts that an identify call tells of its user, beside the one it belongs to: where it names none."""
        if event.group_id is not None:
            return []
        told = accounts_at(self.state.memberships, event.at, MAX_TOLD)
        return [other for other in told if other not in (account, FORGOTTEN)]

    def saw(self, mark: bytes) -> bool:
        """Whether a message was seen before, by the digest of its id; from now on it was."""
        return self._seen.saw(mark.hex())

    def act(self, act: Act, event: Event, account: str | None) -> tuple[bool, Iterable[Link]]:
        """Let an event change who the user is: whether its accounts changed, and what other ids are to be told."""
        if act is Act.ALIAS:
            return False, tell_alias(self.id, self.state, other_id(event), event.arrived_at)
        if act is Act.JOIN and not event.group_id:
            return False, ()
        if account is None or not learn(self.state.memberships, Membership(event.at, account, act is Act.JOIN)):
            return False, ()
        return True, spread(self.id, self.state, event.arrived_at)

    def hear(self, link: Link) -> tuple[bool, Iterable[Link]]:
        """Hear of the person from another id: the same answer."""
        return hear(self.state, link)


def other_id(event: Event) -> str | None:
    """The id that an event says its user was known by."""
    match event.call:
        case Alias(previous_id=other):
            return other
        case Identify(user_id=str(user), anonymous_id=other) if user:
            return other
    return None
