"""How stages and verdicts are called and coloured on the screen."""

from typing import Final

from rich.text import Text

from streams.demo.messages import FIRST_DAY
from streams.demo.verdicts import FIRING, SLA, Body

_COLOURS: Final = {
    "trial": "cyan",
    "signed_up": "cyan",
    "activated": "green",
    "adopted": "green",
    "power_user": "bright_green",
    "renewing": "blue",
    "renewal": "blue",
    "expanded": "magenta",
    "expansion": "magenta",
    "handoff": "magenta",
    "sla": "magenta",
    "at_risk": "yellow",
    "usage_drop": "yellow",
    "stall": "yellow",
    "risk": "red",
    "dormant": "bright_black",
    "churned": "red",
    "won_back": "bright_blue",
}
_SEVERITIES: Final = {"info": "cyan", "warning": "yellow", "critical": "red"}
DAY: Final = len("2025-09-01")


def colour(name: str) -> str:
    """The colour of a stage or of a kind of alert."""
    return _COLOURS.get(name, "cyan")


def plain(name: str) -> str:
    """A name of the journey file as people write it."""
    return name.replace("_", " ")


def told(topic: str, body: Body) -> Text:
    """One verdict in one line: the day, the account, and what it is."""
    account = body["account_id"]
    line = Text.assemble((body["at"][:DAY], "dim"), "  ", (f"{account:<20.20}", "bold"), "  ")
    if topic == "transitions":
        to = body["to_stage"]
        return line.append_text(Text.assemble(f"{plain(body['from_stage'])} → ", (plain(to), colour(to))))
    name = _name(body)
    if body["status"] != FIRING:
        return line.append(f"over: {name}", style="dim")
    return line.append(f"{body['severity']}: {name}", style=_SEVERITIES[body["severity"]])


def _name(body: Body) -> str:
    rule = str(body["rule"]).removeprefix("alerts.")
    if body["kind"] != SLA:
        return plain(rule)
    alert, _, step = rule.split(".")
    return plain(f"{alert}, {step}: {body['sla']['outcome'] or body['sla']['grade']}")


def day_of(at: int) -> int:
    """Which day of the story an instant is on, from 1."""
    return (at - FIRST_DAY) // 86_400_000 + 1
