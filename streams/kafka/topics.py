"""The topics: their names, how each is laid out, and whether a cluster holds them so."""

import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
    TopicMetadata,
)

from streams.kafka.topic_problems import TopicProblem, missing, wrong_count, wrong_policy

DAY_MS = 24 * 60 * 60 * 1000
ANSWER_S = 15.0
MAX_PREFIX = 200  # Kafka ends topic names at 249


class TopicsError(RuntimeError):
    """The cluster did not answer, or refused a topic; the text says what would help."""


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


class TopicOutcome(NamedTuple):
    """What became of one topic."""

    name: str
    outcome: Literal["created", "exists"]


def create_topics(admin: AdminClient, topics: Topics, partitions: int = 4, replication: int = 1) -> list[TopicOutcome]:
    """Make what is missing, wait until it can be used. What exists is not changed: see `check_topics`."""
    wanted = [_new_topic(name, layout, partitions, replication) for name, layout in layouts(topics).items()]
    futures = admin.create_topics(wanted, request_timeout=ANSWER_S)
    outcomes = [TopicOutcome(name, _outcome(name, future)) for name, future in futures.items()]
    _wait_for_leaders(admin, {outcome.name for outcome in outcomes})
    return outcomes


def check_topics(admin: AdminClient, topics: Topics, partitions: int | None = None) -> list[TopicProblem]:
    """What keeps the cluster's topics from carrying the path; empty when all is well.

    Co-partitioned topics must have `partitions` partitions, or, when not given, as many as the changelog of the
    states, which tells what keys have met so far; without one, as many as the events topic.
    """
    counts = _partition_counts(admin)
    wanted = layouts(topics)
    expected = partitions or counts.get(topics.state_changelog) or counts.get(topics.events)
    policies = _cleanup_policies(admin, [name for name in wanted if name in counts])
    problems = [missing(name) for name in wanted if name not in counts]
    problems += [
        wrong_count(name, counts[name], expected)
        for name, layout in wanted.items()
        if layout.co_partitioned and expected and counts.get(name, expected) != expected
    ]
    problems += [
        wrong_count(name, counts[name], 1)
        for name, layout in wanted.items()
        if layout.in_one_order and counts.get(name, 1) != 1
    ]
    return problems + [
        wrong_policy(name, policy, wanted[name].cleanup)
        for name, policy in policies.items()
        if policy != wanted[name].cleanup
    ]


def _new_topic(name: str, layout: Layout, partitions: int, replication: int) -> NewTopic:
    config = {
        "cleanup.policy": layout.cleanup,
        # What workers write is stamped by the broker: their clocks may be wrong, and far ahead they would be refused.
        "message.timestamp.type": "CreateTime" if layout.keeps_time else "LogAppendTime",
        "min.insync.replicas": str(max(1, replication - 1)),
        **layout.config,
    }
    return NewTopic(name, 1 if layout.single else partitions, replication, config=config)


def _outcome(name: str, future: Future[None]) -> Literal["created", "exists"]:
    try:
        future.result(ANSWER_S)
    except KafkaException as refused:
        error = refused.args[0]
        if error.code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return "exists"
        raise TopicsError(f"{name} cannot be created: {error.str()}") from refused
    return "created"


def _wait_for_leaders(admin: AdminClient, names: set[str]) -> None:
    # The controller answers before the brokers know: a producer right behind would hear "unknown topic".
    deadline = time.monotonic() + ANSWER_S
    while not names <= _led(admin):
        if time.monotonic() > deadline:
            raise TopicsError(f"after {ANSWER_S:.0f} s no leader for {', '.join(sorted(names - _led(admin)))}")
        time.sleep(0.02)


def _led(admin: AdminClient) -> set[str]:
    return {
        name
        for name, topic in _metadata(admin).items()
        if all(partition.leader >= 0 for partition in topic.partitions.values())
    }


def _partition_counts(admin: AdminClient) -> dict[str, int]:
    return {name: len(topic.partitions) for name, topic in _metadata(admin).items()}


def _metadata(admin: AdminClient) -> Mapping[str, TopicMetadata]:
    try:
        topics: Mapping[str, TopicMetadata] = admin.list_topics(timeout=ANSWER_S).topics
    except KafkaException as silent:
        raise TopicsError(
            f"the cluster is silent ({silent.args[0].str()}): is it up, is JOURNEY_BOOTSTRAP_SERVERS right?"
        ) from silent
    return topics


def _cleanup_policies(admin: AdminClient, names: Iterable[str]) -> dict[str, str]:
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    if not asked:
        return {}
    answers = admin.describe_configs(asked, request_timeout=ANSWER_S)
    return {resource.name: future.result(ANSWER_S)["cleanup.policy"].value for resource, future in answers.items()}
