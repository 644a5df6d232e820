"""What the engine said, as Kafka records: the one place where an output meets a topic name."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec
import orjson

from streams.bodies import Bodies, Body
from streams.engine.outputs import (
    AccountForgotten,
    AccountUpdated,
    AlertChanged,
    DeadLetter,
    Fact,
    FigureClosed,
    InstrumentationChanged,
    Linked,
    MilestoneReached,
    Output,
    PassedOn,
    RenewalDecided,
    RevenueMoved,
    Routed,
    Said,
    SlaChanged,
    StageChanged,
)
from streams.kafka.topics import Topics

Header = tuple[str, bytes | None]
Headers = Sequence[Header]

SPECVERSION: Header = ("ce_specversion", b"1.0")
CONTENT_TYPE: Header = ("content-type", b"application/json")
FIGURE: Header = ("ce_type", b"journey.figure_closed")
INSTRUMENTATION: Header = ("ce_type", b"journey.instrumentation_changed")

_pack = msgspec.msgpack.Encoder().encode


class Origin(NamedTuple):
    """One partition of one topic: where a message came from, and the unit of order and of state."""

    topic: str
    partition: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record to be produced. Without `partition` the key decides; the broker stamps the time."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers | None = None
    partition: int | None = None


LETTER_HEADERS = (
    "__streams.errors.exception",
    "__streams.errors.message",
    "__streams.errors.topic",
    "__streams.errors.partition",
    "__streams.errors.offset",
    "reason",
)
"""The headers of a dead letter, behind those it came with."""

CARRIED = (Routed, DeadLetter, Linked, Fact, PassedOn, AccountForgotten)

Carried = Routed | DeadLetter | Linked | Fact | PassedOn | AccountForgotten


class Encode(Protocol):
    """How a stage's outputs become records."""

    def __call__(self, output: Output, origin: Origin, detected_at_ms: int, /) -> Record:
        """Encode one output of the stage's `origin`."""


class Encoder:
    """Encodes the outputs of one journey for one set of topics."""

    def __init__(self, topics: Topics, bodies: Bodies) -> None:
        self._topics = topics
        self._bodies = bodies
        self._source: Header = ("ce_source", bodies.source)
        self._kinds: dict[type[Said], tuple[str, Header]] = {
            StageChanged: (topics.transitions, ("ce_type", b"journey.stage_changed")),
            MilestoneReached: (topics.milestones, ("ce_type", b"journey.milestone_reached")),
            AlertChanged: (topics.alerts, ("ce_type", b"journey.alert_changed")),
            RevenueMoved: (topics.movements, ("ce_type", b"journey.revenue_moved")),
            RenewalDecided: (topics.renewals, ("ce_type", b"journey.renewal_decided")),
            SlaChanged: (topics.alerts, ("ce_type", b"journey.alert_changed")),
            AccountUpdated: (topics.accounts, ("ce_type", b"journey.account_updated")),
        }

    def __call__(self, output: Output, origin: Origin, detected_at_ms: int, /) -> Record:
        """Turn an output into its record."""
        if isinstance(output, CARRIED):
            return carry(output, origin, self._topics)
        if isinstance(output, FigureClosed):
            return self._figure(output, detected_at_ms)
        if isinstance(output, InstrumentationChanged):
            body = self._bodies.instrumentation(output, detected_at_ms)
            return self._record(self._topics.instrumentation, INSTRUMENTATION, output.source.encode(), body)
        topic, kind = self._kinds[type(output)]
        return self._record(topic, kind, output.account.encode(), self._bodies.body(output, detected_at_ms))

    def _figure(self, said: FigureClosed, detected_at_ms: int) -> Record:
        """A KPI, keyed by all that tells its series apart."""
        key = "|".join((said.kpi, said.of or "", said.length, said.cut)).encode()
        return self._record(self._topics.kpis, FIGURE, key, self._bodies.figure(said, detected_at_ms))

    def _record(self, topic: str, kind: Header, key: bytes, body: Body) -> Record:
        """A CloudEvent in binary mode: its attributes are headers, the value is the body alone."""
        headers: Headers = [
            SPECVERSION,
            ("ce_id", body["id"].encode()),
            kind,
            self._source,
            ("ce_time", body["at"].encode()),
            ("ce_subject", key),
            CONTENT_TYPE,
        ]
        return Record(topic, key, orjson.dumps(body), headers)


def carry(output: Carried, origin: Origin, topics: Topics) -> Record:
    """A message that goes on as it came, to its account or to the dead letters; or word to others; or a tombstone."""
    if isinstance(output, Routed):
        return Record(topics.account_events, output.account.encode(), output.value, output.headers)
    if isinstance(output, Linked):
        return Record(topics.events, output.user.encode(), output.value)
    if isinstance(output, Fact):
        return Record(topics.kpi_facts, output.account.encode(), _pack(output), None, 0)
    if isinstance(output, PassedOn):
        return Record(topics.account_events, None, output.value, None, origin.partition)
    if isinstance(output, AccountForgotten):
        return Record(topics.accounts, output.account.encode(), None)
    return _dead_letter(output, origin, topics.dead_letters)


def _dead_letter(letter: DeadLetter, origin: Origin, topic: str) -> Record:
    """Keep key, value and headers as they came, and add why and whence under Kafka Streams' names."""
    why_and_whence = (
        b"Rejected",
        letter.detail.encode("utf-8", "replace"),
        origin.topic.encode(),
        b"%d" % origin.partition,
        b"%d" % letter.offset,
        letter.reason.encode(),
    )
    added = zip(LETTER_HEADERS, why_and_whence, strict=True)
    return Record(topic, letter.key, letter.value, [*(letter.headers or ()), *added])
