"""The customer base: accounts drawn from a seed, and their people.

All people of one account have user ids that meet in one partition. The demo tells 120 days in half a minute, so
two partitions read a moment apart are hours apart in the story; what reaches an account would come out of order by
more than any allowed lateness. At the speed of life the same moment is milliseconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Final

from streams.demo.names import FIRST, company_names, slug
from streams.demo.plans import ARCHETYPES, Archetype, Life, Phase, Plan
from streams.demo.stories import STORIES, Story

PARTITIONS: Final = 4

USERS: Final = 10


def customer_base(accounts: int, days: int, seed: int) -> list[Life]:
    """So many accounts, those with a story first. The same numbers give the same base on every machine."""
    random = Random(seed)  # noqa: S311  a story, not a secret
    named = [_named(story) for story in STORIES]
    kinds = random.choices(ARCHETYPES, [kind.share for kind in ARCHETYPES], k=max(0, accounts - len(named)))
    names = company_names(random)
    return named + [_life(next(names), kind, days, random) for kind in kinds]


def _life(name: str, kind: Archetype, days: int, random: Random) -> Life:
    starts = random.randrange(max(1, min(kind.starts_within, days)))
    account = slug(name)
    return Life(account, people(account, random), starts, tuple(_vary(kind.plan, random)))


def _named(story: Story) -> Life:
    return Life(story.account, people(story.account, Random(story.account)), 0, story.plan, is_named=True)  # noqa: S311


def _vary(plan: Plan, random: Random) -> Iterator[Phase]:
    """No two accounts of a kind live the same days."""
    for phase in plan:
        days = max(1, round(phase.days * random.uniform(0.85, 1.15)))
        yield replace(phase, days=days, rate=phase.rate * random.uniform(0.8, 1.25))


def people(account: str, random: Random) -> tuple[str, ...]:
    """The account's people, all of one partition."""
    names = random.sample(FIRST.split(), 40)
    letters = random.sample("abcdefghklmnprstvw", 4)
    ids = [f"{name}.{letter}@{account}.example" for letter in letters for name in names]
    home = partition_of(ids[0])
    return tuple(islice((user for user in ids if partition_of(user) == home), USERS))


def partition_of(key: str) -> int:
    """The partition of the events topic in which Kafka's default partitioner puts a key."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS


def murmur2(key: bytes) -> int:
    """MurmurHash2 with Kafka's seed, as 32 bits."""
    mix, mask = 0x5BD1E995, 0xFFFFFFFF
    whole = len(key) & ~3
    hashed = 0x9747B28C ^ len(key)
    for place in range(0, whole, 4):
        word = int.from_bytes(key[place : place + 4], "little") * mix & mask
        hashed = (hashed * mix & mask) ^ ((word ^ word >> 24) * mix & mask)
    if whole < len(key):
        hashed = (hashed ^ int.from_bytes(key[whole:], "little")) * mix & mask
    hashed = (hashed ^ hashed >> 13) * mix & mask
    return hashed ^ hashed >> 15


def homes(lives: Sequence[Life]) -> dict[int, Life]:
    """For each partition, one account whose people live there."""
    return {partition_of(life.users[0]): life for life in reversed(lives)}
