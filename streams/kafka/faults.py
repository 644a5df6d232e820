"""What ends a worker, and how much of it may be told."""

from confluent_kafka import KafkaException


class LostError(Exception):
    """What this worker holds may no longer be its own, or cannot be read on: the process must end."""


def tell(error: BaseException) -> str:
    """Tell our own errors in words; of others only the type, for they may quote what a customer sent."""
    if isinstance(error, LostError):
        return str(error)
    if isinstance(error, KafkaException):
        return f"Kafka: {error.args[0].name()}"
    return type(error).__name__
