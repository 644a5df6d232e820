"""Small lives kept as golden files: each is lived once by the driver; its messages and what was said are recorded."""

from collections.abc import Callable

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
    """Weekday usage for six weeks, a slump of nine days, then as before: a drop told, raised, resolved on return."""
    acme = the.account("acme").does("Signed Up").does("Project Created")
    acme.works(days=42, times=12, weekends=False).works(days=9, times=2, weekends=False)
    acme.works(days=14, times=12, weekends=False)


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
