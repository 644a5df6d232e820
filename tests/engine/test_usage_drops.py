"""Usage drops of one account, as the engine tells them. `test_drops` has the statistics behind."""

from tests.driver import Customer, Product, because, day, journey

WATCH = """
alerts:
  drop:
    kind: usage_drop
    severity: warning
    when: {usage_drop: {}}
    raise: {to: critical, when: {usage_drop: {grade: critical}}}
    until: {none: [{usage_drop: {grade: hint}}]}
"""
JOURNEY = WATCH


def told(customer: Customer) -> list[tuple[str, bool]]:
    """The alerts told: status, and whether raised."""
    return [(alert.status.value, alert.raised) for alert in customer.alerts_told]


def works_in_hours(customer: Customer, *, days: int, each_hour: int = 3) -> Customer:
    """Office hours from nine to five on working days."""
    for _ in range(days):
        customer.passes(hours=9)
        for _ in range(8):
            if customer.weekday < 5:
                customer.does("Report Viewed", times=each_hour)
            customer.passes(hours=1)
        customer.passes(hours=7)
    return customer


def test_a_drop_is_told_as_of_the_close_of_the_day_that_showed_it_with_its_baseline(acme: Customer) -> None:
    acme.works(days=42, times=10).works(days=7, times=2)
    alert = acme.alerts_told[0]
    assert alert.at == day(45)
    found = dict(because(alert)[0])
    assert found.pop("evidence") == 7.5
    assert found == {
        "usage_drop": ["any"],
        "grade": "warning",
        "outcome": "warning",
        "value": 6,
        "baseline": 30.0,
        "weeks": 5,
        "window": {"start": "2026-02-16T00:00:00.000Z", "end": "2026-02-19T00:00:00.000Z"},
    }


def test_it_warns_is_raised_in_the_same_episode_and_is_resolved_on_return(acme: Customer) -> None:
    acme.works(days=42, times=30).works(days=14, times=3).works(days=7, times=30)
    assert told(acme) == [("firing", False), ("firing", True), ("resolved", True)]
    warned, raised, resolved = acme.alerts_told
    assert {alert.episode for alert in acme.alerts_told} == {1}
    assert len({warned.id, raised.id, resolved.id}) == 3
    assert because(raised)[0]["grade"] == "critical"


def test_three_days_of_closure_warn_and_are_never_raised(acme: Customer) -> None:
    acme.works(days=42, times=30).falls_silent(days=3).works(days=28, times=30)
    assert told(acme) == [("firing", False), ("resolved", False)]


def test_usage_that_falls_to_nothing_is_told_though_no_event_arrives(acme: Customer) -> None:
    acme.works(days=42, times=30).falls_silent(days=9)
    assert told(acme) == [("firing", False), ("firing", True)]


def test_gone_for_good_it_is_not_judged_for_ever(acme: Customer) -> None:
    acme.works(days=42, times=30).falls_silent(days=300)
    assert told(acme) == [("firing", False), ("firing", True), ("resolved", True)]
    assert because(acme.alerts_told[-1])[0]["outcome"] == "no_baseline"


def test_a_company_that_never_works_weekends_does_not_alarm(acme: Customer) -> None:
    acme.works(days=84, times=10, weekends=False)
    assert acme.alerts == []


def test_too_little_history_says_nothing_and_says_so(acme: Customer) -> None:
    acme.works(days=20, times=30).falls_silent(days=3)
    assert acme.alerts == []
    watched = acme.product.pipeline.follow.account(b"acme")
    assert watched is not None
    [leaf] = [leaf for leaf, _ in acme.product.journey.alerts[0].when.leaves]
    assert leaf.find(watched)["outcome"] == "too_little_history"


def test_a_busy_account_that_falls_silent_is_told_within_hours(acme: Customer) -> None:
    works_in_hours(acme, days=56).passes(hours=9).does("Report Viewed", times=3).falls_silent(hours=6)
    [alert] = acme.alerts_told
    assert alert.at == day(56, 12)  # silent from nine on: three whole hours that never were
    assert because(alert) == [
        {
            "usage_drop": ["any"],
            "grade": "warning",
            "outcome": "silent",
            "last_at": "2026-03-02T09:00:00.000Z",
            "until": "2026-03-02T12:00:00.000Z",
        }
    ]


def test_the_next_event_ends_the_silence(acme: Customer) -> None:
    works_in_hours(acme, days=56).passes(hours=9).does("Report Viewed", times=3).falls_silent(hours=6)
    acme.does("Report Viewed")
    assert told(acme) == [("firing", False), ("resolved", False)]


def test_nights_and_weekends_are_no_silence(acme: Customer) -> None:
    works_in_hours(acme, days=77)
    assert acme.alerts == []


def test_a_drop_of_one_event_is_seen_while_others_go_on() -> None:
    alerts = {"drop": {"kind": "usage_drop", "severity": "info", "when": {"usage_drop": {"of": "Export Run"}}}}
    acme = Product(journey(alerts=alerts)).account("acme")
    for _ in range(42):
        acme.does("Export Run", times=15).works(days=1, times=10)
    acme.works(days=4, times=10)
    assert acme.alerts == [("drop", "firing")]


def test_a_changed_journey_keeps_days_and_hours() -> None:
    source = journey(WATCH)
    acme = works_in_hours(Product(source).account("acme"), days=56)
    snapshot = acme.product.pipeline.follow.account(b"acme")
    assert snapshot is not None
    profiles = snapshot.windows.profiles
    assert len(profiles) == 1
    assert all(len(profile) == 51 for profile in profiles.values())


def test_an_alert_that_begins_at_its_second_grade_is_told_once() -> None:
    alerts = {
        "busy": {
            "kind": "nudge",
            "severity": "info",
            "when": {"did": "Report Viewed"},
            "raise": {"to": "critical", "when": {"did": "Project Created"}},
        }
    }
    acme = Product(journey(alerts=alerts)).account("acme")
    acme.does("Project Created").does("Report Viewed")
    assert told(acme) == [("firing", True)]
