"""Usage drops: the last closed days against the same weekdays of the weeks before."""

from tests.driver import Customer, Product, because, day, journey

DROP = {"by": 0.5, "over": "3d", "against": "2w", "least": 5}


def watched(**drop: object) -> Customer:
    """A customer whose usage is watched. START is a Monday."""
    rule = {"kind": "usage_drop", "severity": "critical", "when": {"usage_drop": DROP | drop}}
    return Product(journey(alerts={"drop": rule})).account("acme")


def test_half_of_the_usual_use_is_a_drop_told_as_of_the_day_that_showed_it() -> None:
    acme = watched().works(days=28, times=10).works(days=3, times=2)
    [alert] = [alert for alert in acme.alerts_told if alert.status == "firing"]
    assert alert.at == day(30)  # 10 + 2 + 2 events against 30
    assert because(alert) == [
        {
            "usage_drop": ["any"],
            "by": 0.5,
            "against": "2w",
            "value": 14,
            "baseline": 30.0,
            "below": 15.0,
            "least": 5.0,
            "window": {"start": "2026-02-01T00:00:00.000Z", "end": "2026-02-04T00:00:00.000Z"},
        }
    ]


def test_usage_that_falls_to_nothing_is_told_though_no_event_arrives() -> None:
    acme = watched().works(days=28, times=10).falls_silent(days=3)
    assert acme.alerts == [("drop", "firing")]


def test_a_drop_is_over_once_usage_is_back() -> None:
    acme = watched().works(days=28, times=10).works(days=3, times=2).works(days=5, times=10)
    assert acme.alerts == [("drop", "firing"), ("drop", "resolved")]


def test_a_company_that_never_works_weekends_does_not_alarm_on_monday() -> None:
    acme = watched().works(days=70, times=10, weekends=False)
    assert acme.alerts == []


def test_the_same_weekend_is_a_drop_for_a_company_that_works_on_every_day() -> None:
    acme = watched(over="2d").works(days=28, times=10).works(days=7, times=10, weekends=False).settles()
    assert acme.alerts_told[0].at == day(35)


def test_too_little_history_says_nothing() -> None:
    acme = watched().works(days=12, times=10).falls_silent(days=5)
    assert acme.alerts == []


def test_history_is_enough_from_the_day_on_that_fills_the_weeks() -> None:
    acme = watched().works(days=17, times=10).falls_silent(days=2).settles()
    assert acme.alerts_told[0].at == day(19)


def test_a_baseline_below_the_least_is_not_worth_judging() -> None:
    acme = watched(least=40).works(days=28, times=10).falls_silent(days=10)
    assert acme.alerts == []


def test_a_drop_that_is_over_because_the_baseline_is_not_worth_judging_says_so() -> None:
    acme = watched(least=6).works(days=28, times=4, weekends=False).works(days=7, times=1, weekends=False).settles()
    fired, resolved = acme.alerts_told
    assert (fired.at, resolved.at) == (day(30), day(35))
    [found] = because(resolved)
    assert (found["baseline"], found["least"], found["none"]) == (4.0, 6.0, True)


def test_a_drop_of_one_event_is_seen_while_others_go_on() -> None:
    acme = watched(of="Export Run")
    for _ in range(28):
        acme.does("Export Run", times=5).works(days=1, times=10)
    acme.works(days=4, times=10)
    assert acme.alerts == [("drop", "firing")]


def test_a_slow_decline_becomes_the_new_usual_and_is_no_drop() -> None:
    acme = watched()
    for times in (20, 19, 18, 17, 16, 15, 14, 13):
        acme.works(days=7, times=times)
    assert acme.alerts == []


def test_an_account_gone_for_good_is_not_judged_for_ever() -> None:
    acme = watched().works(days=28, times=10).falls_silent(days=60)
    assert acme.alerts == [("drop", "firing"), ("drop", "resolved")]
