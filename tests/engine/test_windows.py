"""Windows of whole UTC days, drawn: one character a day, the measure read at the end of each."""

from itertools import pairwise

import pytest

from streams.engine.outputs import AccountUpdated
from tests.driver import Customer, Product, day, journey

JOURNEY = """
measures:
  reports: {count: Report Viewed, over: 3d}
  users: {users: any, over: 7d}
  active: {active_days: any, over: 7d}
  breadth: {features: any, over: 7d}
"""


def drawn(measure: dict[str, object], days: str) -> str:
    """The measure at the end of each day; a digit is how often something happened, a dot is a quiet day."""
    acme = Product(journey(measures={"it": measure})).account("acme")
    product, read = acme.product, []
    for happened in days:
        acme.passes(hours=12)
        if happened != ".":
            acme.does("Report Viewed", times=int(happened))
        acme.passes(hours=11, minutes=59)
        key = b"acme"
        account = product.pipeline.follow.account(key)
        assert account is not None
        read.append(account.windows.reading(0))
        acme.passes(minutes=1)
    return "".join(str(value) for value in read)


@pytest.mark.parametrize(
    ("measure", "happened", "read_at_the_end_of_the_day"),
    [
        # A day counts on its own day and as long as the window reaches back to it; the greater of the last
        # closed day's reading and that of the days so far is told, so a number falls a day after it grew old.
        ({"count": "Report Viewed", "over": "1d"}, "1.2..", "11220"),
        ({"count": "Report Viewed", "over": "3d"}, "1.2......", "113322000"),
        ({"count": "any", "over": "2d"}, "3...1", "33301"),
        ({"active_days": "any", "over": "3d"}, "111..5...", "123321111"),
        ({"active_days": "any", "over": "7d"}, "9.9.9....", "112233332"),
        ({"users": "any", "over": "2d"}, "5......", "1110000"),
        ({"features": "any", "over": "2d"}, "2......", "1110000"),
    ],
)
def test_a_trailing_window_slides_by_whole_days(
    measure: dict[str, object], happened: str, read_at_the_end_of_the_day: str
) -> None:
    assert drawn(measure, happened) == read_at_the_end_of_the_day


def test_a_day_closes_once_the_allowed_lateness_has_passed_its_end(acme: Customer) -> None:
    acme.passes(hours=9).does("Report Viewed", times=2).passes(hours=15)
    assert acme.updates == []
    acme.passes(minutes=59)
    assert acme.updates == []
    acme.passes(minutes=1)
    [update] = acme.updates
    assert update.measures == {"reports": 2, "users": 1, "active": 1, "breadth": 1}


def test_a_quiet_day_is_told_of_only_if_a_reading_fell(acme: Customer) -> None:
    acme.works(days=2).falls_silent(days=10)
    told = [update.measures for update in acme.updates]
    assert len(told) < 10
    assert all(before != after for before, after in pairwise(told))


def test_an_event_at_midnight_belongs_to_the_day_that_begins(acme: Customer) -> None:
    acme.passes(days=1).does("Report Viewed").passes(days=1, hours=1)
    [update] = acme.updates
    assert update.at == day(2)
    assert update.measures["reports"] == 1


def test_distinct_users_are_counted_once_however_often_they_come(acme: Customer) -> None:
    acme.works(days=3, by=("ann", "bob"), times=2).works(days=1, by=("bob", "cyd")).settles()
    assert acme.measures["users"] == 3


def test_a_user_without_a_user_id_counts_by_the_anonymous_one(acme: Customer) -> None:
    acme.does("Report Viewed", userId=None, anonymousId="x-1").does("Report Viewed", userId=None, anonymousId="x-2")
    acme.passes(days=1).settles()
    assert acme.measures["users"] == 2


def test_breadth_counts_features_not_events(acme: Customer) -> None:
    acme.does("Report Viewed", times=9).does("Export Run").does("Signed Up").passes(days=1).settles()
    assert acme.measures["breadth"] == 2


def test_undeclared_events_of_the_product_are_activity(acme: Customer) -> None:
    acme.does("Dragged Something").passes(days=1).settles()
    assert acme.measures == {"reports": 0, "users": 1, "active": 1, "breadth": 0}


def test_events_of_billing_and_calls_that_describe_users_are_no_activity(acme: Customer) -> None:
    acme.does("Cancelled").joins("bob").calls("identify").passes(days=1).settles()
    assert set(acme.measures.values()) == {0}


def test_page_views_are_activity(acme: Customer) -> None:
    acme.calls("page", name="Home").passes(days=1).settles()
    assert acme.measures["active"] == 1


def test_an_event_out_of_order_counts_on_its_own_day(acme: Customer) -> None:
    acme.passes(days=1, minutes=20).does("Report Viewed").does("Report Viewed", hours_ago=0.5).settles()
    [update] = acme.updates
    assert update.at == day(1, 1 / 3)
    assert acme.product.dispositions == {"applied": 2}
    acme.passes(days=1)
    assert acme.measures["active"] == 2


def test_a_late_event_is_counted_on_its_day_while_that_day_is_held(acme: Customer) -> None:
    acme.works(days=4).does("Report Viewed", days_ago=1.5).works(days=1).settles()
    assert acme.product.dispositions == {"applied": 5, "late": 1}
    assert acme.measures["reports"] == 4


def test_a_late_event_of_a_day_no_longer_held_is_late_and_changes_no_window(acme: Customer) -> None:
    acme.works(days=10).does("Report Viewed", days_ago=9, by="zoe").works(days=1).settles()
    assert acme.product.dispositions == {"applied": 11, "late": 1}
    assert acme.measures == {"reports": 3, "users": 1, "active": 7, "breadth": 1}


def test_a_measure_tells_its_window_as_evidence() -> None:
    when = {"measure": {"name": "reports", "at_least": 2}}
    acme = Product(journey(JOURNEY, milestones={"two": {"when": when}})).account("acme")
    acme.works(days=2)
    [milestone] = acme.said("milestones.two")
    assert milestone.evidence["because"] == [
        {
            "measure": "reports",
            "value": 2,
            "window": {"start": "2026-01-04T00:00:00.000Z", "end": "2026-01-07T00:00:00.000Z"},
            "at_least": 2.0,
        }
    ]


def test_more_users_than_fit_sixty_three_bits_are_still_told_apart_after_a_restart(acme: Customer) -> None:
    for number in range(200):
        acme.does("Report Viewed", by=f"user-{number}")
    acme.product.pipeline.pack()
    for number in range(150, 250):
        acme.does("Report Viewed", by=f"user-{number}")
    acme.passes(days=1).settles()
    acme.product.pipeline.pack()
    assert acme.measures["users"] == 250
    acme.works(days=1, by=("user-3", "user-249", "user-250")).settles()
    assert acme.measures["users"] == 251


def test_users_past_ten_thousand_are_counted_no_further() -> None:
    acme = Product(journey(measures={"users": {"users": "any", "over": "1d"}})).account("acme")
    for number in range(10_001):
        acme.does("Report Viewed", by=f"user-{number}")
    acme.passes(days=1).settles()
    assert acme.measures["users"] == 10_000


def test_users_long_gone_are_forgotten_and_those_who_stay_are_still_the_same() -> None:
    acme = Product(journey(measures={"users": {"users": "any", "over": "7d"}})).account("acme")
    acme.works(days=1, by=[f"trial-{number}" for number in range(100)] + ["ann"])
    acme.works(days=7, by=("ann", "bob"))
    acme.works(days=1, by=("ann", "bob", "cyd")).settles()
    assert acme.measures["users"] == 3
    follow = acme.product.pipeline.follow
    account = follow.account(b"acme")
    assert account is not None
    assert len(account.windows.users) == 3


def test_updates_are_numbered_so_that_each_has_its_own_id(acme: Customer) -> None:
    acme.works(days=5)
    ids = [update.id for update in acme.updates]
    assert len(ids) == len(set(ids)) == 4
    assert all(isinstance(update, AccountUpdated) for update in acme.updates)
