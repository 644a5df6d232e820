"""The life that `effects.yaml` is tried on: one account for two months, with something for every key to see."""

from collections.abc import Mapping

from schemas import journey as file
from tests.driver import Customer, Product

BASE: Mapping[str, object] = {
    "journey": 1,
    "name": "effects",
    "version": 1,
    "events": {
        "Signed Up": {},
        "Viewed": {"feature": "viewing"},
        "Exported": {"feature": "exports"},
        "Imported": {"required": ["rows"]},
        "Cancelled": {"source": "billing"},
    },
    "traits": {"plan": "text", "seats": "number", "ends_at": "date"},
    "stages": {"new": {"initial": True}},
}


def live(source: file.Journey) -> Product:
    """Let the account live: three busy weeks, a thin one, a silence, a late event, a return."""
    product = Product(source)
    acme = product.account("acme")
    acme.calls("identify", userId="ann", traits={"role": "champion"}).does("Signed Up")
    acme.has(plan="team", seats=12, ends_at="2026-02-20", other_at="2026-03-10", region="emea", rate=0.5)
    acme.does("Mystery").does("Imported")
    acme.works(days=21, event="Viewed", times=3, by=["ann", "bob"], weekends=False)
    _export(acme)
    acme.works(days=5, event="Viewed").falls_silent(days=7)
    acme.does("Viewed", hours_ago=3)
    acme.works(days=3, event="Viewed")
    _export(acme)
    acme.does("Cancelled", properties={"rows": 7}).falls_silent(days=16)
    return product


def _export(acme: Customer) -> None:
    acme.does("Exported", by="bob", properties={"rows": 7, "size": 2}).passes(hours=2)
