"""Standing still: a partition of which nothing is fetched any more, though the broker has messages there.

librdkafka mends most of what befalls a connection, but a client that has met a broker in the middle of coming back may
keep a leader epoch that is over, and then reads nothing, for good and without a word. A process begun anew does.
"""

from collections.abc import Mapping

from streams.kafka.faults import LostError
from streams.records import Origin

LOOKS = 40
"""So many looks in a row, half a second and more apart: longer than any fetch takes, and than a broker's election."""


class Standstill:
    """What the polling thread has fetched, held against what another client finds at the broker."""

    def __init__(self) -> None:
        self._fetched: dict[Origin, int] = {}
        self._starved = False
        self._seen: dict[tuple[Origin, int], int] = {}

    def fetched(self, origin: Origin, until: int) -> None:
        """Hear up to which offset a partition was handed over."""
        self._fetched[origin] = until

    def forget(self, origin: Origin) -> None:
        """Hear that a partition was taken away."""
        self._fetched.pop(origin, None)

    def starve(self) -> None:
        """Hear that nothing was there to be handed over, though it might have been."""
        self._starved = True

    def look(self, waiting: Mapping[Origin, int]) -> None:
        """Hear where the broker has messages, none of them stepped; LostError once that has lasted.

        Where other partitions' messages are still waiting to be handed over, this one's may be behind them.
        """
        starved, self._starved = self._starved, False
        if not starved:
            return
        missed = [(origin, at) for origin, at in waiting.items() if self._fetched.get(origin, 0) <= at]
        self._seen = {one: self._seen.get(one, 0) + 1 for one in missed}
        for (origin, at), looks in self._seen.items():
            if looks >= LOOKS:
                name = f"{origin.topic}[{origin.partition}]"
                raise LostError(f"{name}: nothing is fetched from offset {at} on, though messages are there")
