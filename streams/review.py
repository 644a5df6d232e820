"""The monthly review: one page that people read and look at, written from figures and the journey's goals alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.journey import Journey
from streams.figures import Figure, shown

TILES: Final = (
    "signed_up", "activation_rate", "time_to_value", "pql_rate", "conversion_to_paid", "mau", "weekly_stickiness",
    "adoption_depth", "mrr", "grr", "nrr", "customer_churn", "renewal_rate", "gross_renewal_rate", "forecast_accuracy",
    "resolution_time", "nps", "csat",
)  # fmt: skip
"""The figures at the head of the page."""

TREND: Final = ("activation_rate", "grr", "nrr", "customer_churn")
MONTHS_BACK: Final = 12
BY_SEGMENT: Final = (
    "activation_rate", "time_to_value", "conversion_to_paid", "mau", "mrr", "grr", "nrr", "customer_churn",
)  # fmt: skip
OF_MONEY: Final = ("grr", "nrr", "gross_renewal_rate", "forecast_accuracy")

Key = tuple[str, str | None, str]
"""KPI, what it is of, and cut."""


@dataclass(frozen=True, slots=True)
class Book:
    """The monthly figures, by month and key."""

    months: Mapping[str, Mapping[Key, Figure]]
    month: str
    currency: str | None = None

    def get(self, kpi: str, of: str | None = None, cut: str = "", *, month: str | None = None) -> Figure | None:
        """One figure, of the month under review unless said."""
        return self.months.get(month or self.month, {}).get((kpi, of, cut))

    def parts(self, figure: Figure | None) -> str:
        """What a share is of what."""
        if figure is None or figure.denominator is None or figure.unit != "share":
            return ""
        unit = "money" if figure.kpi in OF_MONEY else "times"
        return " of ".join(shown(number, unit, self.currency) for number in (figure.numerator, figure.denominator))

    @property
    def before(self) -> str | None:
        """The month before, if there are figures of it."""
        return max((month for month in self.months if month < self.month), default=None)

    def all_of(self, kpi: str, cut: str = "") -> list[Figure]:
        """Every figure of a KPI in this month, whatever it is of."""
        return [figure for (name, _, c), figure in self.months[self.month].items() if name == kpi and c == cut]

    @property
    def segments(self) -> list[str]:
        """The segments that anything is known of, those that are merely unknown left out."""
        cuts = {cut for _, _, cut in self.months[self.month] if cut and not cut.startswith("@")}
        return sorted(cut for cut in cuts if not cut.endswith("=unknown"))

    @property
    def cohorts(self) -> list[str]:
        """The cohorts, oldest first."""
        return sorted({cut for _, _, cut in self.months[self.month] if cut.startswith("@")})


def months_of(figures: Iterable[Figure]) -> dict[str, dict[Key, Figure]]:
    """The monthly figures by month, as in 2026-03."""
    months: dict[str, dict[Key, Figure]] = {}
    for figure in figures:
        if figure.period == "month":
            months.setdefault(figure.start[:7], {})[figure.kpi, figure.of, figure.cut] = figure
    return months


def review(journey: Journey, book: Book) -> str:
    """The page, whole in itself."""
    folder = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["words"] = _words
    return page.get_template("review.html.jinja").render(
        journey=journey,
        month=book.month,
        tiles=[_tile(book, kpi) for kpi in TILES],
        stages=_stages(journey, book),
        moves=_moves(book),
        steps=journey.kpis.steps if journey.kpis else (),
        onboarding=[_onboarding(journey, book, cut) for cut in ("", *book.segments)],
        trend=_trend(book),
        movements=[(figure.of, figure.text) for figure in book.all_of("mrr_movement")],
        by_segment=(BY_SEGMENT, [_row(book, cut, BY_SEGMENT) for cut in book.segments]),
        by_cohort=(("paying_accounts", "customer_churn", "grr", "nrr"), _cohorts(book)),
        goals=_goals(journey, book),
    )


def _tile(book: Book, kpi: str) -> dict[str, object]:
    now, before = book.get(kpi), book.get(kpi, month=book.before) if book.before else None
    told = None if now is None or before is None else _change(now, now.value - before.value)
    return {"name": kpi, "value": now.text if now else "-", "change": told, "note": book.parts(now)}


def _change(figure: Figure, change: float) -> str:
    """A share changes by points, and not by a share of itself."""
    is_share, size = figure.unit == "share", abs(change)
    told = f"{100 * size:.1f} points" if is_share else shown(size, figure.unit, figure.currency)
    return ("+" if change >= 0 else "-") + told


def _stages(journey: Journey, book: Book) -> list[tuple[str, int, float]]:
    """Each stage in the journey's order: how many stand there, and how long a bar that is."""
    found = {stage: book.get("accounts_in_stage", stage) for stage in journey.stages}
    counts = {stage: figure.numerator if figure else 0 for stage, figure in found.items()}
    most = max(counts.values(), default=0) or 1
    return [(stage, count, 100 * count / most) for stage, count in counts.items()]


def _moves(book: Book) -> list[dict[str, object]]:
    found = []
    for figure in book.all_of("stage_conversion"):
        start, _, to = (figure.of or "").partition(">")
        stay = book.get("time_in_stage", start)
        told = stay.text if stay else ""
        found.append({"from": start, "to": to, "figure": figure, "note": book.parts(figure), "stay": told})
    return found


def _onboarding(journey: Journey, book: Book, cut: str) -> dict[str, object]:
    """For each step the share that came so far, and what was lost since the step before."""
    total = _judged(book, cut)
    cells, before = [], total
    for step in journey.kpis.steps if journey.kpis else ():
        found = book.get("onboarding_step", step, cut)
        count = found.numerator if found else 0
        cells.append({"count": count, "share": count / total if total else 0.0, "lost": before - count,
                      "drop": (before - count) / before if before else 0.0})  # fmt: skip
        before = count
    return {"cut": cut or "all accounts", "judged": total, "cells": cells}


def _row(book: Book, cut: str, kpis: Sequence[str]) -> tuple[str, list[str]]:
    return cut.removeprefix("@"), [found.text if (found := book.get(kpi, cut=cut)) else "-" for kpi in kpis]


def _cohorts(book: Book) -> list[tuple[str, list[str]]]:
    return [_row(book, cut, ("paying_accounts", "customer_churn", "grr", "nrr")) for cut in book.cohorts]


def _trend(book: Book) -> list[dict[str, object]]:
    """Each rate over the last months, as points of a line in a box of 100 by 40."""
    months = sorted(month for month in book.months if month <= book.month)[-MONTHS_BACK:]
    return [_line(book, kpi, months) for kpi in TREND]


def _line(book: Book, kpi: str, months: Sequence[str]) -> dict[str, object]:
    held = [(place, found) for place, month in enumerate(months) if (found := book.get(kpi, month=month))]
    most = max([1.0, *(figure.value for _, figure in held)])
    width = max(1, len(months) - 1)
    points = [(round(4 + 92 * place / width, 1), round(36 - 32 * figure.value / most, 1)) for place, figure in held]
    values = [(months[place], figure.text) for place, figure in held]
    return {"name": kpi, "points": points, "values": values, "first": months[0], "last": months[-1]}


def _goals(journey: Journey, book: Book) -> list[dict[str, object]]:
    goals = journey.kpis.goals if journey.kpis else {}
    found = []
    for name, goal in goals.items():
        ((dimension, segment),) = goal.segment.items()
        cut = f"{dimension}={segment}"
        success = [(milestone, book.get("milestone_rate", milestone, cut)) for milestone in goal.success]
        blockers = [(alert, book.get("alerts_fired", alert, cut)) for alert in goal.blockers]
        found.append({"name": name, "cut": cut, "goal": goal.goal, "judged": _judged(book, cut),
                      "success": [(m, f.text if f else "none", book.parts(f)) for m, f in success],
                      "blockers": [(alert, f.text if f else "0") for alert, f in blockers]})  # fmt: skip
    return found


def _judged(book: Book, cut: str) -> int:
    figure = book.get("judged", cut=cut)
    return figure.numerator if figure else 0


def _words(name: str) -> str:
    """A name as people write it: `stage_conversion` is Stage conversion; abbreviations stay in capitals."""
    short = {
        "mrr": "MRR",
        "grr": "GRR",
        "nrr": "NRR",
        "pql": "PQL",
        "mau": "MAU",
        "wau": "WAU",
        "dau": "DAU",
        "nps": "NPS",
        "csat": "CSAT",
    }
    words = " ".join(short.get(word, word) for word in name.replace("=", ": ").split("_"))
    return words[:1].upper() + words[1:]
