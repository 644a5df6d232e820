"""The whole path in one place; read this first.

    decode → route → account → windows → measures → rules → lifecycle → outputs

A `Pipeline` is what a worker does, without Kafka: the same two kinds of partition, one of each. `journey replay`, the
demo without Kafka and the tests run it; a worker runs many of each with Kafka's topics in between.

  - `decode`      any bytes become an `Event` or are `Rejected` with a reason
  - `routing`     which account an event belongs to (`users`: the state of one partition of users)
  - `account`     one account: an event in, outputs out (`accounts`: the state of one partition of accounts)
  - `windows`     what is kept of each day, and what trailing windows read of it
  - `rules`       milestones and alerts, compiled from conditions (`compiled`, `leaves`, `predicates`, `baseline`)
  - `cases`       what becomes of an alert that hands an account over (`handoffs`, `owners`, `business_time`)
  - `lifecycle`   the stage, and the one move out of it that is open
  - `outputs`     what was said
  - `kpis`        what all of it comes to: figures of the whole customer base, a partition of its own
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from streams.engine.accounts import FollowPartition
from streams.engine.clock import Progress
from streams.engine.compiled import Journey
from streams.engine.kpis.partition import KpiPartition
from streams.engine.message import Keyed, Message
from streams.engine.outputs import AccountForgotten, DeadLetter, Fact, Linked, Output, PassedOn, Routed
from streams.engine.sightings import joined
from streams.engine.users import RoutePartition

_LIVE = 2_000
"""Accounts kept unpacked between messages."""

_PACK_EVERY = 5_000
"""Messages between two packings, so that a replay of many users does not hold them all unpacked."""


Watch = Callable[[Routed, int | None], None]


class Pipeline:
    """One journey over one stream of messages, in the order given."""

    def __init__(self, journey: Journey, watch: Watch | None = None) -> None:
        """`watch` hears of every event as it goes to an account, before that does."""
        self._watch = watch
        self._route = RoutePartition(journey)
        self.follow = FollowPartition(journey, keeps_live=_LIVE)
        self.kpis = KpiPartition(journey.kpis, journey.lateness_ms) if journey.kpis else None
        self._partitions: list[Keyed] = [self._route, self.follow, *([self.kpis] if self.kpis else ())]
        self._offset = self._followed = self._taken = 0

    @property
    def clock(self) -> int:
        """The arrival clock in UTC ms."""
        return self._route.clock

    @property
    def held(self) -> int:
        """How many messages wait for their account."""
        return self._route.held

    def receive(self, value: bytes, recorded_at: int | None = None, offset: int | None = None) -> list[Output]:
        """Take the next message; whatever time has decided by its arrival is said first.

        Dead letters call it by its `offset`; unless given, by how many came before it.
        """
        message = Message(None, value, recorded_at, self._offset if offset is None else offset)
        self._offset = message.offset + 1
        routed = self._route.receive((message,))
        outputs = self._catch_up()
        outputs += self._carry(routed, recorded_at)
        self._taken += 1
        if self._taken % _PACK_EVERY == 0:
            self.pack()
        return outputs

    def advance(self, clock: int) -> list[Output]:
        """Let time pass up to an arrival clock, without any message."""
        self._route.tick(clock)
        return self._catch_up()

    def dispositions(self) -> Mapping[str, int]:
        """How many messages ended as applied, duplicate, late or dead_letter since the last call."""
        return Counter(self._route.dispositions()) + Counter(self.follow.dispositions())

    def warnings(self) -> Mapping[str, int]:
        """How many events were kept that the taxonomy does not cover, by reason, since the last call."""
        return self.follow.warnings()

    def pack(self) -> None:
        """Pack the states; nothing that is said later depends on it."""
        for partition in self._partitions:
            for _ in partition.changes():
                pass

    def _catch_up(self) -> list[Output]:
        outputs: list[Output] = []
        while self._route.is_due:
            outputs += self._route.advance(1_000)
        progress = Progress(1, {0: (self._route.clock, False)}, joined([self._route.sightings()]))
        outputs += self.follow.hear(progress)
        outputs += self._follow_due()
        if self.kpis is not None:
            self.kpis.hear(progress)
            while self.kpis.is_due:
                outputs += self.kpis.advance(1)
        return outputs

    def _carry(self, said: Iterable[Output], recorded_at: int | None) -> Iterator[Output]:
        """Carry what `route` says to where Kafka would: to accounts, to other users, out."""
        waiting = deque(said)
        while waiting:
            match waiting.popleft():
                case Routed() as routed:
                    yield from self._follow(routed, recorded_at)
                case Linked() as link:
                    message = Message(link.user.encode(), link.value, recorded_at, self._offset)
                    waiting.extend(self._route.receive((message,)))
                case PassedOn(value):
                    yield from self._said(self.follow.receive((Message(None, value, recorded_at, self._followed),)))
                    yield from self._follow_due()
                case output:
                    yield output

    def _follow_due(self) -> Iterator[Output]:
        while self.follow.is_due:
            yield from self._said(self.follow.advance(1_000))

    def _follow(self, routed: Routed, recorded_at: int | None) -> Iterator[Output]:
        if self._watch is not None:
            self._watch(routed, recorded_at)
        message = Message(routed.account.encode(), routed.value, recorded_at, self._followed)
        self._followed += 1
        for output in self._said(self.follow.receive((message,))):
            is_letter = isinstance(output, DeadLetter)
            yield msgspec.structs.replace(output, offset=routed.offset) if is_letter else output

    def _said(self, outputs: Iterable[Output]) -> Iterator[Output]:
        """What leaves: facts go on to the KPIs, and nothing is kept here by key from which an account had to go."""
        for output in outputs:
            if isinstance(output, Fact):
                assert self.kpis is not None
                self.kpis.add(output)
            elif not isinstance(output, AccountForgotten):
                yield output
