"""`journey replay`: files in, files out, no Kafka."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from schemas.reading import read_journey
from streams.cli.ending import ASKED_WRONGLY, FOUND_WRONG
from streams.cli.options import Json
from streams.cli.say import count, err, fail, json_line, line, out, rows
from streams.replay import FILES, Replayed, lines_of
from streams.replay import replay as run_replay
from streams.signals import leave_on_signals

STDIN = "-"
TOLD_EVERY = 512
DISPOSITIONS = ("applied", "duplicate", "late", "dead_letter", "forgotten")


def readable_inputs(paths: list[Path]) -> list[Path]:
    """Inputs that can be read; else the command was asked wrongly."""
    for path in paths:
        if str(path) == STDIN and sys.stdin is None:
            raise typer.BadParameter("standard input is closed; give a file of JSON Lines")
        if str(path) != STDIN and not path.exists():
            raise typer.BadParameter(f"{path} does not exist; give a file of JSON Lines, or - for standard input")
        if path.is_dir():
            raise typer.BadParameter(f"{path} is a folder; name the files in it, in order")
        if str(path) != STDIN and not os.access(path, os.R_OK):
            raise typer.BadParameter(f"{path} may not be read")
    return paths


Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT",
        callback=readable_inputs,
        help="JSON Lines of Segment messages, read in the order given; - is standard input.",
    ),
]


def replay(
    inputs: Inputs,
    *,
    journey: Annotated[Path, typer.Option("--journey", metavar="FILE", help="The journey file.")],
    out_dir: Annotated[
        Path, typer.Option("--out", metavar="DIR", file_okay=False, help="Where the files go; older ones are replaced.")
    ],
    as_json: Json = False,
) -> None:
    """Run events from files through a journey, and write what it says into files.

    Writes transitions, milestones, alerts, movements, renewals, accounts, kpis, instrumentation and dead-letters, each
    as NAME.jsonl, byte for byte the same on every run. Files replace older ones only when the run is whole.
    """
    leave_on_signals()
    source = read_journey(journey)
    began = time.monotonic()
    with _as_it_was(out_dir), ExitStack() as stack:
        try:
            replayed = run_replay(source, open_inputs(inputs, stack), out_dir)
        except FileExistsError:
            fail(f"{out_dir}: is no folder", ASKED_WRONGLY)
        except OSError as failure:
            fail(f"{failure.filename or out_dir}: {failure.strerror or failure}", ASKED_WRONGLY)
    took = time.monotonic() - began
    if as_json:
        json_line(_data(replayed, took))
    else:
        _tell(replayed, out_dir, took)
    if 0 < replayed.messages == replayed.reasons.total():
        fail(
            "no line is an event: a line is one Segment message as JSON; docs/dead-letters.md has the reasons",
            FOUND_WRONG,
        )


def open_inputs(
    inputs: Iterable[Path], stack: ExitStack, *, doing: str = "replay"
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each input under its name, opened when its turn comes; a bar shows how far, if somebody watches."""
    paths = list(inputs)
    progress = stack.enter_context(_bar())
    total = None if Path(STDIN) in paths else sum(path.stat().st_size for path in paths)
    task = progress.add_task(doing, total=total)
    for path in paths:
        is_stdin = str(path) == STDIN
        stream = sys.stdin.buffer if is_stdin else stack.enter_context(path.open("rb"))
        yield str(path), _watched(stream, progress, task)


def _watched(stream: IO[bytes], progress: Progress, task: object) -> Iterator[bytes]:
    size = 0
    for number, raw in enumerate(lines_of(stream), 1):
        size += len(raw)
        if number % TOLD_EVERY == 0:
            progress.advance(task, size)  # type: ignore[arg-type]  # rich's TaskID is an int of its own
            size = 0
        yield raw
    progress.advance(task, size)  # type: ignore[arg-type]


def _bar() -> Progress:
    parts = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    return Progress(*parts, console=err(), transient=True, disable=not sys.stderr.isatty())


@contextmanager
def _as_it_was(folder: Path) -> Iterator[None]:
    """Folders made for a run that does not come to its end go again."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException:
        for path in made:
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        raise


def _data(replayed: Replayed, took: float) -> dict[str, object]:
    return {
        "messages": replayed.messages,
        "dispositions": {name: replayed.dispositions[name] for name in DISPOSITIONS},
        "dead_letters": dict(sorted(replayed.reasons.items())),
        "held": replayed.held,
        "warned": dict(sorted(replayed.warnings.items())),
        "written": {name: replayed.written[name] for name in FILES},
        "seconds": round(took, 3),
        "messages_per_second": round(replayed.messages / took) if took else None,
    }


def _tell(replayed: Replayed, out_dir: Path, took: float) -> None:
    told = [name for name in DISPOSITIONS if name != "forgotten" or replayed.dispositions[name]]
    ended = ", ".join(f"{name.replace('_', ' ')} {replayed.dispositions[name]:,}" for name in told)
    speed = f"{replayed.messages / took:,.0f} messages/s" if took else "at once"
    line(f"{count(replayed.messages, 'message')}: {ended}")
    if replayed.reasons:
        line(f"dead letters: {_counted(replayed.reasons)}")
    if replayed.held:
        line(f"still waiting for an account: {count(replayed.held, 'message')}")
    if replayed.warnings:
        line(f"warned: {_counted(replayed.warnings)}")
    table = rows()
    for name in FILES:
        table.add_row(f"  {out_dir / name}.jsonl", f"{replayed.written[name]:,}")
    out().print(table)
    line(f"in {took:.2f} s, {speed}")


def _counted(reasons: Counter[str]) -> str:
    return ", ".join(f"{reason} {number:,}" for reason, number in sorted(reasons.items()))
