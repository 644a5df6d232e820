"""The language the engine's tests are written in: a product, its customers, and a clock that only the test moves.

Everything goes through the `Pipeline` as real JSON bytes; what is asserted is what came out.

    acme.works(days=14).falls_silent(days=8)
    assert acme.stage == "dormant"
"""

from collections.abc import Mapping, Sequence
from typing import Self

import orjson
import yaml

from schemas import journey as file
from schemas.spans import DAY_MS, HOUR_MS, MINUTE_MS
from streams.engine.compiler import compile_journey
from streams.engine.outputs import (
    AccountUpdated,
    AlertChanged,
    AlertStatus,
    DeadLetter,
    FigureClosed,
    MilestoneReached,
    Output,
    RenewalDecided,
    RevenueMoved,
    Said,
    SlaChanged,
    StageChanged,
)
from streams.engine.pipeline import Pipeline
from streams.engine.times import rfc3339

START = 1_767_571_200_000
"""2026-01-05T00:00:00Z, a Monday: every test begins here."""

LATENESS_MS = HOUR_MS
"""The allowed lateness, unless a journey says otherwise."""

Traits = Mapping[str, object]
Verdict = StageChanged | MilestoneReached | AlertChanged | SlaChanged | RevenueMoved | RenewalDecided
"""What a rule decided."""

DEFAULTS: dict[str, object] = {
    "journey": 1,
    "name": "small",
    "version": 1,
    "events": {
        "Signed Up": None,
        "Project Created": {"feature": "projects"},
        "Report Viewed": {"feature": "reports"},
        "Export Run": {"feature": "exports"},
        "Cancelled": {"source": "billing"},
    },
    "stages": {"trial": {"initial": True}},
}


def journey(text: str = "", **sections: object) -> file.Journey:
    """A journey of a few lines of YAML; events and the one stage are there unless said otherwise."""
    return file.Journey.model_validate(DEFAULTS | (yaml.safe_load(text) or {}) | sections)


def day(number: float, hour: float = 0) -> int:
    """The instant on a day counted from START, which is day 0."""
    return START + round(number * DAY_MS + hour * HOUR_MS)


class Product:
    """A product whose customers live by one journey. `now` is UTC ms; events arrive when they happen, unless said."""

    def __init__(self, source: file.Journey) -> None:
        self.source = source
        self.journey = compile_journey(source)
        self.pipeline = Pipeline(self.journey)
        self.now = START
        self.outputs: list[Output] = []
        self.sent: list[bytes] = []

    def account(self, name: str) -> "Customer":
        """One of the customers."""
        return Customer(self, name)

    def sends(self, *, ago_ms: int = 0, **members: object) -> bytes:
        """Send one call that happened `ago_ms` before it arrives, now; None leaves a member out."""
        call: dict[str, object] = {
            "type": "track",
            "messageId": f"m-{len(self.sent) + 1}",
            "userId": "ann",
            "timestamp": rfc3339(self.now - ago_ms),
            "receivedAt": rfc3339(self.now),
        }
        call |= members
        return self.redelivers(orjson.dumps({key: value for key, value in call.items() if value is not None}))

    def redelivers(self, message: bytes) -> bytes:
        """Hand bytes to the engine, for the first time or again."""
        self.sent.append(message)
        self.outputs += self.pipeline.receive(message)
        return message

    def passes(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> Self:
        """Let time pass without any event: only the clock speaks."""
        self.now += round(days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS)
        self.ticks(self.now)
        return self

    def ticks(self, clock: int) -> None:
        """Tell the engine what time it is."""
        self.outputs += self.pipeline.advance(clock)

    def figures(self, kpi: str, period: str = "month", cut: str = "") -> list[tuple[str | None, float]]:
        """The figures of one KPI for all periods of a length, oldest first, each as (of, value)."""
        closed = [output for output in self.outputs if isinstance(output, FigureClosed)]
        return [(f.of, f.value) for f in closed if (f.kpi, f.length, f.cut) == (kpi, period, cut)]

    @property
    def dispositions(self) -> dict[str, int]:
        """What has become of the messages since this was last asked: applied, late, duplicate, dead_letter."""
        pipeline = self.pipeline
        counts = dict(pipeline._route.dispositions())
        for name, count in pipeline.follow.dispositions().items():
            counts[name] = counts.get(name, 0) + count
        return counts

    @property
    def dead_letters(self) -> list[str]:
        """The reasons of all dead letters, in order."""
        return [output.reason for output in self.outputs if isinstance(output, DeadLetter)]


class Customer:
    """One account. Its deeds return itself, so that a life reads as one sentence."""

    def __init__(self, product: Product, name: str) -> None:
        self.product = product
        self.name = name

    # What it does.

    def does(
        self,
        event: str,
        *,
        times: int = 1,
        by: str = "ann",
        days_ago: float = 0,
        hours_ago: float = 0,
        **members: object,
    ) -> Self:
        """Somebody does something, now or so long ago that it arrives only now."""
        ago_ms = round(days_ago * DAY_MS + hours_ago * HOUR_MS)
        for _ in range(times):
            self.calls("track", ago_ms=ago_ms, **{"event": event, "userId": by} | members)
        return self

    def calls(self, call: str, *, ago_ms: int = 0, **members: object) -> Self:
        """Any call of the Segment specification, in the context of this account unless said otherwise."""
        self.product.sends(ago_ms=ago_ms, **{"type": call, "context": {"groupId": self.name}} | members)
        return self

    def joins(self, user: str, traits: Traits | None = None, *, days_ago: float = 0, hours_ago: float = 0) -> Self:
        """A group call: the user belongs to this account from then on, which may have traits."""
        ago_ms = round(days_ago * DAY_MS + hours_ago * HOUR_MS)
        self.product.sends(type="group", userId=user, groupId=self.name, traits=traits, ago_ms=ago_ms)
        return self

    def has(self, **traits: object) -> Self:
        """The account gets traits."""
        return self.joins("ann", traits)

    def works(
        self,
        *,
        days: int,
        event: str = "Report Viewed",
        times: int = 1,
        by: Sequence[str] = ("ann",),
        weekends: bool = True,
    ) -> Self:
        """On each of the coming days, at nine, each of these people does this so many times."""
        for _ in range(days):
            self.passes(hours=9)
            if weekends or self.weekday < 5:
                for user in by:
                    self.does(event, times=times, by=user)
            self.passes(hours=15)
        return self

    def falls_silent(self, *, days: float = 0, hours: float = 0) -> Self:
        """Nothing happens for so long."""
        return self.passes(days=days, hours=hours)

    def passes(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> Self:
        """Let time pass."""
        self.product.passes(days=days, hours=hours, minutes=minutes)
        return self

    def settles(self) -> Self:
        """Let just the allowed lateness pass, so that every deadline up to now is decided."""
        self.product.now += self.product.journey.lateness_ms
        self.product.ticks(self.product.now)
        return self

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return (self.product.now - START) // DAY_MS % 7

    # What was said of it.

    @property
    def outputs(self) -> list[Said]:
        """All that was said of this account, in order."""
        return [output for output in self.product.outputs if isinstance(output, Said) and output.account == self.name]

    def said(self, rule: str) -> list[Verdict]:
        """The verdicts of one rule, named by its path in the journey file."""
        return [output for output in self.outputs if not isinstance(output, AccountUpdated) and output.rule == rule]

    @property
    def updates(self) -> list[AccountUpdated]:
        """The snapshots told to the world."""
        return [output for output in self.outputs if isinstance(output, AccountUpdated)]

    @property
    def transitions(self) -> list[StageChanged]:
        """Every move from stage to stage."""
        return [output for output in self.outputs if isinstance(output, StageChanged)]

    @property
    def path(self) -> list[str]:
        """The stages it has been in, the initial one first."""
        return [self.product.journey.stages[self.product.journey.initial], *(t.to_stage for t in self.transitions)]

    @property
    def stage(self) -> str:
        """The stage last told of, else the initial one."""
        return self.updates[-1].stage if self.updates else self.path[0]

    @property
    def milestones(self) -> dict[str, int]:
        """The milestones reached, with their instants."""
        return {
            output.rule.removeprefix("milestones."): output.at
            for output in self.outputs
            if isinstance(output, MilestoneReached)
        }

    @property
    def alerts(self) -> list[tuple[str, str]]:
        """Every alert that fired or ended, as (name, status); one told again with a later decision counts once."""
        first = (alert for alert in self.alerts_told if alert.contact is None or alert.contact.attempt == 1)
        return [(alert.rule.removeprefix("alerts."), alert.status.value) for alert in first]

    @property
    def alerts_told(self) -> list[AlertChanged]:
        """Every alert told, whole."""
        return [output for output in self.outputs if isinstance(output, AlertChanged)]

    @property
    def slas(self) -> list[SlaChanged]:
        """What became of handoffs."""
        return [output for output in self.outputs if isinstance(output, SlaChanged)]

    @property
    def firing(self) -> set[str]:
        """The alerts that fire now."""
        last = {alert.rule.removeprefix("alerts."): alert.status for alert in self.alerts_told}
        return {name for name, status in last.items() if status is AlertStatus.FIRING}

    @property
    def measures(self) -> Mapping[str, int | float]:
        """The measures as last told."""
        return self.updates[-1].measures

    @property
    def traits(self) -> Mapping[str, int | float | str]:
        """The traits as told once the day is over."""
        self.passes(days=1).settles()
        return self.updates[-1].traits


def because(verdict: Verdict) -> list[Mapping[str, object]]:
    """What the parts of the condition saw."""
    found = verdict.evidence["because"]
    assert isinstance(found, list)
    return found
