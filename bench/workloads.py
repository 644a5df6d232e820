"""What is run: each workload prepares its own topics, then measures one contender on them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bench.contender import Contender
from bench.ground import Ground
from bench.journeys import BY_NAME, REFERENCE, reference
from bench.load import NAMES, Load
from bench.offsets import Pace, Watch
from schemas.journey import Source
from streams.engine.compiler import compile_journey

DONE_S = 300.0
PEER_S = 120.0

Measured = tuple[Pace, dict[str, int]]
Measure = Callable[[Ground, Load], Measured]


@dataclass(frozen=True)
class Figure:
    """What one workload came to."""

    workload: str
    what: str
    events: int
    seconds: float
    outputs: dict[str, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Events per second."""
        return self.events / self.seconds


@dataclass(frozen=True)
class Workload:
    """A contender on its work. `share` is how many of the events it gets: slow ones need fewer."""

    name: str
    what: str
    measure: Measure
    share: float = 1.0
    names: Callable[[], tuple[str, ...]] = lambda: NAMES

    def run(self, bootstrap_servers: str, run_name: str, events: int) -> Figure:
        """Prepare and measure."""
        ground = Ground(bootstrap_servers, f"bench-{run_name}-{self.name}")
        load = Load(max(1000, int(events * self.share)), self.names())
        pace, outputs = self.measure(ground, load)
        return Figure(self.name, self.what, pace.events, pace.seconds, outputs)


def decode_limit(ground: Ground, load: Load) -> Measured:
    """Only read and parse."""
    ground.load_accounts(load)
    arguments = (ground.topics.account_events, str(load.events))
    with Contender("bench.run_decode_limit", arguments, ground.settings) as contender:
        return _told(contender), {}


def follow(journey: str) -> Measure:
    """This project from `account-events` on."""

    def measure(ground: Ground, load: Load) -> Measured:
        ground.load_routed(load, compile_journey(BY_NAME[journey]()))
        with ground.reader() as reader:
            ends = reader.ends(ground.topics.account_events)
            with ground.worker(journey) as worker:
                watch = Watch(worker, reader, list(ends))
                watch.until_reached(ends, DONE_S)
        return watch.pace(ends, ends), ground.outputs()

    return measure


def whole_path(ground: Ground, load: Load) -> Measured:
    """This project from `events` to the outputs: over when the last routed event is committed too."""
    ground.load_users(load)
    routed = ground.topics.account_events
    with ground.reader() as reader:
        ends = reader.ends(ground.topics.events)
        with ground.worker("light") as worker:
            watch = Watch(worker, reader, [*ends, *reader.ends(routed)])
            watch.until_reached(ends, DONE_S)
            watch.until_still(DONE_S)  # to look for the routed events' ends takes time: not while it counts
            ends_of_all = ends | reader.data_ends(routed)
            watch.until_reached(ends_of_all, DONE_S)
    return watch.pace(ends, ends_of_all), ground.outputs()


def plain_faust(ground: Ground, load: Load) -> Measured:
    """A stock Faust application."""
    return _peer("bench.run_faust", ground, load, "none")  # its Kafka driver cannot read lz4 as installed


def quix(ground: Ground, load: Load) -> Measured:
    """A Quix Streams application."""
    return _peer("bench.run_quix", ground, load, "lz4")


def _peer(module: str, ground: Ground, load: Load, codec: str) -> Measured:
    ground.load_accounts(load, codec)
    with Contender(module, (ground.bootstrap_servers, ground.prefix, str(load.events))) as contender:
        return _told(contender), {}


def _told(contender: Contender) -> Pace:
    answer = contender.answer(PEER_S)
    return Pace(int(answer["events"]), answer["seconds"])


def _reference_names() -> tuple[str, ...]:
    """Events the reference journey knows, so that each has an effect."""
    product = [name for name, kind in reference().events.items() if kind.source is Source.PRODUCT and not kind.required]
    return tuple(product)


_ALL = (
    Workload("decode-limit", "decode limit", decode_limit),
    Workload("light", "this project, light journey", follow("light")),
    Workload("reference", "this project, reference journey", follow("reference"), names=_reference_names),
    Workload("path", "this project, whole path", whole_path, 0.5),
    Workload("quix", "Quix Streams, exactly once", quix, 0.2),
    Workload("faust", "plain Faust with a table", plain_faust, 0.03),
)
WORKLOADS = {one.name: one for one in _ALL if one.name != "reference" or REFERENCE.exists()}
