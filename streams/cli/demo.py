"""`journey demo`: the whole path over a made-up customer base, on a real Kafka or through the engine alone."""

from typing import Annotated

import typer

from streams.cli.ending import FOUND_WRONG
from streams.cli.options import Json
from streams.cli.say import json_line, out


def demo(
    *,
    accounts: Annotated[int, typer.Option(min=10, max=5000, help="How many accounts live in it.")] = 240,
    days: Annotated[int, typer.Option(min=7, max=120, help="How many days are told; the stories need 120.")] = 120,
    seed: Annotated[int, typer.Option(help="Another seed is another customer base; the stories stay.")] = 1,
    no_kafka: Annotated[bool, typer.Option("--no-kafka", help="Through the engine alone: the same verdicts.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave Kafka and the topics until Ctrl-C, to look at.")] = False,
    as_json: Json = False,
) -> None:
    """Watch a few hundred accounts live 120 days: they trial, activate, stall, fall silent, come back, grow, churn.

    Starts Kafka on this machine, or uses the cluster that JOURNEY_BOOTSTRAP_SERVERS names, runs a worker, and reads
    back what it says. Exits 1 if a known story did not come out. Ctrl-C leaves nothing running.
    """
    # The demo is more to import than most commands are to run.
    from streams.demo.picture import picture  # noqa: PLC0415
    from streams.demo.result import summary  # noqa: PLC0415
    from streams.demo.run import Cast, read_reference, run_alone  # noqa: PLC0415
    from streams.demo.screen import Silent, screen_of  # noqa: PLC0415

    console = out()
    journey, cast = read_reference(), Cast(accounts, days, seed)
    with Silent() if as_json else screen_of(console, days) as screen:
        result = run_alone(journey, cast, screen)
    if as_json:
        json_line(summary(result))
    else:
        console.print(picture(result, console.width))
    raise typer.Exit(0 if result.is_good else FOUND_WRONG)
