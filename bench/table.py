"""The figures as people read them, and as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import orjson
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from bench.latency import Latency
from bench.memory import Held
from bench.midnight import Midnight
from bench.state import Size
from bench.workloads import Figure

Machine = Mapping[str, str | int | float]
METHOD = """\
This project is watched from outside: from the first committed offsets seen to those at the end of its input, all
outputs committed. Peers are timed from the first event handled to the last; their last commit is not waited for.
The limit is the mean of the decode limits above; ratios hold within one run only."""


def rates(figures: Sequence[Figure]) -> list[dict[str, object]]:
    """Each figure with its ratios to those measured in the same run."""
    limit, faust = _rate_of(figures, "decode-limit"), _rate_of(figures, "faust")
    return [
        asdict(figure)
        | {
            "per_second": round(figure.per_second),
            "of_decode_limit": round(figure.per_second / limit, 3) if limit else None,
            "of_plain_faust": round(figure.per_second / faust, 1) if faust else None,
        }
        for figure in figures
    ]


def show_rates(console: Console, figures: Sequence[Figure]) -> None:
    """The table of throughput."""
    table = Table(title="Throughput", title_justify="left", box=SIMPLE)
    table.add_column("", no_wrap=True)
    for heading in ("events", "events/s", "× limit", "× Faust", "outputs"):  # noqa: RUF001 that is the sign
        table.add_column(heading, justify="right", no_wrap=True)
    for figure, rate in zip(figures, rates(figures), strict=True):
        table.add_row(
            figure.what,
            f"{figure.events:,}",
            f"{figure.per_second:,.0f}",
            _or_dash(rate["of_decode_limit"]),
            _or_dash(rate["of_plain_faust"]),
            f"{sum(figure.outputs.values()):,}" if figure.outputs else "-",
        )
    console.print(table)
    console.print(METHOD)


def show_latencies(console: Console, latencies: Sequence[Latency]) -> None:
    """The table of latency."""
    table = Table(title="Event sent → alert seen, read_committed, whole path", title_justify="left", box=SIMPLE)
    for heading in ("events/s", "alerts sent", "seen", "p50 ms", "p99 ms", "max ms"):
        table.add_column(heading, justify="right")
    for one in latencies:
        milliseconds = (f"{value:.1f}" for value in (one.p50_ms, one.p99_ms, one.max_ms))
        table.add_row(f"{one.per_second:,}", f"{one.sent:,}", f"{one.seen:,}", *milliseconds)
    console.print(table)


def show_midnight(console: Console, found: Midnight) -> None:
    """The figures of a midnight."""
    title = f"Sign-up sent → milestone seen, over the midnight of {found.accounts:,} accounts"
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for column in ("", "sent", "seen", "p50 ms", "p99 ms", "max ms"):
        table.add_column(column, justify="right" if column else "left")
    for name, one in (("before", found.before), ("from then on", found.after)):
        milliseconds = (f"{value:.1f}" for value in (one.p50_ms, one.p99_ms, one.max_ms))
        table.add_row(name, f"{one.sent:,}", f"{one.seen:,}", *milliseconds)
    console.print(table)


def show_held(console: Console, held: Held) -> None:
    """The figures of memory and restore."""
    table = Table(title="Memory and restore, one worker", title_justify="left", show_header=False, box=SIMPLE)
    table.add_row("accounts", f"{held.accounts:,}, each after {held.days} days")
    table.add_row("packed", f"{held.packed_bytes:,} bytes an account")
    table.add_row("resident", f"{held.resident_mib:,} MiB; at most {held.peak_mib:,} MiB")
    table.add_row("process start → ready", f"{held.ready_s:.1f} s")
    console.print(table)


def show_sizes(console: Console, sizes: Sequence[Size]) -> None:
    """What accounts cost in bytes."""
    table = Table(title="State of one account, bytes as packed, reference journey", title_justify="left", box=SIMPLE)
    for column in ("account", "users", "events a day", "days", "hot: each commit", "cold: each day", "in all"):
        table.add_column(column, justify="right" if table.columns else "left")
    for size in sizes:
        numbers = (size.users, size.events_a_day, size.days, size.hot, size.cold, size.hot + size.cold)
        table.add_row(size.name, *(f"{number:,}" for number in numbers))
    console.print(table)


def show_machine(console: Console, machine: Machine) -> None:
    """What it was measured on."""
    console.print("Measured on: " + ", ".join(f"{name} {value}" for name, value in machine.items()))


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write all figures to a file."""
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")


def _rate_of(figures: Sequence[Figure], name: str) -> float | None:
    found = [figure.per_second for figure in figures if figure.workload == name]
    return sum(found) / len(found) if found else None


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)
