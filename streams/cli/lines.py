"""Records as lines that people read: when, which account, what."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from confluent_kafka import Message
from rich.text import Text

from streams.cli.records import headers_of
from streams.cli.say import printable
from streams.cli.wording import moment
from streams.engine.outputs import RenewalOutcome
from streams.kafka.topics import Topics
from streams.money import exact_money

Body = dict[str, Any]
SEVERITY = {"info": "blue", "warning": "yellow", "critical": "bold red"}
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def body_of(message: Message) -> Body | None:
    """The record's value, where it is a JSON object."""
    try:
        body = orjson.loads(message.value() or b"")
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def account_of(message: Message, body: Body | None) -> str | None:
    """The account a record tells of: its body's word, else an event's group, else its key."""
    if body is not None:
        context = body.get("context")
        group = body.get("groupId") or (context.get("groupId") if isinstance(context, dict) else None)
        named = body.get("account_id") or group
        if isinstance(named, str):
            return named
    key = message.key()
    return None if key is None else key.decode("utf-8", "backslashreplace")


def writer_for(topic: str, topics: Topics) -> Callable[[Message, Body | None], Text]:
    """How the records of a topic are written as lines."""
    kinds = {
        topics.transitions: _transition,
        topics.milestones: _milestone,
        topics.alerts: _alert,
        topics.movements: _movement,
        topics.renewals: _renewal,
        topics.instrumentation: _instrumentation,
        topics.accounts: _account,
        topics.events: _event,
        topics.account_events: _event,
    }
    if topic == topics.dead_letters:
        return lambda message, _: dead_letter_line(dead_letter(message))
    write = kinds.get(topic, _other)

    def line(message: Message, body: Body | None) -> Text:
        try:
            return _other(message, body) if body is None else write(message, body)
        except (KeyError, TypeError, ValueError):  # somebody else wrote it: show it as it is
            return _other(message, body)

    return line


def dead_letter(message: Message, *, with_value: bool = False) -> dict[str, object]:
    """A dead letter as data. Its value may hold what customers typed, so it is left out unless asked for."""
    headers = headers_of(message)
    letter: dict[str, object] = {
        "letter": message.offset(),
        "reason": headers.get("reason"),
        "message": headers.get("__streams.errors.message"),
        "topic": headers.get("__streams.errors.topic"),
        "partition": _number(headers.get("__streams.errors.partition")),
        "offset": _number(headers.get("__streams.errors.offset")),
        "size": len(message.value() or b""),
    }
    if with_value:
        letter["value"] = (message.value() or b"").decode("utf-8", "backslashreplace")
    return letter


def dead_letter_line(letter: Mapping[str, object]) -> Text:
    """A dead letter on one line."""
    origin = f"{letter['topic']}[{letter['partition']}]@{letter['offset']}"
    return Text.assemble(
        (printable(str(letter["reason"])), "yellow"), f"  {printable(origin)}  ", printable(str(letter["message"]))
    )


def span(seconds: float) -> str:
    """A span in its largest unit: '3 d'."""
    size, unit = next(((size, unit) for size, unit in SPANS if seconds >= size), (1, "s"))
    return f"{seconds / size:.0f} {unit}"


def _transition(_message: Message, body: Body) -> Text:
    head = _head(body)
    head.append_text(Text.assemble((body["from_stage"], "cyan"), " → ", (body["to_stage"], "bold cyan")))
    return head.append(f"  after {span(body['time_in_stage_s'])}", "dim")


def _milestone(_message: Message, body: Body) -> Text:
    head = _head(body).append("reached ").append(body["milestone"], "green")
    head.append(" (activation)" if body["activation"] else "")
    return head.append(f"  after {span(body['time_to_s'])}", "dim")


def _alert(_message: Message, body: Body) -> Text:
    firing = body["status"] == "firing"
    style = SEVERITY.get(body["severity"], "") if firing else "dim"
    head = _head(body).append(f"{body['status']} {body['rule'].removeprefix('alerts.')}", style)
    head.append(f"  {body['severity']} {body['kind']}, in {body['stage']}", "dim")
    play = body.get("play")
    return head.append(f"; play: {printable(play['content'] or play['name'])}" if firing and play else "")


def _movement(_message: Message, body: Body) -> Text:
    head = _head(body).append(body["movement"], "green" if body["mrr_after"] > body["mrr_before"] else "red")
    return head.append(f"  {_mrr(body)}")


def _renewal(_message: Message, body: Body) -> Text:
    kept = RenewalOutcome(body["outcome"]).is_kept
    head = _head(body).append(body["outcome"], "green" if kept else "red").append(f"  end {body['ends_at'][:10]}")
    forecast = body["forecast"]
    told = f"; forecast: {forecast['likelihood']:.0%} ({forecast['name']})" if forecast else ""
    return head.append(f", {_mrr(body)}{told}", "dim")


def _mrr(body: Body) -> str:
    before, after = (exact_money(body[name], body["currency"]) for name in ("mrr_before", "mrr_after"))
    return f"{before} → {after} a month"


def _account(_message: Message, body: Body) -> Text:
    head = _head(body).append(body["stage"], "cyan").append(f" since {body['stage_since'][:10]}")
    measures = ", ".join(f"{name} {value}" for name, value in body["measures"].items())
    head.append(f"  {printable(measures)}", "dim")
    return head.append(f"  firing: {printable(', '.join(body['firing']))}" if body["firing"] else "", "red")


def _instrumentation(_message: Message, body: Body) -> Text:
    style = SEVERITY.get(body["severity"], "") if body["status"] == "firing" else "dim"
    head = Text.assemble((moment(body["at"]), "dim"), "  ", (printable(body["source"]), "bold"), "  ")
    since = moment(body["evidence"]["because"][0]["since"])
    return head.append(f"{body['status']} instrumentation stopped", style).append(f"  silent since {since}", "dim")


def _event(message: Message, body: Body) -> Text:
    who = str(body.get("userId") or body.get("anonymousId") or "nobody")
    what = str(body.get("event") or body.get("name") or body["type"])
    account = account_of(message, body) or "-"
    at = moment(body.get("timestamp")) if body.get("timestamp") else "at its arrival"
    return Text(f"{printable(at)}  {printable(account)}  {printable(who)}: {printable(what)}")


def _head(body: Body) -> Text:
    return Text.assemble((moment(body["at"]), "dim"), "  ", (printable(body["account_id"]), "bold"), "  ")


def _other(message: Message, _body: Body | None) -> Text:
    key = (message.key() or b"").decode("utf-8", "backslashreplace")
    where = f"[{message.partition()}]@{message.offset()}"
    return Text(f"{where}  key {printable(key) or '-'}, {len(message.value() or b'')} bytes", style="dim")


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
