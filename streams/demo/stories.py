"""The named accounts: how each lives, and what must come out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from streams.demo.names import slug
from streams.demo.plans import BACK, BOUGHT, BUILDS, BUSINESS, LOOKS, PAYS, TEAM, TEAM_90, Phase, Plan, gone
from streams.demo.verdicts import Verdicts

DAYS: Final = 120
"""How long the stories take. What comes after is not told."""

OF_JOURNEY: Final = "b2b-saas"
"""The journey, by its name, that the stories are of."""


@dataclass(frozen=True, slots=True)
class Story:
    """One account with a known story."""

    name: str
    tale: str
    plan: Plan
    stages: tuple[str, ...]
    """The stages it moves into, in order."""
    alerts: tuple[str, ...]
    """The alert rules that fire for it, in order of their first firing."""

    @property
    def account(self) -> str:
        """The id of the account."""
        return slug(self.name)


def differences(story: Story, verdicts: Verdicts) -> Iterator[str]:
    """Where what came out is not the story; nothing if all of it came out."""
    stages = tuple(verdicts.stages.get(story.account, ()))
    alerts = tuple(dict.fromkeys(verdicts.fired.get(story.account, ())))
    for what, expected, found in (("stages", story.stages, stages), ("alerts", story.alerts, alerts)):
        if expected != found:
            yield f"{what} should be {_path(expected)}, and are {_path(found)}"


def _path(names: tuple[str, ...]) -> str:
    return " → ".join(names) or "none"


STORIES: Final = (
    Story(
        "Acme",
        "tries, builds, pays, grows into a power user and buys more",
        (
            LOOKS,
            BUILDS,
            PAYS,
            Phase(30, 7, 1.8, "full", ("API Key Created",)),
            Phase(70, 9, 1.6, "full", ("SSO Configured", "Seats Added", "Plan Upgraded", "Invoice Paid"), BUSINESS),
        ),
        (
            "activated",
            "adopted",
            "power_user",
            "expanded",
            "adopted",
            "power_user",
        ),
        (
            "finish_set_up",
            "sales_ready",
            "new_customer",
            "ready_to_upgrade",
            "bought_more",
        ),
    ),
    Story(
        "Globex",
        "looks around once, stalls, and is gone when the trial ends",
        (LOOKS, gone(120)),
        (
            "dormant",
            "churned",
        ),
        (
            "finish_set_up",
            "invite_a_teammate",
            "connect_an_integration",
            "trial_stalled",
            "trial_ends_without_value",
            "account_dormant",
            "account_lost",
        ),
    ),
    Story(
        "Initech",
        "falls silent for a month and comes back",
        (LOOKS, BUILDS, PAYS, Phase(19, 6, 1.4, "team"), gone(30), Phase(60, 6, 1.4, "team", ("Signed In",))),
        (
            "activated",
            "adopted",
            "at_risk",
            "dormant",
            "activated",
            "adopted",
        ),
        (
            "finish_set_up",
            "sales_ready",
            "new_customer",
            "usage_dropped",
            "gone_silent",
            "account_at_risk",
            "account_dormant",
        ),
    ),
    Story(
        "Vandelay",
        "renews its contract of 90 days",
        (
            LOOKS,
            BUILDS,
            Phase(80, 6, 1.4, "team", BOUGHT, TEAM_90),
            Phase(60, 6, 1.4, "team", ("Subscription Renewed", "Invoice Paid"), TEAM),
        ),
        (
            "activated",
            "adopted",
            "renewing",
            "adopted",
        ),
        (
            "finish_set_up",
            "sales_ready",
            "renewal_in_90_days",
            "new_customer",
            "renewal_in_30_days",
        ),
    ),
    Story(
        "Hooli",
        "fails to pay, works less and cancels",
        (
            LOOKS,
            BUILDS,
            PAYS,
            Phase(28, 6, 1.4, "team"),
            Phase(14, 2, 0.7, "look", ("Ticket Opened", "Invoice Failed")),
            gone(90, "Subscription Cancelled"),
        ),
        (
            "activated",
            "adopted",
            "at_risk",
            "churned",
        ),
        (
            "finish_set_up",
            "sales_ready",
            "new_customer",
            "usage_dropped",
            "payment_failed",
            "account_at_risk",
            "account_lost",
        ),
    ),
    Story(
        "Pied Piper",
        "cancels, and is won back five weeks later",
        (
            LOOKS,
            BUILDS,
            PAYS,
            Phase(5, 3, 1.2, "team"),
            gone(35, "Subscription Cancelled"),
            Phase(60, 6, 1.4, "team", BACK, TEAM),
        ),
        (
            "activated",
            "adopted",
            "churned",
            "won_back",
            "activated",
            "adopted",
        ),
        (
            "finish_set_up",
            "sales_ready",
            "new_customer",
            "account_lost",
        ),
    ),
    Story(
        "Wayne Freight",
        "uses half as much for two weeks, is at risk, and recovers",
        (LOOKS, BUILDS, PAYS, Phase(35, 7, 1.8, "team"), Phase(14, 2, 1.2, "look"), Phase(60, 7, 1.8, "team")),
        (
            "activated",
            "adopted",
            "at_risk",
            "adopted",
        ),
        (
            "finish_set_up",
            "sales_ready",
            "new_customer",
            "adoption_missing",
            "usage_dropped",
            "account_at_risk",
        ),
    ),
)
"""What they do, and what must come of it."""
