"""How commands end: 0 all is well, 1 found something wrong, 2 asked wrongly. A traceback is for bugs only."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException

from schemas.faults import JourneyError
from schemas.state import StateVersionError
from streams.cli.say import err
from streams.kafka.broker_files import BrokerError
from streams.kafka.topic_admin import TopicsError
from streams.settings import SettingsError

FOUND_WRONG = 1
ASKED_WRONGLY = 2


@contextmanager
def ending() -> Iterator[None]:
    """Turn what is not a bug into one line for each fault and an exit code."""
    try:
        yield
    except (JourneyError, SettingsError) as fault:
        _end(str(fault), ASKED_WRONGLY)
    except (TopicsError, BrokerError, StateVersionError) as failure:
        _end(str(failure), FOUND_WRONG)
    except KafkaException as failure:
        _end(f"{kafka_words(failure)}; 'journey doctor' looks for the cause", FOUND_WRONG)
    except TimeoutError:  # of a client of Kafka's, without any words of its own
        _end("Kafka: no answer in time; 'journey doctor' looks for the cause", FOUND_WRONG)
    except OSError as failure:
        _end(f"{failure.filename or 'journey'}: {failure.strerror or failure}", FOUND_WRONG)


def kafka_words(failure: KafkaException) -> str:
    """What Kafka refused, in one line."""
    error = failure.args[0] if failure.args else failure
    said = f"{error.str()} ({error.name()})" if isinstance(error, KafkaError) else str(error)
    return f"Kafka: {said}"


def _end(text: str, code: int) -> None:
    err().print(text, markup=False, soft_wrap=True)
    raise SystemExit(code)
