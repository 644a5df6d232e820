"""What tests on a broker may ask for besides; some have a plane of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker.plane_driver import Plane


@pytest.fixture
def plane(bootstrap_servers: str, topic_prefix: str, tmp_path: Path) -> Iterator[Plane]:
    plane = Plane(bootstrap_servers, topic_prefix, tmp_path).create_topics()
    yield plane
    plane.close()
