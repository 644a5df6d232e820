"""Secrets planted wherever one can be given show nowhere that anybody reads, whatever goes wrong."""

import base64
import logging
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from typer.testing import CliRunner

from streams.cli import app
from streams.kafka.clients import common_config, reader_config, writer_config
from streams.kafka.faults import LostError
from streams.kafka.grants import ROLES
from streams.kafka.topics import Topics, layouts
from streams.settings import Settings, load_settings
from tests.broker.plane_driver import Plane, free_port, wait_until
from tests.broker.secured import SecuredBroker
from tests.shell.cli import journey, journey_file

pytestmark = pytest.mark.broker

PREFIX = "canaries"
TOPICS = Topics(PREFIX)
CANARIES = {name: f"canary-{name}-5f2e9c71" for name in ("password", "key", "token", "url", "line")}
"""What is planted, by where: all of them must stay there."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    with SecuredBroker(tmp_path_factory.mktemp("secured")) as broker:
        broker.add_user("ann", CANARIES["password"])
        broker.grant("ann", ROLES["worker"](TOPICS, PREFIX))
        yield broker


@pytest.fixture(scope="module")
def by_value(broker: SecuredBroker) -> dict[str, str]:
    """The settings of a worker, each secret by its value."""
    certificate, key = broker.authority.signed("ann", CANARIES["key"])
    return {
        **broker.settings("ann", CANARIES["password"]),
        "JOURNEY_SSL_CERTIFICATE_LOCATION": str(certificate),
        "JOURNEY_SSL_KEY_LOCATION": str(key),
        "JOURNEY_SSL_KEY_PASSWORD": CANARIES["key"],
        "JOURNEY_WEB_TOKEN": CANARIES["token"],
        "JOURNEY_TOPIC_PREFIX": PREFIX,
        "JOURNEY_CONSUMER_GROUP": PREFIX,
        "JOURNEY_LOG_LEVEL": "debug",
    }


SECRETS = {"SASL_PASSWORD": "password", "SSL_KEY_PASSWORD": "key", "WEB_TOKEN": "token"}


def by_file(by_value: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The same, each secret in a file."""
    given = dict(by_value)
    for setting, name in SECRETS.items():
        (folder / name).write_text(CANARIES[name] + "\n")
        del given[f"JOURNEY_{setting}"]
        given[f"JOURNEY_{setting}_FILE"] = str(folder / name)
    return given


def shown_in(*texts: str | bytes) -> set[str]:
    """The canaries that show, plainly or in base64."""
    said = b"\n".join(text if isinstance(text, bytes) else text.encode() for text in texts)
    return {
        name
        for name, canary in CANARIES.items()
        if canary.encode() in said or base64.b64encode(canary.encode()).rstrip(b"=")[:-2] in said
    }


def page(port: int, name: str, token: str) -> bytes:
    asked = Request(f"http://127.0.0.1:{port}/{name}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(asked, timeout=5) as answer:
            return bytes(answer.headers) + bytes(answer.read())
    except HTTPError as refused:
        with refused:
            return bytes(refused.headers) + refused.read()


def test_a_canary_that_shows_is_seen(by_value: dict[str, str]) -> None:
    assert shown_in(str(by_value)) == {"password", "key", "token"}
    assert shown_in(base64.b64encode(CANARIES["line"].encode())) == {"line"}


@pytest.mark.parametrize("given", ["value", "file"])
def test_a_worker_at_work_shows_no_secret(
    broker: SecuredBroker, by_value: dict[str, str], given: str, tmp_path: Path
) -> None:
    plane, port = Plane(broker.bootstrap_servers, PREFIX, tmp_path).create_topics(), free_port()
    plane.settings |= by_value if given == "value" else by_file(by_value, tmp_path)
    plane.settings["JOURNEY_WEB_PORT"] = str(port)
    plane.send(50)
    plane.send_raw(b"\xff not json", b"u1")
    worker = plane.worker()
    wait_until(lambda: worker.says("restored"))
    letters = plane.records(TOPICS.dead_letters, 1)
    pages = [page(port, name, token) for name in ("metrics", "livez", "") for token in (CANARIES["token"], "wrong")]
    command = Path(f"/proc/{worker.process.pid}/cmdline").read_bytes()
    assert worker.terminate()[0] == 0
    assert any(b"journey_messages_total" in shown for shown in pages)
    headers = [repr((message.headers(), message.value())) for message in letters]
    assert shown_in(worker.log.read_text(), command, *pages, *headers) == set()


def test_a_bug_in_a_stage_shows_no_secret(broker: SecuredBroker, by_value: dict[str, str], tmp_path: Path) -> None:
    plane = Plane(broker.bootstrap_servers, PREFIX, tmp_path).create_topics()
    plane.settings |= by_value | {"JOURNEY_WEB_PORT": "0"}
    plane.send(1, poison="yes")
    worker = plane.worker(POISON="yes")
    assert worker.ends(within_s=30) == 1
    assert shown_in(worker.log.read_text()) == set()
    for name in layouts(TOPICS):
        broker.admin.delete_topics([name])[name].result(10)


BROKEN = {
    "wrong password": {"SASL_USERNAME": "bob"},
    "wrong key": {"SSL_KEY_PASSWORD": CANARIES["url"]},
    "token that no header can hold": {"WEB_TOKEN": CANARIES["token"] + " "},
    "password in the address": {"BOOTSTRAP_SERVERS": f"ann:{CANARIES['url']}@127.0.0.1:9092"},
    "secret where a number belongs": {"WEB_PORT": CANARIES["line"]},
    "secret where a choice belongs": {"SECURITY_PROTOCOL": CANARIES["line"]},
    "file of secrets that is torn": {"CONFIG": "torn.env"},
    "file of secrets that is no TOML": {"CONFIG": "torn.toml"},
    "no journey": {"FILE": "nowhere.yaml"},
}
TORN = f"JOURNEY_SASL_PASSWORD={CANARIES['password']}\n{CANARIES['line']}==\n"


@pytest.mark.parametrize("fault", BROKEN)
def test_no_fault_in_the_settings_shows_a_secret(by_value: dict[str, str], fault: str, tmp_path: Path) -> None:
    for name in ("torn.env", "torn.toml"):
        (tmp_path / name).write_text(TORN)
    broken = {f"JOURNEY_{name}": value for name, value in BROKEN[fault].items()}
    settings = by_value | {"JOURNEY_FILE": str(journey_file(tmp_path))} | broken
    ended = [journey(command, settings=settings, folder=tmp_path) for command in ("worker", "doctor")]
    assert all(one.code for one in ended)
    assert shown_in(*(one.out + one.err for one in ended)) == set()
    assert "Traceback" not in ended[0].err + ended[1].err


def test_no_help_and_no_listing_shows_a_secret(by_value: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in by_value.items():
        monkeypatch.setenv(name, value)
    said = [CliRunner().invoke(app, [*words, "--help"]).output for words in ([], *map(str.split, ROLES))]
    said += [CliRunner().invoke(app, ["topics", "grants", "worker"]).output]
    assert all(said)
    assert shown_in(*said) == set()


def test_the_settings_themselves_show_no_secret(by_value: dict[str, str], tmp_path: Path) -> None:
    for given in (by_value, by_file(by_value, tmp_path)):
        settings = settings_of(given)
        shown = [repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump()), f"{settings}"]
        assert shown_in(*shown) == set()


def settings_of(given: Mapping[str, str]) -> Settings:
    return load_settings(**{name.removeprefix("JOURNEY_").lower(): value for name, value in given.items()})


class Everything(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.mark.parametrize("user", ["ann", "mallory"])
def test_not_even_librdkafkas_own_debugging_shows_a_secret(by_value: dict[str, str], user: str) -> None:
    settings, heard = settings_of(by_value | {"JOURNEY_SASL_USERNAME": user}), Everything()
    logger = logging.Logger("everything", logging.DEBUG)  # noqa: LOG001  of this test alone
    logger.addHandler(heard)
    debugged = {"debug": "all", "logger": logger, "log_level": 7}
    for client in (
        AdminClient(common_config(settings) | debugged),
        Producer(writer_config(settings) | debugged),
        Consumer(reader_config(settings) | debugged),
    ):
        for word in (partial(client.list_topics, timeout=2), partial(client.poll, 0.1)):
            try:
                word()
            except (KafkaException, LostError) as refused:
                heard.said.append(str(refused))
    assert len(heard.said) > 100
    assert any("SCRAM" in line for line in heard.said)
    assert shown_in(*heard.said) == set()
