"""`journey send`: Segment messages from files to the topic of events, each under its user's key."""

import time
from collections.abc import Iterable
from contextlib import ExitStack

import msgspec
from confluent_kafka import KafkaException, Producer

from streams.cli.ending import FOUND_WRONG
from streams.cli.options import Json, settings_and_topics
from streams.cli.replay import Inputs, open_inputs
from streams.cli.say import count, fail, json_line, line
from streams.kafka.clients import PARTITIONER, common_config
from streams.kafka.cluster import connect
from streams.kafka.grants import grants_of
from streams.kafka.topic_admin import TopicsError
from streams.replay import message_in
from streams.signals import leave_on_signals

TAKEN_S = 30.0


class _Whose(msgspec.Struct, rename="camel"):
    user_id: str | None = None
    anonymous_id: str | None = None


_whose = msgspec.json.Decoder(_Whose).decode


class Sending:
    """How many messages were sent, and how many of them the broker has taken."""

    def __init__(self, producer: Producer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self.sent = self.taken = 0

    def send(self, value: bytes) -> None:
        """Send one message, and wait while too many are on their way."""
        while True:
            try:
                self._producer.produce(self._topic, value, user_of(value), on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(0.1)
            else:
                self.sent += 1
                self._producer.poll(0)
                return

    def finish(self) -> None:
        """Wait until the broker has taken all."""
        self._producer.flush(TAKEN_S)

    def _delivered(self, failure: object, _message: object) -> None:
        self.taken += failure is None


def send(inputs: Inputs, *, as_json: Json = False) -> None:
    """Send Segment messages from files to the topic of events, keyed by user.

    Every line goes as it stands: what cannot become an event becomes a dead letter there. To send a file again changes
    nothing, as a message counts once by its messageId. One that is older than the journey's allowed lateness is late,
    unless its receivedAt says when it arrived and the worker has JOURNEY_LIVE=false.
    """
    leave_on_signals()
    settings, topics = settings_and_topics()
    _, cluster = connect(settings, grants_of("send", settings))
    if topics.events not in cluster.topics:
        raise TopicsError(f"{topics.events}: is missing; run: journey topics create")
    own = {"partitioner": PARTITIONER, "enable.idempotence": True, "linger.ms": 20, "compression.type": "lz4"}
    sending, began = Sending(Producer(common_config(settings) | own), topics.events), time.monotonic()
    try:
        with ExitStack() as stack:
            for _, lines in open_inputs(inputs, stack, doing="send"):
                _send(sending, lines)
    finally:
        sending.finish()
    if as_json:
        json_line({"sent": sending.taken, "failed": sending.sent - sending.taken, "topic": topics.events})
    else:
        line(f"{count(sending.taken, 'message')} sent to {topics.events} in {time.monotonic() - began:.1f} s")
    if sending.taken < sending.sent:
        fail(f"{count(sending.sent - sending.taken, 'message')} not taken by Kafka; send the file again", FOUND_WRONG)


def _send(sending: Sending, lines: Iterable[bytes]) -> None:
    for raw in lines:
        if value := message_in(raw):
            try:
                sending.send(value)
            except KafkaException as refused:
                raise TopicsError(
                    f"message {sending.sent + 1}: {refused.args[0].str()}; those before were sent"
                ) from None


def user_of(value: bytes) -> str | None:
    """Whose a message is, the key under which it is to be sent; None where it does not say."""
    try:
        whose = _whose(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return whose.user_id or whose.anonymous_id
