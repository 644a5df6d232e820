"""Users and accounts that are forgotten: nothing of them is kept, and what comes later is dropped and counted."""

from collections.abc import Iterator
from time import process_time
from typing import Any

import orjson
import pytest

from streams.engine.accounts import FollowPartition
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.ids import user_digest
from streams.engine.links import Link
from streams.engine.message import Keyed, Message
from streams.engine.outputs import AccountForgotten, DeadLetter, Linked, Output
from streams.engine.suppressions import SUPPRESSION, Forget, Kind
from streams.engine.times import rfc3339
from streams.engine.users import RoutePartition
from tests.driver import Product, day, journey

JOURNEY = """
identity: {hold: 7d}
events: {Report Viewed: , Export Run: {required: [rows]}, Account Removed User: }
traits: {seats: number}
revenue: {mrr: seats, lost: churned}
measures:
  people: {users: any, over: 7d}
  deeds: {count: any, over: 28d}
milestones: {report: {when: {did: Report Viewed}}}
stages: {trial: {initial: true}, churned: {from: trial, enter: {did: Export Run}}}
alerts:
  silent: {kind: risk, severity: info, when: {silent: {for: 10d}}}
kpis: {}
"""


@pytest.fixture
def the() -> Product:
    return Product(journey(JOURNEY, malformed="reject"))


def forgets(the: Product, kind: Kind, name: str) -> None:
    the.redelivers(Forget(kind, name, the.now).encode())


def forgets_user(the: Product, name: str = "ann") -> None:
    forgets(the, Kind.USER, name)


def forgets_account(the: Product, name: str = "acme") -> None:
    forgets(the, Kind.ACCOUNT, name)


def kept(the: Product) -> Iterator[bytes]:
    """Keys and values of all that changed in the states, but for the list of those who are forgotten."""
    for partition in (the.pipeline._route, the.pipeline.follow):
        for key, value in partition.changes():
            if value is not None and key[:1] != SUPPRESSION:
                yield from (key, value)


def is_kept(the: Product, name: str) -> bool:
    return any(name.encode() in one or user_digest(name) in one for one in kept(the))


def counted(the: Product, name: str) -> dict[str, int | float]:
    account = the.account(name)
    account.passes(days=1).settles()
    return dict(account.measures)


def searches(partition: Keyed, limit: int = 1_000, slices: int = 1_000) -> None:
    """Let a partition go on with what it has been ordered."""
    for _ in range(slices):
        if partition.is_due:
            partition.advance(limit)


# A user.


def test_a_user_of_three_accounts_goes_from_all_of_them_and_what_was_done_stays_counted(the: Product) -> None:
    names = ("acme", "globex", "initech")
    for name in names:
        the.account(name).joins("ann").does("Report Viewed").does("Report Viewed", by="bob")
    assert is_kept(the, "ann")
    forgets_user(the)
    assert [counted(the, name) for name in names] == [{"people": 1, "deeds": 2}] * 3
    assert not is_kept(the, "ann")


def test_what_comes_of_a_forgotten_user_is_dropped_and_counted(the: Product) -> None:
    acme = the.account("acme").does("Report Viewed", by="bob")
    forgets_user(the)
    assert the.dispositions == {"applied": 1}
    acme.joins("ann").does("Report Viewed").does("Export Run")  # the last would be a dead letter
    the.sends(event="Report Viewed", userId="ann")
    assert the.dispositions == {"forgotten": 4}
    assert the.dead_letters == []
    assert not is_kept(the, "ann")


def test_what_waits_of_a_forgotten_user_waits_no_longer(the: Product) -> None:
    the.sends(event="Report Viewed")
    the.sends(event="Report Viewed", userId="bob")
    forgets_user(the)
    assert the.dispositions == {"forgotten": 1}
    the.passes(days=9)
    assert the.dead_letters == ["no_account"]


def test_a_message_that_is_no_event_is_dropped_under_the_key_of_a_forgotten_user(the: Product) -> None:
    route = the.pipeline._route
    forgets_user(the)
    keys = (b"ann", b"bob", b"\xff", None)
    torn = [Message(key, b'{"type":"track","userId":"ann"', None, number) for number, key in enumerate(keys, 1)]
    letters = [output for output in route.receive(torn) if isinstance(output, DeadLetter)]
    assert [letter.offset for letter in letters] == [2, 3, 4]
    assert route.dispositions() == {"forgotten": 1, "dead_letter": 3}


def test_other_ids_of_a_forgotten_user_live_on_without_it(the: Product) -> None:
    acme = the.account("acme").joins("ann")
    the.sends(type="alias", userId="ann", previousId="visitor")
    the.sends(type="alias", userId="visitor", previousId="cookie")
    forgets_user(the)
    assert not is_kept(the, "ann")
    the.sends(event="Report Viewed", userId="cookie")
    assert acme.milestones == {"report": the.now}
    assert the.pipeline._route._user("cookie").person == "visitor"


@pytest.mark.parametrize(
    "alias",
    [
        {"type": "alias", "userId": "bob", "previousId": "ann"},
        {"type": "identify", "userId": "bob", "anonymousId": "ann"},
    ],
)
def test_nobody_turns_out_to_be_a_forgotten_user(the: Product, alias: dict[str, Any]) -> None:
    the.account("acme").joins("bob")
    forgets_user(the)
    the.sends(**alias)
    assert not is_kept(the, "ann")


def test_days_that_have_closed_count_those_who_are_left(the: Product) -> None:
    acme = the.account("acme")
    for user in ("bob", "ann", "cyd"):
        acme.does("Report Viewed", by=user)
    acme.passes(days=2)
    forgets_user(the)
    acme.does("Report Viewed", by="cyd")
    assert counted(the, "acme") == {"people": 2, "deeds": 4}


def test_what_somebody_else_sent_and_names_a_forgotten_user_does_not_wait(the: Product) -> None:
    alias: dict[str, Any] = {"type": "alias", "userId": "bob", "previousId": "ann"}
    the.sends(**alias)
    forgets_user(the)
    assert (the.dispositions, the.pipeline.held) == ({"forgotten": 1}, 0)
    the.sends(**alias)
    the.sends(event="Report Viewed", userId="bob", anonymousId="ann")
    assert (the.dispositions, the.pipeline.held) == ({"forgotten": 2}, 0)


def test_an_alert_that_is_held_back_is_sent_without_naming_the_forgotten_user() -> None:
    the = Product(journey(NIGHTLY))
    acme = the.account("acme").does("Report Viewed")
    forgets_user(the)
    acme.passes(hours=9)
    held, sent = acme.alerts_told
    assert (held.user, sent.user, sent.contact and sent.contact.decision) == ("ann", None, "send")


NIGHTLY = """
plays: {mail: {content: Write, channel: email}}
contact: {quiet_hours: {from: "20:00", to: "06:30", otherwise: UTC}}
alerts: {looked: {kind: nudge, severity: info, play: mail, when: {did: {event: Report Viewed, within: 5d}}}}
"""


# An account.


def test_an_account_goes_with_its_timers_and_is_told_to_those_who_keep_it_by_key(the: Product) -> None:
    acme = the.account("acme").does("Report Viewed").passes(days=8)
    follow = the.pipeline.follow
    said: list[Output] = list(follow._forget(Forget(Kind.ACCOUNT, "acme", day(8))))
    assert said[-1:] == [AccountForgotten("acme")]
    assert (b"hacme", None) in list(follow.changes())
    acme.passes(days=30)
    assert (acme.alerts, len(follow)) == ([], 0)


def test_what_producers_send_past_route_is_dropped_and_counted_too_also_after_a_restart(the: Product) -> None:
    before, after = FollowPartition(the.journey), FollowPartition(the.journey)
    orders = [Forget(Kind.USER, "ann", 0), Forget(Kind.ACCOUNT, "acme", 0)]
    list(before.receive([Message(None, order.encode(), 0, place) for place, order in enumerate(orders)]))
    for key, value in before.changes():
        after.load(key, value)
    after.ready()
    calls = [orjson.dumps(CALL | {"messageId": user, "userId": user}) for user in ("ann", "bob")]
    for partition in (before, after):
        for account in (b"acme", b"globex"):
            list(partition.receive([Message(account, call, day(0), 2 + place) for place, call in enumerate(calls)]))
        assert partition.dispositions() == {"forgotten": 3, "applied": 1}


CALL = {"type": "track", "event": "Report Viewed", "timestamp": rfc3339(day(0))}


def test_an_account_forgotten_while_another_journey_takes_over_is_not_begun_anew(the: Product) -> None:
    the.account("acme").does("Report Viewed")
    changed = FollowPartition(Product(journey(JOURNEY, version=2)).journey)
    for key, value in the.pipeline.follow.changes():
        changed.load(key, value)
    changed.ready()
    list(changed.receive([Message(None, Forget(Kind.ACCOUNT, "acme", 0).encode(), 0, 9)]))
    changed.advance(10)
    assert len(changed) == 0


def test_users_lose_the_name_of_a_forgotten_account_and_what_they_do_there_is_dropped(the: Product) -> None:
    acme = the.account("acme").joins("ann")
    the.account("globex").joins("bob").passes(days=1).joins("ann").passes(days=1)
    acme.joins("bob")
    forgets_account(the)
    assert not is_kept(the, "acme")
    the.dispositions  # noqa: B018  so that what follows is counted alone
    acme.joins("cyd")
    for user in ("ann", "bob", "cyd"):
        the.sends(event="Report Viewed", userId=user)
    assert the.dispositions == {"applied": 1, "forgotten": 3}
    assert the.dead_letters == []
    assert the.account("globex").milestones == {"report": the.now}
    assert not is_kept(the, "acme")


def test_what_a_user_says_of_themselves_reaches_the_accounts_that_are_left() -> None:
    the = Product(journey(NIGHTLY, personas={"champion": {"trait": "role", "is": "champion"}}))
    the.account("globex").joins("ann").passes(days=1)
    the.account("acme").joins("ann")
    forgets_account(the)
    list(kept(the))
    the.sends(type="identify", traits={"role": "champion"})
    told = [key for key, _ in the.pipeline.follow.changes()]
    assert b"hglobex" in told
    assert not any(b"acme" in key for key in told)
    forgets_account(the, "globex")
    the.sends(type="identify", traits={"role": "champion"})
    assert (the.dispositions["forgotten"], the.dead_letters) == (1, [])


def test_what_waited_for_its_user_to_join_a_forgotten_account_is_dropped(the: Product) -> None:
    forgets_account(the)
    the.sends(event="Report Viewed")
    the.account("acme").joins("ann")
    assert the.dispositions == {"forgotten": 2}
    assert the.passes(days=9).dead_letters == []


@pytest.mark.parametrize(("kind", "name"), [(Kind.ACCOUNT, "acme"), (Kind.USER, "ann")])
def test_word_that_was_on_its_way_brings_no_name_back(the: Product, kind: Kind, name: str) -> None:
    route, other = RoutePartition(the.journey), RoutePartition(the.journey)
    joins = {"type": "group", "userId": "ann", "groupId": "acme"}
    claims = {"type": "alias", "userId": "ann", "previousId": "visitor"}
    calls = [
        orjson.dumps(call | {"messageId": call["type"], "timestamp": rfc3339(the.now)}) for call in (joins, claims)
    ]
    said = route.receive([Message(b"ann", call, the.now, offset) for offset, call in enumerate(calls)])
    [word] = [output.value for output in said if isinstance(output, Linked)]
    other.receive([Message(None, Forget(kind, name, 0).encode(), the.now, 0), Message(b"visitor", word, the.now, 1)])
    searches(other)
    assert not any(name.encode() in key + (value or b"") for key, value in other.changes())


def test_an_account_leaves_the_figures_without_a_churn(the: Product) -> None:
    for name, seats in (("acme", 30), ("globex", 12)):
        the.account(name).has(seats=seats).does("Report Viewed")
    forgets_account(the)
    the.passes(days=40)
    assert the.figures("mrr")[0] == (None, 12)
    assert {of for of, _ in the.figures("movements")} == {"new"}


# Messages that wait for word of a watched source.


def test_what_waits_of_the_forgotten_until_sources_are_known_is_dropped(the: Product) -> None:
    the.account("acme").does("Report Viewed", by="bob")
    the.account("globex").does("Report Viewed", by="bob")
    follow, at = the.pipeline.follow, rfc3339(the.now)
    for user in ("ann", "bob"):
        value = orjson.dumps(CALL | {"messageId": user, "userId": user, "timestamp": at})
        message = Message(b"acme", value, the.now, 9)
        event = decode(value, the.now)
        assert isinstance(event, Event)
        follow._let_go = lambda *_: False  # type: ignore[method-assign]  # nothing is known yet
        for account in (b"acme", b"globex"):
            follow._ahead.put(account, message, event)
    forgets_user(the)
    assert follow.dispositions()["forgotten"] == 2
    assert not is_kept(the, "ann")
    forgets_account(the)
    assert follow.dispositions() == {"forgotten": 1}
    assert (b"qacme", None) in list(follow.changes())


# Both.


@pytest.mark.parametrize("kind", list(Kind))
def test_said_again_an_order_changes_nothing(the: Product, kind: Kind) -> None:
    the.account("acme").joins("ann").does("Report Viewed", by="bob")
    name = {Kind.USER: "ann", Kind.ACCOUNT: "acme"}[kind]
    forgets(the, kind, name)
    list(kept(the))
    outputs = len(the.outputs)
    forgets(the, kind, name)
    assert (list(kept(the)), len(the.outputs)) == ([], outputs)


@pytest.fixture(params=["route", "follow"])
def full(request: pytest.FixtureRequest, the: Product) -> Keyed:
    """A partition in which many keys hold a trace of ann."""
    partition: Keyed = PARTITIONS[request.param](the.journey)
    list(partition.receive([Message(*one, day(0), offset) for offset, one in enumerate(calls_of_many(request.param))]))
    return partition


def calls_of_many(stage: str) -> Iterator[tuple[bytes, bytes]]:
    for number in range(MANY):
        call = orjson.dumps(CALL | {"messageId": f"m{number}", "userId": "ann"})
        link = Link(f"k{number}", "ann", ["ann"], [], day(0)).encode()
        yield b"k%d" % number, {"route": link, "follow": call}[stage]


PARTITIONS: dict[str, type[RoutePartition] | type[FollowPartition]] = {
    "route": RoutePartition,
    "follow": FollowPartition,
}
MANY = 1_500
ORDER_ANN = Message(None, Forget(Kind.USER, "ann", 7).encode(), day(0), 9_999)


def test_an_order_is_carried_out_in_slices_that_hold_nothing_up(full: Keyed) -> None:
    list(full.receive([ORDER_ANN]))
    slices = []
    while full.is_due:
        assert full.can_wait
        began = process_time()
        full.advance(200)
        slices.append(process_time() - began)
    assert len(slices) >= MANY // 200
    assert max(slices) < 0.1


def test_an_order_half_carried_out_is_resumed_after_a_restart_and_confirmed_when_it_is_done(
    full: Keyed, the: Product
) -> None:
    log, partition = dict(full.changes()), full
    list(partition.receive([ORDER_ANN]))
    for slices in (2, 3, 1_000):
        searches(partition, 100, slices)
        log |= partition.changes()
        assert any(key[:1] == SUPPRESSION for key in log) == (slices == 1_000)
        partition = type(full)(the.journey)  # type: ignore[call-arg]
        for key, value in log.items():
            partition.load(key, value)
        partition.ready()
    assert not partition.is_due
    assert not any(
        b"ann" in one or user_digest("ann") in one for key, value in log.items() for one in (key, value or b"")
    )


def test_an_order_that_is_none_is_a_dead_letter(the: Product) -> None:
    for value in (b'{"journey_forget":{}}', b'{"journey_forget":{"kind":"team","id":"a","at":1}}'):
        the.redelivers(value)
    assert the.dead_letters == ["missing_type"] * 2


def test_a_state_keeps_no_trait_that_the_journey_does_not_name(the: Product) -> None:
    acme = the.account("acme").has(seats=4, phone="canary-phone")
    acme.calls("identify", userId="ann", traits={"email": "canary-mail"})
    acme.does("Report Viewed", properties={"title": "canary-title"}, context={"groupId": "acme", "ip": "canary-ip"})
    acme.does("Canary Event").calls("page", name="canary-page")
    acme.passes(days=3)
    assert not any(b"canary" in one.lower() for one in kept(the))
