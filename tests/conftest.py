"""What every test may ask for: a real broker, and topics of its own on it."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient

from streams.kafka.broker import DevelopmentBroker, given_cluster

pytest.register_assert_rewrite("tests.driver", "tests.broker")  # so that a driver's assertion shows what it saw


@pytest.fixture(scope="session")
def bootstrap_servers() -> Iterator[str]:
    """JOURNEY_BOOTSTRAP_SERVERS where set, else a development broker.

    Under pytest-xdist each worker process has its own: one starts in a second, so sharing would save nothing.
    """
    with ExitStack() as stack:
        yield given_cluster() or stack.enter_context(DevelopmentBroker(short_lived=True)).bootstrap_servers


@pytest.fixture(scope="session")
def admin(bootstrap_servers: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap_servers})


@pytest.fixture
def topic_prefix(admin: AdminClient) -> Iterator[str]:
    """A prefix no other test uses; what was made under it is deleted afterwards."""
    prefix = f"test-{uuid4().hex[:12]}"
    yield prefix
    made = [name for name in admin.list_topics(timeout=10).topics if name.startswith(f"{prefix}.")]
    for deleted in admin.delete_topics(made).values() if made else ():
        deleted.result(10)
