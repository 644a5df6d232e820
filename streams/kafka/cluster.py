"""The first word with a cluster: it answers and lets us do our work, or one line says what to mend or to grant."""

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ClusterMetadata

from streams.kafka.clients import common_config
from streams.kafka.faults import NOT_GRANTED, REFUSALS, patiently, remedy
from streams.kafka.grants import Grant, Resource, lacks
from streams.kafka.topic_admin import TopicsError
from streams.logs import fields
from streams.settings import Settings, SettingsError

log = logging.getLogger(__name__)
ANSWER_S = 5.0
ASK_S = 0.5
SAID = re.compile(r"FAIL .*?\]: \S+: (?P<said>.*?)(?: \(after .*\))?", re.DOTALL)

UNTOLD = ("CREATE", "DESCRIBE_CONFIGS")
"""Operations that may be granted though not even DESCRIBE is, which all others bring with them."""

MAYBE: Mapping[str, str] = {
    "receive 0": "it hangs up at once: if it asks for TLS, set JOURNEY_SECURITY_PROTOCOL to SASL_SSL or SSL",
    "SSL connection closed by peer": "it hangs up: if it asks for a login, set JOURNEY_SECURITY_PROTOCOL=SASL_SSL",
}
"""The same of doors that may also open a little later."""

OTHERWISE = "is it up, is JOURNEY_BOOTSTRAP_SERVERS right? 'journey broker' starts one for development"


def connect(settings: Settings, grants: Iterable[Grant] = ()) -> tuple[AdminClient, ClusterMetadata]:
    """An admin client and what the cluster said first.

    TopicsError if it says nothing within seconds, or has not given us all these grants as far as it tells.
    """
    ear = _Ear()
    try:
        admin = AdminClient(common_config(settings) | {"logger": ear.logger})
    except KafkaException as refused:
        raise SettingsError(f"Kafka's client refuses the settings: {refused.args[0].str()}") from None
    cluster = _ask(settings, admin, ear)
    if lacking := missing_grants(admin, grants):
        raise TopicsError(lacks(settings, lacking))
    return admin, cluster


def missing_grants(admin: AdminClient, grants: Iterable[Grant]) -> list[Grant]:
    """Those of the grants that the cluster has not given us; of what it does not tell, none.

    It does not tell of transactional ids, of topics that do not exist, or for prefixes.
    """
    asked = [grant for grant in grants if not grant.prefixed]
    held = _held_on_topics(admin, _names(asked, "TOPIC")) | _held_on_groups(admin, _names(asked, "GROUP"))
    return [grant for grant in asked if grant.operation not in held.get(grant[1:3], {grant.operation})]


class _Ear(logging.Handler):
    """Hears what librdkafka says of its connections, so that one line can be made of it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.logger = logging.Logger("connecting", logging.DEBUG)  # noqa: LOG001  one for each client
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Remember a failure."""
        if (found := SAID.fullmatch(record.getMessage())) is not None:
            self.said.append(found["said"])


def _ask(settings: Settings, admin: AdminClient, ear: _Ear) -> ClusterMetadata:
    deadline = time.monotonic() + ANSWER_S
    while True:
        try:
            return admin.list_topics(timeout=ASK_S)
        except KafkaException as silent:
            admin.poll(0)  # that is when librdkafka's words are heard
            said = ear.said or [silent.args[0].str()]
        refused = remedy(said, REFUSALS)
        if refused or time.monotonic() > deadline:
            mends = refused or remedy(said, MAYBE) or OTHERWISE
            raise TopicsError(f"no answer from Kafka at {settings.bootstrap_servers} ({said[-1]}): {mends}") from None


def _names(grants: Iterable[Grant], resource: Resource) -> list[str]:
    return list(dict.fromkeys(grant.name for grant in grants if grant.resource == resource))


Held = dict[tuple[str, str], set[str]]
"""By resource and name, the operations we may do; without those of which nothing is told."""


def _held_on_topics(admin: AdminClient, names: list[str]) -> Held:
    asked = {"include_authorized_operations": True, "request_timeout": ANSWER_S}
    answers = admin.describe_topics(TopicCollection(names), **asked) if names else {}
    return _held("TOPIC", {name: future.result for name, future in answers.items()})


def _held_on_groups(admin: AdminClient, names: list[str]) -> Held:
    def describe(name: str) -> object:  # anew each time: a fresh broker first has to find its coordinators
        asked = {"include_authorized_operations": True, "request_timeout": ANSWER_S}
        return admin.describe_consumer_groups([name], **asked)[name].result()

    return _held("GROUP", {name: partial(patiently, partial(describe, name), ANSWER_S) for name in names})


def _held(resource: Resource, answers: Mapping[str, Callable[[], object]]) -> Held:
    told = {(resource, name): _operations(answer) for name, answer in answers.items()}
    return {where: operations for where, operations in told.items() if operations is not None}


def _operations(answer: Callable[[], Any]) -> set[str] | None:
    """What we may do by an answer; None if it does not tell, as where there is no access control."""
    try:
        told = answer().authorized_operations
    except KafkaException as refused:
        if refused.args[0].code() in NOT_GRANTED:
            return set(UNTOLD)
        log.debug("grants are not known", extra=fields(error=refused.args[0].name()))
        return None
    return {operation.name for operation in told} if told else None
