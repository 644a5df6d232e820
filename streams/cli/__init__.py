"""The command line: one module for each command or group, put together here."""

import logging
from importlib.metadata import version
from typing import Annotated

import typer

from streams.cli.broker import broker
from streams.cli.check import check
from streams.cli.dead_letters import dead_letters
from streams.cli.demo import demo
from streams.cli.doctor import doctor
from streams.cli.ending import ending
from streams.cli.explain import explain
from streams.cli.forget import forget
from streams.cli.rebuild import rebuild
from streams.cli.replay import replay
from streams.cli.report import report
from streams.cli.say import line
from streams.cli.send import send
from streams.cli.tail import tail
from streams.cli.topics import topics
from streams.cli.worker import worker

app = typer.Typer(
    name="journey",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all is well, 1 something was found wrong, 2 the command or its configuration is at fault.",
)


def _print_version(value: bool | None) -> None:  # noqa: FBT001  Typer passes it so
    if value:
        line(f"journey {version('saas-journey')}")
        raise typer.Exit


@app.callback()
def journey(
    *,
    _version: Annotated[
        bool | None,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = None,
) -> None:
    """Product events in, lifecycle transitions and alerts out."""


app.command("demo")(demo)
app.command("replay")(replay)
app.command("check")(check)
app.command("worker")(worker)
app.command("send")(send)
app.command("tail")(tail)
app.command("explain")(explain)
app.command("doctor")(doctor)
app.add_typer(report, name="report")
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(topics, name="topics")
app.command("rebuild")(rebuild)
app.command("forget")(forget)
app.command("broker")(broker)


def main() -> None:
    """Run the command that the arguments ask for, and end with its exit code."""
    logging.getLogger("streams").addHandler(logging.NullHandler())  # the worker alone logs
    with ending():
        app(prog_name="journey")
