"""How each librdkafka client is set up; why, in `facts.md`: speed, transactions, checksums, membership."""

import logging
from typing import Any

from streams.kafka.faults import end_if_refused
from streams.kafka.membership import client_id
from streams.settings import Settings, SettingsError, secret_of

Config = dict[str, Any]
PARTITIONER = "murmur2_random"  # Kafka's own default: a key meets the same partition whoever writes it
BATCH_BYTES = 1_000_000
"""What the writer sends to a topic before it waits for the broker: so a partition has one batch under way, never two.

On a partition whose leader is new the broker may refuse a first batch and take the second, knowing no number to expect;
the first, sent again, counts as a duplicate then: lost, and called a success. One request at a time would do too,
but partitions would wait for each other.
"""


def common_config(settings: Settings) -> Config:
    """Say where Kafka is and who we are: enough for an admin client."""
    config: Config = {
        "bootstrap.servers": settings.bootstrap_servers,
        "client.id": f"journey-{settings.instance}",
        "security.protocol": settings.security_protocol,
        "logger": logging.getLogger("streams.librdkafka"),
        "reconnect.backoff.max.ms": 1000,
        "allow.auto.create.topics": False,  # a changelog made by asking for it would not be compacted
        # A client that has missed a leader coming back, after a broker hung, waits until it asks anew.
        "topic.metadata.refresh.interval.ms": 5000,
    }
    if settings.security_protocol.startswith("SASL"):
        config |= {
            "sasl.mechanism": settings.sasl_mechanism,
            "sasl.username": _required(settings.sasl_username),
            "sasl.password": _required(secret_of(settings, "sasl_password")),
        }
    return config | _tls(settings)


def _tls(settings: Settings) -> Config:
    given = {
        "ssl.ca.location": settings.ssl_ca_location,
        "ssl.certificate.location": settings.ssl_certificate_location,
        "ssl.key.location": settings.ssl_key_location,
        "ssl.key.password": secret_of(settings, "ssl_key_password"),
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def _required(given: str | None) -> str:
    if given:
        return given
    raise SettingsError("JOURNEY_SECURITY_PROTOCOL asks for JOURNEY_SASL_USERNAME and JOURNEY_SASL_PASSWORD(_FILE)")


def reader_config(settings: Settings) -> Config:
    """Read committed records fast, check their sums, and commit nothing by itself."""
    return common_config(settings) | {
        "group.id": settings.consumer_group,
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",  # a gap below a committed offset is told, never jumped
        "check.crcs": True,
        "queued.min.messages": 200_000,
        "queued.max.messages.kbytes": 262_144,
        "fetch.queue.backoff.ms": 5,
        # A fetch waits for some fifty events, not for one: or each brings a new fetch, and the broker does little else.
        "fetch.min.bytes": 20_000,
        "fetch.wait.max.ms": 5,
    }


def member_config(settings: Settings, journey: str) -> Config:
    """The worker's one consumer: a static member of the group, which all follow this journey."""
    return reader_config(settings) | {
        "client.id": client_id(settings, journey),
        "error_cb": end_if_refused,
        "group.instance.id": settings.instance,
        # An end-of-partition handed out by consume() moves librdkafka's position one too far: the next pause, and
        # each rebalance is one, then skips a message in silence.
        "enable.partition.eof": False,
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": settings.session_timeout_ms,
        "heartbeat.interval.ms": min(1000, settings.session_timeout_ms // 3),
    }


def writer_config(settings: Settings) -> Config:
    """The worker's one producer: a dead self's open transaction ends when it comes back under this id."""
    return common_config(settings) | {
        "error_cb": end_if_refused,
        "transactional.id": f"{settings.consumer_group}-{settings.instance}",
        "transaction.timeout.ms": settings.transaction_timeout_ms,
        "partitioner": PARTITIONER,
        # We give up half-way, so that the abort arrives before the broker's own: that one would fence us.
        "message.timeout.ms": settings.transaction_timeout_ms // 2,
        "linger.ms": settings.transaction_timeout_ms // 4,  # the writer flushes: see BATCH_BYTES
        "batch.num.messages": 1_000_000,
        "compression.type": "lz4",
        "batch.size": BATCH_BYTES,
        "message.max.bytes": 1_000_000_000,  # the topic says what is too large: a dead letter is as large as it came
        "queue.buffering.max.messages": 1_000_000,
        "queue.buffering.max.kbytes": 1_048_576,
    }
