"""Who belongs to which account: users in several, moved, removed; several ids of one person; events that wait."""

from typing import Any

import pytest

from schemas.spans import DAY_MS, HOUR_MS
from streams.engine.held import MAX_HELD, MAX_HELD_BYTES
from streams.engine.message import Message
from streams.engine.outputs import DeadLetter, Routed
from tests.driver import Customer, Product, day, journey

JOURNEY = """
identity: {hold: 7d}
events: {Report Viewed: , Export Run: , Seat Given: , Seat Taken: , Account Added User: , Account Removed User: }
measures:
  people: {users: any, over: 7d}
  deeds: {count: any, over: 28d}
milestones:
  report: {when: {did: Report Viewed}}
  export: {when: {did: Export Run}}
"""


@pytest.fixture
def the() -> Product:
    return Product(journey(JOURNEY))


def adds(account: Customer, user: str, **members: Any) -> None:
    account.does("Account Added User", by=user, **members)


def removes(account: Customer, user: str, **members: Any) -> None:
    account.does("Account Removed User", by=user, **members)


def roams(the: Product, event: str = "Report Viewed", **members: Any) -> bytes:
    """Somebody unknown does something on the web site."""
    call: dict[str, Any] = {"event": event, "userId": None, "anonymousId": "visitor"}
    return the.sends(**call | members)


def is_known_as(the: Product, user: str, previous: str, **members: Any) -> None:
    the.sends(type="alias", userId=user, previousId=previous, **members)


def counted(account: Customer, measure: str = "deeds") -> float:
    account.passes(days=1).settles()
    return account.measures[measure]


# Members of several accounts.


def test_of_several_accounts_an_event_that_names_none_belongs_to_the_one_joined_last(the: Product) -> None:
    acme, globex = the.account("acme"), the.account("globex")
    acme.joins("ann").passes(days=1)
    globex.joins("ann").passes(days=1)
    the.sends(event="Report Viewed")
    assert (acme.milestones, globex.milestones) == ({}, {"report": day(2)})


def test_removed_from_the_account_joined_last_a_user_is_still_a_member_of_the_one_before(the: Product) -> None:
    acme, globex = the.account("acme"), the.account("globex")
    adds(acme, "ann")
    adds(globex.passes(days=1), "ann")
    removes(globex.passes(days=1), "ann")
    the.sends(event="Report Viewed")
    assert (acme.milestones, globex.milestones) == ({"report": day(2)}, {})


def test_an_event_from_before_a_removal_belongs_to_the_account_that_was_left(the: Product) -> None:
    acme, globex = the.account("acme"), the.account("globex")
    adds(acme, "ann")
    adds(globex.passes(days=1), "ann")
    removes(globex.passes(days=1), "ann")
    the.sends(event="Report Viewed", ago_ms=HOUR_MS)
    assert globex.milestones == {"report": day(2, -1)}


def test_a_removal_that_arrives_before_the_join_it_ends_is_not_forgotten(the: Product) -> None:
    acme, globex = the.account("acme"), the.account("globex")
    adds(acme, "ann", days_ago=3)
    removes(globex, "ann", hours_ago=1)
    adds(globex, "ann", hours_ago=2)
    the.sends(event="Report Viewed")
    assert "report" in acme.milestones


def test_removed_and_added_again_a_user_is_a_member_again(the: Product) -> None:
    acme = the.account("acme")
    for change in (adds, removes, adds):
        change(acme.passes(days=1), "ann")
    the.sends(event="Report Viewed")
    assert acme.milestones == {"report": day(3)}


def test_a_user_who_was_removed_from_every_account_belongs_to_none(the: Product) -> None:
    acme = the.account("acme")
    adds(acme, "ann")
    removes(acme.passes(days=1), "ann")
    the.passes(days=1).sends(event="Report Viewed")
    assert the.pipeline.held == 1
    the.passes(days=8)
    assert the.dead_letters == ["no_account"]


def test_a_removal_that_names_no_account_ends_the_membership_in_force(the: Product) -> None:
    acme, globex = the.account("acme"), the.account("globex")
    acme.joins("ann").passes(days=1)
    globex.joins("ann").passes(days=1)
    the.sends(event="Account Removed User")
    the.passes(days=1).sends(event="Report Viewed")
    assert (acme.milestones, globex.milestones) == ({"report": day(3)}, {})


def test_the_journey_says_which_events_join_and_leave() -> None:
    the = Product(journey(JOURNEY, identity={"join": "Seat Given", "leave": ["Seat Taken"]}))
    acme, globex = the.account("acme"), the.account("globex")
    acme.does("Seat Given", by="ann").passes(days=1)
    adds(globex, "ann")
    the.sends(event="Report Viewed")
    acme.passes(days=1).does("Seat Taken", by="ann").passes(days=1)
    the.sends(event="Export Run")
    assert (list(acme.milestones), globex.milestones, the.dead_letters) == (["report"], {}, ["no_account"])


# Events that wait.


def test_events_from_before_the_account_is_known_wait_and_belong_to_it_once_it_is(the: Product) -> None:
    the.sends(event="Report Viewed")
    assert (the.pipeline.held, the.dispositions, the.outputs) == (1, {}, [])
    acme = the.account("acme").passes(minutes=5).joins("ann")
    assert (the.pipeline.held, the.dispositions) == (0, {"applied": 2})
    assert acme.milestones == {"report": day(0)}


def test_where_the_journey_lets_nothing_wait_they_are_dead_letters_at_once() -> None:
    the = Product(journey(JOURNEY, identity={}))
    the.sends(event="Report Viewed")
    assert (the.dead_letters, the.pipeline.held) == (["no_account"], 0)


def test_what_has_waited_arrives_at_its_account_when_it_is_let_go_and_so_it_may_be_late(the: Product) -> None:
    the.sends(event="Report Viewed")
    acme = the.passes(days=2).account("acme").does("Export Run", by="bob")
    acme.joins("ann")
    assert the.dispositions == {"late": 1, "applied": 2}
    assert acme.milestones["report"] == day(2)  # no past deadline fires: as of what time had decided
    assert counted(acme) == 2  # yet it is counted on the day it happened


def test_it_happened_when_it_happened_though_no_timestamp_said_so(the: Product) -> None:
    the.sends(event="Report Viewed", timestamp=None)
    acme = the.passes(minutes=30).account("acme").joins("ann")
    assert acme.milestones == {"report": day(0)}


def test_what_waits_too_long_is_a_dead_letter_as_it_came(the: Product) -> None:
    stray = the.sends(event="Report Viewed")
    the.passes(days=7)
    assert the.dead_letters == []
    the.passes(hours=1)
    [letter] = [output for output in the.outputs if isinstance(output, DeadLetter)]
    assert (letter.reason, letter.value, letter.offset) == ("no_account", stray, 0)
    assert (the.dispositions, the.pipeline.held) == ({"dead_letter": 1}, 0)


def test_an_account_that_becomes_known_after_that_comes_too_late_whatever_the_clock_has_seen(the: Product) -> None:
    the.sends(event="Report Viewed")
    the.now += 7 * DAY_MS  # the clock hears of it by this very message
    acme = the.account("acme").joins("ann")
    assert (the.dead_letters, acme.milestones) == (["no_account"], {})


def test_given_up_and_mended_an_event_is_no_duplicate(the: Product) -> None:
    stray = the.sends(event="Report Viewed")
    the.passes(days=8).account("acme").joins("ann")
    the.redelivers(stray)
    assert the.dispositions == {"dead_letter": 1, "applied": 2}


def test_an_event_that_waits_and_comes_again_is_a_duplicate(the: Product) -> None:
    the.redelivers(the.sends(event="Report Viewed"))
    assert (the.dispositions, the.pipeline.held) == ({"duplicate": 1}, 1)
    the.account("acme").joins("ann")
    the.redelivers(the.sent[0])
    assert the.dispositions == {"applied": 2, "duplicate": 1}


def test_of_too_many_that_wait_the_oldest_are_dead_letters_and_none_is_lost(the: Product) -> None:
    for _ in range(MAX_HELD + 3):
        the.sends(event="Report Viewed")
    assert [output.offset for output in the.outputs if isinstance(output, DeadLetter)] == [0, 1, 2]
    assert the.pipeline.held == MAX_HELD


def test_an_event_too_large_to_wait_is_a_dead_letter_at_once_and_drives_out_no_other(the: Product) -> None:
    the.sends(event="Report Viewed")
    the.sends(event="Report Viewed", properties={"pad": "x" * MAX_HELD_BYTES})
    assert (the.dead_letters, the.pipeline.held) == (["no_account"], 1)


def test_what_waited_goes_in_the_order_it_came(the: Product) -> None:
    for name in ("Export Run", "Report Viewed", "Export Run"):
        the.sends(event=name, timestamp="2026-01-05T00:00:00Z")
    acme = the.account("acme").joins("ann")
    assert list(acme.milestones) == ["export", "report"]


# One person, several ids.


def test_an_alias_joins_what_an_unknown_visitor_did_to_the_account_of_its_user(the: Product) -> None:
    roams(the)
    the.passes(minutes=10)
    acme = the.account("acme").joins("ann")
    assert (the.pipeline.held, acme.milestones) == (1, {})
    is_known_as(the, "ann", "visitor")
    assert (the.pipeline.held, acme.milestones) == (0, {"report": day(0)})


def test_an_alias_before_the_membership_does_so_once_there_is_one(the: Product) -> None:
    roams(the)
    is_known_as(the, "ann", "visitor")
    assert the.pipeline.held == 2
    acme = the.passes(minutes=10).account("acme").joins("ann")
    assert (the.pipeline.held, acme.milestones) == (0, {"report": day(0)})


def test_an_identify_call_with_both_ids_is_an_alias_too(the: Product) -> None:
    roams(the)
    the.sends(type="identify", userId="ann", anonymousId="visitor")
    acme = the.account("acme").joins("ann")
    assert acme.milestones == {"report": day(0)}


def test_after_an_alias_both_ids_count_as_one_person(the: Product) -> None:
    acme = the.account("acme").joins("ann")
    is_known_as(the, "ann", "visitor")
    acme.does("Report Viewed", by="ann")
    roams(the)
    roams(the, context={"groupId": "acme"})
    acme.does("Report Viewed", by="visitor").does("Export Run", by="bob")
    assert counted(acme, "people") == 2


def test_an_alias_takes_the_memberships_of_the_old_id_along(the: Product) -> None:
    acme = the.account("acme")
    acme.joins("old")
    is_known_as(the, "ann", "old")
    the.sends(event="Report Viewed", userId="ann")
    assert acme.milestones == {"report": day(0)}
    removes(acme.passes(days=1), "old")
    the.passes(days=1).sends(event="Export Run", userId="ann")
    assert "export" not in acme.milestones


def test_a_chain_of_aliases_is_one_person_whichever_way_it_was_told() -> None:
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        the = Product(journey(JOURNEY))
        roams(the, anonymousId="a0")
        for link in order:
            is_known_as(the, f"a{link + 1}", f"a{link}")
        acme = the.account("acme").joins("a3")
        for name in ("a0", "a1", "a2", "a3"):
            the.sends(event="Report Viewed", userId=name)
        assert (the.pipeline.held, the.dead_letters) == (0, [])
        assert counted(acme, "people") == 1


def test_an_alias_said_again_and_one_to_itself_do_nothing(the: Product) -> None:
    acme = the.account("acme").joins("ann")
    for previous in ("visitor", "visitor", "ann"):
        is_known_as(the, "ann", previous)
    state = the.pipeline._route._user("ann").state
    assert (state.known_as, state.path) == (["visitor"], [])
    acme.does("Report Viewed")
    assert counted(acme, "people") == 1


def test_an_alias_that_closes_a_circle_is_passed_over(the: Product) -> None:
    acme = the.account("acme").joins("ann")
    for user, previous in (("ann", "bob"), ("bob", "cyd"), ("cyd", "ann"), ("bob", "ann"), ("cyd", "bob")):
        is_known_as(the, user, previous)
    for name in ("ann", "bob", "cyd"):
        the.sends(event="Report Viewed", userId=name)
    assert the.dead_letters == []
    assert counted(acme, "people") == 1


def test_the_first_alias_of_an_id_stands(the: Product) -> None:
    acme, globex = the.account("acme").joins("ann"), the.account("globex").joins("bob")
    is_known_as(the, "ann", "visitor")
    is_known_as(the, "bob", "visitor")
    roams(the)
    assert (acme.milestones, globex.milestones) == ({"report": day(0)}, {})


def test_what_another_id_did_before_keeps_its_account(the: Product) -> None:
    acme, globex = the.account("acme"), the.account("globex").joins("ann")
    roams(the, context={"groupId": "acme"})
    is_known_as(the, "ann", "visitor")
    roams(the, "Export Run", context={"groupId": "acme"})
    assert (list(acme.milestones), globex.milestones) == (["report", "export"], {})


def test_an_event_with_no_room_for_the_persons_id_counts_under_its_own(the: Product) -> None:
    acme = the.account("acme").joins("ann")
    is_known_as(the, "ann", "visitor")
    acme.does("Report Viewed", by="ann")
    size = len(roams(the, properties={"pad": ""}))
    roams(the, properties={"pad": "x" * (256 * 1024 - size - 10)})
    assert the.dead_letters == []
    assert counted(acme, "people") == 2


TOLD = """
personas: {champion: {trait: role, is: champion}}
measures: {champions: {users: any, persona: champion, over: 30d}}
"""


def champions(product: Product, *names: str) -> list[float]:
    product.passes(days=2)
    return [product.account(name).measures["champions"] for name in names]


def test_an_identify_call_that_names_no_account_reaches_every_account_of_its_user() -> None:
    the = Product(journey(TOLD))
    for name in ("acme", "globex", "initech"):
        the.account(name).joins("ann").does("Signed Up")
    the.account("initech").passes(minutes=1).does("Account Removed User")
    the.passes(minutes=1).sends(type="identify", traits={"role": "champion"})
    assert champions(the, "acme", "globex", "initech") == [1, 1, 0]


def test_one_that_names_an_account_is_for_it_alone() -> None:
    the = Product(journey(TOLD))
    for name in ("acme", "globex"):
        the.account(name).joins("ann").does("Signed Up")
    the.account("acme").calls("identify", traits={"role": "champion"})
    assert champions(the, "acme", "globex") == [1, 0]


def test_of_a_user_in_a_thousand_accounts_it_reaches_those_joined_last() -> None:
    the = Product(journey(TOLD))
    for number in range(1_000):
        the.passes(minutes=1).account(f"a{number}").joins("ann")
    call = the.sent[-1].replace(b'"group"', b'"identify"').replace(b'"m-', b'"n-').replace(b'"groupId"', b'"nothing"')
    told = the.pipeline._route.receive([Message(None, call, None, 2_000)])
    assert [one.account for one in told if isinstance(one, Routed)] == [f"a{number}" for number in range(999, 979, -1)]


def test_where_no_trait_of_users_is_read_it_reaches_one_account() -> None:
    the = Product(journey())
    for name in ("acme", "globex"):
        the.account(name).joins("ann")
    before = the.dispositions["applied"]
    the.sends(type="identify", traits={"role": "champion"})
    assert (before, the.dispositions["applied"]) == (2, 1)
