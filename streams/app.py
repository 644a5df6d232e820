"""The worker: Faust hosts it (agents, services, web pages), librdkafka carries the data (`streams/kafka`)."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterable, Sequence
from typing import Any

import faust
from confluent_kafka import KafkaException
from faust.app.base import BootStrategy
from faust.types import ChannelT
from mode import Service

from streams.engine import account
from streams.kafka.batch import Batch
from streams.kafka.cluster import connect
from streams.kafka.faults import LostError
from streams.kafka.grants import grants_of
from streams.kafka.membership import refuse_others
from streams.kafka.runtime import Deliver, Runtime
from streams.kafka.stage import Stage
from streams.kafka.topic_admin import TopicsError, check_topics
from streams.kafka.topics import Topics
from streams.logs import fields, setup_logs
from streams.settings import Settings, SettingsError
from streams.web import add_pages, guard
from streams.web_token import token_of

log = logging.getLogger(__name__)
QUIET = logging.getLogger("faust")
STOP_S = 40.0
SWITCH_S = 0.0005
"""How long the loop may keep Python while another thread wants it. A flush wants it some ten times: at the default of
5 ms each it took ten times as long while the loop was busy, and all waited for the commit."""


class _WithoutKafka(BootStrategy):
    """Faust's own Kafka is off: its rebalances would clear the channels of batches."""

    enable_kafka = False


class App(faust.App):
    """A Faust application whose agents read channels of batches."""

    logger = QUIET

    batches: dict[str, ChannelT[Batch]]

    BootStrategy = _WithoutKafka

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.batches = {}

    def _create_directories(self) -> None:
        """Make none: all state is in Kafka."""


def batches_of(app: App, topic: str) -> ChannelT[Batch]:
    """The channel on which an agent finds the batches of a source topic."""
    return app.batches.setdefault(topic, app.channel())


def make_app(settings: Settings, journey: str, stages: Sequence[Stage]) -> tuple[App, Runtime]:
    """Wire one worker: an agent for each stage, the runtime under them, the pages beside."""
    app = App(
        f"journey-{settings.instance}",
        env={},  # else Faust's own variables, such as WEB_BIND, would win over ours
        broker="kafka://127.0.0.1:1",  # never used
        store="memory://",
        topic_disable_leader=True,
        web_enabled=settings.web_port > 0,
        web_bind=settings.web_host,  # Faust's own web_host only names it, and its default binds everywhere
        web_port=settings.web_port or None,
        web_application_options={"middlewares": guard(token_of(settings))},
        web_tables_enabled=False,
        web_router_enabled=False,
    )
    for stage in stages:
        app.agent(batches_of(app, stage.source), name=stage.name)(step_all)
    runtime = Runtime(settings, journey, stages, {stage.source: _sender(app, stage) for stage in stages})
    app.service(_DataPlane(app, runtime))  # type: ignore[arg-type]  # Faust takes an instance too
    add_pages(app, runtime)
    return app, runtime


async def step_all(batches: AsyncIterable[Batch]) -> None:
    """Step each batch. Leaving the `with` by an exception ends the worker, with nothing committed."""
    async for batch in batches:
        with batch:
            batch.step()


def _sender(app: App, stage: Stage) -> Deliver:
    channel = batches_of(app, stage.source)

    async def send(batch: Batch) -> None:
        await channel.send(value=batch)

    return send


class _DataPlane(Service):
    """The runtime as a service: started after the agents and stopped before them, so that it can drain."""

    logger = QUIET

    def __init__(self, app: App, runtime: Runtime) -> None:
        super().__init__()
        self._app = app
        self._runtime = runtime

    async def on_start(self) -> None:
        """Open the channels, then read."""
        self._app.flow_control.resume()
        await self._runtime.start()

    async def on_stop(self) -> None:
        """Drain, commit and leave."""
        await self._runtime.stop()


def run_worker(settings: Settings, journey: str, stages: Sequence[Stage]) -> int:
    """Run until a signal or a failure ends the process; answer the exit code of a wrong set-up, told in a log line."""
    setup_logs(settings.log_level)
    try:
        token_of(settings)
        admin, _ = connect(settings, grants_of("worker", settings))
        problems = check_topics(admin, Topics(settings.topic_prefix))
        refuse_others(settings, admin, journey)
    except SettingsError as fault:
        log.error("cannot start: %s", fault)
        return 2
    except (TopicsError, LostError, KafkaException) as failure:
        log.error("cannot start: %s", failure)
        return 1
    if problems:
        log.error("cannot start: %s", "; ".join(map(str, problems)))
        return 1
    gc.set_threshold(100_000, 20, 50)
    sys.setswitchinterval(SWITCH_S)
    code = asyncio.run(_run(settings, journey, stages))
    os._exit(code)  # exit handlers would take OpenSSL from threads of librdkafka that just log in again: a crash


def is_compiled() -> bool:
    """Whether the engine that runs here is machine code."""
    return not str(account.__file__).endswith(".py")


async def _run(settings: Settings, journey: str, stages: Sequence[Stage]) -> int:
    app, runtime = make_app(settings, journey, stages)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, runtime.ended.set)
    ended = asyncio.create_task(runtime.ended.wait())
    starting = asyncio.create_task(app.start())
    await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done() and starting.exception() is None:
        log.info("started", extra=fields(instance=settings.instance, live=settings.live, compiled=is_compiled()))
        await ended
    elif starting.done():
        runtime.fail(starting.exception() or RuntimeError())
    await _stop(app)
    log.info("stopped", extra=fields(failed=runtime.failure is not None))
    return 0 if runtime.failure is None else 1


async def _stop(app: App) -> None:
    try:
        await asyncio.wait_for(app.stop(), STOP_S)
    except TimeoutError:
        log.error("could not stop in %d s", STOP_S)
        os._exit(1)  # threads hang: nothing more is committed, and the supervisor must see the end
