"""Archetypal customers on the reference journey, kept as golden files: read what is said of each as its story."""

from collections.abc import Iterable

from tests.driver import Customer, Product

TEAM = ("ann", "bob", "cyd")
DAILY = ("Workflow Run", "Report Viewed", "Task Completed")


def from_trial_to_power_user(the: Product) -> None:
    """A trial with a guided start that becomes a team's daily tool, buys, and buys more."""
    acme = signs_up(the)
    acme.passes(hours=1).does("Setup Completed").does("Project Created")
    acme.passes(hours=14).works(days=3, event="Workflow Run").does("Invite Sent").does("Report Viewed")
    acme.does("Integration Connected")
    works_on(acme, days=10)
    buys(acme, seats=10, contract_ends_at="2026-04-20").does("API Key Created").passes(hours=13)
    works_on(acme, days=35, events=("Workflow Run", "Report Shared", "Task Completed", "Dashboard Viewed"))
    acme.does("Seats Added", by="billing").has(seats=20, mrr=99_800)
    works_on(acme, days=20, events=("Workflow Run", "Report Shared"))


def trial_without_value(the: Product) -> None:
    """A trial in which little happens: every nudge goes out, none helps, and it ends."""
    acme = signs_up(the).passes(days=2).does("Report Viewed").falls_silent(days=40)
    acme.does("Signed In")


def at_risk_then_lost(the: Product) -> None:
    """A paying team goes home one by one; nobody reacts, the invoice fails, and they cancel."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=42)
    acme.works(days=14, event="Report Viewed").does("Invoice Failed", by="billing").falls_silent(days=18)
    acme.does("Subscription Cancelled", by="billing").falls_silent(days=2).does("Signed In")


def gone_for_a_month(the: Product) -> None:
    """Falls silent after a good start, sleeps for a month, and comes back as if nothing had been."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=24)
    acme.falls_silent(days=30)
    works_on(acme, days=12)


def closed_for_a_week(the: Product) -> None:
    """A steady team whose company closes for one week: a warning, critical after four working days, and all is well."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=49, times=4)
    acme.falls_silent(days=7)
    works_on(acme, days=10, times=4)


def less_every_week(the: Product) -> None:
    """Does a tenth less in each week than in the one before: nobody sees it in a day, the baseline does."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=35, times=10)
    for week in range(1, 8):
        works_on(acme, days=7, times=round(10 * 0.9**week))


def gone_dark_together(the: Product) -> None:
    """Four customers fall silent at the same hour, since an SDK broke: it is told of the product, and of none of them.

    When it is mended, three are there again and one is not: that one is gone by itself.
    """
    customers = [the.account(name).joins("ann", {}) for name in ("acme", "bolt", "cask", "dune")]
    for customer in customers:
        buys(customer.does("Setup Completed").does("Workflow Run", times=3).does("Report Viewed"))
    for days, there in ((42, customers), (3, []), (9, customers[:3])):
        for _ in range(days):
            in_each_hour(the, there)


def renews_when_the_contract_moves(the: Product) -> None:
    """The contract is shortened past a playbook, lengthened, moved back, renewed: nothing is said twice or missed."""
    acme = buys(has_first_value(signs_up(the)), contract_ends_at="2026-06-30")
    works_on(acme, days=91)
    for contract_ends_at in ("2026-05-20", "2026-12-31", "2026-05-20"):
        acme.has(contract_ends_at=contract_ends_at)
        works_on(acme, days=5)
    works_on(acme, days=14)
    acme.does("Subscription Renewed", by="billing").has(contract_ends_at="2027-05-20")
    works_on(acme, days=7)


def lets_the_contract_lapse(the: Product) -> None:
    """Uses the product to the last day of its contract, says nothing, and does not renew."""
    acme = buys(has_first_value(signs_up(the)), contract_ends_at="2026-03-20")
    works_on(acme, days=65)
    acme.falls_silent(days=30)


def fills_its_seats(the: Product) -> None:
    """A team that invites until its seats are full, meets the limits of its plan, and buys more."""
    acme = buys(has_first_value(signs_up(the)), seats=6)
    works_on(acme, days=14)
    people = (*TEAM, "dee", "eli", "fay")
    works_on(acme, days=7, by=people)
    for _ in range(3):
        acme.passes(hours=10).does("Plan Limit Reached").passes(hours=14)
    acme.does("Plan Upgraded", by="billing").does("Seats Added", by="billing").has(
        plan="business", seats=20, mrr=149_900
    )
    works_on(acme, days=14, by=people)


def buys_less(the: Product) -> None:
    """Half the team leaves: seats and plan go down, and the account stays."""
    acme = buys(has_first_value(signs_up(the)), plan="business", seats=20, mrr=149_900)
    works_on(acme, days=21, by=(*TEAM, "dee", "eli", "fay"))
    acme.does("Seats Removed", by="billing").does("Plan Downgraded", by="billing").has(plan="team", seats=5, mrr=49_900)
    works_on(acme, days=14)


def pays_late(the: Product) -> None:
    """An invoice fails, nobody notices for five days, then it is paid."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=21)
    acme.does("Invoice Failed", by="billing")
    works_on(acme, days=5)
    acme.does("Invoice Paid", by="billing")
    works_on(acme, days=5)


def trouble_with_support(the: Product) -> None:
    """Opens nine tickets in two weeks, waits, says what it thinks of that, and is helped in the end."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=14)
    for number in range(9):
        works_on(acme, days=1).does("Ticket Opened", by="bob", properties={"ticket_id": f"T{number}"})
    acme.does("CSAT Answered", by="bob", properties={"score": 1}).does(
        "NPS Answered", by="bob", properties={"score": 3}
    )
    works_on(acme, days=7)
    for number in range(9):
        acme.does("Ticket Resolved", by="support", properties={"ticket_id": f"T{number}"})
    works_on(acme, days=30)


def answered_in_time(the: Product) -> None:
    """A qualified trial: sales calls within two hours, a meeting follows, they buy, success says hello."""
    acme = becomes_qualified(the)
    acme.passes(hours=2).does("Call Logged", by="kim").passes(hours=3).does("Meeting Booked", by="kim").passes(hours=9)
    works_on(acme, days=5)
    buys(acme).passes(hours=3).does("Email Sent", by="sam").passes(hours=20).does("Meeting Booked", by="sam")
    works_on(acme, days=10)


def waits_for_an_answer(the: Product) -> None:
    """A qualified trial nobody calls: a reminder, a breach, an escalation; on the third day somebody does."""
    acme = becomes_qualified(the).passes(hours=14)
    works_on(acme, days=3)
    acme.passes(hours=10).does("Email Sent", by="kim").passes(hours=14)
    works_on(acme, days=10)


def handed_from_one_to_the_next(the: Product) -> None:
    """A large team asks for a demo and is answered in time; qualifies, and sales writes in time, of which the CRM tells
    two days late, and books a meeting too late; buys, is welcomed in time, and never uses what it was sold for."""
    acme = the.account("acme").passes(hours=9)
    acme.joins("ann", {"plan": "trial", "employees": 800, "sold_use_case": "automation", "csm": "Eve"})
    acme.does("Account Created").does("Demo Requested", by="crm").does("Setup Completed").passes(hours=1)
    acme.does("Email Sent", by="Nora").passes(hours=14)
    works_on(acme, days=2, events=("Workflow Run", "Report Viewed"))
    acme.passes(hours=15).does("Email Sent", by="Ada", hours_ago=46).does("Meeting Booked", by="Ada").passes(hours=19)
    acme.does("Subscription Started", by="billing").has(plan="team", seats=40, mrr=160_000).passes(hours=4)
    acme.does("Call Logged", by="Eve").passes(hours=10)
    works_on(acme, days=3, events=("Report Viewed",))
    acme.does("Meeting Booked", by="Eve")
    works_on(acme, days=32, events=("Report Viewed",))


def evaluated_by_many(the: Product) -> None:
    """A large company looks closely: champion, admin, security and finance, each with a question of their own."""
    acme = signs_up(the, employees=900, industry="finance", acquisition_channel="partner")
    for user, who in (("ann", {"role": "champion"}), ("bob", {"role": "admin"}), ("cyd", {"team": "it"})):
        acme.calls("identify", userId=user, traits=who | {"timezone": "America/New_York"})
    acme.calls("identify", userId="dee", traits={"team": "finance"})
    acme.does("Demo Requested").passes(hours=4).does("Email Sent", by="nora").passes(days=1)
    has_first_value(acme)
    for event, user in (
        ("Sandbox Created", "bob"), ("SSO Configured", "bob"), ("Security Document Viewed", "cyd"),
        ("ROI Calculated", "dee"),
    ):  # fmt: skip
        acme.passes(hours=10).does(event, by=user).passes(hours=14)
    works_on(acme, days=10, by=("ann", "bob", "cyd", "dee"))
    acme.does("Opportunity Created", by="ada").passes(days=2).does("Proposal Sent", by="ada")
    buys(acme, plan="enterprise", seats=200, mrr=900_000)
    works_on(acme, days=10, by=("ann", "bob"))


def sold_for_another_purpose(the: Product) -> None:
    """Bought for automation, uses only reports: what was promised is not what happens."""
    acme = has_first_value(signs_up(the, sold_use_case="automation"))
    buys(acme)
    works_on(acme, days=45, events=("Report Viewed", "Dashboard Viewed"))


def cancels_and_returns(the: Product) -> None:
    """Cancels after a month, is won back five weeks later, and works as before."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=28)
    acme.does("Subscription Cancelled", by="billing").has(mrr=0).falls_silent(days=35)
    buys(acme)
    works_on(acme, days=14)


def only_seemed_silent(the: Product) -> None:
    """An SDK that was offline for ten days delivers at last: the silence was none, and is taken back."""
    acme = buys(has_first_value(signs_up(the)))
    works_on(acme, days=14)
    acme.falls_silent(days=10)
    for days_ago in (9, 7, 5, 3, 1):
        acme.does("Workflow Run", days_ago=days_ago)
    works_on(acme, days=5)


def from_visitor_to_user(the: Product) -> None:
    """A visitor tries the product, signs up, works for two companies, and leaves one of them."""
    the.passes(hours=9)
    for event in ("Project Created", "Workflow Run", "Workflow Run"):
        the.sends(event=event, userId=None, anonymousId="visitor")
    the.passes(hours=1)
    the.sends(type="alias", userId="ann", previousId="visitor", event=None)
    acme = the.account("acme").joins("ann", {"plan": "free", "seats": 5})
    the.sends(event="Workflow Run")
    the.account("globex").passes(days=1).joins("ann", {"plan": "team", "seats": 9})
    the.sends(event="Report Viewed")
    acme.passes(days=1).does("Report Viewed")
    the.account("globex").passes(days=1).does("Account Removed User")
    the.passes(hours=1).sends(event="Report Viewed")
    the.passes(days=3)


REFERENCE = (
    from_trial_to_power_user,
    trial_without_value,
    at_risk_then_lost,
    gone_for_a_month,
    closed_for_a_week,
    less_every_week,
    gone_dark_together,
    renews_when_the_contract_moves,
    lets_the_contract_lapse,
    fills_its_seats,
    buys_less,
    pays_late,
    trouble_with_support,
    answered_in_time,
    waits_for_an_answer,
    handed_from_one_to_the_next,
    evaluated_by_many,
    sold_for_another_purpose,
    cancels_and_returns,
    only_seemed_silent,
    from_visitor_to_user,
)


# What many lives have in common.


def signs_up(the: Product, **traits: object) -> Customer:
    """A small logistics company signs up for a trial at nine on a Monday."""
    acme = the.account("acme").passes(hours=9)
    known = {"plan": "free", "seats": 5, "employees": 40, "industry": "logistics", "acquisition_channel": "search"}
    acme.joins("ann", known | {"use_case": "automation", "trial_ends_at": "2026-01-26"} | traits)
    return acme.does("Account Created").does("Signed Up")


def has_first_value(acme: Customer) -> Customer:
    """Sets the product up and sees it work, within a day."""
    acme.passes(hours=1).does("Setup Completed").does("Project Created").does("Invite Sent")
    acme.passes(hours=1).does("Integration Connected").does("Workflow Run", times=3).does("Report Viewed")
    return acme.passes(hours=13)


def becomes_qualified(the: Product) -> Customer:
    """A trial that uses the product as those do who buy; it is ten in the morning of a working day."""
    acme = has_first_value(signs_up(the)).passes(hours=10)
    for user in TEAM:
        acme.does("Report Viewed", by=user)
    return acme


def buys(acme: Customer, **traits: object) -> Customer:
    """Becomes a paying customer."""
    acme.does("Subscription Started", by="billing")
    return acme.has(**{"plan": "team", "seats": 10, "mrr": 49_900, "contract_ends_at": "2026-12-31"} | traits)


def in_each_hour(the: Product, customers: Iterable[Customer]) -> None:
    """A day on which these customers run a workflow in the middle of each hour from ten to five, but for weekends."""
    for hour in range(24):
        the.passes(minutes=30)
        for customer in customers:
            if 10 <= hour < 17 and customer.weekday < 5:
                customer.does("Workflow Run")
        the.passes(minutes=30)


def works_on(
    acme: Customer, *, days: int, times: int = 1, events: Iterable[str] = DAILY, by: Iterable[str] = TEAM
) -> Customer:
    """On every weekday, at nine, each of these people does each of these so many times."""
    for _ in range(days):
        acme.passes(hours=9)
        for user in by if acme.weekday < 5 else ():
            for event in events:
                acme.does(event, times=times, by=user)
        acme.passes(hours=15)
    return acme
