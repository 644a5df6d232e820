"""`python -m bench`: one command, one run, one table."""

import signal
import sys
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn
from uuid import uuid4

import orjson
import typer
from rich.console import Console

from bench import latency, memory, midnight, state, table
from bench.drops import judge as drops
from bench.drops import table as drops_table
from bench.ground import Ground, machine
from bench.journeys import BY_NAME, REFERENCE
from bench.workloads import WORKLOADS, Figure
from streams.kafka.broker import cluster

RATES = (2_000, 5_000)
SECONDS = 15.0
QUICK = 100_000
Json = Annotated[Path | None, typer.Option("--json", help="Also write all figures to this file.")]

console = Console(width=None if sys.stdout.isatty() else 100)
app = typer.Typer(help="Measure this project beside its limit and its peers.", add_completion=False)


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    events: Annotated[int, typer.Option(help="Size of the load; slow contenders get a share of it.")] = 1_000_000,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of the load.")] = False,  # noqa: FBT002 how typer declares flags
    only: Annotated[str, typer.Option(help="Some of: " + ", ".join([*WORKLOADS, "latency"]))] = "",
    json: Json = None,
) -> None:
    """Throughput and latency; a command name runs something else instead."""
    if context.invoked_subcommand is not None:
        return
    chosen, here = _chosen(only), machine()
    with cluster() as bootstrap_servers:
        run = uuid4().hex[:6]
        figures = [
            _run(name, bootstrap_servers, run, QUICK if quick else events) for name in chosen if name in WORKLOADS
        ]
        latencies = [_latency(bootstrap_servers, run, rate) for rate in RATES if "latency" in chosen]
    if figures:
        table.show_rates(console, figures)
    if latencies:
        table.show_latencies(console, latencies)
    found: dict[str, object] = {"rates": table.rates(figures), "latencies": [asdict(one) for one in latencies]}
    _finish(json, here, found)


@app.command("memory")
def measure_memory(
    accounts: Annotated[int, typer.Option(help="How many accounts one worker holds.")] = 1_000_000,
    days: Annotated[int, typer.Option(help="How long each has lived.")] = 90,
    journey: Annotated[str, typer.Option(help="light, or reference.")] = "reference" if REFERENCE.exists() else "light",
    json: Json = None,
) -> None:
    """Memory and restore time of one worker over many accounts."""
    if journey not in BY_NAME:
        raise typer.BadParameter(f"{journey}: choose of {', '.join(BY_NAME)}")
    here = machine()
    with cluster() as bootstrap_servers:
        held = memory.measure(Ground(bootstrap_servers, f"bench-{uuid4().hex[:6]}"), journey, accounts, days)
    table.show_held(console, held)
    _finish(json, here, {"memory": asdict(held)})


@app.command("midnight")
def measure_midnight(
    accounts: Annotated[int, typer.Option(help="How many accounts close their day at once.")] = 100_000,
    per_second: Annotated[int, typer.Option(help="How many events come meanwhile.")] = 1_000,
    json: Json = None,
) -> None:
    """How long events wait while every account closes its day, with the whole reference journey."""
    here = machine()
    with cluster() as bootstrap_servers:
        found = midnight.measure(Ground(bootstrap_servers, f"bench-{uuid4().hex[:6]}"), accounts, per_second)
    table.show_midnight(console, found)
    _finish(json, here, {"midnight": asdict(found)})


@app.command("state")
def measure_state(
    days: Annotated[int, typer.Option(help="How long each account has lived.")] = 100,
    json: Json = None,
) -> None:
    """What a typical and a heavy account cost in bytes, with the whole reference journey."""
    sizes = [state.measure(busy, days) for busy in (state.TYPICAL, state.HEAVY)]
    table.show_sizes(console, sizes)
    _finish(json, machine(), {"state": [asdict(size) for size in sizes]})


@app.command("drops")
def judge_drops(
    lives: Annotated[int, typer.Option(help="Accounts of each kind, for each seed.")] = 250,
    seeds: Annotated[str, typer.Option(help="What all is made from; unless said, seeds nothing was tuned on.")] = "",
    json: Json = None,
) -> None:
    """Usage drops planted in made-up accounts: found in time, and false alarms, beside two common detectors."""
    chosen = [int(seed) for seed in seeds.split(",")] if seeds else list(drops.HELD_OUT)
    console.print(f"Seeds {', '.join(map(str, chosen))}; {lives * len(chosen)} accounts of each kind.")
    found = [drops.find(planted, chosen, lives) for planted in drops.PLANTED]
    waits = drops.silences(chosen, lives)
    quiet = [drops.leave_alone(name, burst, chosen, lives) for name, burst in drops.UNDISTURBED.items()]
    drops_table.show(console, found, waits, quiet)
    told = {"seeds": chosen, "found": found, "silences": waits, "undisturbed": quiet}
    _finish(json, machine(), {"drops": orjson.loads(orjson.dumps(told))})


def _chosen(only: str) -> list[str]:
    known = [*WORKLOADS, "latency"]
    # The limit twice, since others may use the machine: its mean is what the rest is compared with.
    chosen = only.split(",") if only else [*WORKLOADS, "decode-limit", "latency"]
    if unknown := [name for name in chosen if name not in known]:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose of {', '.join(known)}")
    return chosen


def _run(name: str, bootstrap_servers: str, run: str, events: int) -> Figure:
    with console.status(f"{WORKLOADS[name].what} …"):
        return WORKLOADS[name].run(bootstrap_servers, run, events)


def _latency(bootstrap_servers: str, run: str, rate: int) -> latency.Latency:
    with console.status(f"latency at {rate:,} events/s …"):
        return latency.measure(Ground(bootstrap_servers, f"bench-{run}-latency-{rate}"), rate, SECONDS)


def _finish(path: Path | None, here: table.Machine, found: dict[str, object]) -> None:
    table.show_machine(console, here)
    if path is not None:
        table.write_json(path, {"machine": dict(here)} | found)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)  # unwinds: contenders and broker end first


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    app(prog_name="python -m bench")
