"""What goes into one commit."""

from streams.kafka.stage import Partition
from streams.kafka.staging import Staging
from streams.kafka.topics import Topics
from streams.records import Origin, Record
from tests.broker.plane import Relay, plane_stages

ROUTE = plane_stages(Topics("t"))[0]


def staged(position: int) -> dict[Origin, int]:
    """The offsets that go with what time alone has made a partition say."""
    staging = Staging()
    staging.add(Partition(ROUTE, Origin("t.events", 0), Relay(), position), [Record("t.alerts", b"acme", b"{}")])
    return dict(staging.take().offsets)


def test_what_time_alone_says_goes_with_an_offset_so_that_who_has_lost_the_partition_cannot_say_it() -> None:
    assert staged(position=7) == {Origin("t.events", 0): 7}


def test_of_a_partition_that_was_never_read_there_is_no_offset() -> None:
    assert staged(position=0) == {}
