"""How an account lives, as data: phases of work one after the other, and what happens at the start of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

Traits = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of days lived alike."""

    days: int
    users: int
    """How many of the account's people work in it."""
    rate: float
    """Events of one of them on a working day."""
    work: str = "core"
    """What they do: a key of `WORK`."""
    opens: tuple[str, ...] = ()
    """Events of its first morning, in order."""
    traits: Traits | None = None
    """Account traits told that morning; `trial_days` and `contract_days` become dates counted from it."""


Plan = tuple[Phase, ...]

WORK: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType(
    {
        "nothing": {},
        "look": {"Report Viewed": 6, "Dashboard Viewed": 2},
        "core": {"Project Created": 1, "Task Completed": 6, "Workflow Run": 7, "Report Viewed": 6},
        "team": {
            "Project Created": 1,
            "Task Completed": 8,
            "Comment Added": 2,
            "Workflow Run": 10,
            "Report Viewed": 8,
            "Report Shared": 2,
            "Dashboard Viewed": 2,
            "Dashboard Exported": 1,
        },
        "full": {
            "Task Completed": 14,
            "Comment Added": 2,
            "Workflow Created": 1,
            "Workflow Run": 20,
            "Report Viewed": 12,
            "Report Shared": 4,
            "Dashboard Exported": 2,
            "Integration Connected": 1,
        },
    }
)
"""What people do in the product, with how often each thing is done beside the others."""

SIGN_UP: Final = ("Account Created", "Signed Up", "Trial Started")
TRIAL: Final[Traits] = MappingProxyType({"plan": "trial", "seats": 3, "mrr": 0, "trial_days": 14})


def _paid(plan: str, seats: int, mrr: int, contract_days: int) -> Traits:
    return MappingProxyType({"plan": plan, "seats": seats, "mrr": mrr, "contract_days": contract_days})


TEAM: Final = _paid("team", 8, 40_000, 365)
TEAM_90: Final = _paid("team", 8, 40_000, 90)
BUSINESS: Final = _paid("business", 16, 120_000, 365)
BOUGHT: Final = ("Subscription Started", "Invoice Paid", "Call Logged", "Meeting Booked")
"""They buy, and customer success welcomes them."""
BACK: Final = ("Signed In", *BOUGHT)

LOOKS: Final = Phase(2, 1, 3.0, "look", SIGN_UP, TRIAL)
BUILDS: Final = Phase(
    8, 3, 1.8, "core", ("Setup Completed", "Project Created", "Invite Sent", "Workflow Run", "Integration Connected")
)
PAYS: Final = Phase(21, 5, 1.1, "team", BOUGHT, TEAM)


def gone(days: int, *opens: str) -> Phase:
    """Days on which nobody works."""
    return Phase(days, 1, 0.0, "nothing", opens)


@dataclass(frozen=True, slots=True)
class Archetype:
    """A kind of customer, and how many of a hundred accounts are like it."""

    name: str
    share: int
    plan: Plan
    starts_within: int = 116
    """They sign up in so many of the first days."""


ARCHETYPES: Final = (
    Archetype("activates and stays", 18, (LOOKS, BUILDS, PAYS, Phase(120, 6, 0.9, "team"))),
    Archetype("stalls in trial", 14, (LOOKS, Phase(4, 1, 1.0, "look"), gone(100))),
    Archetype("stalls, then activates", 8, (LOOKS, gone(6), BUILDS, Phase(110, 4, 1.1, "core", BOUGHT, TEAM))),
    Archetype(
        "falls silent and comes back",
        12,
        (LOOKS, BUILDS, PAYS, Phase(10, 5, 1.0, "team"), gone(24), Phase(90, 5, 1.0, "team", ("Signed In",))),
        starts_within=60,
    ),
    Archetype(
        "grows and expands",
        14,
        (
            LOOKS,
            BUILDS,
            PAYS,
            Phase(26, 7, 1.2, "full", ("API Key Created", "Integration Connected")),
            Phase(100, 9, 1.0, "full", ("SSO Configured", "Seats Added", "Plan Upgraded", "Invoice Paid"), BUSINESS),
        ),
        starts_within=50,
    ),
    Archetype(
        "renews",
        10,
        (
            LOOKS,
            BUILDS,
            Phase(80, 6, 0.9, "team", BOUGHT, TEAM_90),
            Phase(100, 6, 0.9, "team", ("Subscription Renewed", "Invoice Paid"), TEAM),
        ),
        starts_within=40,
    ),
    Archetype(
        "churns",
        8,
        (
            LOOKS,
            BUILDS,
            PAYS,
            Phase(21, 4, 1.1, "core"),
            Phase(10, 2, 0.6, "look", ("Ticket Opened", "Invoice Failed")),
            gone(100, "Subscription Cancelled"),
        ),
    ),
    Archetype(
        "is won back",
        6,
        (
            LOOKS,
            BUILDS,
            PAYS,
            Phase(10, 2, 0.8, "look", ("Ticket Opened",)),
            gone(25, "Subscription Cancelled"),
            Phase(90, 5, 1.0, "team", BACK, TEAM),
        ),
        starts_within=40,
    ),
    Archetype(
        "uses less and less",
        10,
        (LOOKS, BUILDS, PAYS, Phase(35, 7, 1.0, "team"), Phase(14, 2, 0.8, "look"), Phase(90, 6, 0.9, "team")),
        starts_within=30,
    ),
)
"""The customer base, by kind."""


@dataclass(frozen=True, slots=True)
class Life:
    """One account: who it is, when it signs up (days after the first), and what becomes of it."""

    id: str
    users: tuple[str, ...]
    starts: int
    plan: Plan
    is_named: bool = False
    """Whether its story is known."""
