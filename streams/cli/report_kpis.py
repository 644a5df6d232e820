"""`journey report kpis`: the figures of the customer base, period beside period."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.ending import ASKED_WRONGLY
from streams.cli.options import Json, settings_and_topics
from streams.cli.records import whole
from streams.cli.say import fail, json_line, line, out, rows
from streams.cli.tail import opened
from streams.engine.kpis.periods import Length
from streams.figures import Figure, figures

Source = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR]", help="The folder a replay wrote, or its kpis.jsonl; else the topic is read."),
]
Cut = Annotated[str, typer.Option("--cut", metavar="CUT", help="As in tier=team, or @2026-03 for a cohort; else all.")]


def kpis(
    source: Source = None,
    *,
    period: Annotated[Length, typer.Option(help="How long the periods are.")] = Length.MONTH,
    cut: Cut = "",
    last: Annotated[int, typer.Option(min=1, max=400, help="How many periods to show, the latest ones.")] = 3,
    as_json: Json = False,
) -> None:
    """Show the figures of the customer base, period beside period. Their formulas are in docs/kpis.md.

    With --json each figure on a line.
    """
    told = [figure for figure in read(source) if figure.period == period.value]
    if not told:
        line(f"no {period.value} is closed yet, or the journey declares no kpis")
        return
    found = [figure for figure in told if figure.cut == cut]
    if not found:
        fail(f"there are no figures of {cut}; known are {', '.join(_cuts(told)) or 'none'}", ASKED_WRONGLY)
    starts = sorted({figure.start for figure in found})[-last:]
    if as_json:
        for figure in (figure for figure in found if figure.start in starts):
            json_line({name: getattr(figure, name) for name in Figure.__slots__})
    else:
        _tell(found, starts)


def _cuts(told: Iterable[Figure]) -> list[str]:
    return sorted({figure.cut for figure in told} - {""})


def read(source: Path | None) -> Iterator[Figure]:
    """The figures in a folder or file, or on the topic. Ends the command if there are none to be read."""
    if source is None:
        return figures(_of_topic())
    path = source / "kpis.jsonl" if source.is_dir() else source
    try:
        return figures(path.read_bytes().splitlines())
    except OSError as failure:
        fail(f"{path}: {failure.strerror or failure}", ASKED_WRONGLY)
    except (ValueError, KeyError, TypeError):
        fail(f"{path}: holds no figures; give the folder that journey replay wrote", ASKED_WRONGLY)


def _of_topic() -> Iterator[bytes]:
    settings, topics = settings_and_topics()
    return (message.value() or b"" for message in whole(settings, *opened(settings, topics, "kpis")))


def _tell(found: Iterable[Figure], starts: list[str]) -> None:
    table = rows("KPI", *starts, right=tuple(range(1, len(starts) + 1)))
    named: dict[tuple[str, str | None], dict[str, str]] = {}
    for figure in found:
        named.setdefault((figure.kpi, figure.of), {})[figure.start] = figure.text
    for (kpi, of), values in named.items():
        table.add_row(f"{kpi} {of or ''}", *(values.get(start, "-") for start in starts))
    out().print(table)
