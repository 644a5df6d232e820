"""`journey demo`: the whole path over a made-up customer base, on a real Kafka or through the engine alone."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.ending import FOUND_WRONG
from streams.cli.options import Json
from streams.cli.say import fail, json_line, note, out
from streams.signals import leave_on_signals

if TYPE_CHECKING:
    from streams.demo.result import Result

LOOK_EVERY_S = 0.2


def demo(  # noqa: PLR0913  one for each option
    *,
    accounts: Annotated[int, typer.Option(min=10, max=5000, help="How many accounts live in it.")] = 200,
    days: Annotated[int, typer.Option(min=7, max=120, help="How many days are told; the stories need 120.")] = 120,
    seed: Annotated[int, typer.Option(help="Another seed is another customer base; the stories stay.")] = 1,
    no_kafka: Annotated[bool, typer.Option("--no-kafka", help="Through the engine alone: the same verdicts.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave Kafka and the worker until Ctrl-C, to look at.")] = False,
    journey: Annotated[
        Path | None,
        typer.Option("--journey", metavar="FILE", help="Another journey file; the stories are of the reference."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Watch a few hundred accounts live 120 days: they trial, activate, stall, fall silent, come back, grow, churn.

    Starts Kafka on this machine, or uses the cluster that JOURNEY_BOOTSTRAP_SERVERS names, runs a worker, and reads
    back what it says. Exits 1 if a known story did not come out. Ctrl-C leaves nothing running.
    """
    leave_on_signals()
    raise typer.Exit(_play(journey, (accounts, days, seed), no_kafka=no_kafka, keep=keep, as_json=as_json))


def _play(journey: Path | None, size: tuple[int, int, int], *, no_kafka: bool, keep: bool, as_json: bool) -> int:
    # The demo is more to import than most commands are to run.
    from streams.demo.kafka import DemoError  # noqa: PLC0415
    from streams.demo.live import play  # noqa: PLC0415
    from streams.demo.run import run_alone  # noqa: PLC0415
    from streams.demo.screen import Silent, screen_of  # noqa: PLC0415
    from streams.demo.told import reference_journey, story_of  # noqa: PLC0415

    with ExitStack() as stack:
        try:
            file, story = journey or reference_journey(), story_of(*size)
            with Silent() if as_json else screen_of(out(), story.days) as screen:
                result = run_alone(file, story, screen) if no_kafka else play(file, story, screen, stack, keep=keep)
        except DemoError as failure:
            fail(str(failure), FOUND_WRONG)
        _show(result, as_json=as_json)
        if keep and not no_kafka:
            _wait(result.where)
    return 0 if result.is_good else FOUND_WRONG


def _show(result: "Result", *, as_json: bool) -> None:
    from streams.demo.picture import picture  # noqa: PLC0415
    from streams.demo.result import summary  # noqa: PLC0415

    if as_json:
        json_line(summary(result))
    else:
        console = out()
        console.print(picture(result, console.width))


def _wait(where: dict[str, str]) -> None:
    note("Kafka and the worker stay until Ctrl-C. In another terminal:")
    for name, value in where.items():
        note(f"  export {name}={value}")
    note("  journey tail transitions")
    while True:
        time.sleep(LOOK_EVERY_S)
