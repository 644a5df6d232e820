"""A Kafka that asks who you are: what is granted suffices, and whoever is not let in is told what to mend or grant."""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from streams.engine.suppressions import Forget, Kind
from streams.kafka.cluster import connect
from streams.kafka.grants import ROLES, Grant, grants_of
from streams.kafka.topic_admin import TopicsError, create_topics
from streams.kafka.topics import Topics, layouts
from streams.settings import Settings, SettingsError, load_settings
from tests.broker.journey_driver import JourneyPlane
from tests.broker.plane_driver import JOURNEY_WORKER, Plane, Worker, wait_until
from tests.broker.secured import Authority, SecuredBroker
from tests.shell.cli import environment, journey
from tests.small_journey import REFERENCE
from tests.traffic import Traffic

pytestmark = pytest.mark.broker

PREFIX = "secured"
TOPICS = Topics(PREFIX)
PASSWORD = "open sesame, 7 times"
AT_ONCE = 4


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    with SecuredBroker(tmp_path_factory.mktemp("secured")) as broker:
        create_topics(broker.admin, TOPICS)
        yield broker


@pytest.fixture(scope="module")
def plane(broker: SecuredBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JourneyPlane]:
    """A worker with exactly its grants has followed real traffic, with a restart in the middle, and still runs."""
    traffic = Traffic(accounts=30, seed=6, dark=range(37, 38))
    plane = JourneyPlane(broker.bootstrap_servers, PREFIX, tmp_path_factory.mktemp("plane"), traffic)
    plane.settings |= user(broker, "worker", ROLES["worker"](TOPICS, PREFIX)) | {"JOURNEY_INSTANCE": "one"}
    half = len(plane.traffic) // 2
    plane.send_all(plane.traffic[:half])
    first = plane.worker()
    plane.read(TOPICS.accounts, 1)
    assert first.terminate()[0] == 0
    plane.send_all(plane.traffic[half:])
    plane.worker()
    yield plane
    plane.close()


def user(broker: SecuredBroker, name: str, grants: Iterable[Grant]) -> dict[str, str]:
    """A new user with these grants, as settings."""
    broker.add_user(name, PASSWORD)
    if grants := list(grants):
        broker.grant(name, grants)
    ours = {"JOURNEY_TOPIC_PREFIX": PREFIX, "JOURNEY_CONSUMER_GROUP": PREFIX, "JOURNEY_FILE": str(REFERENCE)}
    return {**broker.settings(name, PASSWORD), **ours, "JOURNEY_WEB_PORT": "0"}


def settings_of(given: Mapping[str, str]) -> Settings:
    return load_settings(**{name.removeprefix("JOURNEY_").lower(): value for name, value in given.items()})


class Ended(NamedTuple):
    code: int
    seconds: float
    lines: list[str]


def started(settings: Mapping[str, str]) -> Ended:
    """A worker, once it has ended by itself."""
    began = time.monotonic()
    done = subprocess.run(JOURNEY_WORKER, env=environment(settings), capture_output=True, timeout=60, check=False)
    return Ended(done.returncode, time.monotonic() - began, done.stderr.decode().splitlines())


def all_started(settings: Iterable[Mapping[str, str]]) -> list[Ended]:
    with ThreadPoolExecutor(AT_ONCE) as several:
        return list(several.map(started, settings))


def the_line(ended: Ended) -> str:
    """The one line in which a worker says why it ended."""
    assert ended.code in {1, 2}
    assert ended.seconds < 30
    said = [json.loads(line) for line in ended.lines]
    (line,) = (line for line in said if line["level"] in {"warning", "error"})
    return str(line["message"])


VISITOR = (
    (b"visitor", b'{"type":"track","messageId":"v1","anonymousId":"visitor","event":"Workflow Run"}'),
    (b"vera", b'{"type":"alias","messageId":"v2","userId":"vera","previousId":"visitor"}'),
    (b"nobody", Forget(Kind.ACCOUNT, "nobody at all", 0).encode()),
)


def test_a_worker_with_exactly_its_grants_follows_a_whole_journey_and_uses_them_all(plane: JourneyPlane) -> None:
    plane.says_what_a_replay_says()
    for key, value in VISITOR:
        plane.send_raw(value, key)
    writes = {g.name for g in ROLES["worker"](TOPICS, PREFIX) if g.resource == "TOPIC" and g.operation == "WRITE"}
    assert writes == set(layouts(TOPICS))
    wait_until(lambda: {name for name in writes if plane.holds(name)} == writes)
    sent = len(plane.traffic) + len(VISITOR)
    assert len(plane.read(TOPICS.events, sent + 1)) > sent, "the worker wrote no link"


GRANTS = tuple(ROLES["worker"](TOPICS, PREFIX))
ONE_OF_EACH_KIND = {(grant.resource, grant.operation): grant for grant in GRANTS}.values()


def without(broker: SecuredBroker, missing: Grant) -> dict[str, str]:
    """A user who has all grants of a worker but one."""
    return user(broker, f"without-{GRANTS.index(missing)}", [grant for grant in GRANTS if grant != missing])


def tells(said: str, missing: Grant) -> bool:
    """Whether the text names this grant, whom to give it, and no other."""
    name = f"User:without-{GRANTS.index(missing)}"
    wanted = f"{name} may not {missing.verb} {missing.what}; run: {missing.command(name)}"
    return said.endswith(wanted) and said.count("kafka-acls.sh") == 1


def test_each_kind_of_grant_that_is_missing_ends_the_worker_in_one_line(broker: SecuredBroker) -> None:
    ended = all_started([without(broker, missing) for missing in ONE_OF_EACH_KIND])
    for missing, one in zip(ONE_OF_EACH_KIND, ended, strict=True):
        assert tells(the_line(one), missing), one


def test_each_grant_that_is_missing_is_found_before_a_worker_begins(broker: SecuredBroker) -> None:
    found = [grant for grant in GRANTS if not grant.prefixed]
    users = [without(broker, missing) for missing in found]

    def refused(given: Mapping[str, str]) -> str:
        settings = settings_of(given)
        with pytest.raises(TopicsError) as told:
            connect(settings, grants_of("worker", settings))
        return str(told.value)

    with ThreadPoolExecutor(AT_ONCE) as several:
        for missing, said in zip(found, several.map(refused, users), strict=True):
            assert tells(said, missing), said


def test_a_worker_without_any_grant_is_told_the_first_and_how_many_more(broker: SecuredBroker) -> None:
    said = the_line(started(user(broker, "nobody", ())))
    assert said.count("kafka-acls.sh") == 3
    assert " more: docs/access.md" in said


WAYS_IN = {
    "wrong password": ({"SASL_PASSWORD": "a guess"}, "JOURNEY_SASL_PASSWORD"),
    "unknown user": ({"SASL_USERNAME": "mallory"}, "JOURNEY_SASL_USERNAME"),
    "no password": ({"SASL_PASSWORD": ""}, "JOURNEY_SASL_PASSWORD"),
    "wrong authority": ({"SSL_CA_LOCATION": "other"}, "JOURNEY_SSL_CA_LOCATION"),
    "no such authority": ({"SSL_CA_LOCATION": "/nowhere"}, "ssl.ca.location"),
    "no TLS, no login": ({"SECURITY_PROTOCOL": "PLAINTEXT"}, "set JOURNEY_SECURITY_PROTOCOL to SASL_SSL"),
    "login without TLS": ({"SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, "set JOURNEY_SECURITY_PROTOCOL to SASL_SSL"),
    "TLS without login": ({"SECURITY_PROTOCOL": "SSL"}, "set JOURNEY_SECURITY_PROTOCOL=SASL_SSL"),
    "TLS where there is none": ({"BOOTSTRAP_SERVERS": "plain"}, "mend JOURNEY_SECURITY_PROTOCOL"),
    "wrong mechanism": ({"SASL_MECHANISM": "SCRAM-SHA-256"}, "set JOURNEY_SASL_MECHANISM"),
    "nobody there": ({"BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "is JOURNEY_BOOTSTRAP_SERVERS right?"),
}


def wrongly(broker: SecuredBroker, way: str, folder: Path) -> dict[str, str]:
    """The settings of a user who has all grants, and one fault in them."""
    others = {"other": str(Authority(folder / way).certificate), "plain": broker.bootstrap_servers}
    changed = {f"JOURNEY_{name}": others.get(value, value) for name, value in WAYS_IN[way][0].items()}
    return user(broker, "ann", GRANTS) | changed


@pytest.mark.parametrize("way", WAYS_IN)
def test_each_wrong_way_in_is_told_with_what_to_mend(broker: SecuredBroker, way: str, tmp_path: Path) -> None:
    with pytest.raises((TopicsError, SettingsError)) as told:
        connect(settings_of(wrongly(broker, way, tmp_path)))
    assert WAYS_IN[way][1] in str(told.value)
    assert len(str(told.value).splitlines()) == 1


def test_a_worker_that_comes_a_wrong_way_ends_in_one_line(broker: SecuredBroker, tmp_path: Path) -> None:
    ways = ("wrong password", "unknown user", "wrong authority", "no TLS, no login")
    ended = all_started([wrongly(broker, way, tmp_path) for way in ways])
    for way, one in zip(ways, ended, strict=True):
        assert WAYS_IN[way][1] in the_line(one), way


def at_work(broker: SecuredBroker, prefix: str, name: str, folder: Path) -> tuple[Plane, Worker]:
    """A plane of its own, and a worker on it that has exactly its grants."""
    topics = Topics(prefix)
    plane = Plane(broker.bootstrap_servers, prefix, folder).create_topics()
    plane.settings = user(broker, name, ROLES["worker"](topics, prefix)) | plane.settings
    plane.settings["JOURNEY_BOOTSTRAP_SERVERS"] = broker.secured
    worker = plane.worker()
    wait_until(lambda: worker.says("restored"))
    return plane, worker


def why(worker: Worker) -> str:
    """The one line in which a worker that was at work says why it ended."""
    assert worker.ends(within_s=30) == 1
    (said,) = (line["message"] for line in worker.lines() if line["message"].startswith("the worker ends"))
    return said


@pytest.mark.parametrize(
    "gone", [Grant("WRITE", "TOPIC", "revoked.transitions"), Grant("READ", "GROUP", "revoked")], ids=lambda g: g.what
)
def test_a_grant_taken_from_a_running_worker_ends_it(broker: SecuredBroker, gone: Grant, tmp_path: Path) -> None:
    plane, worker = at_work(broker, "revoked", f"revoked-{gone.resource}", tmp_path)
    broker.revoke(f"revoked-{gone.resource}", [gone])
    plane.send(10)
    assert f"{gone.resource}_AUTHORIZATION_FAILED; a grant is gone" in why(worker)
    plane.close()


def test_a_password_changed_under_a_running_worker_ends_it_once_kafka_asks_again(
    broker: SecuredBroker, tmp_path: Path
) -> None:
    plane, worker = at_work(broker, "changed", "forgetful", tmp_path)
    plane.send(10)
    plane.outputs(10)
    broker.add_user("forgetful", "a new one")
    assert "mend JOURNEY_SASL_USERNAME, JOURNEY_SASL_PASSWORD" in why(worker)
    plane.send(10)
    plane.worker(JOURNEY_SASL_PASSWORD="a new one")
    plane.shows_each_event_once()
    plane.close()


COMMANDS: Mapping[str, tuple[str, ...]] = {
    "doctor": (),
    "topics create": (),
    "topics check": (),
    "topics list": (),
    "send": ("events.jsonl",),
    "tail": ("alerts", "--from-beginning", "--no-follow"),
    "explain": ("account-0001",),
    "dead-letters list": (),
    "report coverage": (),
    "report drivers": (),
    "report kpis": (),
    "report holdout": (),
    "report review": ("--out", "review.html"),
    "dead-letters replay": (),
    "forget": ("--account", "nobody", "--yes"),
    "demo": ("--accounts", "10", "--days", "7"),
}
FINDS_FAULT = {"report coverage": 1}
"""What the traffic lacks is told by 1."""


def run(command: str, settings: Mapping[str, str], folder: Path) -> tuple[int, str]:
    ended = journey(*command.split(), *COMMANDS.get(command, ()), settings=settings, folder=folder)
    return ended.code, ended.err + ended.out


def test_each_command_can_do_its_work_with_exactly_its_grants(
    broker: SecuredBroker, plane: JourneyPlane, tmp_path: Path
) -> None:
    plane.read(TOPICS.kpis, 1)
    assert COMMANDS.keys() == ROLES.keys() - {"worker", "rebuild"}
    (tmp_path / "events.jsonl").write_text('{"torn":\n')
    users = {command: user(broker, command, ROLES[command](TOPICS, PREFIX)) for command in COMMANDS}
    with ThreadPoolExecutor(AT_ONCE) as several:
        ended = several.map(lambda command: run(command, users[command], tmp_path), COMMANDS)
        for command, (code, said) in zip(COMMANDS, ended, strict=True):
            assert code == FINDS_FAULT.get(command, 0), (command, said)
            assert "may not" not in said
            assert "AUTHORIZATION" not in said


def test_states_are_built_anew_with_exactly_the_grants_for_it(broker: SecuredBroker, tmp_path: Path) -> None:
    topics = Topics("rebuilt")
    plane = Plane(broker.bootstrap_servers, topics.prefix, tmp_path).create_topics()
    plane.send(10)
    own = {"JOURNEY_TOPIC_PREFIX": "rebuilt", "JOURNEY_CONSUMER_GROUP": "rebuilt"}
    settings = user(broker, "rebuilder", ROLES["rebuild"](topics, "rebuilt")) | own
    ended = journey("rebuild", "--yes", settings=settings)
    assert ended.code == 0, ended.err


def test_a_command_without_its_grants_is_told_them_in_one_line(broker: SecuredBroker, tmp_path: Path) -> None:
    settings = user(broker, "stranger", ())
    for command in ("topics create", "tail", "dead-letters replay"):
        code, said = run(command, settings, tmp_path)
        assert code == 1, command
        assert "User:stranger may not" in said
        assert len(said.splitlines()) == 1, said
    findings = [json.loads(line) for line in journey("doctor", "--json", settings=settings).out.splitlines()]
    (grants,) = (found for found in findings if found["check"] == "grants")
    assert "User:stranger may not" in grants["said"]


def test_what_grants_a_command_its_work_is_printed_for_kafka_acls() -> None:
    ended = journey("topics", "grants", "worker", "--principal", "User:o'neil", settings={"JOURNEY_TOPIC_PREFIX": "eu"})
    assert ended.code == 0
    printed = ended.out.splitlines()
    assert printed == [grant.command("User:o'neil") for grant in ROLES["worker"](Topics("eu"), "journey")]
    assert printed[0] == (
        """kafka-acls.sh --add --allow-principal 'User:o'"'"'neil' --operation Read --topic eu.events"""
    )
    assert journey("topics", "grants", "check").code == 2
