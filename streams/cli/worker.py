"""`journey worker`: one worker, until a signal or a failure."""

import typer

from schemas.journey import Journey
from streams.cli.options import JourneyFile, journey_of, settings_and_topics
from streams.kafka.topics import Topics
from streams.settings import Settings


def worker(*, journey: JourneyFile = None) -> None:
    """Run a worker: read events from Kafka, follow every account, write what is decided.

    Settings come from the environment (JOURNEY_…) or the file that JOURNEY_CONFIG names. Logs are JSON lines on
    standard error; /metrics, /livez and /readyz are on JOURNEY_WEB_PORT. SIGTERM and Ctrl-C drain, commit and end it.
    """
    settings, topics = settings_and_topics()
    raise typer.Exit(_run(journey_of(journey, settings), topics, settings))


def _run(source: Journey, topics: Topics, settings: Settings) -> int:
    # Importing Faust takes longer than most commands run.
    from streams.app import run_worker  # noqa: PLC0415
    from streams.stages import journey_stages  # noqa: PLC0415

    return run_worker(settings, source.name, journey_stages(source, topics))
