"""Beside the path: what goes from a state when a user or an account is forgotten. Counts stay; they name nobody."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from schemas.state import Membership, Outreach
from schemas.state import User as UserState
from streams.engine.ids import user_digest
from streams.engine.kpis.facts import leave
from streams.engine.links import Link
from streams.engine.memberships import FORGOTTEN
from streams.engine.outputs import Fact
from streams.engine.suppressions import Forget, Kind, Suppressions

if TYPE_CHECKING:
    from streams.engine.account import Account

_pack: Final = msgspec.msgpack.Encoder().encode


def traces(order: Forget) -> Callable[[bytes], bool]:
    """Tells quickly whether a packed state may hold the id; where it says no, it does not."""
    text, digest = _pack(order.id), user_digest(order.id)
    return lambda packed: text in packed or digest in packed


def forget_in_user(state: UserState, order: Forget) -> None:
    """Take an id out of the state of another: an account keeps its place among the memberships, without its name."""
    if order.kind is Kind.ACCOUNT:
        state.memberships = [_nameless(fact) if fact.account == order.id else fact for fact in state.memberships]
        return
    if order.id in state.path:  # those above are known by way of it alone
        state.path = state.path[state.path.index(order.id) + 1 :]
    state.known_as = [other for other in state.known_as if other != order.id]


def admitted(link: Link, suppressions: Suppressions) -> Link | None:
    """Word between ids as it may be heard: None if it names a forgotten user; forgotten accounts have no name in it."""
    if any(suppressions.has(Kind.USER, one) for one in (link.to, link.sender, *link.path)):
        return None
    names = {fact.account for fact in link.memberships if suppressions.has(Kind.ACCOUNT, fact.account)}
    if not names:
        return link
    facts = [_nameless(fact) if fact.account in names else fact for fact in link.memberships]
    return msgspec.structs.replace(link, memberships=facts)


def _nameless(fact: Membership) -> Membership:
    return Membership(fact.since, FORGOTTEN, fact.joined)


def forget_user(account: "Account", user: str) -> None:
    """Take a user out of an account: of those it counts, who visited, and whom it contacts."""
    digest = user_digest(user)
    account.windows.forget_user(user)
    for days in account.tallies.visits.values():
        for visitors in days.values():
            visitors.pop(digest, None)
    _forget_contacts(account.outreach, user, digest)


def _forget_contacts(outreach: Outreach, user: str, digest: bytes) -> None:
    """What was sent stays sent, and what waits goes on waiting: without saying on whose account."""
    outreach.people.pop(digest, None)
    for contact in outreach.sent:
        contact.user = b"" if contact.user == digest else contact.user
    for waiting in outreach.held.values():
        waiting.user = "" if waiting.user == user else waiting.user


def farewell(account: "Account", watermark: int) -> Iterable[Fact]:
    """What the customer base loses with an account: how it stood, told without its name."""
    return leave(account, watermark) if account.journey.kpis is not None else ()
