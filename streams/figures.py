"""Figures as reports read them: from `kpis.jsonl` or the topic; of figures said twice, the last."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from streams.money import money

SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One KPI over one period and one cut, which is written as in `tier=team`, `@2026-03`, or empty for all."""

    kpi: str
    of: str | None
    period: str
    start: str
    cut: str
    unit: str
    currency: str | None
    value: float
    numerator: int
    denominator: int | None
    quantiles: Mapping[str, float] | None

    @property
    def text(self) -> str:
        """The value as people read it."""
        return shown(self.value, self.unit, self.currency)


def shown(value: float, unit: str, currency: str | None = None) -> str:
    """A value as people read it, in its unit; money in that currency."""
    match unit:
        case "share":
            return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}"
        case "seconds":
            size, name = next(((size, name) for size, name in SPANS if value >= size), (1, "s"))
            return f"{value / size:.1f} {name}"
        case "score":
            return f"{value:,.2f}"
        case "money":
            return money(value, currency)
        case _:
            return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def figures(lines: Iterable[bytes]) -> Iterator[Figure]:
    """The figures in lines of JSON. ValueError if a line is none."""
    latest: dict[str, Figure] = {}
    for line in lines:
        body = orjson.loads(line)
        latest[body["id"]] = _figure(body)
    return iter(latest.values())


def _figure(body: Mapping[str, Any]) -> Figure:
    cut = body["cut"]
    match cut["by"]:
        case "segment":
            name = f"{cut['dimension']}={cut['value']}"
        case "cohort":
            name = f"@{cut['value']}"
        case _:
            name = ""
    return Figure(
        kpi=body["kpi"], of=body["of"], period=body["period"], start=body["start"][:10], cut=name, unit=body["unit"],
        currency=body["currency"], value=body["value"], numerator=body["numerator"], denominator=body["denominator"],
        quantiles=body["quantiles"],
    )  # fmt: skip
