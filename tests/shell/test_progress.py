"""When the stage downstream is told of time, and what may be claimed: never more than is proven."""

import json
from collections.abc import Mapping

from streams.engine.sightings import Seen
from streams.kafka.progress import Progress
from streams.kafka.stage import Partition
from streams.kafka.topics import Topics
from streams.records import Origin, Record
from tests.broker.plane import Relay, plane_stages

ROUTE = plane_stages(Topics("t"))[0]


class Source:
    """A source partition, its broker, and what was told downstream."""

    def __init__(self, *, live: bool, is_told_the_time: bool = False) -> None:
        encode = ROUTE.encode_progress or _never
        self.progress = Progress("t.account-events", encode, 1, 2, live, 10_000, is_told_the_time)
        self.progress.ahead_ms = 0
        self.keyed = Relay()
        self.partition = Partition(ROUTE, Origin("t.events", 0), self.keyed, 0)

    def steps(self, *, to: int, clock: int) -> None:
        self.partition.position, self.keyed.clock = to, clock

    def broker_says(self, end: int, *, asked_at: int) -> None:
        self.progress.observe(asked_at, {self.partition.origin: end})

    def broker_says_again(self, end: int, *, until: int) -> None:
        """Every two and a half seconds from the first, and nothing is told for it."""
        for asked_at in range(until - 7_500, until + 1, 2_500):
            self.broker_says(end, asked_at=asked_at)
            assert self.told(asked_at) == []

    def told(self, at: int) -> list[Record]:
        return self.progress.markers([self.partition], at)

    def tells(self, at: int) -> tuple[int, bool]:
        clock, idle = json.loads(self.told(at)[0].value or b"")["sources"]["0"]
        return clock, idle


def _never(of: int, sources: Mapping[int, tuple[int, bool]], seen: Seen, at: tuple[int, int]) -> bytes:
    raise AssertionError((of, sources, seen, at))


def test_each_destination_partition_is_told_once_that_the_clock_moved() -> None:
    source = Source(live=False)
    source.steps(to=5, clock=1000)
    assert [record.partition for record in source.told(at=10_000)] == [0, 1]
    assert source.told(at=20_000) == []


def test_a_moving_clock_is_told_four_times_a_second_and_not_more() -> None:
    source = Source(live=False)
    source.steps(to=5, clock=1000)
    source.told(at=10_000)
    source.steps(to=6, clock=1001)
    assert source.told(at=10_249) == []
    assert source.tells(at=10_250) == (1001, False)


def test_a_stage_that_is_told_the_time_claims_no_more_than_its_clock_however_long_it_is_at_its_end() -> None:
    for live in (False, True):
        source = Source(live=live, is_told_the_time=True)
        source.steps(to=5, clock=1000)
        source.partition.said = 900
        source.broker_says(5, asked_at=10_000)
        assert source.tells(at=10_000) == (900, False)
        source.broker_says(5, asked_at=60_000)
        assert source.told(at=60_000) == []


def test_a_stage_that_is_told_the_time_passes_it_on_as_far_as_all_that_was_due_is_said() -> None:
    source = Source(live=False, is_told_the_time=True)
    source.steps(to=5, clock=1000)
    source.partition.said = 1000
    source.told(at=10_000)
    source.steps(to=6, clock=2000)
    assert source.told(at=20_000) == []
    source.partition.said = 2000
    assert source.tells(at=20_001) == (2000, False)


def test_a_partition_at_its_end_for_ten_seconds_is_idle_until_something_comes() -> None:
    source = Source(live=False)
    source.steps(to=5, clock=1000)
    source.broker_says(5, asked_at=10_000)
    assert source.tells(at=10_001) == (1000, False)
    source.broker_says_again(5, until=20_000)
    source.broker_says(5, asked_at=20_001)
    assert source.tells(at=20_002) == (1000, True)
    source.steps(to=6, clock=1001)
    assert source.tells(at=20_003) == (1001, False)


def test_idleness_is_not_claimed_on_an_old_answer() -> None:
    source = Source(live=False)
    source.steps(to=5, clock=1000)
    source.broker_says(5, asked_at=10_000)
    source.told(at=10_000)
    source.broker_says_again(5, until=19_999)
    source.broker_says(5, asked_at=20_000)
    assert source.tells(at=20_000) == (1000, True)
    assert source.tells(at=26_000) == (1000, False)


def test_while_the_broker_does_not_answer_no_partition_becomes_idle() -> None:
    source = Source(live=False)
    source.steps(to=5, clock=1000)
    source.broker_says(5, asked_at=10_000)
    assert source.tells(at=10_001) == (1000, False)
    source.broker_says(5, asked_at=20_001)
    assert source.told(at=20_001) == []
    source.broker_says_again(5, until=30_000)
    source.broker_says(5, asked_at=30_002)
    assert source.tells(at=30_003) == (1000, True)


def test_only_a_live_partition_at_its_end_is_told_the_wall_clock_itself() -> None:
    for live, claimed in ((True, 10_000), (False, 0)):
        source = Source(live=live)
        source.steps(to=5, clock=1000)
        source.broker_says(6, asked_at=9_000)
        source.told(at=9_001)
        assert source.progress.claimed(source.partition.origin) == 0
        source.broker_says(5, asked_at=10_000)
        source.told(at=10_001)
        assert source.progress.claimed(source.partition.origin) == claimed


def test_a_live_partition_at_its_end_tells_the_wall_clock_of_the_asking() -> None:
    source = Source(live=True)
    source.steps(to=5, clock=1000)
    source.broker_says(5, asked_at=50_000)
    assert source.tells(at=50_700) == (50_000, False)


def test_a_live_partition_with_a_backlog_tells_its_own_arrivals_only() -> None:
    source = Source(live=True)
    source.steps(to=5, clock=1000)
    source.broker_says(9, asked_at=50_000)
    assert source.tells(at=50_100) == (1000, False)


def test_a_live_partition_claims_nothing_new_while_the_broker_is_away() -> None:
    source = Source(live=True)
    source.steps(to=5, clock=1000)
    source.broker_says(5, asked_at=50_000)
    source.told(at=50_000)
    assert source.told(at=500_000) == []


def test_a_live_clock_goes_out_each_second_and_never_falls_back() -> None:
    source = Source(live=True)
    source.steps(to=5, clock=1000)
    source.broker_says(5, asked_at=50_000)
    source.told(at=50_000)
    source.broker_says(5, asked_at=50_500)
    assert source.told(at=50_900) == []
    assert source.tells(at=51_000) == (50_500, False)
    source.steps(to=6, clock=50_100)
    source.broker_says(9, asked_at=51_200)
    assert source.told(at=52_500) == []


def test_live_time_is_the_brokers_whatever_our_own_clock_says() -> None:
    source = Source(live=True)
    source.steps(to=5, clock=1000)
    source.progress.ahead_ms = -7_200_000
    source.broker_says(5, asked_at=17_200_000)
    assert source.tells(at=17_200_100) == (10_000_000, False)


def test_before_the_broker_has_stamped_anything_no_live_time_is_claimed() -> None:
    source = Source(live=True)
    source.steps(to=5, clock=1000)
    source.progress.ahead_ms = None
    source.broker_says(5, asked_at=17_200_000)
    assert source.tells(at=17_200_100) == (1000, False)
