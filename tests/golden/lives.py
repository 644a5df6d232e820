"""Lives kept as golden files: each is lived once by the driver; its messages and what was said are recorded."""

from collections.abc import Callable, Iterable

from tests.driver import Product

Life = Callable[[Product], object]
TEAM = ("ann", "bob", "cyd")


def adopts_and_renews(the: Product) -> None:
    """The customer everybody wants: activates on the first day, brings a team, works on weekdays, renews."""
    acme = the.account("acme").joins("ann", {"seats": 5, "contract_ends_at": "2026-03-10"}).passes(hours=9)
    acme.does("Signed Up").passes(hours=1).does("Project Created").passes(hours=2).does("Report Viewed").passes(
        hours=12
    )
    acme.works(days=13, by=TEAM, weekends=False).passes(hours=10).has(seats=10).passes(hours=14)
    acme.works(days=21, weekends=False).has(contract_ends_at="2027-03-10").works(days=3)


def stalls_falls_silent_and_returns(the: Product) -> None:
    """A trial that nobody helped: stalls, falls silent, comes back after a month, and needs a hint about reports."""
    acme = the.account("acme").passes(hours=9).does("Signed Up").passes(days=2).does("Export Run").falls_silent(days=30)
    acme.does("Project Created").passes(days=3).does("Report Viewed").passes(days=2).does("Report Viewed")


def drops_and_recovers(the: Product) -> None:
    """Weekday usage for six weeks, a slump of a week, then as before: one drop, told once and taken back."""
    acme = the.account("acme").does("Signed Up").does("Project Created")
    acme.works(days=42, times=4, weekends=False).works(days=7, times=1, weekends=False)
    acme.works(days=14, times=4, weekends=False)


def churns_and_is_won_back(the: Product) -> None:
    """Cancels during the dwell of a stage, which churn does not wait for, and subscribes again two months later."""
    acme = the.account("acme").passes(hours=9).does("Signed Up").does("Project Created")
    acme.passes(hours=4).does("Cancelled").passes(days=60).does("Subscribed").works(days=2)


def disorder(the: Product) -> None:
    """Messages as they come in life: out of order, late, twice, from clocks that are wrong, and some that are none."""
    acme, globex = the.account("acme"), the.account("globex")
    acme.joins("ann").passes(hours=9).does("Report Viewed").does("Project Created", hours_ago=0.5)
    the.redelivers(the.sent[-1])
    the.sends(event="Report Viewed", userId="stranger")
    the.redelivers(b'{"type":"track","event":')
    globex.does("Signed Up", by="bob", timestamp="2031-01-01T00:00:00Z").passes(days=3)
    acme.does("Report Viewed", days_ago=2, by="cyd").does("Report Viewed", by="bob")
    globex.joins("ann").passes(hours=2)
    the.sends(event="Report Viewed", ago_ms=600_000)
    the.sends(event="Report Viewed", ago_ms=3 * 86_400_000)
    the.passes(days=1).account("globex").has(seats="many").passes(days=1)


SMALL: tuple[Life, ...] = (
    adopts_and_renews,
    stalls_falls_silent_and_returns,
    drops_and_recovers,
    churns_and_is_won_back,
    disorder,
)


def from_trial_to_power_user(the: Product) -> None:
    """A trial with a guided start that becomes a team's daily tool, buys, and buys more."""
    acme = the.account("acme").passes(hours=9)
    acme.joins("ann", {"plan": "free", "seats": 10, "trial_ends_at": "2026-01-26"})
    acme.does("Account Created").does("Signed Up").passes(hours=1).does("Setup Completed").does("Project Created")
    acme.passes(hours=14).works(days=3, event="Workflow Run").does("Invite Sent").does("Report Viewed")
    acme.does("Integration Connected")
    lives_on(acme.product, days=10, events=("Workflow Run", "Report Viewed", "Task Completed"))
    acme.passes(hours=11).does("Subscription Started", by="billing")
    acme.has(plan="team", seats=10, mrr=49_900, contract_ends_at="2026-04-20").does("API Key Created").passes(hours=13)
    lives_on(acme.product, days=35, events=("Workflow Run", "Report Shared", "Task Completed", "Dashboard Viewed"))
    acme.does("Seats Added", by="billing").has(seats=20, mrr=99_800)
    lives_on(acme.product, days=20, events=("Workflow Run", "Report Shared"))


def at_risk_then_lost(the: Product) -> None:
    """A paying team goes home one by one; nobody reacts, the invoice fails, and they cancel."""
    acme = the.account("acme").passes(hours=9).joins("ann", {"plan": "team", "seats": 5, "mrr": 24_900})
    acme.does("Account Created").does("Invite Sent").does("Subscription Started", by="billing").passes(hours=15)
    lives_on(acme.product, days=42, events=("Workflow Run", "Report Viewed"))
    acme.works(days=14, event="Report Viewed").does("Invoice Failed", by="billing").falls_silent(days=18)
    acme.does("Subscription Cancelled", by="billing").falls_silent(days=2).does("Signed In")


def trial_without_value(the: Product) -> None:
    """A trial in which little happens: every nudge goes out, none helps, and it ends."""
    acme = the.account("acme").passes(hours=9).joins("ann", {"plan": "trial", "trial_ends_at": "2026-01-19"})
    acme.does("Account Created").does("Signed Up").passes(days=2).does("Report Viewed").falls_silent(days=40)
    acme.does("Signed In")


def handed_from_one_to_the_next(the: Product) -> None:
    """A large team asks for a demo and is answered in time; qualifies, and sales writes in time, of which the CRM tells
    two days late, and books a meeting too late; buys, is welcomed in time, and never uses what it was sold for."""
    acme = the.account("acme").passes(hours=9)
    acme.joins("ann", {"plan": "trial", "employees": 800, "sold_use_case": "automation", "csm": "Eve"})
    acme.does("Account Created").does("Demo Requested", by="crm").does("Setup Completed").passes(hours=1)
    acme.does("Email Sent", by="Nora").passes(hours=14)
    lives_on(the, days=2, events=("Workflow Run", "Report Viewed"))
    acme.passes(hours=15).does("Email Sent", by="Ada", hours_ago=46).does("Meeting Booked", by="Ada").passes(hours=19)
    acme.does("Subscription Started", by="billing").has(plan="team", seats=40, mrr=160_000).passes(hours=4)
    acme.does("Call Logged", by="Eve").passes(hours=10)
    lives_on(the, days=3, events=("Report Viewed",))
    acme.does("Meeting Booked", by="Eve")
    lives_on(the, days=32, events=("Report Viewed",))


def lives_on(the: Product, *, days: int, events: Iterable[str]) -> None:
    """On every weekday each of the team does each of these once."""
    acme = the.account("acme")
    for _ in range(days):
        acme.passes(hours=9)
        for user in TEAM if acme.weekday < 5 else ():
            for event in events:
                acme.does(event, by=user)
        acme.passes(hours=15)


REFERENCE: tuple[Life, ...] = (
    from_trial_to_power_user,
    at_risk_then_lost,
    trial_without_value,
    handed_from_one_to_the_next,
)
