"""What an agent gets: messages of one partition, and the promise that they count wholly or not at all."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from streams import metrics
from streams.kafka.stage import Arrivals, Partition, Stage
from streams.kafka.staging import encoded
from streams.records import Record


class Stepper(Protocol):
    """The runtime, as a batch sees it."""

    def stepped(self, partition: Partition, batch: Arrivals, records: Sequence[Record]) -> None:
        """Stage what a batch said."""

    def fail(self, error: BaseException) -> None:
        """End the process."""


class Batch:
    """Messages of one partition, stepped inside `with batch:`. If the body raises, nothing of it is committed."""

    __slots__ = ("_arrivals", "_began", "_partition", "_records", "_runtime")

    def __init__(self, runtime: Stepper, partition: Partition, arrivals: Arrivals) -> None:
        self._runtime = runtime
        self._partition = partition
        self._arrivals = arrivals
        self._records: Sequence[Record] = ()

    @property
    def stage(self) -> Stage:
        """The stage whose source these messages come from."""
        return self._partition.stage

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        return self

    def step(self) -> None:
        """Step the messages through the partition's state."""
        if not self._partition.released:
            self._records = encoded(self._partition, self._partition.keyed.receive(self._arrivals.messages))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._runtime.fail(error)
            return
        self._partition.step_s = time.perf_counter() - self._began
        metrics.child(metrics.step_seconds, self.stage.name).observe(self._partition.step_s)
        try:
            self._runtime.stepped(self._partition, self._arrivals, self._records)
        except Exception as fault:  # an agent that raises would be restarted, and the batch passed over
            self._runtime.fail(fault)
