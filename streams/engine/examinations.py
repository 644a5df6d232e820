"""Which rules there are, and which of them a change makes worth examining.

Examinations are bits of one integer, lowest first: milestones in file order, then the stage, then the alerts, the
revenue and the renewal.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from streams.engine.compiled import Alert, Move
from streams.engine.health import Vital
from streams.engine.predicates import Cell, Predicate
from streams.engine.renewal import Renewal
from streams.engine.revenue import Revenue


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a journey."""

    reached: tuple[Predicate, ...]
    """Of each milestone."""
    moves: tuple[tuple[Move, ...], ...]
    """The ways out of each stage."""
    alerts: tuple[Alert, ...]
    dwells: bool
    """Whether a stage keeps accounts for a time."""
    vital: Vital | None
    revenue: Revenue | None
    renewal: Renewal | None

    @property
    def stage_bit(self) -> int:
        """The examination of the stage."""
        return 1 << len(self.reached)

    @property
    def revenue_bit(self) -> int:
        """That of what an account pays; 0 if the journey does not declare it."""
        return self.stage_bit << 1 + len(self.alerts) if self.revenue else 0

    @property
    def renewal_bit(self) -> int:
        """That of its contract; 0 likewise."""
        return self.revenue_bit << 1 if self.renewal else 0

    @property
    def everything(self) -> int:
        """All of them."""
        return (self.stage_bit << 1 + len(self.alerts)) - 1 | self.revenue_bit | self.renewal_bit

    def conditions(self) -> Iterable[Predicate]:
        """Conditions whose deadlines count whatever the stage."""
        yield from self.reached
        for alert in self.alerts:
            yield alert.when
            yield alert.until
            yield alert.raised
        if self.vital is not None:
            yield from self.vital.conditions

    def ways_out(self) -> Iterable[Predicate]:
        """Conditions whose deadlines count in one stage."""
        return (move.when for moves in self.moves for move in moves)

    def holding(self, chosen: Callable[[Predicate], bool]) -> int:
        """The examinations that hold a chosen condition."""
        bits = sum(1 << place for place, when in enumerate(self.reached) if chosen(when))
        if any(chosen(move.when) for moves in self.moves for move in moves):
            bits |= self.stage_bit
        for place, alert in enumerate(self.alerts):
            if chosen(alert.when) or chosen(alert.until) or chosen(alert.raised):
                bits |= self.stage_bit << 1 + place
        return bits

    def possible(self) -> tuple[int, ...]:
        """For each stage, those that something can come true of there."""
        return tuple(self._possible(stage) for stage in range(len(self.moves)))

    def _possible(self, stage: int) -> int:
        reached = as_bits(when.holds_in >> stage & 1 for when in self.reached)
        fired = as_bits(alert.when.holds_in >> stage & 1 for alert in self.alerts)
        return reached | self.stage_bit | fired * self.stage_bit << 1 | self.revenue_bit | self.renewal_bit

    def timed(self) -> int:
        """Those that time alone can turn out otherwise."""
        cooling = as_bits(alert.cooldown_ms for alert in self.alerts) * self.stage_bit << 1
        dwelling = self.stage_bit if self.dwells else 0
        return self.holding(lambda when: bool(when.dues)) | cooling | dwelling | self.renewal_bit

    def woken_by_stage(self) -> int:
        """Those that a change of the stage can turn out otherwise."""
        return self.woken_by(("stage", 0)) | self.stage_bit | self.revenue_bit | self.renewal_bit

    def woken_by(self, *cells: Cell) -> int:
        """The examinations that touching these cells can turn out otherwise: conditions come true, or alerts end."""
        touched = set(cells)
        rerouted = (alert.handoff and alert.handoff.team.cells & touched for alert in self.alerts)
        return self.holding(lambda when: bool(when.rise & touched)) | as_bits(rerouted) * self.stage_bit << 1

    def woken_by_trait(self, place: int) -> int:
        """Those that a trait can turn out otherwise."""
        is_revenue = self.revenue is not None and self.revenue.trait == place
        anchored = as_bits(alert.once_per == place for alert in self.alerts) * self.stage_bit << 1
        woken = self.woken_by(("trait", place)) | anchored | (self.revenue_bit if is_revenue else 0)
        is_contract = self.renewal is not None and place == self.renewal.ends
        return woken | (self.renewal_bit if is_revenue or is_contract else 0)

    def firing(self) -> Iterator[tuple[int, Iterable[Cell]]]:
        """Each examination, and the cells that can make a condition of it come true."""
        for place, when in enumerate(self.reached):
            yield 1 << place, when.rise
        for place, alert in enumerate(self.alerts):
            yield self.stage_bit << 1 + place, alert.when.rise

    def ending(self) -> Iterator[tuple[int, Iterable[Cell]]]:
        """Each alert, and the cells that can end or raise it, or answer its handoff."""
        for place, alert in enumerate(self.alerts):
            answered = alert.handoff.cells if alert.handoff else frozenset()
            yield self.stage_bit << 1 + place, alert.until.rise | alert.raised.rise | answered

    def arming(self) -> Iterator[tuple[int, Iterable[Cell]]]:
        """Each alert, and the cells that can make its condition cease."""
        return ((self.stage_bit << 1 + place, alert.when.fall) for place, alert in enumerate(self.alerts))


def as_bits(flags: Iterable[object]) -> int:
    """One bit for each flag, the first the lowest."""
    return sum(1 << place for place, flag in enumerate(flags) if flag)
