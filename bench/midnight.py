"""Midnight: every account closes its day at the same instant, and events go on.

A worker restores many accounts of the reference journey, each after some weeks. Then events come at a steady rate whose
arrivals pass the instant at which the day is over for all. Each fiftieth is of a new account that signs up: how long
after it was sent is its milestone seen, before that instant and after?
"""

from dataclasses import dataclass
from functools import partial

from bench.ground import Ground
from bench.journeys import reference
from bench.latency import Latency, Sender, latency, read, reader_of
from bench.load import BEGIN_MS, NAMES, NETWORK_MS, Call, call, loader
from bench.memory import READY_S, fill, free_port, is_ready, live
from schemas.spans import DAY_MS

DAYS = 30
SIGN_UP = "Signed Up"
ONE_SIGN_UP_IN = 50
WARM_UP_S = 10.0
BEFORE_S = 20.0
AFTER_S = 40.0


@dataclass(frozen=True)
class Midnight:
    """How long milestones took while no day closed, and while that of every account did."""

    accounts: int
    before: Latency
    after: Latency


def measure(ground: Ground, accounts: int, per_second: int) -> Midnight:
    """Restore so many accounts, and send over midnight."""
    ground.prepare()
    fill(ground, *live("reference", DAYS), accounts)
    milestones, port = reader_of(ground, ground.topics.milestones), free_port()
    with ground.worker("reference", JOURNEY_WEB_PORT=str(port)) as worker:
        worker.wait_for(lambda: is_ready(port), READY_S, every_s=0.1)
        seconds, producer = WARM_UP_S + BEFORE_S + AFTER_S, loader(ground.bootstrap_servers, 0)
        call_of = partial(_call_of, accounts, per_second, BEGIN_MS + DAYS * DAY_MS + reference().allowed_lateness)
        sender = Sender(producer, ground.topics.events, call_of, per_second, seconds)
        sender.start()
        seen = read(milestones, sender)
        sender.join()
    milestones.close()
    midnight = min(sender.sent_at.values()) + BEFORE_S
    before = {account: at for account, at in sender.sent_at.items() if at < midnight - 1}
    after = {account: at for account, at in sender.sent_at.items() if at >= midnight - 1}
    return Midnight(accounts, latency(per_second, before, seen), latency(per_second, after, seen))


def _call_of(accounts: int, per_second: int, over_at: int, number: int) -> tuple[Call, bool]:
    """Arrivals keep to the real pace, and pass the end of the day as everything is warm and was watched for a while."""
    at = over_at - int((WARM_UP_S + BEFORE_S) * 1000) + number * 1000 // per_second - NETWORK_MS
    sign_ups, within = divmod(number, ONE_SIGN_UP_IN)
    if within:
        return call(number, number * 7919 % accounts, NAMES[number % len(NAMES)], at), False
    return call(number, accounts + sign_ups, SIGN_UP, at), number >= per_second * WARM_UP_S
