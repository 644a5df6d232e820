"""A source that falls silent as a whole: one alert of the source, and none of its accounts."""

from collections.abc import Iterable
from random import Random

import pytest

from schemas import journey as file
from schemas.outputs import Instrumentation
from streams.bodies import Bodies
from streams.engine.outputs import AlertChanged, InstrumentationChanged
from streams.kafka.topics import Topics
from streams.records import Encoder, Origin
from tests.driver import Product, day, journey

WATCHED = """
instrumentation: {product: {owner: Platform}}
alerts: {drop: {kind: usage_drop, severity: warning, when: {usage_drop: {}},
                until: {none: [{usage_drop: {grade: hint}}]}}}
"""
TOWN = [f"town{number}" for number in range(6)]


def office_hours(product: Product, days: int, accounts: Iterable[str] = TOWN, event: str = "Report Viewed") -> None:
    """Each account does something in the middle of each hour from nine to five on working days."""
    accounts = list(accounts)
    for _ in range(days):
        weekday = (product.now // 86_400_000 + 3) % 7
        for hour in range(24):
            product.passes(minutes=30)
            if 9 <= hour < 17 and weekday < 5:
                for account in accounts:
                    product.account(account).does(event, times=3)
            product.passes(minutes=30)


def told(product: Product) -> list[tuple[str, str, int]]:
    """What was told of sources: the source, the status, and as of when."""
    said = [output for output in product.outputs if isinstance(output, InstrumentationChanged)]
    return [(one.source, one.status.value, one.at) for one in said]


def begin(source: file.Journey | None = None, days: int = 49) -> Product:
    """A product whose six customers have worked in office hours for seven weeks."""
    product = Product(source or journey(WATCHED))
    office_hours(product, days)
    assert told(product) == []
    return product


def test_all_accounts_silent_together_are_told_once_of_the_source_and_once_when_it_is_back() -> None:
    product = begin()
    product.passes(days=2)
    office_hours(product, 2)
    assert told(product) == [("product", "firing", day(49, 12)), ("product", "resolved", day(51, 10))]
    fired, resolved = [output for output in product.outputs if isinstance(output, InstrumentationChanged)]
    assert (fired.episode, resolved.episode) == (1, 1)
    assert fired.id != resolved.id
    assert fired.evidence["because"] == [
        {
            "outcome": "instrumentation_stopped",
            "source": "product",
            "since": "2026-02-20T17:00:00.000Z",
            "until": "2026-02-23T12:00:00.000Z",
        }
    ]


def test_a_second_silence_is_another_episode() -> None:
    product = begin()
    for _ in range(2):
        product.passes(days=1)
        office_hours(product, 1)
    assert [(source, status) for source, status, _ in told(product)] == [
        ("product", "firing"),
        ("product", "resolved"),
    ] * 2
    said = [output for output in product.outputs if isinstance(output, InstrumentationChanged)]
    assert [one.episode for one in said] == [1, 1, 2, 2]
    assert len({one.id for one in said}) == 4


def test_nights_and_weekends_are_no_silence_of_a_source() -> None:
    product = begin(days=7 * 10)
    assert told(product) == []


def test_two_accounts_that_go_on_do_not_keep_a_source_alive() -> None:
    product = begin()
    office_hours(product, 1, TOWN[:2])
    assert [status for _, status, _ in told(product)] == ["firing"]


def test_a_source_of_fewer_than_three_accounts_is_never_dark() -> None:
    product = Product(journey(WATCHED))
    office_hours(product, 49, TOWN[:2])
    product.passes(days=3)
    assert told(product) == []


def test_events_of_another_source_do_not_keep_it_alive() -> None:
    product = begin()
    office_hours(product, 1, event="Cancelled")
    assert [status for _, status, _ in told(product)] == ["firing"]


def test_back_at_night_it_is_told_then() -> None:
    product = begin()
    product.passes(hours=20)
    for account in TOWN[:3]:
        product.account(account).does("Report Viewed")
    product.passes(hours=3)
    assert told(product)[-1] == ("product", "resolved", day(49, 21))


@pytest.mark.parametrize("section", [{}, {"billing": {}}])
def test_a_source_that_is_not_watched_is_not_told_of(section: dict[str, object]) -> None:
    product = begin(journey(WATCHED, instrumentation=section))
    product.passes(days=2)
    assert told(product) == []


def test_the_record_says_how_bad_it_is_and_who_answers_for_it_and_names_no_account() -> None:
    product = begin(journey(WATCHED, instrumentation={"product": {"severity": "warning", "owner": "Platform"}}))
    product.passes(days=1)
    [fired] = [output for output in product.outputs if isinstance(output, InstrumentationChanged)]
    record = Encoder(Topics(), Bodies(product.source, product.journey))(fired, Origin("", 0), product.now)
    assert (record.topic, record.key) == ("journey.instrumentation", b"product")
    body = Instrumentation.model_validate_json(record.value or b"")
    assert (body.severity, body.owner, body.status) == ("warning", "Platform", "firing")
    assert b"account" not in (record.value or b"")


def blamed(product: Product) -> list[tuple[str, str, int]]:
    """What was told of accounts."""
    said = [output for output in product.outputs if isinstance(output, AlertChanged)]
    return [(one.account, one.status.value, one.at) for one in said]


@pytest.mark.parametrize("days", [0.5, 1, 3, 9])
def test_no_account_is_blamed_while_its_source_is_dark_nor_for_that_time_afterwards(days: float) -> None:
    product = begin()
    product.passes(days=days)
    product.passes(days=-days % 1)
    office_hours(product, 21)
    assert [status for _, status, _ in told(product)] == ["firing", "resolved"]
    assert blamed(product) == []


def test_without_the_section_each_account_is_blamed() -> None:
    product = begin(journey(WATCHED, instrumentation={}))
    product.passes(days=2)
    assert sorted(account for account, _, _ in blamed(product)) == TOWN


def test_an_account_that_stays_away_when_its_source_is_back_is_judged_by_the_time_since() -> None:
    product = begin()
    product.passes(days=2)
    office_hours(product, 1, TOWN[1:])
    assert blamed(product) == [("town0", "firing", day(51, 12))]


def test_an_account_that_was_silent_before_stays_told() -> None:
    product = begin()
    office_hours(product, 1, TOWN[1:])
    product.passes(days=2)
    office_hours(product, 1, TOWN[1:])
    assert blamed(product) == [("town0", "firing", day(49, 12))]


def test_a_drop_of_an_account_is_told_though_its_source_was_dark_for_a_day_of_it() -> None:
    product = begin()
    office_hours(product, 2, TOWN[1:])
    product.passes(days=1)
    office_hours(product, 4, TOWN[1:])
    assert blamed(product) == [("town0", "firing", day(49, 12))]


def test_an_account_that_is_asked_about_meanwhile_says_that_the_instrumentation_has_stopped() -> None:
    product = begin()
    product.passes(days=1.5)
    account = product.pipeline.follow.account(b"town0")
    assert account is not None
    [leaf] = [leaf for leaf, _ in product.journey.alerts[0].when.leaves]
    assert leaf.find(account)["outcome"] == "instrumentation_stopped"


def test_hours_that_are_silent_by_chance_make_no_day_of_a_small_base_dark() -> None:
    silent = {"quiet": {"kind": "risk", "severity": "info", "when": {"silent": {"for": "5d"}}}}
    product, random, many = Product(journey(WATCHED, alerts=silent)), Random(1), [f"town{n}" for n in range(10)]
    for hour in range(60 * 24):
        for account in many[: 9 if hour >= 49 * 24 else 10]:
            if random.random() < 0.4:
                product.account(account).does("Report Viewed", times=2)
        product.passes(hours=1)
    assert told(product) == []
    [(account, _, at)] = blamed(product)
    assert account == "town9"
    assert day(53) < at < day(54)


def test_days_on_which_the_source_was_dark_are_no_part_of_a_silence() -> None:
    silent = {"quiet": {"kind": "risk", "severity": "info", "when": {"silent": {"for": "5d"}}}}
    product = begin(journey(WATCHED, alerts=silent))
    product.passes(days=4)
    office_hours(product, 7, TOWN[1:])
    [(account, _, at)] = blamed(product)
    assert account == "town0"
    assert day(55) < at < day(56)  # silent since Friday, dark from Monday to Thursday
