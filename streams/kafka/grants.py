"""What each command must be granted on a Kafka with access control, and nothing more: the one list of it."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from streams.kafka.topics import Topics, layouts
from streams.settings import Settings

NAMED = 3

Operation = Literal["READ", "WRITE", "CREATE", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS"]
Resource = Literal["TOPIC", "GROUP", "TRANSACTIONAL_ID"]


class Grant(NamedTuple):
    """One permission. Kafka takes READ, WRITE and DELETE for leave to DESCRIBE too."""

    operation: Operation
    resource: Resource
    name: str
    prefixed: bool = False
    """Whether it is for all that begin with `name`."""

    @property
    def verb(self) -> str:
        """The operation as kafka-acls writes it."""
        return "".join(part.title() for part in self.operation.split("_"))

    @property
    def what(self) -> str:
        """The resource in words."""
        return f"{self.resource.lower().replace('_', ' ')} {self.name}{'*' if self.prefixed else ''}"

    def command(self, principal: str) -> str:
        """What grants it."""
        pattern = " --resource-pattern-type prefixed" if self.prefixed else ""
        resource = f"--{self.resource.lower().replace('_', '-')} {self.name}{pattern}"
        return f"kafka-acls.sh --add --allow-principal {shlex.quote(principal)} --operation {self.verb} {resource}"


Role = Callable[[Topics, str], Iterator[Grant]]
"""The grants of a command, given its topics and its consumer group."""


def principal_of(settings: Settings) -> str:
    """Whom Kafka takes us for."""
    if settings.security_protocol.startswith("SASL"):
        return f"User:{settings.sasl_username}"
    return "User:ANONYMOUS" if settings.ssl_certificate_location is None else "User:SUBJECT-OF-THE-CERTIFICATE"


def lacks(settings: Settings, missing: list[Grant]) -> str:
    """What to grant, and to whom, in one line."""
    principal = principal_of(settings)
    told = [f"{principal} may not {grant.verb} {grant.what}; run: {grant.command(principal)}" for grant in missing]
    more = f"; and {len(told) - NAMED} more: docs/access.md lists them all" if len(told) > NAMED else ""
    return "; ".join(told[:NAMED]) + more


def grants_of(command: str, settings: Settings) -> list[Grant]:
    """What a command needs under these settings."""
    return list(ROLES[command](Topics(settings.topic_prefix), settings.consumer_group))


def reading(group: str, *topics: str) -> Iterator[Grant]:
    """To read topics, as no member of the group: librdkafka looks for it all the same."""
    yield from _on(topics, "READ")
    yield Grant("DESCRIBE", "GROUP", group)


def transactional(group: str) -> Grant:
    """To write under the transactional ids of the workers of a group, whatever instances they are."""
    return Grant("WRITE", "TRANSACTIONAL_ID", f"{group}-", prefixed=True)


def _worker(topics: Topics, group: str) -> Iterator[Grant]:
    both = (topics.events, *topics.derived, topics.suppressions)
    yield from _on(both, "READ")
    yield from _on((*both, *(name for name in layouts(topics) if name not in both)), "WRITE", "DESCRIBE_CONFIGS")
    yield Grant("READ", "GROUP", group)
    yield transactional(group)


def _create(topics: Topics, _group: str) -> Iterator[Grant]:
    yield from _on(layouts(topics), "CREATE", "DESCRIBE")


def _check(topics: Topics, _group: str) -> Iterator[Grant]:
    yield from _on(layouts(topics), "DESCRIBE", "DESCRIBE_CONFIGS")


def _list(topics: Topics, _group: str) -> Iterator[Grant]:
    yield from _on(layouts(topics), "DESCRIBE")


def _replay_letters(topics: Topics, group: str) -> Iterator[Grant]:
    yield from reading(group, topics.dead_letters)
    yield from _on((topics.dead_letters, topics.events, topics.account_events), "WRITE")
    yield Grant("WRITE", "TRANSACTIONAL_ID", f"{group}-dead-letters")


def _forget(topics: Topics, group: str) -> Iterator[Grant]:
    yield from reading(group, topics.users_changelog, topics.suppressions)
    yield from _on((topics.events,), "WRITE")
    yield Grant("WRITE", "TRANSACTIONAL_ID", f"{group}-forget")


def _holdout(topics: Topics, group: str) -> Iterator[Grant]:
    yield from reading(group, topics.transitions, topics.milestones, topics.alerts)


def _rebuild(topics: Topics, group: str) -> Iterator[Grant]:
    yield from _create(topics, group)
    yield from _on(topics.derived, "DELETE")
    yield from _on(topics.sources, "READ")
    yield Grant("READ", "GROUP", group)


def _demo(_topics: Topics, _group: str) -> Iterator[Grant]:
    for operation in ("CREATE", "DELETE", "READ", "WRITE", "DESCRIBE_CONFIGS"):
        yield Grant(operation, "TOPIC", "demo-", prefixed=True)
    yield Grant("READ", "GROUP", "demo-", prefixed=True)
    yield Grant("WRITE", "TRANSACTIONAL_ID", "demo-", prefixed=True)


def _on(names: Iterable[str], *operations: Operation) -> Iterator[Grant]:
    yield from (Grant(operation, "TOPIC", name) for name in names for operation in operations)


def _reads(topic: Callable[[Topics], str]) -> Role:
    return lambda topics, group: reading(group, topic(topics))


ROLES: Mapping[str, Role] = {
    "worker": _worker,
    "doctor": _worker,  # it looks whether a worker of these settings would have all it needs
    "topics create": _create,
    "topics check": _check,
    "topics list": _list,
    "send": lambda topics, _group: _on((topics.events,), "WRITE"),
    "tail": _reads(lambda topics: topics.alerts),
    "explain": _reads(lambda topics: topics.state_changelog),
    "dead-letters list": _reads(lambda topics: topics.dead_letters),
    "dead-letters replay": _replay_letters,
    "report coverage": _reads(lambda topics: topics.events),
    "report drivers": _reads(lambda topics: topics.accounts),
    "report kpis": _reads(lambda topics: topics.kpis),
    "report holdout": _holdout,
    "report review": _reads(lambda topics: topics.kpis),
    "rebuild": _rebuild,
    "forget": _forget,
    "demo": _demo,
}
"""By command. `tail` and `report coverage` read the topic they are asked for: here the commonest."""
