"""The decode limit: take and parse every message of a topic with our consumer's settings, and do nothing else.

Arguments: topic, number of events. Settings from the environment. Timed from the first messages to the last.
"""

import sys
import time

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from streams.kafka.clients import reader_config
from streams.settings import load_settings


def run(topic: str, events: int) -> tuple[int, float]:
    """How many events were parsed in how many seconds."""
    consumer = Consumer(reader_config(load_settings()) | {"enable.partition.eof": False})
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
    first = len(consumer.consume(1, 30))
    began, count = time.perf_counter(), 0
    while first + count < events:
        for message in consumer.consume(10_000, 0.05):
            orjson.loads(message.value())
            count += 1
    took = time.perf_counter() - began
    consumer.close()
    return count, took


if __name__ == "__main__":
    counted, seconds = run(sys.argv[1], int(sys.argv[2]))
    print(orjson.dumps({"events": counted, "seconds": seconds}).decode(), flush=True)
