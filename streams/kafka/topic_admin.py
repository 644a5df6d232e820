"""The topics in a cluster: making them, and whether it holds them as they are laid out."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
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
from streams.kafka.topics import Layout, Topics, layouts

ANSWER_S = 15.0


class TopicsError(RuntimeError):
    """The cluster did not answer, or refused a topic; the text says what would help."""


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
