"""Ids of one person in different partitions: what a visitor did reaches the account, once, however the worker dies."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from schemas.spans import MINUTE_MS
from streams.engine.times import rfc3339
from tests.broker.journey_driver import JourneyPlane
from tests.traffic import START, Sent

pytestmark = pytest.mark.broker

VISITORS = 80
BY_KEY = -1
"""As a partition: where Kafka's partitioner puts the key."""

DEEDS = ("Project Created", "Workflow Run", "Workflow Run", "Workflow Run", "Report Viewed", "Integration Connected")


def calls() -> Iterator[dict[str, object]]:
    """Each visitor works, turns out to be a user, who joins an account: in one order or the other."""
    for number in range(VISITORS):
        visitor, user = f"visitor-{number}", f"user-{number}"
        for deed in DEEDS:
            yield {"type": "track", "event": deed, "anonymousId": visitor}
        told: list[dict[str, object]] = [
            {"type": "alias", "userId": user, "previousId": visitor},
            {"type": "group", "userId": user, "groupId": f"account-{number}"},
        ]
        yield from told if number % 2 else reversed(told)


def traffic() -> Iterator[Sent]:
    """Keyed by the user, else the visitor: they lie where their keys do, so mostly in different partitions."""
    for number, call in enumerate(calls()):
        at = rfc3339(START + number * MINUTE_MS)
        value = orjson.dumps({"messageId": f"m{number}", "timestamp": at, "receivedAt": at} | call)
        yield Sent(BY_KEY, str(call.get("userId") or call["anonymousId"]).encode(), value)


class VisitorsPlane(JourneyPlane):
    """Visitors who become users."""

    def says_of_each_milestone_what_a_replay_says(self) -> None:
        self.expected()
        replayed = (self.folder / "replayed" / "milestones.jsonl").read_bytes().splitlines()
        assert len(replayed) > VISITORS
        seen = [value or b"" for _, value in self.read(self.topics.milestones, len(replayed), 45)]
        assert sorted(map(milestone, seen)) == sorted(map(milestone, replayed))
        assert self.read(self.topics.dead_letters, 0) == []


def milestone(line: bytes) -> tuple[str, str]:
    body = orjson.loads(line)
    return body["account_id"], body["milestone"]


@pytest.fixture
def plane(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> Iterator[VisitorsPlane]:
    plane = VisitorsPlane(bootstrap_servers, topic_prefix, tmp_path, traffic())
    plane.create_topics()
    yield plane
    plane.close()


def test_what_visitors_did_reaches_the_accounts_of_their_users(plane: VisitorsPlane) -> None:
    plane.send_all(plane.traffic)
    plane.worker()
    plane.says_of_each_milestone_what_a_replay_says()


def test_four_kills_lose_nothing_of_it_and_double_nothing(plane: VisitorsPlane) -> None:
    plane.dies_again_and_again(plane.send_over(seconds=5), times=4, seed=7)
    plane.says_of_each_milestone_what_a_replay_says()


LIVE = """\
journey: 1
name: live
version: 1
allowed_lateness: 1s
identity: {hold: 2s}
events: {Signed Up: {}}
stages: {trial: {initial: true}}
"""


def test_a_live_worker_gives_up_what_waits_too_long_though_nothing_more_comes(plane: VisitorsPlane) -> None:
    file = plane.folder / "live.yaml"
    file.write_text(LIVE)
    plane.worker(JOURNEY_FILE=str(file), JOURNEY_LIVE="true")
    call = {"type": "track", "event": "Signed Up", "messageId": "m1", "anonymousId": "visitor"}
    plane.send_raw(orjson.dumps(call), b"visitor")
    [(key, value)] = plane.read(plane.topics.dead_letters, 1, 30)
    assert (key, value) == (b"visitor", orjson.dumps(call))
