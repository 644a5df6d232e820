"""Dead letters sent again: to the topic they came from, under their key, once each, in one transaction."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson
from confluent_kafka import Message, Producer

from streams.cli.records import headers_of
from streams.cli.sending import transaction
from streams.kafka.topic_admin import TopicsError
from streams.kafka.topics import Topics
from streams.records import LETTER_HEADERS
from streams.settings import Settings, SettingsError

REPLAYED = "replayed"
"""The reason of a note among the dead letters: the letter that its key names was sent again."""

FROM = "journey_replayed_from"


def replayed(letters: Iterable[Message]) -> set[int]:
    """The letters that were sent again already, by their offsets."""
    return {int(note.key() or b"-1") for note in letters if is_note(note)}


def is_note(letter: Message) -> bool:
    """Whether a record among the dead letters only says that one was sent again."""
    return headers_of(letter).get("reason") == REPLAYED


def read_mended(path: Path) -> dict[int, bytes]:
    """The mended values of a file of JSON Lines as `list --json --show-values` writes them, by letter."""
    mended = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            letter = orjson.loads(line)
            value = letter["value"]
            mended[int(letter["letter"])] = (value if isinstance(value, str) else orjson.dumps(value).decode()).encode()
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            raise SettingsError(
                f"{path}:{number}: expected an object with 'letter', a number, and 'value', the mended message; "
                "'journey dead-letters list --json --show-values' writes such lines"
            ) from None
    return mended


def resend(settings: Settings, topics: Topics, letters: Iterable[Message], mended: Mapping[int, bytes]) -> int:
    """Send letters again, mended where there is a mended value, and note it; how many. All of them or none."""
    count = 0
    with transaction(settings, "dead-letters replay") as producer:
        for letter in letters:
            _send(producer, topics, letter, mended.get(letter.offset(), letter.value()))
            count += 1
    return count


def _send(producer: Producer, topics: Topics, letter: Message, value: bytes | None) -> None:
    topic = headers_of(letter).get("__streams.errors.topic")
    if topic not in (topics.events, topics.account_events):
        raise TopicsError(f"letter {letter.offset()} came from {topic}, to which nothing is sent; choose others")
    came_with = (letter.headers() or [])[: -len(LETTER_HEADERS)]
    source = f"{letter.topic()}[{letter.partition()}]@{letter.offset()}".encode()
    producer.produce(topic, value, letter.key(), headers=[*came_with, (FROM, source)])
    note = [("reason", REPLAYED.encode()), (FROM, source)]
    producer.produce(letter.topic(), None, b"%d" % letter.offset(), letter.partition(), headers=note)
