"""Value proof: what an account has achieved, as the record of an alert carries it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas import journey as file
from streams.engine.measure_kinds import compile_measure
from streams.engine.measures import Measure, told
from streams.engine.outputs import Proof
from streams.engine.places import Places

if TYPE_CHECKING:
    from streams.engine.account import Account


@dataclass(frozen=True, slots=True)
class Proving:
    """What a rule's record tells of."""

    measures: tuple[tuple[str, Measure], ...]
    milestones: tuple[tuple[str, int], ...]


def compile_proof(rule: file.AlertRule, places: Places) -> Proving | None:
    """Compile `proof`; None where a rule has none."""
    if rule.proof is None:
        return None
    milestones = list(places.journey.milestones)
    return Proving(
        tuple((name, compile_measure(name, places)) for name in rule.proof if name in places.journey.measures),
        tuple((name, milestones.index(name)) for name in rule.proof if name in milestones),
    )


def proof_of(account: "Account", proving: Proving) -> Proof:
    """The measures as they stand, and the milestones reached."""
    reached, born_at = account.rare.reached, account.hot.born_at
    found = ((name, told(measure.read(account))) for name, measure in proving.measures)
    measures = {name: value for name, value in found if value is not None}
    milestones = {name: reached[place] for name, place in proving.milestones if place in reached}
    return Proof(measures, milestones, born_at)
