"""The topics: their names, and how each is laid out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

DAY_MS = 24 * 60 * 60 * 1000
MAX_PREFIX = 200  # Kafka ends topic names at 249


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of all topics under one prefix."""

    prefix: str = "journey"

    def __post_init__(self) -> None:
        if len(self.prefix) > MAX_PREFIX or not re.fullmatch(r"[a-z0-9.-]+", self.prefix):
            raise ValueError(
                f"topic prefix {self.prefix!r}: use a-z, 0-9, '.' and '-', at most {MAX_PREFIX} characters "
                "(Kafka confuses 'a_b' with 'a.b')"
            )

    @property
    def events(self) -> str:
        """Product events as produced, keyed by user."""
        return f"{self.prefix}.events"

    @property
    def account_events(self) -> str:
        """The same, keyed by account."""
        return f"{self.prefix}.account-events"

    @property
    def transitions(self) -> str:
        """Moves between stages."""
        return f"{self.prefix}.transitions"

    @property
    def milestones(self) -> str:
        """Milestones reached."""
        return f"{self.prefix}.milestones"

    @property
    def alerts(self) -> str:
        """Alerts, firing and resolved."""
        return f"{self.prefix}.alerts"

    @property
    def movements(self) -> str:
        """Changes of what an account pays."""
        return f"{self.prefix}.movements"

    @property
    def renewals(self) -> str:
        """How contracts ended, beside how that was forecast."""
        return f"{self.prefix}.renewals"

    @property
    def instrumentation(self) -> str:
        """Sources that fell silent as a whole, and that are back."""
        return f"{self.prefix}.instrumentation"

    @property
    def accounts(self) -> str:
        """The latest picture of each account."""
        return f"{self.prefix}.accounts"

    @property
    def kpi_facts(self) -> str:
        """What accounts add to the KPIs, in one order for all; internal."""
        return f"{self.prefix}.kpi-facts"

    @property
    def kpis(self) -> str:
        """What is added up over accounts."""
        return f"{self.prefix}.kpis"

    @property
    def kpis_changelog(self) -> str:
        """The sums of the KPIs; internal."""
        return f"{self.prefix}.kpis-changelog"

    @property
    def dead_letters(self) -> str:
        """Messages that could not become events, with the reason."""
        return f"{self.prefix}.dead-letters"

    @property
    def users_changelog(self) -> str:
        """State per user; internal."""
        return f"{self.prefix}.users-changelog"

    @property
    def state_changelog(self) -> str:
        """State per account; internal."""
        return f"{self.prefix}.state-changelog"

    @property
    def suppressions(self) -> str:
        """Who is forgotten, as digests; internal."""
        return f"{self.prefix}.suppressions"

    @property
    def sources(self) -> tuple[str, ...]:
        """What the stages read, in the order of the path."""
        return self.events, self.account_events, self.kpi_facts

    @property
    def derived(self) -> tuple[str, ...]:
        """What workers could make anew from the events: topics between two stages, and changelogs."""
        return (
            self.account_events, self.kpi_facts, self.users_changelog, self.state_changelog, self.kpis_changelog
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """How one topic is laid out. Co-partitioned topics hold a key under the same partition number."""

    cleanup: Literal["delete", "compact"]
    config: Mapping[str, str]
    co_partitioned: bool = False
    keeps_time: bool = False
    """Whether records keep the time that their producer gave them."""
    single: bool = False
    in_one_order: bool = False
    """Whether it must have one partition, not only begins with one."""


def _kept_for(days: int) -> Mapping[str, str]:
    return MappingProxyType({"retention.ms": str(days * DAY_MS)})


# A dead letter is the message as it came and six headers more: it must fit where the message did.
_AS_LARGE_AS_IT_CAME = MappingProxyType({"max.message.bytes": str(16 * 1024 * 1024)})

# Compaction bounds a restore: small segments and an early cleaner keep a changelog near one record a key.
# Within a day it runs in any case, so that a forgotten account is gone by then.
_COMPACTED = MappingProxyType(
    {
        "segment.bytes": str(64 * 1024 * 1024),
        "min.cleanable.dirty.ratio": "0.2",
        "max.compaction.lag.ms": str(DAY_MS),
    }
)


def layouts(topics: Topics) -> Mapping[str, Layout]:
    """Every topic by name."""
    return {
        topics.events: Layout("delete", _kept_for(days=7), co_partitioned=True, keeps_time=True),
        topics.account_events: Layout("delete", _kept_for(days=7), co_partitioned=True),
        topics.users_changelog: Layout("compact", _COMPACTED, co_partitioned=True),
        topics.state_changelog: Layout("compact", _COMPACTED, co_partitioned=True),
        topics.suppressions: Layout("compact", _COMPACTED, co_partitioned=True),
        topics.accounts: Layout("compact", _COMPACTED),
        topics.transitions: Layout("delete", _kept_for(days=90)),
        topics.milestones: Layout("delete", _kept_for(days=90)),
        topics.alerts: Layout("delete", _kept_for(days=90)),
        topics.movements: Layout("delete", _kept_for(days=90)),
        topics.renewals: Layout("delete", _kept_for(days=730)),
        topics.instrumentation: Layout("delete", _kept_for(days=90)),
        topics.kpi_facts: Layout("delete", _kept_for(days=7), single=True, in_one_order=True),
        topics.kpis_changelog: Layout("compact", _COMPACTED, single=True, in_one_order=True),
        topics.kpis: Layout("delete", _kept_for(days=730)),
        topics.dead_letters: Layout("delete", _kept_for(days=30) | _AS_LARGE_AS_IT_CAME, single=True),
    }
