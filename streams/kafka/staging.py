"""What was stepped and not yet committed: gathered by the event loop, taken whole by the next transaction."""

from collections.abc import Iterable, Sequence

from streams import metrics
from streams.engine.outputs import DeadLetter, Output
from streams.kafka.clocks import wall_ms
from streams.kafka.stage import Arrivals, Partition
from streams.kafka.writer import Commit
from streams.records import Origin, Record


class Staging:
    """The next commit, while it grows; `messages` and `size` are what was stepped for it."""

    def __init__(self) -> None:
        self.number = 1
        self._clear()

    def _clear(self) -> None:
        self._records: list[Record] = []
        self._touched: dict[Partition, None] = {}  # a set would lose the order, and with it determinism
        self._offsets: dict[Origin, int] = {}
        self.messages = 0
        self.size = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not self._touched and not self._records

    @property
    def weight(self) -> int:
        """How many records wait here."""
        return len(self._records)

    def add(self, partition: Partition, records: Sequence[Record]) -> None:
        """Stage what stepping a partition said, and that its state may have changed."""
        self._touch(partition)
        self._records += records

    def consumed(self, partition: Partition, batch: Arrivals) -> None:
        """Stage that a batch has been stepped up to the partition's position."""
        self._touch(partition)
        self.messages += len(batch.messages)
        self.size += batch.size
        _count_messages(partition, len(batch.messages))

    def mark(self, markers: Sequence[Record], partitions: Iterable[Partition]) -> None:
        """Add markers behind all that is staged."""
        self._records += markers
        for partition in partitions:
            if partition.position:
                self._touch(partition)

    def _touch(self, partition: Partition) -> None:
        """A state goes with its offset, and the offset with it: by it Kafka refuses a worker that has lost its place.

        Of a partition at 0 nothing was ever stepped, so nobody can have gone on with it.
        """
        self._touched[partition] = None
        if partition.position:
            self._offsets[partition.origin] = partition.position

    def take(self) -> Commit:
        """Take everything as one commit, the changed states with it, and begin the next."""
        records = self._records
        for partition in self._touched:
            log_of, number = partition.stage.log_of, partition.origin.partition
            records += [Record(log_of(key), key, value, None, number) for key, value in partition.keyed.changes()]
        commit = Commit(self.number, records, self._offsets, self.messages, self.size)
        self.number += 1
        self._clear()
        return commit


def encoded(partition: Partition, outputs: Iterable[Output]) -> list[Record]:
    """What a partition says, as records: each encoded as soon as it is said, while it is in the processor's cache."""
    encode, origin, now_ms = partition.stage.encode, partition.origin, wall_ms()
    records = []
    for output in outputs:
        records.append(encode(output, origin, now_ms))
        if type(output) is DeadLetter:
            metrics.child(metrics.dead_letters, output.reason).inc()
    return records


def _count_messages(partition: Partition, messages: int) -> None:
    metrics.child(metrics.messages, partition.stage.name).inc(messages)
    for disposition, count in partition.keyed.dispositions().items():
        metrics.child(metrics.events, partition.stage.name, disposition).inc(count)
    for reason, count in partition.keyed.warnings().items():
        metrics.child(metrics.warned, reason).inc(count)
