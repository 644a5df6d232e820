"""`journey forget`: let workers forget a user or an account for good."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

import typer

from streams.cli.ending import ASKED_WRONGLY, FOUND_WRONG
from streams.cli.options import Json, settings_and_topics
from streams.cli.orders import Word, hear, ids_of_person, send, unsaid, words
from streams.cli.say import fail, json_line, line, printable
from streams.engine.suppressions import Forget, Kind
from streams.kafka.clocks import wall_ms
from streams.kafka.cluster import connect
from streams.kafka.grants import grants_of
from streams.kafka.topic_admin import TopicsError
from streams.kafka.topics import Topics
from streams.settings import Settings

MAX_ID = 255


class Asked(NamedTuple):
    """Who is to be forgotten, in which partitions, and which of them have yet to say so."""

    kind: Kind
    ids: list[str]
    partitions: Sequence[int]
    left: set[Word]

    def __str__(self) -> str:
        first, *others = map(printable, self.ids)
        return f"{self.kind} {first}, also known as {', '.join(others)}," if others else f"{self.kind} {first}"


def _id(value: str | None) -> str | None:
    if value is not None and not 0 < len(value) <= MAX_ID:
        raise typer.BadParameter(f"an id has 1 to {MAX_ID} characters")
    return value


def forget(
    *,
    user: Annotated[str | None, typer.Option(metavar="ID", callback=_id, help="A user, under all ids known.")] = None,
    account: Annotated[str | None, typer.Option(metavar="ID", callback=_id, help="An account.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this nothing is sent.")] = False,
    within: Annotated[int, typer.Option(min=1, help="Seconds to wait for the workers.")] = 60,
    as_json: Json = False,
) -> None:
    """Forget a user or an account: in all states, for good, and whatever comes of them later.

    The order goes to the workers, which must be running, and this waits until all partitions have carried it out. Later
    events are dropped and counted, also after a rebuild. Run again it does no harm. What stands in topics that only
    grow stays until their retention ends: docs/privacy.md says where, and for how long.
    """
    if (user is None) == (account is None):
        fail("name one to be forgotten: --user ID or --account ID", ASKED_WRONGLY)
    settings, topics = settings_and_topics()
    kind = Kind.USER if account is None else Kind.ACCOUNT
    asked = _ask(settings, topics, kind, user or account or "")
    was_forgotten = not asked.left
    if not (yes or was_forgotten):
        fail(f"this forgets {asked} for good; add --yes if that is what you want", ASKED_WRONGLY)
    if asked.left:
        send(settings, topics, [Forget(kind, one, wall_ms()) for one in asked.ids], asked.partitions)
        asked = asked._replace(left=hear(settings, topics, asked.left, within))
    _tell(asked, was_forgotten=was_forgotten, as_json=as_json)
    if asked.left:
        fail(
            f"{_unfinished(asked)} of {len(asked.partitions)} partitions have not confirmed within {within} s: is a "
            f"worker running? The order stands in {topics.events}; run this again to hear of it",
            FOUND_WRONG,
        )


def _ask(settings: Settings, topics: Topics, kind: Kind, name: str) -> Asked:
    _, cluster = connect(settings, grants_of("forget", settings))
    for needed in (topics.events, topics.users_changelog, topics.suppressions):
        if needed not in cluster.topics:
            raise TopicsError(f"{needed}: is missing; run: journey topics create")
    partitions = sorted(cluster.topics[topics.events].partitions)
    ids = ids_of_person(settings, topics, partitions, name) if kind is Kind.USER else [name]
    return Asked(kind, ids, partitions, unsaid(settings, topics, words(kind, ids, partitions)))


def _unfinished(asked: Asked) -> int:
    return len({word.partition for word in asked.left})


def _tell(asked: Asked, *, was_forgotten: bool, as_json: bool) -> None:
    if as_json:
        of = len(asked.partitions)
        told = {"kind": asked.kind, "ids": asked.ids, "was_forgotten": was_forgotten}
        json_line(told | {"partitions": of, "confirmed": of - _unfinished(asked)})
    elif not asked.left:
        line(f"{asked} {'was forgotten before' if was_forgotten else 'is forgotten'}")
