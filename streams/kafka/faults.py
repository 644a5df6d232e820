"""What ends a worker, what passes by itself, and how much of it may be told."""

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

T = TypeVar("T")
AGAIN_S = 0.1
SETTLING = frozenset(
    {
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.UNSTABLE_OFFSET_COMMIT,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError._WAIT_COORD,  # noqa: SLF001 librdkafka's public constant
        KafkaError._TRANSPORT,  # noqa: SLF001 librdkafka's public constant
        KafkaError._TIMED_OUT,  # noqa: SLF001 librdkafka's public constant
    }
)
"""A broker that has just started, or just ended, answers so for a while; librdkafka calls few of them retriable."""

NOT_GRANTED = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
"""Kafka knows who we are, and has not granted us this."""


class LostError(Exception):
    """What this worker holds may no longer be its own, or cannot be read on: the process must end."""


def is_passing(error: KafkaError) -> bool:
    """Whether the same call may succeed a little later."""
    return not error.fatal() and (error.retriable() or error.code() in SETTLING)


def patiently(call: Callable[[], T], patience_s: float) -> T:
    """Make a call that may be made again, until it succeeds or fails for good."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return call()
        except KafkaException as failure:
            if not is_passing(failure.args[0]) or time.monotonic() > deadline:
                raise
        time.sleep(AGAIN_S)


def tell(error: BaseException) -> str:
    """Tell our own errors in words; of others only the type, for they may quote what a customer sent."""
    if isinstance(error, LostError):
        return str(error)
    if isinstance(error, KafkaException):
        revoked = "; a grant is gone, 'journey doctor' names it" if error.args[0].code() in NOT_GRANTED else ""
        return f"Kafka: {error.args[0].name()}{revoked}"
    return type(error).__name__
