"""What any bytes must keep to, as targets for a fuzzer that is led by coverage: `make fuzz`.

The hostile corpus is where it begins. What it finds goes into that corpus, and is held there by the tests.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Final

from schemas.reading import JourneyError, read_journey
from streams.engine.decode import decode, with_received_at
from streams.engine.event import Event
from streams.engine.links import decode_link
from streams.engine.objects import parse_object
from streams.engine.rejection import Reason
from tests.hostile import CORPUS, RECORDED_AT
from tests.small_journey import SMALL

MAX_SIZE: Final = 8 * 1024


def event(value: bytes) -> None:
    """An event, or a rejection that says why; and what is one still is once its arrival is written in."""
    for recorded_at in (RECORDED_AT, None):
        decoded = decode(value, recorded_at=recorded_at)
        if isinstance(decoded, Event):
            parse_object(decoded.members)
            again = decode(with_received_at(value, decoded.arrived_at), recorded_at=decoded.arrived_at)
            assert isinstance(again, Event)
        else:
            assert decoded.reason in set(Reason)
            assert decoded.detail
    decode_link(value)


def file(content: bytes) -> None:
    """A journey, or faults that each name a line of it."""
    try:
        read_journey(content)
    except JourneyError as error:
        faults = error.faults
    else:
        return
    assert faults
    assert all(fault.message and fault.line >= 1 for fault in faults)


SEEDS: Final[dict[Callable[[bytes], None], Iterable[bytes]]] = {
    event: [hostile.value for hostile in CORPUS if hostile.value and len(hostile.value) < MAX_SIZE],
    file: [SMALL.encode(), *(SMALL[at:].encode() for at in Random(1).sample(range(len(SMALL)), 20))],
}
"""Where each target begins."""
