"""`journey tail`: the records of a topic as they come."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated

import typer
from confluent_kafka import Message

from streams.cli.lines import account_of, body_of, dead_letter, writer_for
from streams.cli.options import Json, settings_and_topics
from streams.cli.records import following, whole
from streams.cli.say import json_line, line, reader_left
from streams.cli.topics import short_names
from streams.engine.clock import decode_progress
from streams.engine.links import is_link
from streams.engine.suppressions import is_forget
from streams.kafka.cluster import connect
from streams.kafka.grants import Grant, reading
from streams.kafka.topic_admin import TopicsError
from streams.kafka.topics import Topics
from streams.settings import Settings


def tail(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="alerts, transitions, …, or the full name of a topic.")],
    *,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="Begin with what is there already.")] = False,
    follow: Annotated[bool, typer.Option(help="Wait for more; else end where the topic ends.")] = True,
    account: Annotated[str | None, typer.Option(metavar="ACCOUNT", help="Only what tells of this account.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many records.")] = None,
    as_json: Json = False,
) -> None:
    """Show the records of a topic as they come, committed ones only, until Ctrl-C.

    With --json each record's body on a line, as `journey replay` writes them.
    """
    settings, topics = settings_and_topics()
    name, partitions = opened(settings, topics, topic)
    found = _records(settings, name, partitions, from_beginning=from_beginning, follow=follow)
    if name in {topics.events, topics.account_events}:
        found = (message for message in found if not _is_marker(message))
    write = writer_for(name, topics)
    try:
        for message in islice(_of(account, found), limit):
            if as_json:
                json_line(dead_letter(message) if name == topics.dead_letters else _data(message))
            else:
                line(write(message, body_of(message)))
    except KeyboardInterrupt:
        return  # it is how a tail ends


def opened(settings: Settings, topics: Topics, topic: str, also: Sequence[Grant] = ()) -> tuple[str, list[int]]:
    """The topic meant by a short or full name, and its partitions; it must exist, and we must be let at it."""
    short = short_names(topics)
    name = getattr(topics, short[topic]) if topic in short else topic
    _, cluster = connect(settings, [*reading(settings.consumer_group, name), *also])
    if name in cluster.topics:
        return name, list(cluster.topics[name].partitions)
    if topic in short:
        raise TopicsError(f"{name}: is missing; run: journey topics create")
    raise typer.BadParameter(f"there is no topic {topic!r}; known are {', '.join(short)}, or a full name")


def _records(
    settings: Settings, topic: str, partitions: list[int], *, from_beginning: bool, follow: bool
) -> Iterator[Message]:
    if follow:
        return following(
            settings, topic, partitions, from_beginning=from_beginning, is_wanted=lambda: not reader_left()
        )
    return whole(settings, topic, partitions)


def _of(account: str | None, messages: Iterator[Message]) -> Iterator[Message]:
    if account is None:
        return messages
    return (message for message in messages if account_of(message, body_of(message)) == account)


def _is_marker(message: Message) -> bool:
    """Word between the events, of how far time has come, who is who, whom to forget: for workers, not for people."""
    return (
        is_link(message.value())
        or is_forget(message.value())
        or (message.key() is None and decode_progress(message.value()) is not None)
    )


def _data(message: Message) -> object:
    body = body_of(message)
    if body is not None:
        return body
    key = message.key()
    return {
        "partition": message.partition(),
        "offset": message.offset(),
        "key": None if key is None else key.decode("utf-8", "backslashreplace"),
        "size": len(message.value() or b""),
    }
