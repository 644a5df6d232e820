"""What ends a worker, what passes by itself, and how much of it may be told."""

import errno
import time
from collections.abc import Callable, Iterable, Mapping
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

FENCED = frozenset(
    {
        KafkaError._FATAL,  # noqa: SLF001 as a consumer hears of it
        KafkaError._FENCED,  # noqa: SLF001 librdkafka's public constant
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError.PRODUCER_FENCED,
    }
)
"""Kafka has given what was ours to another that came under our name, or after our session."""

REPLACED = "another worker came under the same JOURNEY_INSTANCE, which must be unique, or took over after the session"

REFUSALS: Mapping[str, str] = {
    "mechanism handshake failed": "set JOURNEY_SASL_MECHANISM to one that the broker supports",
    "SASL authentication error": "mend JOURNEY_SASL_USERNAME, JOURNEY_SASL_PASSWORD or JOURNEY_SASL_PASSWORD_FILE",
    "certificate verify failed": "name the authority that signed the broker's certificate: JOURNEY_SSL_CA_LOCATION",
    "PLAINTEXT broker listener": "this listener speaks no TLS; mend JOURNEY_SECURITY_PROTOCOL or the port",
}
"""What librdkafka says of doors that stay closed, and what would open them."""

TORN = "Broker transport failure"
"""So ends a word of a login that nobody refused: its connection went away meanwhile."""


MOVED = "keys now meet others, where their states are not; to go on, see docs/faults.md"
"""What it means that a topic got more partitions."""


class LostError(Exception):
    """What this worker holds may no longer be its own, or cannot be read on: the process must end."""


def remedy(said: Iterable[str], remedies: Mapping[str, str]) -> str | None:
    """What would help by what librdkafka has said."""
    return next((helps for sign, helps in remedies.items() if any(sign in one for one in said)), None)


def end_if_refused(error: KafkaError) -> None:
    """Hear librdkafka on its connections: LostError once Kafka closes a door to us, all else it mends by itself."""
    said = error.str()
    if TORN not in said and (helps := remedy([said], REFUSALS)):
        raise LostError(f"Kafka lets this worker in no more ({said}): {helps}")


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
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "its web port is taken; set another JOURNEY_WEB_PORT, or 0 for no pages"
    if isinstance(error, KafkaException):
        code = error.args[0].code()
        revoked = "; a grant is gone, 'journey doctor' names it" if code in NOT_GRANTED else ""
        return f"Kafka: {error.args[0].name()}{revoked}{f'; {REPLACED}' if code in FENCED else ''}"
    return type(error).__name__
