"""Golden files are written anew by one flag, and read as a diff before they are committed."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Works where pytest is given this folder: `pytest tests/golden --rebuild-golden`."""
    parser.addoption("--rebuild-golden", action="store_true", help="write the golden files anew, then read the diff")


@pytest.fixture
def rebuilds(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rebuild-golden", default=False))
