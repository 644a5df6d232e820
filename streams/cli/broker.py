"""`journey broker`: real Kafka for development, in the foreground."""

import signal
import socket
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from streams.cli.ending import ASKED_WRONGLY, FOUND_WRONG
from streams.cli.say import fail, line, note
from streams.kafka.broker import BOOTSTRAP_SERVERS, DevelopmentBroker
from streams.kafka.broker_files import DataInUseError

DEFAULT_PORT = 9092
LOOK_EVERY_S = 0.2


def broker(
    *,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Keep the records here; else they are temporary."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes any free one.")] = DEFAULT_PORT,
) -> None:
    """Run Apache Kafka on this machine for development, until Ctrl-C."""
    if port and not _is_free(port):
        fail(
            f"port {port} of 127.0.0.1 is taken: is a broker running already? --port 0 takes any free one",
            ASKED_WRONGLY,
        )
    signal.signal(signal.SIGTERM, _interrupt)
    note("starting Kafka; the first time, Maven fetches it …")
    try:
        with DevelopmentBroker(data=data, port=port or None) as running:
            _introduce(running)
            while running.is_running:
                time.sleep(LOOK_EVERY_S)
    except DataInUseError as fault:
        fail(str(fault), ASKED_WRONGLY)
    except KeyboardInterrupt:
        note("the broker has ended" + ("" if data else "; its records are gone"))
        return
    fail("the broker ended by itself" + (f": see {data / 'broker.log'}" if data else ""), FOUND_WRONG)


def _introduce(running: DevelopmentBroker) -> None:
    line(f"Kafka answers at {running.bootstrap_servers}; Ctrl-C ends it. In another terminal:")
    line(f"  export {BOOTSTRAP_SERVERS}={running.bootstrap_servers}")
    line("  journey topics create")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
