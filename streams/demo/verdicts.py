"""What was said of the customer base, gathered: by the engine alone, or read back from Kafka."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

FIRING: Final = "firing"
SLA: Final = "sla"
"""Alerts of this kind tell what became of a handoff: of us, and not of the account."""

Body = Mapping[str, Any]


class Verdicts:
    """Transitions, milestones and alerts, by what people ask of them."""

    def __init__(self) -> None:
        self.ids: Counter[tuple[str, str]] = Counter()
        """Topic and id of each verdict: how often it was said."""
        self.counts: Counter[str] = Counter()
        """How many of each topic."""
        self.stages: dict[str, list[str]] = {}
        """The stages each account moved into, in order."""
        self.fired: dict[str, list[str]] = {}
        """The alert rules that fired for each account, in order; what became of handoffs left out."""
        self.kinds: Counter[str] = Counter()
        """Alerts fired, by kind."""

    def take(self, topic: str, body: Body) -> None:
        """Take one verdict; `topic` is its name without prefix. A verdict said again is counted and no more."""
        key = topic, body["id"]
        self.ids[key] += 1
        if self.ids[key] > 1:
            return
        self.counts[topic] += 1
        if topic == "transitions":
            self.stages.setdefault(body["account_id"], []).append(body["to_stage"])
        elif topic == "alerts" and body["status"] == FIRING and not _is_told_again(body):
            self.kinds[str(body["kind"])] += 1
            if body["kind"] != SLA:
                self.fired.setdefault(body["account_id"], []).append(body["rule"].removeprefix("alerts."))

    def standing(self, accounts: Sequence[str], initial: str) -> Counter[str]:
        """How many accounts stand in each stage."""
        return Counter(self.stages.get(account, [initial])[-1] for account in accounts)

    def funnel(self, steps: Sequence[str], accounts: int) -> list[tuple[str, int]]:
        """How many accounts came as far as each step, or to a later one."""
        counts = [accounts]
        for place in range(len(steps)):
            further = set(steps[place:])
            counts.append(sum(not further.isdisjoint(stages) for stages in self.stages.values()))
        return list(zip(("signed_up", *steps), counts, strict=True))


def _is_told_again(body: Body) -> bool:
    """Whether an alert that fired before is told once more, with a later decision on contact."""
    contact = body.get("contact")
    return contact is not None and contact["attempt"] > 1


def unlike(expected: Verdicts, found: Verdicts) -> list[str]:
    """How two tellings of the same story differ: what is missing, what is too much, what was said twice."""
    missing = [key for key in expected.ids if key not in found.ids]
    surplus = [key for key in found.ids if key not in expected.ids]
    twice = [key for key, times in found.ids.items() if times > 1]
    kinds = (("missing", missing), ("not expected", surplus), ("said twice", twice))
    return [f"verdicts {what}: {len(keys)}, as {' '.join(keys[0])}" for what, keys in kinds if keys]
