"""Which account an event belongs to: the one it names, else the one its user belonged to when it happened."""

from streams.engine.outputs import Routed
from tests.driver import Product, day, journey

JOURNEY = journey("""
traits: {contract_ends_at: date, seats: number, plan: text}
milestones:
  report: {when: {did: Report Viewed}}
""")


def product() -> Product:
    return Product(JOURNEY)


def test_the_account_an_event_names_comes_first() -> None:
    the = product()
    the.account("acme").joins("ann")
    the.account("globex").does("Report Viewed", by="ann")
    assert the.account("acme").milestones == {}
    assert the.account("globex").milestones == {"report": day(0)}


def test_an_event_that_names_none_belongs_to_the_account_of_its_user() -> None:
    the = product()
    the.account("acme").joins("ann")
    the.sends(event="Report Viewed")
    assert the.account("acme").milestones == {"report": day(0)}


def test_membership_is_that_of_the_time_the_event_happened() -> None:
    the = product()
    the.account("acme").joins("ann").passes(days=5)
    the.account("globex").joins("ann").passes(minutes=30)
    the.sends(event="Report Viewed", ago_ms=40 * 60_000)
    assert the.account("acme").milestones == {"report": day(5, -1 / 6)}
    assert the.account("globex").milestones == {}


def test_before_the_first_known_membership_the_first_one_counts() -> None:
    the = product().passes(days=3)
    the.account("acme").joins("ann")
    the.sends(event="Report Viewed", ago_ms=1_800_000)
    assert "report" in the.account("acme").milestones


def test_without_any_account_an_event_is_a_dead_letter() -> None:
    the = product()
    the.sends(event="Report Viewed")
    assert the.dead_letters == ["no_account"]
    assert the.dispositions == {"dead_letter": 1}


def test_a_dead_letter_once_mended_is_no_duplicate() -> None:
    the = product()
    stray = the.sends(event="Report Viewed")
    the.account("acme").joins("ann")
    the.redelivers(stray)
    assert the.account("acme").milestones == {"report": day(0)}


def test_a_group_call_goes_to_its_group_whatever_its_context_says() -> None:
    the = product()
    the.account("acme").joins("ann")
    the.sends(type="group", groupId="globex", context={"groupId": "acme"}, traits={"seats": 3})
    the.account("globex").passes(hours=1)
    assert the.account("globex").traits == {"seats": 3} if the.account("globex").updates else True
    the.sends(event="Report Viewed")
    assert the.account("globex").traits == {"seats": 3}
    assert the.account("acme").milestones == {}


def test_naming_an_account_makes_no_member_of_a_user() -> None:
    the = product()
    the.account("acme").does("Report Viewed", by="ann")
    the.sends(event="Report Viewed")
    assert the.dead_letters == ["no_account"]


def test_what_was_routed_is_no_output_of_the_whole_path() -> None:
    the = product()
    the.account("acme").does("Report Viewed")
    assert not [output for output in the.outputs if isinstance(output, Routed)]


def test_traits_are_those_of_the_latest_event_time_whatever_came_last() -> None:
    the = product()
    acme = the.account("acme").passes(hours=9)
    acme.joins("ann", {"seats": 5, "plan": "team"}).joins("bob", {"seats": 3}, hours_ago=0.5).does("Report Viewed")
    assert acme.traits == {"seats": 5, "plan": "team"}


def test_of_two_at_the_same_instant_the_one_that_came_last_stands() -> None:
    acme = product().account("acme").has(seats=5).has(seats=7).does("Report Viewed")
    assert acme.traits == {"seats": 7}


def test_a_null_clears_a_trait_and_an_absent_one_stays() -> None:
    acme = product().account("acme").has(seats=5, plan="team").passes(hours=1).has(seats=None).does("Report Viewed")
    assert acme.traits == {"plan": "team"}


def test_traits_of_users_are_not_those_of_the_account() -> None:
    acme = product().account("acme").calls("identify", traits={"seats": 99}).does("Report Viewed")
    assert acme.traits == {}


def test_a_trait_of_another_kind_is_a_dead_letter_with_all_that_came_with_it() -> None:
    the = product()
    acme = the.account("acme").has(seats="many", plan="team").does("Report Viewed")
    assert the.dead_letters == ["bad_trait"]
    assert acme.traits == {}
