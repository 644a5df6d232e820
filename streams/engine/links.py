"""Which ids are one person. Each id has its own state, perhaps in another partition, so ids tell each other by `Link`s.

An alias or identify call says that its user was known by another id before. The ids of a person form a tree: each knows
the `path` from the person's own id down to the one above it, and those right below it (`known_as`). Along the tree ids
tell each other their memberships, so that an event finds its account whichever id it came under.

The first alias of an id stands, an id is never its own alias, and of ids that claim each other at the same time the
least is the person's own. A link is answered only if it was news, and news runs out: so links do.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final

import msgspec

from schemas.state import Membership
from schemas.state import User as UserState
from streams.engine.in_band import reader
from streams.engine.memberships import MAX_MEMBERSHIPS, learn_all
from streams.engine.times import LAST_AT

MAX_PATH: Final = 8
"""How many aliases long a chain may be; an id further from the person's own stays a person by itself."""

MAX_KNOWN_AS: Final = 100
"""Ids right below one that still hear of its memberships: the latest so many."""

MAX_HOPS: Final = 2 * MAX_PATH
"""How often word may cause further word: up a tree and down again."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Link(msgspec.Struct, frozen=True):
    """Word from one id of a person to another. With a `path` it comes from above, without one from below."""

    to: Id
    sender: Id
    path: Annotated[list[Id], msgspec.Meta(max_length=MAX_PATH)]
    """From the person's own id down to the sender."""
    memberships: Annotated[list[Membership], msgspec.Meta(max_length=MAX_MEMBERSHIPS)]
    arrived_at: Annotated[int, msgspec.Meta(ge=0, le=LAST_AT)]
    """When the event arrived that began it."""
    hops: Annotated[int, msgspec.Meta(ge=0, le=MAX_HOPS)] = 0

    def encode(self) -> bytes:
        """As a message value; its key is `to`."""
        return msgspec.json.encode({"journey_link": self})


class _Envelope(msgspec.Struct):
    journey_link: Link


_read = reader(_Envelope)


def decode_link(value: bytes | None) -> Link | None:
    """The link in a value, or None if it is not one."""
    if (read := _read(value)) is None:
        return None
    link = read.journey_link
    sound = all(len(fact.account) <= 255 and 0 <= fact.since <= LAST_AT for fact in link.memberships)
    return link if sound else None


def is_link(value: bytes | None) -> bool:
    """Whether a message is word between ids, not an event; told at once for nearly every message."""
    return b'"journey_link"' in (value or b"")[:32] and decode_link(value) is not None


def person(me: str, user: UserState) -> str:
    """The person's own id, of whichever of their ids."""
    return user.path[0] if user.path else me


def tell_alias(me: str, user: UserState, other: str | None, arrived_at: int) -> Iterator[Link]:
    """What an alias call does: `other` is told that it was `me`. Said again, or of oneself, it does nothing."""
    if not other or other == me or other in user.path or other in user.known_as or len(user.path) >= MAX_PATH:
        return
    user.known_as.append(other)
    del user.known_as[:-MAX_KNOWN_AS]
    yield _down(me, user, other, arrived_at, 0)


def spread(me: str, user: UserState, arrived_at: int, *, hops: int = 0, but: str | None = None) -> Iterator[Link]:
    """Tell all ids next to this one, but for one, what has changed in it."""
    if hops > MAX_HOPS:
        return
    if user.path and user.path[-1] != but:
        yield Link(user.path[-1], me, [], user.memberships, arrived_at, hops)
    for other in user.known_as:
        if other != but and len(user.path) < MAX_PATH:
            yield _down(me, user, other, arrived_at, hops)


def hear(user: UserState, link: Link) -> tuple[bool, list[Link]]:
    """Take in word from another id: whether anything changed, and what is to be told on."""
    is_above = bool(link.path)
    if is_above and link.to in link.path:
        return _break_off(user, link)
    if not (_listens_above(user, link) if is_above else link.sender in user.known_as):
        return False, []
    is_new = is_above and user.path != link.path
    is_first = is_new and not user.path
    if is_new:
        user.path = list(link.path)
    known = list(user.memberships)
    has_learned = learn_all(user.memberships, link.memberships)
    if not (is_new or has_learned):
        return False, []
    told_back = is_first and any(fact not in link.memberships for fact in known)
    return True, list(_on(user, link, None if told_back else link.sender))


def _listens_above(user: UserState, link: Link) -> bool:
    """Whether the id takes word from above from this sender."""
    if user.path:
        return user.path[-1] == link.sender
    if link.sender in user.known_as:  # both were told at once that they were the other
        if link.to < link.sender:
            return False
        user.known_as.remove(link.sender)
    return True


def _break_off(user: UserState, link: Link) -> tuple[bool, list[Link]]:
    """The id has heard that it is below itself: the least id of the circle leaves the one above it."""
    circle = link.path[link.path.index(link.to) :]
    if not user.path or link.to != min(circle):
        return False, []
    user.path = []
    return True, list(_on(user, link, None))


def _on(user: UserState, link: Link, but: str | None) -> Iterable[Link]:
    return spread(link.to, user, link.arrived_at, hops=link.hops + 1, but=but)


def _down(me: str, user: UserState, other: str, arrived_at: int, hops: int) -> Link:
    return Link(other, me, [*user.path, me], list(user.memberships), arrived_at, hops)
