"""The law *bounded*: no collection in a state outgrows its stated bound, however long and wild the stream."""

import tracemalloc
from random import Random

import pytest

from bench.journeys import BY_NAME
from bench.memory import live
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from schemas.state import Hot
from streams.engine.account import Account
from streams.engine.account_state import SEEN_PER_GENERATION
from streams.engine.accounts import CLOCK, FollowPartition
from streams.engine.compiler import compile_journey
from streams.engine.contact import MAX_SENT
from streams.engine.decode import decode
from streams.engine.event import Event
from streams.engine.held import MAX_HELD, MAX_HELD_BYTES
from streams.engine.links import MAX_KNOWN_AS
from streams.engine.memberships import MAX_MEMBERSHIPS
from streams.engine.message import Message
from streams.engine.pending import MAX_CLOSED, MAX_OPEN
from streams.engine.people import MAX_PEOPLE
from streams.engine.personas import KEPT
from streams.engine.routing import SEEN_PER_GENERATION as SEEN_BY_USER
from streams.engine.sequences import MAX_STEPS
from streams.engine.user_index import MAX_USERS
from streams.engine.users import RoutePartition
from streams.engine.visits import MAX_VISITORS
from tests.driver import Product, journey
from tests.laws.seeded import life
from tests.laws.streams import ACCOUNTS, JOURNEY, LATENESS_MS, SOURCE

DIGEST_BYTES = 8
BUSY_MS = [0, 1, MINUTE_MS, 30 * MINUTE_MS]


def hold_bounds(account: Account) -> None:
    hot = account.hot
    hold_hot_bounds(hot)
    assert len(account.rare.reached) <= len(JOURNEY.milestones)
    assert len(account.rare.alerts) <= len(JOURNEY.alerts)
    assert len(account.rare.traits) <= len(JOURNEY.traits)
    assert len(account.windows.cast.bitmaps) == len(JOURNEY.casting.names)
    assert len(account.windows.cast.told) <= len(account.windows.users) * len(JOURNEY.casting.traits) * 6
    assert all(len(held.opened) <= MAX_OPEN for held in account.tallies.pending.values())
    assert all(len(held.closed) <= MAX_CLOSED for held in account.tallies.pending.values())
    assert all(len(steps.firsts) <= MAX_STEPS for steps in account.tallies.steps.values())
    assert all(len(steps.seconds) <= MAX_STEPS for steps in account.tallies.steps.values())
    for visits in account.tallies.visits.values():
        assert len(visits) <= LATENESS_MS // DAY_MS + 2
        assert all(len(visitors) <= MAX_VISITORS for visitors in visits.values())
    assert len(account.tallies.latest) <= len(JOURNEY.vocabulary.tallies)
    assert len(account.rare.cases) <= sum(alert.handoff is not None for alert in JOURNEY.alerts)
    assert len(account.rare.owners) <= len(JOURNEY.vocabulary.teams)
    assert all(len(one.ahead) <= 3 for case in account.rare.cases.values() for one in case.awaited if one)
    assert account.settled.bit_length() <= JOURNEY.everything.bit_length()
    assert len(account.windows.closed) in {0, len(JOURNEY.layout.trailing)}
    assert len(account.windows.open) <= LATENESS_MS // DAY_MS + 2
    assert len(account.windows.days) <= JOURNEY.layout.days
    assert len(account.windows.users) <= MAX_USERS
    assert len(account.outreach.sent) <= MAX_SENT
    assert len(account.outreach.held) <= len(JOURNEY.alerts)
    assert len(account.outreach.plays) <= len(JOURNEY.alerts)
    assert len(account.outreach.people) <= MAX_PEOPLE
    for cells in (*account.windows.open.values(), *account.windows.days.values()):
        assert len(cells) == len(JOURNEY.layout.columns)


def hold_hot_bounds(hot: Hot) -> None:
    assert len(hot.seen) <= SEEN_PER_GENERATION * DIGEST_BYTES
    assert len(hot.seen_before) <= SEEN_PER_GENERATION * DIGEST_BYTES
    assert (len(hot.last), len(hot.totals), len(hot.awaiting)) == (
        len(JOURNEY.vocabulary.lasts),
        len(JOURNEY.vocabulary.totals),
        len(JOURNEY.vocabulary.absences),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("gaps_ms", [BUSY_MS, [HOUR_MS, 5 * HOUR_MS, DAY_MS]])
def test_no_collection_of_an_account_outgrows_its_bound(seed: int, gaps_ms: list[int]) -> None:
    account = Account.begin(JOURNEY, "acme")
    for number, value in enumerate(life(Random(seed), 2_000, users=500, gaps_ms=gaps_ms)):
        event = decode(value)
        assert isinstance(event, Event)
        account.receive(event)
        if number % 20 == 0:
            hold_bounds(account)


def test_ten_thousand_names_of_events_leave_an_account_as_small_as_it_was() -> None:
    the = Product(SOURCE)
    acme = the.account("acme")
    sizes = []
    for number in range(10_000):
        acme.does(f"Name {number}")
        if number in (100, 9_999):
            the.pipeline.pack()
            sizes.append(len(the.pipeline.follow._accounts.packed(b"acme")[0]))
    assert the.dispositions == {"applied": 10_000}
    assert the.pipeline.warnings() == {"undeclared_event": 10_000}
    assert sizes[1] < sizes[0] + 64  # the counts themselves grow by a byte or two


def test_users_who_have_left_make_room_for_those_who_come() -> None:
    account = Account.begin(JOURNEY, "acme")
    for value in life(Random(5), 7_000, users=100_000, gaps_ms=[30 * MINUTE_MS]):
        event = decode(value)
        assert isinstance(event, Event)
        account.receive(event)
    per_day, held_days = 48, JOURNEY.layout.days + 2
    assert len(account.windows.users) <= 2 * (per_day * held_days + KEPT) + 64


def test_no_collection_of_a_user_outgrows_its_bound() -> None:
    route = RoutePartition(JOURNEY)
    for offset, value in enumerate(life(Random(4), 3_000, users=1)):
        route.receive([Message(None, value, None, offset)])
        state = route._user("u0").state
        assert len(state.seen) <= SEEN_BY_USER * DIGEST_BYTES
        assert len(state.seen_before) <= SEEN_BY_USER * DIGEST_BYTES
        assert len(state.memberships) <= MAX_MEMBERSHIPS


def test_a_user_in_a_thousand_accounts_is_a_member_of_the_latest_and_the_state_stays_small() -> None:
    the = Product(SOURCE)
    for number in range(1_000):
        the.account(f"acme-{number}").joins("ann").passes(minutes=1)
    the.sends(event="Report Viewed", properties={})
    assert the.dispositions == {"applied": 1_001}
    user = the.pipeline._route._user("ann")
    assert user.account_at(the.now) == "acme-999"
    assert len(user.state.memberships) == MAX_MEMBERSHIPS
    assert len(user.snapshot()) < 3_500


def test_a_stranger_never_holds_more_than_its_bounds_and_nothing_is_lost() -> None:
    the, pad = Product(SOURCE), "x" * 2_000
    for number in range(3 * MAX_HELD):
        the.sends(event="Report Viewed", userId=None, anonymousId="a1", properties={"pad": pad if number % 3 else ""})
        waiting = the.pipeline._route._waiting
        assert len(waiting) <= MAX_HELD
        assert sum(map(len, waiting._held[b"a1"].values())) <= MAX_HELD_BYTES
    assert the.dispositions["dead_letter"] + the.pipeline.held == 3 * MAX_HELD


def test_one_person_never_has_more_ids_than_are_kept() -> None:
    the = Product(SOURCE)
    for number in range(3 * MAX_KNOWN_AS):
        the.account("acme").calls("alias", userId="ann", previousId=f"device-{number}")
    assert len(the.pipeline._route._user("ann").state.known_as) == MAX_KNOWN_AS


def test_the_ages_of_what_waits_do_not_pile_up() -> None:
    the = Product(SOURCE)
    for number in range(300):
        the.sends(event="Report Viewed", userId=f"u{number % 3}")
        if number % 5 == 0:
            the.account("acme").joins(f"u{number % 3}")
            the.sends(event="Account Removed User", userId=f"u{number % 3}", context={"groupId": "acme"})
        assert len(the.pipeline._route._waiting._heap) <= 2 * 3


@pytest.mark.long
def test_the_deadlines_of_a_partition_do_not_pile_up() -> None:
    product = Product(SOURCE)
    follow = product.pipeline.follow
    for value in life(Random(6), 2_000, gaps_ms=[HOUR_MS, DAY_MS, 20 * DAY_MS]):
        product.redelivers(value)
        assert len(follow._accounts._heap) <= 4 * len(ACCOUNTS)


def test_a_far_deadline_stands_once_however_many_days_come_before_it() -> None:
    product = Product(journey("alerts: {gone: {kind: risk, severity: info, when: {silent: {for: 52w}}}}"))
    acme = product.account("acme")
    for _ in range(60):
        acme.does("Report Viewed").passes(days=1).settles()
    assert len(product.pipeline.follow._accounts._heap) <= 2


def test_a_partition_holds_no_more_than_its_accounts() -> None:
    follow = FollowPartition(JOURNEY)
    for offset in range(500):
        list(follow.receive([Message(b"acme", b"{}", None, offset), Message(b"\xff", b"{}", None, offset)]))
    assert len(follow) == 0
    assert [key for key, _ in follow.changes()] == [CLOCK]


def test_an_account_that_rests_costs_what_its_state_packs_to() -> None:
    states, shared = live("reference", days=21)
    packed = sum(len(value) for state in states for _, value in state) / len(states)
    follow, accounts = FollowPartition(compile_journey(BY_NAME["reference"]())), 5_000
    tracemalloc.start()
    for number in range(accounts):
        for kind, value in states[number % len(states)]:
            follow.load(kind + b"acct-%07d" % number, bytes(bytearray(value)))
    for key, value in shared:
        follow.load(key, value)
    follow.ready()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(follow) == accounts
    assert held / accounts < packed + 500
