"""The AsyncAPI document: every topic, its messages and their headers, from the code that writes them."""

from typing import Any, Final

from schemas.outputs import MODELS
from streams.engine.rejection import Reason
from streams.kafka.topics import Topics, layouts

Document = dict[str, Any]

TOPICS: Final = Topics()
_SAID: Final = {
    TOPICS.transitions: ("transition", "journey.stage_changed"),
    TOPICS.milestones: ("milestone", "journey.milestone_reached"),
    TOPICS.alerts: ("alert", "journey.alert_changed"),
    TOPICS.movements: ("movement", "journey.revenue_moved"),
    TOPICS.renewals: ("renewal", "journey.renewal_decided"),
    TOPICS.accounts: ("account", "journey.account_updated"),
    TOPICS.instrumentation: ("instrumentation", "journey.instrumentation_changed"),
    TOPICS.kpis: ("kpi", "journey.figure_closed"),
}
_HEARD: Final = {
    TOPICS.events: ("event", "The user: userId, else anonymousId"),
    TOPICS.account_events: ("accountEvent", "The account"),
}
_CHANGELOGS: Final = (
    TOPICS.users_changelog, TOPICS.state_changelog, TOPICS.suppressions, TOPICS.kpi_facts, TOPICS.kpis_changelog
)  # fmt: skip


def document() -> Document:
    """Write the document under the default topic prefix."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "saas-journey",
            "version": "1",
            "license": {"name": "Apache-2.0"},
            "description": "Product events in, lifecycle transitions and alerts out. The topics' prefix is a setting.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name) for name in layouts(TOPICS)},
        "operations": _operations(),
        "components": {"messages": _messages()},
    }


def _channel(topic: str) -> Document:
    known = getattr(Topics, topic.removeprefix(f"{TOPICS.prefix}.").replace("-", "_"))
    policy = {"cleanup.policy": [layouts(TOPICS)[topic].cleanup]}
    return {
        "address": topic,
        "description": known.__doc__,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _on(topic)},
        "bindings": {"kafka": {"topic": topic, "topicConfiguration": policy, "bindingVersion": "0.5.0"}},
    }


def _on(topic: str) -> tuple[str, ...]:
    if topic in _CHANGELOGS:
        return ("state",)
    if topic == TOPICS.dead_letters:
        return ("deadLetter",)
    named = _SAID.get(topic) or _HEARD.get(topic)
    return (named[0],) if named else ()


def _operations() -> Document:
    heard = {f"receive.{topic}": {"action": "receive", "channel": _ref(topic)} for topic in _HEARD}
    said = {f"send.{topic}": {"action": "send", "channel": _ref(topic)} for topic in (*_SAID, TOPICS.dead_letters)}
    return heard | said


def _ref(topic: str) -> Document:
    return {"$ref": f"#/channels/{topic}"}


def _messages() -> Document:
    said = {
        name: _message(name, MODELS[name].__doc__, "The account") | {"headers": _cloud_event(kind)}
        for name, kind in _SAID.values()
    }
    heard = {name: _message("event", "A call in Segment's form", key) for name, key in _HEARD.values()}
    state = _message("state", "A state record, internal", "Its kind in one byte, then the user or account")
    return said | heard | {"deadLetter": _dead_letter(), "state": state | {"contentType": "application/msgpack"}}


def _message(schema: str, summary: str | None, key: str) -> Document:
    return {
        "summary": summary,
        "payload": {"$ref": f"./{schema}.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}},
    }


def _cloud_event(kind: str) -> Document:
    text = {"type": "string"}
    fields = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": text | {"description": "The same for the same verdict, however often it is sent"},
        "ce_type": {"type": "string", "const": kind},
        "ce_source": text | {"description": "The journey that decided"},
        "ce_time": text | {"format": "date-time"},
        "ce_subject": text | {"description": "The account"},
        "content-type": {"type": "string", "const": "application/json"},
    }
    return {"type": "object", "properties": fields, "required": list(fields)}


def _dead_letter() -> Document:
    names = ("exception", "message", "topic", "partition", "offset")
    fields: Document = {f"__streams.errors.{name}": {"type": "string"} for name in names}
    fields["reason"] = {"type": "string", "enum": [reason.value for reason in Reason]}
    return {
        "summary": "A message that could not become an event: its bytes, key and headers as they came, and why",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": fields, "required": list(fields)},
    }
