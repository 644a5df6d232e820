"""Sending by a command: all that it sends in one transaction, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException, Producer

from streams.kafka.clients import writer_config
from streams.kafka.grants import grants_of, lacks
from streams.kafka.topic_admin import TopicsError
from streams.settings import Settings

CALL_S = 30.0


@contextmanager
def transaction(settings: Settings, command: str) -> Iterator[Producer]:
    """A producer that a command sends with, under the transactional id that it is granted."""
    needed = [grant for grant in grants_of(command, settings) if grant.resource == "TRANSACTIONAL_ID"]
    producer = Producer(writer_config(settings) | {"transactional.id": needed[0].name})
    try:
        producer.init_transactions(CALL_S)
        producer.begin_transaction()
        yield producer
        producer.commit_transaction(CALL_S)
    except KafkaException as failure:
        if failure.args[0].code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            raise TopicsError(lacks(settings, needed)) from None
        raise TopicsError(f"nothing was sent: {failure.args[0].str()}") from failure
