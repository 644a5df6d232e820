"""The closing picture: where the accounts stand, how far they came, what was said of them, and how fast."""

from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.demo.result import Result
from streams.demo.stories import DAYS, OF_JOURNEY
from streams.demo.words import colour, plain

BAR: Final = "█"
BESIDE: Final = 3 * (12 + 5) + 2
"""What the three charts need beside their bars."""


def picture(result: Result, width: int) -> RenderableType:
    """Everything on one screen of 24 lines, if it is 80 wide or more."""
    bar = max(4, min(24, (width - BESIDE) // 3))
    charts = Table.grid(padding=(0, 2, 0, 0))
    charts.add_row(
        _bars("accounts per stage", list(result.standing.items()), bar),
        _bars("came as far as", result.funnel, bar),
        _bars("alerts by kind", result.verdicts.kinds.most_common(), bar),
    )
    untold = () if result.told else (Text(f"no story is judged: they take {DAYS} days of {OF_JOURNEY}", style="dim"),)
    return Group(charts, Text(), *_facts(result), _stories(result), *untold, *_problems(result))


def _bars(title: str, counts: list[tuple[str, int]], width: int) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.title, table.title_justify, table.title_style = title, "left", "bold"
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    table.add_column(width=width, no_wrap=True)
    most = max((count for _, count in counts), default=0) or 1
    for name, count in counts:
        length = -(-count * width // most)
        table.add_row(plain(name), str(count), Text(BAR * length, style=colour(name)))
    return table


def _facts(result: Result) -> Iterator[Text]:
    counts, story = result.verdicts.counts, result.story
    yield Text(
        f"{len(story.sent):,} events of {len(story.accounts)} accounts in {story.days} days, told in "
        f"{result.seconds:.1f} s: {result.events_per_second:,.0f} events/s"
    )
    yield Text(
        f"{counts['transitions']:,} transitions, {counts['milestones']:,} milestones, {counts['alerts']:,} alerts"
    )
    if result.agreed is None:
        yield Text("by the engine alone, without Kafka")
        return
    equal = f"verdicts equal to the engine's own: {result.agreed:,} of {len(result.verdicts.ids):,}"
    latency = result.latency
    yield Text(f"{equal}; seen after p50 {latency.p50:.0f}, p99 {latency.p99:.0f} ms" if latency else equal)


def _stories(result: Result) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in ({}, {"no_wrap": True, "style": "bold"}, {}):
        table.add_column(**column)  # type: ignore[arg-type]  # options of one column each
    for story, found in result.told:
        mark = Text("✗", style="red") if found else Text("✓", style="green")
        table.add_row(mark, story.name, Text("; ".join(found), style="red") if found else story.tale)
    return table


def _problems(result: Result) -> Iterator[Text]:
    for problem in result.problems:
        yield Text(f"✗ {problem}", style="red")
