"""The runtime: on the event loop it steps batches, stages what they say, and commits in groups.

    source thread ─▶ Arrivals ─▶ agent (`with batch: batch.step()`) ─▶ staging ─▶ writer thread ─▶ Kafka
                                        time alone (`advance`) ─────────▲   ▲── progress markers

One loop owns all state, so there are no locks: other threads reach it through `call_soon_threadsafe` only.
"""

import asyncio
import gc
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from streams import metrics
from streams.kafka.batch import Batch
from streams.kafka.commits import Commits
from streams.kafka.ends import Empty, Ends
from streams.kafka.faults import tell
from streams.kafka.progress import Progress, progress_of
from streams.kafka.source import Source
from streams.kafka.stage import Arrivals, Partition, Stage
from streams.kafka.staging import encoded
from streams.kafka.threads import RELEASE_S, Threadsafe, on_loop
from streams.logs import fields
from streams.records import Origin, Record
from streams.settings import Settings

log = logging.getLogger(__name__)
ADVANCE_KEYS = 25
ADVANCE_S = 0.005
"""So long, or for as long as its last batch took, time is advanced in a partition before its next batch: at midnight
all of its accounts are due, and neither may keep the other waiting. For as long the loop rests then: the writer's and
the reader's threads need Python too, and without it a message took twice as long."""
# When calm, little waits and batches are small. Behind a backlog the more messages a batch has, the more there are of
# one account, which is unpacked once for them all; yet few enough that the loop is not held much over half a second.
STEP_MESSAGES = 20_000
TICK_S = 0.25
STUCK_S = 60.0
STOP_S = 5.0

Deliver = Callable[["Batch"], Awaitable[object]]


class Runtime:
    """Owns the partitions' states, and steps them. All but `*_from_thread` runs on the loop."""

    def __init__(
        self, settings: Settings, journey: str, stages: Sequence[Stage], deliver: Mapping[str, Deliver]
    ) -> None:
        """Hand each batch to `deliver[source topic]`. `journey` is the name of the one that the stages follow."""
        self._settings = settings
        self._stages = stages
        self._deliver = deliver
        self._partitions: dict[Origin, Partition] = {}
        self._due: deque[Partition] = deque()
        self._progress: dict[str, Progress] = {}
        self._tasks: set[asyncio.Task[object]] = set()
        self.failure: BaseException | None = None
        self.ended = asyncio.Event()
        threadsafe = Threadsafe(self)
        self.source = Source(settings, journey, stages, threadsafe)
        self._commits = Commits(settings, self.source, self._partitions, self.fail)
        self._ends = Ends(settings, self._observe_from_thread, self.source.standstill, threadsafe.fail)

    async def start(self) -> None:
        """Take the transactional id, then join the group."""
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(self._on_stray_error)
        self._wake_advance = asyncio.Event()
        counts = await asyncio.to_thread(self._ends.partition_counts)
        self._progress = progress_of(self._settings, self._stages, counts)
        await self._commits.start(self._progress)
        self.source.start()
        self._ends.start()
        self._spawn(self._advance())
        self._spawn(self._tick())

    async def stop(self) -> None:
        """Drain, commit and leave; or, after a failure, abort what is open. Bounded."""
        await asyncio.to_thread(self.source.stop, STOP_S + RELEASE_S if self.failure is None else STOP_S)
        await self._commits.stop(STOP_S)
        self._ends.stop()
        for task in self._tasks:
            task.cancel()

    def fail(self, error: BaseException) -> None:
        """End the process: nothing is committed from here on, nothing is skipped."""
        if self.failure is None:
            self.failure = error
            log.error("the worker ends: %s", tell(error), exc_info=(type(error), error, error.__traceback__))
        self._commits.give_up()
        self.ended.set()

    def _on_stray_error(self, _loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
        """A callback of ours that raises must not leave a worker that stands still and looks alive."""
        error = context.get("exception")
        if isinstance(error, Exception) and "handle" in context:
            self.fail(error)
        else:  # a task of the host's, say a page whose reader went away; its text may quote anything
            log.warning("stray error", extra=fields(what=context.get("message"), error=type(error).__name__))

    @property
    def is_ready(self) -> bool:
        """Whether every assigned partition is restored."""
        return self.failure is None and self.source.is_restored

    @property
    def is_live(self) -> bool:
        """Whether the polling thread still polls."""
        return self.failure is None and time.monotonic() - self.source.polled_at < STUCK_S

    def adopt(self, partition: Partition) -> None:
        """Take a restored partition into work."""
        gc.freeze()  # the restored state is not garbage: do not walk it over and over
        self._partitions[partition.origin] = partition
        self._count_owned()
        self._after_step(partition)

    def take(self, arrivals: Sequence[Arrivals]) -> None:
        """Queue what was read at its partition."""
        for batch in arrivals:
            partition = self._partitions.get(batch.origin)
            if partition is None:
                self.source.done(len(batch.messages), batch.size)
                continue
            partition.waiting.append(batch)
            self._feed(partition)

    def stepped(self, partition: Partition, batch: Arrivals, records: Sequence[Record]) -> None:
        """Stage what a batch said, and go on with its partition."""
        if partition.released:
            self.source.done(len(batch.messages), batch.size)
            return
        partition.position = batch.messages[-1].offset + 1
        self._commits.staging.add(partition, records)
        self._commits.staging.consumed(partition, batch)
        self._after_step(partition)

    async def release(self, origins: Sequence[Origin]) -> None:
        """Commit what these partitions have staged, drop what was not stepped, and forget their states."""
        for origin in origins:
            partition = self._partitions.pop(origin, None)
            if partition is not None:
                self._drop(partition)
        self._count_owned()
        await self._commits.committed()

    def _drop(self, partition: Partition) -> None:
        partition.released = True
        for batch in partition.waiting:
            self.source.done(len(batch.messages), batch.size)
        partition.waiting.clear()
        metrics.forget_partition(partition.origin.topic, str(partition.origin.partition))
        if (progress := self._progress.get(partition.origin.topic)) is not None:
            progress.forget(partition.origin)

    def _feed(self, partition: Partition) -> None:
        """Give the agent the partition's next batch, unless one is with it: so none crowds out the others."""
        if partition.waiting and not partition.busy:
            partition.busy = True
            batch = Batch(self, partition, partition.take(STEP_MESSAGES))
            self._spawn(self._deliver[partition.stage.source](batch))

    def _after_step(self, partition: Partition) -> None:
        if partition.keyed.is_due:
            partition.busy = True
            self._due.append(partition)
            self._wake_advance.set()
            self._commits.commit()
        else:
            partition.said = partition.keyed.clock
            self._go_on(partition)

    def _go_on(self, partition: Partition) -> None:
        partition.busy = False
        self._feed(partition)
        self._commits.commit()

    async def _advance(self) -> None:
        """Fire what time has made due, in slices, with batches between them."""
        while True:
            await self._wake_advance.wait()
            while self._due:
                self._advance_slice(self._due.popleft())
                await asyncio.sleep(ADVANCE_S)
                if self._commits.is_full:
                    await self._commits.committed()
            self._wake_advance.clear()

    def _advance_slice(self, partition: Partition) -> None:
        if partition.released:
            return
        until = time.monotonic() + max(ADVANCE_S, partition.step_s)
        try:
            records = encoded(partition, partition.keyed.advance(ADVANCE_KEYS))
            while partition.keyed.is_due and time.monotonic() < until:
                records += encoded(partition, partition.keyed.advance(ADVANCE_KEYS))
        except Exception as error:  # a fault of ours: never skip
            self.fail(error)
            return
        self._commits.staging.add(partition, records)
        if partition.waiting and partition.keyed.can_wait:
            self._go_on(partition)
        else:
            self._after_step(partition)

    async def _tick(self) -> None:
        """Let markers go out, and gauges follow, also when nothing arrives."""
        while True:
            await asyncio.sleep(TICK_S)
            for origin, partition in self._partitions.items():
                labels = (origin.topic, str(origin.partition))
                metrics.child(metrics.clock, *labels).set(partition.keyed.clock / 1000)
                metrics.child(metrics.keys, *labels).set(len(partition.keyed))
                self._tell_time(partition)
                if partition.stage.running is not None:
                    metrics.show_figures(partition.stage.running(partition.keyed))
                if partition.stage.dark is not None:
                    metrics.show_dark(partition.stage.dark(partition.keyed))
            self._commits.tick(TICK_S)

    def _tell_time(self, partition: Partition) -> None:
        """Let a source partition that is read to its end know the wall clock, which stands in for arrivals there."""
        if (progress := self._progress.get(partition.origin.topic)) is not None:
            partition.keyed.tick(progress.claimed(partition.origin))
            if partition.keyed.is_due and not partition.busy:
                self._after_step(partition)

    def _observe_from_thread(self, asked_at_ms: int, ends: Mapping[Origin, int], empty: Sequence[Empty]) -> None:
        on_loop(self.loop, self._observe, asked_at_ms, ends, empty)

    def _observe(self, asked_at_ms: int, ends: Mapping[Origin, int], empty: Sequence[Empty]) -> None:
        for origin, start, end in empty:
            partition = self._partitions.get(origin)
            if partition is not None and partition.position == start:
                partition.position = end
        for origin, end in ends.items():
            partition = self._partitions.get(origin)
            if partition is not None:
                labels = (origin.topic, str(origin.partition))
                metrics.child(metrics.lag, *labels).set(max(0, end - partition.position))
        for topic, progress in self._progress.items():
            progress.observe(asked_at_ms, {o: e for o, e in ends.items() if o.topic == topic})
        self._watch()

    def _count_owned(self) -> None:
        for stage in self._stages:
            owned = sum(p.stage is stage for p in self._partitions.values())
            metrics.child(metrics.owned, stage.name).set(owned)
        self._watch()

    def _watch(self) -> None:
        self._ends.watch({origin: p.position for origin, p in self._partitions.items()})

    def _spawn(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self.fail(error)
