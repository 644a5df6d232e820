"""The one table: what was planted, and who found it in time."""

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench.drops.judge import DETECTORS, PLANTED, Found, Undisturbed


def show(console: Console, found: Sequence[Found], waits: Sequence[float], quiet: Sequence[Undisturbed]) -> None:
    """Found in time, with the days after which half were; then false alarms, and closures that were called."""
    table = Table(title="Usage drops: found in time (half found after, days)", title_justify="left", box=SIMPLE)
    table.add_column("planted", no_wrap=True)
    for heading in ("within d", "target", *DETECTORS):
        table.add_column(heading, justify="right")
    for one, planted in zip(found, PLANTED, strict=True):
        within = "/".join(f"{days:g}" for days in planted.within_days)
        target = "/".join(f"{share:.0%}" if share else "-" for share in planted.target)
        table.add_row(one.name, within, target, *(_found(one, detector) for detector in DETECTORS))
    early = sum(wait <= 4 for wait in waits) / len(waits)
    table.add_row("silence, 20 and more an hour", "4 hours", "100%", f"{early:.0%} (all in {max(waits):.0f} hours)")
    table.add_section()
    for one_quiet in quiet:
        false = [f"{one_quiet.false[detector]:.2f}" for detector in DETECTORS]
        table.add_row(f"{one_quiet.name}: false alarms", "100 weeks", "1/0.2", *false)
    for one_quiet in quiet:
        called = [f"{one_quiet.closures[detector]:.1%}" for detector in DETECTORS]
        table.add_row(f"{one_quiet.name}: three days closed", "21", "any/0%", *called)
    console.print(table)


def _found(found: Found, detector: str) -> str:
    delay = found.delay_days[detector]
    return f"{found.share[detector]:.1%} ({'-' if delay is None else format(delay, '.1f')})"
