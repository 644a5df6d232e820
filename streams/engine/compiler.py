"""The journey file, compiled: all conditions first, so that every place is known, then the tables over them."""

from collections.abc import Iterable
from hashlib import sha256

import orjson

from schemas import journey as file
from streams.engine.compiled import DESCRIBED, PREVIOUS, Alert, Journey, Milestone, Move
from streams.engine.contact import compile_policy, rival_of
from streams.engine.contracts import contract_dues
from streams.engine.examinations import Rules, as_bits
from streams.engine.handoffs import compile_handoff
from streams.engine.health import compile_vital
from streams.engine.identity import compile_identity
from streams.engine.kpis.declared import compile_kpis, judged_at
from streams.engine.kpis.heard import note_answers
from streams.engine.leaves import compile_condition
from streams.engine.measure_kinds import compile_measure
from streams.engine.notes import note_personas
from streams.engine.places import Places, vocabulary_id
from streams.engine.plays import options_of
from streams.engine.predicates import NEVER_HOLDS, Due, negate
from streams.engine.proof import compile_proof
from streams.engine.renewal import compile_renewal
from streams.engine.revenue import compile_revenue
from streams.engine.segments import dimensions_of
from streams.engine.sightings import compile_instruments
from streams.engine.touches import Touches
from streams.engine.trait_checks import checks_of


def compile_journey(source: file.Journey) -> Journey:
    """Compile a journey file that has been read and checked."""
    places = Places(source)
    measures = tuple((name, compile_measure(name, places)) for name in source.measures)
    note_personas(places)
    note_answers(places)
    places.last((file.ANY,))  # every account is told with its latest activity
    rules = _rules(source, places)
    policy = compile_policy(source.contact, places, compile_condition)
    kpis = compile_kpis(source, dict(measures))
    touches, vocabulary = Touches(source, places, rules), places.vocabulary()
    told = (*judged_at(kpis), *contract_dues(rules.renewal))
    dues = _once((*(due for when in rules.conditions() for due in when.dues), *told))
    return Journey(
        name=source.name,
        version=source.version,
        digest=_digest(source),
        lateness_ms=source.allowed_lateness,
        rejects_undeclared=source.undeclared is file.Policy.REJECT,
        rejects_malformed=source.malformed is file.Policy.REJECT,
        stages=tuple(source.stages),
        initial=next(i for i, stage in enumerate(source.stages.values()) if stage.initial),
        dwell_ms=tuple(stage.dwell or 0 for stage in source.stages.values()),
        moves=rules.moves,
        milestones=tuple(_milestones(source, rules)),
        alerts=rules.alerts,
        measures=measures,
        traits={name: (place, kind) for place, (name, kind) in enumerate(source.traits.items())},
        dimensions=dimensions_of(source),
        identity=compile_identity(source),
        instruments=compile_instruments(source),
        casting=places.casting,
        checks=checks_of(source),
        follows_visits=any(note.kind == "visits" for note in places.notes),
        touches={name: touches.of(name) for name in (*source.events, *DESCRIBED)},
        undeclared=touches.of(""),
        layout=places.layout(),
        dues=dues,
        awaiting_sources=tuple(places.awaiting_sources),
        stage_dues=tuple(
            _once(due for move in moves for due in move.when.dues if due not in dues) for moves in rules.moves
        ),
        closing_dues=_once(due for when in (*rules.conditions(), *rules.ways_out()) for due in when.closing_dues),
        possible=touches.possible,
        timed=rules.timed(),
        at_close=rules.holding(lambda when: when.at_close),
        at_stage_change=rules.woken_by_stage(),
        trait_wakes=tuple(rules.woken_by_trait(place) for place in range(len(source.traits))),
        vocabulary=vocabulary,
        vocabulary_id=vocabulary_id(vocabulary),
        stage_bit=rules.stage_bit,
        handing=as_bits(alert.handoff for alert in rules.alerts) * rules.stage_bit << 1,
        revenue=rules.revenue,
        revenue_bit=rules.revenue_bit,
        kpis=kpis,
        everything=rules.everything,
        vital=rules.vital,
        at_health=rules.woken_by(("health", 0)),
        policy=policy,
        renewal=rules.renewal,
        renewal_bit=rules.renewal_bit,
    )


def _once(dues: Iterable[Due]) -> tuple[Due, ...]:
    """Each of them once: many conditions ask for the same."""
    return tuple(dict.fromkeys(dues))


def _rules(source: file.Journey, places: Places) -> Rules:
    return Rules(
        reached=tuple(compile_condition(one.condition, places) for one in source.milestones.values()),
        moves=tuple(tuple(_moves_from(name, source, places)) for name in source.stages),
        alerts=tuple(_alert(name, rule, source, places) for name, rule in source.alerts.items()),
        dwells=any(stage.dwell for stage in source.stages.values()),
        vital=compile_vital(source, places, compile_condition),
        revenue=compile_revenue(source),
        renewal=compile_renewal(source, places, compile_condition),
    )


def _milestones(source: file.Journey, rules: Rules) -> Iterable[Milestone]:
    for place, (name, milestone) in enumerate(source.milestones.items()):
        yield Milestone(name, rules.reached[place], milestone.activation, rules.woken_by(("milestone", place)))


def _moves_from(name: str, source: file.Journey, places: Places) -> Iterable[Move]:
    stages, stage = list(source.stages), source.stages[name]
    for way in stage.exit:
        to = PREVIOUS if way.to == "previous" else stages.index(way.to)
        yield Move(to, f"stages.{name}.exit.{way.to}", compile_condition(way.when, places), at_once=False)
    for to, target in enumerate(source.stages.values()):
        if target.enter is not None and (name in target.from_ or (file.ANY in target.from_ and stages[to] != name)):
            when = compile_condition(target.enter, places)
            yield Move(to, f"stages.{stages[to]}.enter", when, target.at_once)


def _alert(name: str, rule: file.AlertRule, source: file.Journey, places: Places) -> Alert:
    when = compile_condition(rule.condition, places)
    until = negate(when) if rule.end is None else compile_condition(rule.end, places)
    return Alert(
        name,
        when,
        until,
        NEVER_HOLDS if rule.raised is None else compile_condition(rule.raised.when, places),
        rule.cooldown or 0,
        options_of(rule, places, compile_condition),
        compile_handoff(name, rule.handoff, places),
        tells_drivers=rule.kind is file.AlertKind.RISK,
        rival=rival_of(name, rule, source),
        once_per=None if rule.once_per is None else list(source.traits).index(rule.once_per),
        proving=compile_proof(rule, places),
    )


def _digest(source: file.Journey) -> str:
    """Of what the file says; what it leaves out is left out, so that a new key of the language changes no digest."""
    said = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
