"""Which answers of a broker pass by themselves, and which end the worker at once."""

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.kafka.faults import is_passing, patiently


def answering(*answers: int) -> Callable[[], str]:
    """A call that fails with each of these codes, then succeeds."""
    left = list(answers)

    def call() -> str:
        if left:
            raise KafkaException(KafkaError(left.pop(0)))
        return "done"

    return call


@pytest.mark.parametrize(
    "code", [KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.COORDINATOR_NOT_AVAILABLE]
)
def test_a_fresh_broker_is_waited_for_until_it_finds_its_coordinators(code: int) -> None:
    assert patiently(answering(code, code), patience_s=10) == "done"


def test_what_will_not_pass_is_told_at_once() -> None:
    assert not is_passing(KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED))
    with pytest.raises(KafkaException):
        patiently(answering(KafkaError.GROUP_AUTHORIZATION_FAILED), patience_s=10)


def test_patience_ends() -> None:
    with pytest.raises(KafkaException):
        patiently(answering(*[KafkaError.NOT_COORDINATOR] * 100), patience_s=0.1)
