"""Orders to forget: whom they are of, sending them to every partition, and hearing that all have carried them out."""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from schemas.state import User
from streams.cli.records import following, whole
from streams.cli.sending import transaction
from streams.engine.suppressions import Forget, Kind, suppression_key
from streams.engine.users import USER
from streams.kafka.topics import Topics
from streams.settings import Settings

STAGES = ("route", "follow")

_unpack = msgspec.msgpack.Decoder(User).decode


class Word(NamedTuple):
    """That one partition has carried out an order: the key of the record that says so there."""

    partition: int
    key: bytes


def ids_of_person(settings: Settings, topics: Topics, partitions: Iterable[int], user: str) -> list[str]:
    """The ids under which `route` knows a user, the one given first."""
    paths: dict[str, list[str]] = {}
    for message in whole(settings, topics.users_changelog, list(partitions)):
        key, value = message.key() or b"", message.value()
        if key[:1] == USER:
            paths[key[1:].decode()] = _unpack(value).path if value else []
    return kin(paths, user)


def kin(paths: Mapping[str, list[str]], user: str) -> list[str]:
    """All ids of the person that an id is of, by the path of each id down from the person's own."""
    own = (paths.get(user) or [user])[0]
    same = {own, *(name for name, path in paths.items() if path[:1] == [own])}
    return [user, *sorted(same - {user})]


def words(kind: Kind, ids: Iterable[str], partitions: Collection[int]) -> set[Word]:
    """All that must be said before somebody is forgotten."""
    keys = [suppression_key(stage, kind, name) for stage in STAGES for name in ids]
    return {Word(partition, key) for partition in partitions for key in keys}


def unsaid(settings: Settings, topics: Topics, wanted: set[Word]) -> set[Word]:
    """What of it has not been said yet."""
    partitions = sorted({word.partition for word in wanted})
    said = {Word(m.partition(), m.key() or b"") for m in whole(settings, topics.suppressions, partitions)}
    return wanted - said


def hear(settings: Settings, topics: Topics, wanted: set[Word], within_s: float) -> set[Word]:
    """Wait until all of it is said, but no longer than so; what is still unsaid then."""
    deadline = time.monotonic() + within_s
    left = set(wanted)
    partitions = sorted({word.partition for word in wanted})
    for message in following(
        settings,
        topics.suppressions,
        partitions,
        from_beginning=True,
        is_wanted=lambda: bool(left) and time.monotonic() < deadline,
    ):
        left.discard(Word(message.partition(), message.key() or b""))
    return left


def send(settings: Settings, topics: Topics, orders: Iterable[Forget], partitions: Iterable[int]) -> None:
    """Send orders to every partition, for traces may be in any. All of it or nothing."""
    values = [order.encode() for order in orders]
    with transaction(settings, "forget") as producer:
        for partition in partitions:
            for value in values:
                producer.produce(topics.events, value, None, partition)
