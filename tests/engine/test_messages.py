"""What becomes of one message: applied, duplicate, late, or a dead letter with its reason."""

import pytest

from schemas.spans import MINUTE_MS
from streams.engine.times import rfc3339
from tests.driver import Customer, Product, day, journey

JOURNEY = """
events:
  Report Viewed:
  Export Run: {required: [format, rows]}
measures:
  reports: {count: Report Viewed, over: 30d}
  anything: {count: any, over: 30d}
milestones:
  report: {when: {did: Report Viewed}}
"""


def counted(acme: Customer) -> float:
    acme.passes(days=1).settles()
    return acme.measures["reports"]


def test_a_redelivered_message_counts_once(acme: Customer) -> None:
    acme.does("Report Viewed")
    for _ in range(5):
        acme.product.redelivers(acme.product.sent[0])
    assert acme.product.dispositions == {"applied": 1, "duplicate": 5}
    assert counted(acme) == 1


def test_the_same_message_id_in_other_bytes_is_a_duplicate_too(acme: Customer) -> None:
    acme.does("Report Viewed", messageId="x").passes(hours=1).does("Report Viewed", messageId="x", properties={"a": 1})
    assert counted(acme) == 1


def test_the_same_message_id_from_another_user_of_the_account_is_a_duplicate(acme: Customer) -> None:
    acme.does("Report Viewed", messageId="x").does("Report Viewed", messageId="x", by="bob")
    assert acme.product.dispositions == {"applied": 1, "duplicate": 1}


def test_the_same_message_id_in_another_account_from_another_user_is_a_message_of_its_own(acme: Customer) -> None:
    globex = acme.product.account("globex").does("Report Viewed", messageId="x", by="bob")
    acme.does("Report Viewed", messageId="x")
    assert acme.product.dispositions == {"applied": 2}
    assert globex.milestones == acme.milestones


def test_a_duplicate_is_told_from_up_to_sixty_four_later_messages_of_its_user(acme: Customer) -> None:
    acme.does("Report Viewed", times=64)
    acme.product.pipeline.pack()
    acme.product.redelivers(acme.product.sent[0])
    assert acme.product.dispositions == {"applied": 64, "duplicate": 1}


def test_late_is_what_took_longer_than_the_allowed_lateness_to_arrive(acme: Customer) -> None:
    acme.passes(days=1).does("Report Viewed", hours_ago=1).does("Report Viewed", hours_ago=1.001)
    assert acme.product.dispositions == {"applied": 1, "late": 1}
    assert counted(acme) == 2


def test_an_event_in_order_may_be_late_all_the_same(acme: Customer) -> None:
    """Late is a property of the event alone: how long it was on its way."""
    acme.passes(days=9).does("Report Viewed", days_ago=2)
    assert acme.product.dispositions == {"late": 1}
    assert acme.milestones == {"report": day(9, -1)}  # as of what time had decided when it came


def test_a_clock_in_the_year_2030_is_clamped_to_the_arrival_and_moves_nothing(acme: Customer) -> None:
    acme.does("Report Viewed", timestamp="2030-01-01T00:00:00Z")
    assert acme.milestones == {"report": day(0)}
    acme.does("Report Viewed").passes(days=1)
    assert acme.product.dispositions == {"applied": 2}
    assert counted(acme) == 2


def test_a_clock_ahead_by_minutes_is_believed(acme: Customer) -> None:
    acme.does("Report Viewed", timestamp=rfc3339(day(0) + 10 * MINUTE_MS))
    assert acme.milestones == {"report": day(0) + 10 * MINUTE_MS}


def test_an_undeclared_event_is_kept_unless_the_journey_says_otherwise(acme: Customer) -> None:
    acme.does("Who Knows").passes(days=1).settles()
    assert acme.measures["anything"] == 1


def test_a_journey_may_reject_what_it_does_not_declare() -> None:
    strict = Product(journey(JOURNEY, undeclared="reject"))
    acme = strict.account("acme").does("Who Knows").calls("page").joins("ann").does("Report Viewed")
    assert strict.dead_letters == ["undeclared_event"]
    assert strict.dispositions == {"dead_letter": 1, "applied": 3}
    assert "report" in acme.milestones


def test_an_event_without_its_required_properties_is_kept_unless_the_journey_says_otherwise(acme: Customer) -> None:
    acme.does("Export Run").passes(days=1).settles()
    assert acme.measures["anything"] == 1


@pytest.mark.parametrize(
    ("properties", "reasons"),
    [
        ({"format": "csv", "rows": 0}, []),
        ({"format": "csv"}, ["missing_property"]),
        ({"format": "csv", "rows": None}, ["missing_property"]),
        (None, ["missing_property"]),
    ],
)
def test_a_journey_may_reject_events_that_are_not_whole(properties: object, reasons: list[str]) -> None:
    strict = Product(journey(JOURNEY, malformed="reject"))
    strict.account("acme").does("Export Run", properties=properties)
    assert strict.dead_letters == reasons


def test_a_journey_may_have_what_it_does_not_declare_counted_and_kept() -> None:
    warned = Product(journey(JOURNEY, undeclared="warn"))
    acme = warned.account("acme").does("Who Knows", times=2).calls("page").joins("ann").does("Report Viewed")
    assert warned.pipeline.warnings() == {"undeclared_event": 2}
    assert warned.pipeline.warnings() == {}
    assert warned.dispositions == {"applied": 5}
    acme.passes(days=1).settles()
    assert acme.measures["anything"] == 4


def test_a_journey_may_have_events_that_are_not_whole_counted_and_kept() -> None:
    warned = Product(journey(JOURNEY, malformed="warn"))
    acme = warned.account("acme").does("Export Run", properties={"rows": 1, "format": "csv"})
    assert warned.pipeline.warnings() == {}
    acme.does("Export Run", properties={"rows": None, "format": "csv"}).does("Export Run", hours_ago=3).does(
        "Who Knows"
    )
    assert warned.pipeline.warnings() == {"missing_property": 2}
    assert warned.dispositions == {"applied": 3, "late": 1}


def test_what_was_warned_of_is_not_warned_of_again_when_it_is_redelivered() -> None:
    warned = Product(journey(JOURNEY, undeclared="warn"))
    warned.account("acme").does("Who Knows")
    warned.redelivers(warned.sent[0])
    assert warned.pipeline.warnings() == {"undeclared_event": 1}


def test_twenty_thousand_properties_hide_none_that_is_required() -> None:
    strict, many = Product(journey(JOURNEY, malformed="reject")), {f"{n:x}": 1 for n in range(16, 20_016)}
    acme = strict.account("acme").does("Export Run", properties=many | {"format": "csv", "rows": 3})
    assert (strict.dead_letters, strict.dispositions) == ([], {"applied": 1})
    acme.does("Export Run", properties=many)
    assert strict.dead_letters == ["missing_property"]


def test_after_bytes_that_are_no_event_the_next_good_one_is_applied(acme: Customer) -> None:
    for rubbish in (b"", b"{", b"\xff\xfe", b"[]", b'{"type":"track"}'):
        acme.product.redelivers(rubbish)
    acme.does("Report Viewed")
    assert acme.product.dispositions == {"dead_letter": 5, "applied": 1}
    assert acme.milestones == {"report": day(0)}
