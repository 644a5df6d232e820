"""The wire form of what the engine says: one JSON body for each kind of output, the same on a topic and in a file.

`schemas/outputs.py` publishes these forms as models; a test holds the two together.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from schemas import journey as file
from streams.engine.compiled import Journey
from streams.engine.outputs import (
    AccountUpdated,
    AlertChanged,
    AlertStatus,
    ContactDecided,
    DriverFound,
    FigureClosed,
    InstrumentationChanged,
    MilestoneReached,
    Proof,
    Prospects,
    RenewalDecided,
    RevenueMoved,
    Said,
    SlaChanged,
    StageChanged,
)
from streams.engine.times import rfc3339
from streams.handoff_bodies import handoff_part, sla_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Body = dict[str, Any]

_detected = lru_cache(maxsize=1)(rfc3339)  # all of a batch are detected at one instant


class Bodies:
    """Writes bodies for one journey."""

    def __init__(self, source: file.Journey, journey: Journey) -> None:
        self._rules = {f"alerts.{name}": rule for name, rule in source.alerts.items()}
        self._instruments = {kind.value: instrument for kind, instrument in source.instrumentation.items()}
        self._dates = {name for name, kind in source.traits.items() if kind is file.TraitKind.DATE}
        self._currency = source.revenue.currency if source.revenue else None
        self._plays = {name: _play(name, play) for name, play in source.plays.items()}
        self._journey = {"name": journey.name, "version": journey.version, "digest": journey.digest}
        self._own: Mapping[type[Said], Callable[[Any], Body]] = {
            MilestoneReached: _milestone,
            AccountUpdated: self._account,
            StageChanged: _transition,
            AlertChanged: self._alert,
            RevenueMoved: self._movement,
            RenewalDecided: self._renewal,
            SlaChanged: sla_body,
        }

    @property
    def source(self) -> bytes:
        """The CloudEvents source: which journey said it."""
        return f"/journeys/{self._journey['name']}/{self._journey['version']}".encode()

    def body(self, said: Said, detected_at: int) -> Body:
        """The body of an output; `detected_at` is UTC ms."""
        body: Body = {
            "id": said.id,
            "account_id": said.account,
            "at": rfc3339(said.at),
            "detected_at": _detected(detected_at),
            "journey": self._journey,
            "segment": said.segment,
        }
        body |= self._own[type(said)](said)
        return body

    def figure(self, said: FigureClosed, detected_at: int) -> Body:
        """The body of a KPI."""
        return {
            "id": said.id,
            "kpi": said.kpi,
            "of": said.of,
            "period": said.length,
            "start": rfc3339(said.start_at),
            "end": rfc3339(said.end_at),
            "at": rfc3339(said.end_at),
            "detected_at": _detected(detected_at),
            "journey": self._journey,
            "cut": _cut(said.cut),
            "unit": said.unit,
            "currency": self._currency if said.unit == "money" else None,
            "value": said.value,
            "numerator": said.numerator,
            "denominator": said.denominator,
            "quantiles": said.quantiles,
        }

    def instrumentation(self, said: InstrumentationChanged, detected_at: int) -> Body:
        """The body of what is said of a source."""
        instrument = self._instruments[said.source]
        return {
            "id": said.id,
            "source": said.source,
            "at": rfc3339(said.at),
            "detected_at": _detected(detected_at),
            "journey": self._journey,
            "rule": said.rule,
            "evidence": said.evidence,
            "kind": "instrumentation_stopped",
            "severity": instrument.severity,
            "status": said.status,
            "episode": said.episode,
            "owner": instrument.owner,
        }

    def _alert(self, said: AlertChanged) -> Body:
        rule = self._rules[said.rule]
        return {
            "rule": said.rule,
            "evidence": said.evidence,
            "kind": rule.kind,
            "severity": rule.raised.to if said.raised and rule.raised else rule.severity,
            "status": said.status,
            "episode": said.episode,
            "stage": said.stage,
            "play": None if said.play is None else self._plays[said.play],
            "user_id": said.user,
            "persona": said.persona,
            **handoff_part(said),
            "drivers": [_driver(driver) for driver in said.drivers],
            "currency": self._currency,
            "contact": _contact(said),
            "proof": None if said.proof is None else _proof(said.proof),
        }

    def _movement(self, said: RevenueMoved) -> Body:
        return {
            "rule": said.rule,
            "evidence": said.evidence,
            "movement": said.movement,
            "amount": abs(said.after - said.before),
            "mrr_before": said.before,
            "mrr_after": said.after,
            "currency": self._currency,
        }

    def _renewal(self, said: RenewalDecided) -> Body:
        forecast = said.forecast
        return {
            "rule": said.rule,
            "evidence": said.evidence,
            "outcome": said.outcome,
            "ends_at": rfc3339(said.ends_at),
            "renewed_at": None if said.renewed_at is None else rfc3339(said.renewed_at),
            "mrr_before": said.before,
            "mrr_after": said.after,
            "currency": self._currency,
            "forecast": forecast and msgspec.structs.asdict(forecast) | {"at": rfc3339(forecast.at)},
        }

    def _account(self, said: AccountUpdated) -> Body:
        return {
            "stage": said.stage,
            "stage_since": rfc3339(said.stage_at),
            "since": rfc3339(said.since_at),
            "last_seen": rfc3339(said.last_at),
            "milestones": {name: rfc3339(at) for name, at in said.milestones.items()},
            "measures": said.measures,
            "traits": {name: self._trait(name, value) for name, value in said.traits.items()},
            "firing": said.firing,
            "health": None if said.health is None else {"score": said.health.score, "parts": said.health.parts},
            "drivers": [_driver(driver) for driver in said.drivers],
            "renewal": None if said.renewal is None else prospects_body(said.renewal),
            "currency": self._currency,
        }

    def _trait(self, name: str, value: float | str) -> float | str:
        return rfc3339(int(value)) if name in self._dates and not isinstance(value, str) else value


def _play(name: str, play: file.Play) -> Body:
    said = play.model_dump(mode="json", include={"content", "channel", "audience", "owner"})
    return {"name": name, **said}


def _proof(proof: Proof) -> Body:
    reached = proof.milestones.items()
    return {
        "measures": proof.measures,
        "milestones": {name: {"at": rfc3339(at), "time_to_s": (at - proof.since_at) / 1000} for name, at in reached},
    }


def prospects_body(found: Prospects) -> Body:
    """The contract that runs, as the account record has it."""
    return msgspec.structs.asdict(found) | {"ends_at": rfc3339(found.ends_at)}


def _driver(found: DriverFound) -> Body:
    return {"driver": found.driver, "risk": found.risk, "at_stake": found.at_stake, "because": found.because}


@lru_cache(maxsize=4096)
def _cut(cut: str) -> Body:
    if not cut:
        return {"by": "all"}
    if cut.startswith("@"):
        return {"by": "cohort", "value": cut[1:]}
    dimension, _, value = cut.partition("=")
    return {"by": "segment", "dimension": dimension, "value": value}


def _contact(said: AlertChanged) -> Body | None:
    """The decision that is told with this record; None where none is: it is over, or raised to its second grade."""
    if said.status is not AlertStatus.FIRING or (said.is_again and said.contact is None):
        return None
    decided = said.contact or ContactDecided()
    return {
        "decision": decided.decision,
        "reason": decided.reason,
        "not_before": None if decided.not_before is None else rfc3339(decided.not_before),
        "group": decided.group,
        "attempt": decided.attempt,
    }


def _transition(said: StageChanged) -> Body:
    return {
        "rule": said.rule,
        "evidence": said.evidence,
        "from_stage": said.from_stage,
        "to_stage": said.to_stage,
        "time_in_stage_s": (said.at - said.entered_from_at) / 1000,
        "retracts": said.retracts,
    }


def _milestone(said: MilestoneReached) -> Body:
    return {
        "rule": said.rule,
        "evidence": said.evidence,
        "milestone": said.rule.removeprefix("milestones."),
        "activation": said.activation,
        "time_to_s": (said.at - said.since_at) / 1000,
    }
