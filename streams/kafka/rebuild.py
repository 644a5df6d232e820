"""States built anew from the events, when a changelog is lost: all that was derived is emptied, and read again."""

import time
from collections.abc import Iterator
from contextlib import closing

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.kafka.clients import reader_config
from streams.kafka.faults import patiently
from streams.kafka.topic_admin import TopicsError, create_topics
from streams.kafka.topics import Topics
from streams.settings import Settings

ANSWER_S = 15.0
GONE_S = 30.0


def rebuild(settings: Settings, admin: AdminClient, topics: Topics) -> Iterator[str]:
    """Make every changelog and every topic between two stages anew, and set the group to the first event held.

    Tells each step once it is done; after a failure it may be run again. TopicsError while workers run.
    """
    _refuse_workers(settings, admin)
    held = admin.list_topics(timeout=ANSWER_S).topics
    events = held[topics.events].partitions
    derived = [name for name in topics.derived if name in held]
    for deleted in (admin.delete_topics(derived, request_timeout=ANSWER_S) if derived else {}).values():
        deleted.result(ANSWER_S)
    _wait_until_gone(admin, derived)
    create_topics(admin, topics, len(events), min(len(partition.replicas) for partition in events.values()))
    yield from (f"{name} begun anew" for name in topics.derived)
    _set_offsets(settings, admin, topics)
    yield f"group {settings.consumer_group} set to the first events held in {topics.events}"


def _refuse_workers(settings: Settings, admin: AdminClient) -> None:
    group = settings.consumer_group
    found = admin.describe_consumer_groups([group], request_timeout=ANSWER_S)[group].result(ANSWER_S)
    if found.members:
        raise TopicsError(
            f"group {group} has {len(found.members)} members; stop all workers, wait until their sessions have ended"
        )


def _wait_until_gone(admin: AdminClient, names: list[str]) -> None:
    deadline = time.monotonic() + GONE_S
    while left := set(names) & set(admin.list_topics(timeout=ANSWER_S).topics):
        if time.monotonic() > deadline:
            raise TopicsError(f"{', '.join(sorted(left))}: not gone after {GONE_S:.0f} s; run this again")
        time.sleep(0.1)


def _first(reader: Consumer, partition: TopicPartition) -> int:
    """The first offset held. What was just made anew may not have found its leader yet."""
    low, _ = patiently(lambda: reader.get_watermark_offsets(partition, timeout=ANSWER_S), ANSWER_S)
    return int(low)


def _set_offsets(settings: Settings, admin: AdminClient, topics: Topics) -> None:
    """The events from the first that are held; what was made anew from its beginning."""
    held = admin.list_topics(timeout=ANSWER_S).topics
    sources = [name for name in (topics.events, *topics.derived) if name in topics.sources]
    wanted = []
    with closing(Consumer(reader_config(settings))) as reader:
        for name in sources:
            partitions = [TopicPartition(name, number) for number in held[name].partitions]
            wanted += [TopicPartition(name, one.partition, _first(reader, one)) for one in partitions]
    group = settings.consumer_group
    altered = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)])
    try:
        done = altered[group].result(ANSWER_S)
    except KafkaException as refused:
        raise TopicsError(f"the offsets of group {group} cannot be set: {refused.args[0].str()}") from refused
    for partition in done.topic_partitions:
        if partition.error is not None:
            raise TopicsError(f"{partition.topic}[{partition.partition}]: {partition.error.str()}")
