"""The law *one person*: ids that become one, told in any order between partitions, agree; and word runs out."""

from collections import deque
from itertools import pairwise
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.spans import DAY_MS, HOUR_MS
from streams.engine.links import MAX_PATH, Link, decode_link, is_link
from streams.engine.message import Message
from streams.engine.outputs import DeadLetter, Linked, Output, Routed
from streams.engine.times import rfc3339
from streams.engine.users import RoutePartition
from tests.driver import START
from tests.laws.streams import JOURNEY

IDS = ["ann", "bob", "cyd", "dan", "eve"]
MOST_WORD = 2_000
"""Far more word than five ids can cause."""

Call = dict[str, object]
CALLS = st.one_of(
    st.builds(lambda user, other: {"type": "alias", "userId": user, "previousId": other}, *[st.sampled_from(IDS)] * 2),
    st.builds(
        lambda user, account: {"type": "group", "userId": user, "groupId": account},
        st.sampled_from(IDS),
        st.sampled_from(["acme", "globex"]),
    ),
    st.builds(lambda user: {"type": "track", "userId": user, "event": "Report Viewed"}, st.sampled_from(IDS)),
)


class Town:
    """Every id in a partition of its own, and word between them that is delivered when the test says so."""

    def __init__(self) -> None:
        self.partitions = {name: RoutePartition(JOURNEY) for name in IDS}
        self.underway: dict[str, deque[bytes]] = {name: deque() for name in IDS}
        self.routed: list[tuple[str, str]] = []
        self.letters = self.sent = self.word = 0

    def sends(self, call: Call) -> None:
        """One call, to the partition of its user."""
        at = rfc3339(START + self.sent)
        value = orjson.dumps({"messageId": f"m{self.sent}", "timestamp": at, "receivedAt": at} | call)
        self.sent += 1
        self._hears(str(call["userId"]), value)

    def delivers(self, random: Random) -> bool:
        """One piece of word that is on its way; False if there is none. Between two ids it keeps its order."""
        waiting = [name for name, queue in self.underway.items() if queue]
        if not waiting:
            return False
        name = random.choice(waiting)
        self.word += 1
        assert self.word < MOST_WORD
        self._hears(name, self.underway[name].popleft())
        return True

    def _hears(self, name: str, value: bytes) -> None:
        partition = self.partitions[name]
        outputs: list[Output] = partition.receive([Message(name.encode(), value, None, self.sent)])
        for output in outputs:
            match output:
                case Linked():
                    assert is_link(output.value)
                    self.underway[output.user].append(output.value)
                case Routed():
                    self.routed.append((output.account, orjson.loads(output.value)["messageId"]))
                case DeadLetter():
                    self.letters += 1

    def person(self, name: str) -> str:
        return self.partitions[name]._user(name).person


def live(calls: list[Call], random: Random, chance: float) -> Town:
    town = Town()
    for call in calls:
        town.sends(call)
        while random.random() < chance and town.delivers(random):
            pass
    while town.delivers(random):
        pass
    return town


@settings(max_examples=300, deadline=None)
@given(calls=st.lists(CALLS, max_size=25), seed=st.integers(0, 1_000), chance=st.sampled_from([0.0, 0.3, 0.7, 0.99]))
def test_whatever_claims_cross_word_runs_out_and_nobody_is_below_themselves(
    calls: list[Call], seed: int, chance: float
) -> None:
    town = live(calls, Random(seed), chance)
    for name in IDS:
        assert name not in town.partitions[name]._user(name).state.path
        person = town.person(name)
        assert town.person(person) == person


@settings(max_examples=200, deadline=None)
@given(calls=st.lists(CALLS, max_size=25), seed=st.integers(0, 1_000))
def test_told_at_once_ids_of_one_person_have_the_same_accounts_and_nothing_of_theirs_waits(
    calls: list[Call], seed: int
) -> None:
    town = live(calls, Random(seed), 1.0)
    for name in IDS:
        user, own = town.partitions[name]._user(name), town.partitions[town.person(name)]._user(town.person(name))
        last = START + HOUR_MS
        assert user.account_at(last) == own.account_at(last)
        assert not (own.account_at(last) and town.partitions[name].held)


@settings(max_examples=200, deadline=None)
@given(calls=st.lists(CALLS, max_size=25), seed=st.integers(0, 1_000), chance=st.sampled_from([0.0, 0.5, 1.0]))
def test_no_event_is_lost_or_routed_twice_however_late_the_word(calls: list[Call], seed: int, chance: float) -> None:
    town = live(calls, Random(seed), chance)
    held = sum(partition.held for partition in town.partitions.values())
    assert len(town.routed) == len({message for _, message in town.routed})
    assert len(town.routed) + held + town.letters == len(calls)


def test_a_chain_longer_than_is_followed_is_cut_and_stays_two_persons() -> None:
    town, names = Town(), [f"id{number:02}" for number in range(2 * MAX_PATH)]
    town.partitions = {name: RoutePartition(JOURNEY) for name in names}
    town.underway = {name: deque() for name in names}
    for above, below in pairwise(names):
        town.sends({"type": "alias", "userId": above, "previousId": below})
        while town.delivers(Random(1)):
            pass
    assert max(len(town.partitions[name]._user(name).state.path) for name in names) == MAX_PATH
    assert len({town.person(name) for name in names}) == 2


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b'{"journey_link":1}',
        b'{"journey_link":{"to":"","sender":"a","path":[],"memberships":[],"arrived_at":1}}',
        b'{"journey_link":{"to":"b","sender":"a","path":[],"memberships":[[-1,"x"]],"arrived_at":1}}',
        b'{"journey_link":{"to":"b","sender":"a","path":[],"memberships":[],"arrived_at":-1}}',
    ],
)
def test_what_only_looks_like_word_is_none_and_ends_as_a_dead_letter(value: bytes) -> None:
    assert decode_link(value) is None
    [letter] = RoutePartition(JOURNEY).receive([Message(b"b", value, None, 0)])
    assert isinstance(letter, DeadLetter)


def test_word_that_was_heard_is_no_news_when_it_comes_again() -> None:
    partition = RoutePartition(JOURNEY)
    word = Link("bob", "ann", ["ann"], [], START).encode()
    for offset in range(3):
        assert partition.receive([Message(b"bob", word, None, offset)]) == []
    assert partition._user("bob").person == "ann"


@pytest.mark.parametrize("seed", range(10))
def test_of_a_circle_told_all_at_once_the_least_id_is_the_persons_own(seed: int) -> None:
    claims = [("bob", "ann"), ("cyd", "bob"), ("ann", "cyd")]
    calls: list[Call] = [{"type": "alias", "userId": user, "previousId": other} for user, other in claims]
    town = live(calls, Random(seed), 0.0)
    assert {town.person(name) for name in ("ann", "bob", "cyd")} == {"ann"}


def test_a_message_that_was_given_up_is_not_given_up_again_when_kafka_reads_it_once_more() -> None:
    partition, call = RoutePartition(JOURNEY), {"type": "track", "userId": "ann", "event": "Report Viewed"}
    stray = orjson.dumps({"messageId": "m", "timestamp": rfc3339(START), "receivedAt": rfc3339(START)} | call)
    message = Message(b"ann", stray, None, 7)
    assert partition.receive([message]) == []
    partition.tick(START + 400 * DAY_MS)
    assert len(partition.advance(10)) == 1
    assert partition.receive([message]) == []
    assert partition.held == 0
