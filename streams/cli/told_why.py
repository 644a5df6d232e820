"""One rule explained, as data and as people read it."""

from rich.console import Group as Lines
from rich.text import Text
from rich.tree import Tree

from streams.cli.explained import node_data, node_tree
from streams.cli.say import printable
from streams.cli.wording import moment
from streams.engine.times import rfc3339
from streams.why import Hindrance, Why


def why_data(said: Why) -> dict[str, object]:
    """As JSON has it; instants as RFC 3339."""
    return {
        "account_id": said.account,
        "rule": said.rule,
        "meaning": said.meaning,
        "as_of": rfc3339(said.as_of),
        "state": said.state,
        "since": rfc3339(said.since) if said.since else None,
        "holds": said.when.met,
        "when": node_data(said.when),
        "until": None if said.until is None else node_data(said.until),
        "held_back": [_hindrance(one) for one in said.held_back],
    }


def _hindrance(one: Hindrance) -> dict[str, object]:
    return {"reason": one.reason, "says": one.says, "until": rfc3339(one.until) if one.until else None}


def tell_why(said: Why) -> Lines:
    """For people."""
    head = Text.assemble((said.rule, "bold cyan"), " of ", (printable(said.account), "bold"), f": {_verdict(said)}")
    if said.meaning:
        head.append(f" - {printable(said.meaning)}", "dim")
    parts: list[Text | Tree] = [head, _branch("when", node_tree(said.when))]
    if said.until is not None:
        parts.append(_branch("over when", node_tree(said.until)))
    for one in said.held_back:
        until = f" until {moment(rfc3339(one.until))}" if one.until else ""
        parts.append(Text.assemble(("held back: ", "bold"), printable(one.says), until))
    return Lines(*parts, Text(f"as of {moment(rfc3339(said.as_of))} UTC", style="dim"))


def _verdict(said: Why) -> str:
    since = f" since {moment(rfc3339(said.since))}"
    match said.state:
        case "firing":
            return f"firing{since}"
        case "reached":
            return f"reached on {moment(rfc3339(said.since))}"
        case "entered":
            return f"in this stage{since}"
    return "its condition holds, and it is held back" if said.when.met else "its condition does not hold"


def _branch(title: str, inner: Tree) -> Tree:
    branch = Tree(Text(title, style="bold"), guide_style="dim")
    branch.add(inner)
    return branch
