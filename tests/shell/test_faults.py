"""Which answers of a broker pass by themselves, and which end the worker at once."""

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.kafka.faults import LostError, end_if_refused, is_passing, patiently


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


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ("SASL authentication error: Authentication failed during re-authentication", "JOURNEY_SASL_PASSWORD"),
        ("SSL handshake failed: certificate verify failed: broker certificate", "JOURNEY_SSL_CA_LOCATION"),
    ],
)
def test_a_door_that_is_closed_to_a_running_worker_ends_it(said: str, setting: str) -> None:
    with pytest.raises(LostError, match=setting):
        end_if_refused(KafkaError(KafkaError._AUTHENTICATION, f"broker/1: {said}"))


def test_a_connection_that_is_torn_ends_no_worker_not_even_at_its_login() -> None:
    torn = "SASL authentication error: SaslAuthenticateRequest failed: Local: Broker transport failure"
    for said in (torn, "Disconnected: connection closed by peer: receive 0 after POLLIN"):
        end_if_refused(KafkaError(KafkaError._AUTHENTICATION, f"broker/1: {said}"))
