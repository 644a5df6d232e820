"""Every Prometheus series of the worker. Counted per batch, with cached children; never an account as label."""

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import TypeVar

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

M = TypeVar("M", bound=MetricWrapperBase)
QUICK = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

messages = Counter("journey_messages_total", "Messages stepped", ["stage"])
events = Counter("journey_events_total", "Events by what became of them", ["stage", "disposition"])
outputs = Counter("journey_outputs_total", "Records committed, by topic", ["topic"])
warned = Counter("journey_warned_events_total", "Events kept that the taxonomy does not cover, by reason", ["reason"])
dead_letters = Counter("journey_dead_letters_total", "Dead letters committed, by reason", ["reason"])
commits = Counter("journey_commits_total", "Transactions committed")
commit_retries = Counter("journey_commit_retries_total", "Transactions aborted and sent again")
commit_seconds = Histogram("journey_commit_duration_seconds", "Begin to end of a transaction", buckets=QUICK)
step_seconds = Histogram("journey_step_duration_seconds", "Stepping one batch", ["stage"], buckets=QUICK)
restore_seconds = Histogram(
    "journey_restore_duration_seconds",
    "Reading a partition's changelog",
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120),
)
restored_records = Counter("journey_restored_records_total", "Changelog records read back", ["stage"])
lag = Gauge("journey_partition_lag_messages", "Messages not yet stepped", ["topic", "partition"])
clock = Gauge("journey_arrival_clock_seconds", "Arrival clock, Unix time", ["topic", "partition"])
keys = Gauge("journey_keys_held", "Keys (users, accounts) in memory", ["topic", "partition"])
owned = Gauge("journey_partitions_owned", "Partitions restored and running", ["stage"])
paused = Gauge("journey_source_paused", "1 while the source waits for stepping to keep up")
outstanding = Gauge("journey_outstanding_messages", "Messages read and not yet committed")
dark = Gauge("journey_source_dark", "1 while all accounts of a watched source are silent together", ["source"])

figures = Gauge(
    "journey_kpi", "KPI of the open period over all accounts, so far (docs/kpis.md)", ["kpi", "of", "period"]
)


def show_figures(running: Iterable[tuple[str, str, str, float]]) -> None:
    """Show the figures of the open periods, and no others."""
    figures.clear()
    for kpi, of, period, value in running:
        figures.labels(kpi, of, period).set(value)


def show_dark(sources: Iterable[tuple[str, bool]]) -> None:
    """Show whether sources are dark."""
    for source, is_dark in sources:
        dark.labels(source).set(is_dark)


@cache
def child(metric: M, *labels: str) -> M:
    """Give the series of these labels, found once."""
    return metric.labels(*labels)


def forget_partition(topic: str, partition: str) -> None:
    """Take away the series of a partition that is no longer ours."""
    for gauge in (lag, clock, keys):
        with suppress(KeyError):
            gauge.remove(topic, partition)
    for gauge in (dark, figures):  # of what is still ours, the next tick tells
        gauge.clear()
    child.cache_clear()
