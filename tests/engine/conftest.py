"""What the engine's tests may ask for: one customer of a small product."""

import pytest

from tests.driver import Customer, Product, journey


@pytest.fixture
def acme(request: pytest.FixtureRequest) -> Customer:
    """A customer that lives by the JOURNEY of the test's module."""
    return Product(journey(getattr(request.module, "JOURNEY", ""))).account("acme")
