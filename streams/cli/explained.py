"""An explanation as data, and as people read it."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group as Lines
from rich.text import Text
from rich.tree import Tree

from streams.bodies import prospects_body
from streams.cli.say import printable
from streams.cli.wording import gap_of, moment, sentence
from streams.engine.cases import Standing
from streams.engine.outputs import DriverFound, Prospects
from streams.engine.times import rfc3339
from streams.explain import Explanation, Firing, Group, Node, Test, Way
from streams.money import exact_money, money


def as_data(said: Explanation) -> dict[str, object]:
    """The explanation as JSON has it; instants as RFC 3339."""
    return {
        "account_id": said.account,
        "as_of": rfc3339(said.as_of),
        "stage": said.stage,
        "meaning": said.meanings[f"stages.{said.stage}"],
        "stage_since": rfc3339(said.stage_at),
        "stays_until": rfc3339(said.stays_until) if said.stays_until > said.as_of else None,
        "milestones": {
            "reached": {name: rfc3339(at) for name, at in said.reached.items()},
            "missing": {name: node_data(node) for name, node in said.missing.items()},
        },
        "measures": said.measures,
        "traits": said.traits,
        "segment": dict(said.segment),
        "health": None if said.health is None else {"score": said.health.score, "parts": said.health.parts},
        "drivers": [_driver_data(found, said) for found in said.drivers],
        "renewal": None if said.renewal is None else prospects_body(said.renewal),
        "currency": said.currency,
        "ways_out": [{"to": way.to, "rule": way.rule, "when": node_data(way.when)} for way in said.ways],
        "firing": [_firing_data(firing) for firing in said.firing],
        "next_deadline": None if said.due_at is None else rfc3339(said.due_at),
    }


def _driver_data(found: DriverFound, said: Explanation) -> dict[str, object]:
    return {
        "driver": found.driver,
        "meaning": said.meanings[f"drivers.{found.driver}"],
        "risk": found.risk,
        "at_stake": found.at_stake,
        "because": found.because,
    }


def _firing_data(firing: Firing) -> dict[str, object]:
    rule = firing.rule
    return {
        "alert": firing.alert,
        "meaning": rule.meaning,
        "since": rfc3339(firing.since),
        "kind": rule.kind,
        "severity": rule.severity,
        "play": firing.play,
        **({} if firing.case is None else _case_data(firing.case)),
        "until": node_data(firing.until),
    }


def _case_data(case: Standing) -> dict[str, object]:
    return {"owner": case.owner, "awaited": {step: rfc3339(due_at) for step, due_at in case.awaited.items()}}


def node_data(node: Node) -> dict[str, object]:
    """A condition as JSON has it, each test with what it saw."""
    if isinstance(node, Group):
        return {node.kind: [node_data(part) for part in node.parts], "met": node.met}
    data: dict[str, object] = {**node.finding, "met": node.met, "says": sentence(node)}
    gap = gap_of(node.finding)
    if gap is not None and not node.met:
        data["gap"] = gap
    if node.turns_at:
        data["turns_at"] = rfc3339(node.turns_at)
    return data


def tell(said: Explanation) -> Lines:
    """The explanation for people."""
    parts: list[Text | Tree] = [_head(said), *_facts(said), _branch("ways out of this stage", map(_way, said.ways))]
    missing = (_missing(name, said.meanings[f"milestones.{name}"], node) for name, node in said.missing.items())
    parts.append(_branch("milestones not reached", missing))
    if said.drivers:
        parts.append(_branch("drivers of churn", (_driver(found, said) for found in said.drivers)))
    parts.append(_branch("firing", map(_alert, said.firing)))
    return Lines(*parts, _clock(said))


def _head(said: Explanation) -> Text:
    head = Text.assemble((printable(said.account), "bold"), " is in stage ", (said.stage, "bold cyan"))
    head.append(f" since {moment(rfc3339(said.stage_at))}")
    if said.stays_until > said.as_of:
        head.append(f", and stays until {moment(rfc3339(said.stays_until))} at least")
    return _meant(head, said.meanings[f"stages.{said.stage}"])


def _meant(head: Text, meaning: str) -> Text:
    """A head with what the journey says of it in words."""
    return head.append(f" - {printable(meaning)}", "dim") if meaning else head


def _facts(said: Explanation) -> Iterator[Text]:
    reached = ", ".join(f"{name} ({rfc3339(at)[:10]})" for name, at in said.reached.items())
    facts = {"milestones": reached, "measures": _listed(said.measures), "traits": _listed(said.traits)}
    if said.segment:
        facts["segment"] = _listed(said.segment)
    if said.health:
        known = {name: points for name, points in said.health.parts.items() if points is not None}
        facts["health"] = f"{said.health.score} ({_listed(known)})"
    if said.renewal:
        facts["renewal"] = _renewal(said.renewal, said.currency)
    for title, text in facts.items():
        yield Text.assemble((f"{title}: ", "bold"), printable(text) or "none")


def _renewal(found: Prospects, currency: str | None) -> str:
    mrr = exact_money(found.mrr, currency)
    return f"{rfc3339(found.ends_at)[:10]}, {found.likelihood:.0%} likely ({found.forecast}), {mrr} a month"


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _clock(said: Explanation) -> Text:
    due = "nothing is due" if said.due_at is None else f"time next matters at {moment(rfc3339(said.due_at))}"
    return Text(f"as of {moment(rfc3339(said.as_of))} UTC; {due}", style="dim")


def _branch(title: str, trees: Iterable[Tree]) -> Tree:
    branch = Tree(Text(title, style="bold"), guide_style="dim")
    for tree in trees:
        branch.add(tree)
    if not branch.children:
        branch.add("none")
    return branch


def _way(way: Way) -> Tree:
    return _with(Text.assemble("to ", (way.to, "cyan"), (f"  {way.rule}", "dim")), way.when)


def _missing(name: str, meaning: str, node: Node) -> Tree:
    return _with(_meant(Text(name, style="cyan"), meaning), node)


def _driver(found: DriverFound, said: Explanation) -> Tree:
    at_stake = "" if found.at_stake is None else f", {money(found.at_stake, said.currency)} at stake"
    head = Text.assemble((found.driver, "yellow"), f": risk {found.risk:g}{at_stake}")
    return Tree(_meant(head, said.meanings[f"drivers.{found.driver}"]), guide_style="dim")


def _alert(firing: Firing) -> Tree:
    rule = firing.rule
    head = Text.assemble((firing.alert, "red"), f", {rule.severity} {rule.kind}, since {moment(rfc3339(firing.since))}")
    _meant(head, rule.meaning)
    if firing.play:
        head.append(f"; play: {firing.play}")
    if firing.case:
        head.append(f"; {_case(firing.case)}")
    return _with(head.append("; over when"), firing.until)


def _case(case: Standing) -> str:
    awaited = (f", {step.replace('_', ' ')} by {moment(rfc3339(at))}" for step, at in case.awaited.items())
    return f"owner: {printable(case.owner or 'nobody')}{''.join(awaited)}"


def _with(head: Text, node: Node) -> Tree:
    tree = Tree(head, guide_style="dim")
    tree.add(node_tree(node))
    return tree


def node_tree(node: Node) -> Tree:
    """A condition as people read it; what must not be begins with a 'not', so a ✓ is what is wanted everywhere."""
    mark = ("✓ ", "green") if node.met else ("✗ ", "yellow")
    if isinstance(node, Test):
        no = "not: " if node.negated else ""
        turns = f"; turns on {moment(rfc3339(node.turns_at))} unless an event comes" if node.turns_at else ""
        return Tree(Text.assemble(mark, no, sentence(node), turns))
    tree = Tree(Text.assemble(mark, "all of" if node.wants_all else "any of"), guide_style="dim")
    for part in node.parts:
        tree.add(node_tree(part))
    return tree
