"""The worker's pages: on loopback unless a token guards them, and then only probes are let in without it."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from streams.app import make_app
from streams.kafka.topics import Topics
from streams.settings import Settings, SettingsError, load_settings
from streams.web_token import token_of
from tests.broker.plane import plane_stages
from tests.broker.plane_driver import free_port
from tests.shell.cli import journey, journey_file

TOKEN = "d0a1c0ffee5ca1ab1e0ddba11"


def served(settings: Settings, look: Callable[[ClientSession], Coroutine[None, None, None]]) -> None:
    """Look at the pages of a worker that has not joined yet."""

    async def serve() -> None:
        app, _ = make_app(settings, "plane", plane_stages(Topics("test")))
        web: Any = app.web  # Faust types its web server by what all drivers have
        await web.start_server()
        try:
            async with ClientSession(f"http://127.0.0.1:{settings.web_port}") as session:
                await look(session)
        finally:
            await web.stop_server()

    asyncio.run(serve())


async def status(session: ClientSession, page: str, said: str | None = None) -> int:
    async with session.get(page, headers={} if said is None else {"Authorization": said}) as answer:
        return answer.status


def addresses_listened_on(port: int) -> set[str]:
    """By the kernel's own word, in hexadecimal."""
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    local = [line.split()[1].split(":") for line in lines if line.split()[3] == "0A"]
    return {address for address, number in local if int(number, 16) == port}


def test_pages_listen_on_loopback_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_BIND", "0.0.0.0")  # Faust's own word for it
    settings = load_settings(web_port=free_port())

    async def look(_: ClientSession) -> None:
        assert addresses_listened_on(settings.web_port) == {"0100007F"}

    served(settings, look)


def test_without_a_token_loopback_may_read_all() -> None:
    async def look(session: ClientSession) -> None:
        assert [await status(session, page) for page in ("/metrics", "/livez", "/readyz")] == [200, 200, 503]

    served(load_settings(web_port=free_port()), look)


@pytest.mark.parametrize("said", [None, "", TOKEN, f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN}0", "Bearer ä"])
def test_with_a_token_only_probes_are_let_in_without_it(said: str | None) -> None:
    async def look(session: ClientSession) -> None:
        assert [await status(session, page, said) for page in ("/livez", "/readyz")] == [200, 503]
        assert {await status(session, page, said) for page in ("/metrics", "/", "/nowhere", "/livez/")} == {401}

    served(load_settings(web_port=free_port(), web_token=TOKEN), look)


def test_the_bearer_of_the_token_reads_the_metrics(tmp_path: Path) -> None:
    async def look(session: ClientSession) -> None:
        assert await status(session, "/metrics", f"Bearer {TOKEN}") == 200

    (tmp_path / "token").write_text(TOKEN + "\n")
    served(load_settings(web_port=free_port(), web_token=TOKEN), look)
    served(load_settings(web_port=free_port(), web_token_file=tmp_path / "token"), look)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "worker.example.com", ""])
def test_another_host_asks_for_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match=r"^JOURNEY_WEB_HOST: .*JOURNEY_WEB_TOKEN"):
        token_of(load_settings(web_host=host))
    assert token_of(load_settings(web_host=host, web_token=TOKEN)) == TOKEN
    assert token_of(load_settings(web_host=host, web_port=0)) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_asks_for_none(host: str) -> None:
    assert token_of(load_settings(web_host=host)) is None


@pytest.mark.parametrize(
    "token", ["", "short", "fifteen-letters", f"{TOKEN} {TOKEN}", f"{TOKEN}ä", f"{TOKEN}\n{TOKEN}"]
)
def test_a_token_that_anyone_could_guess_or_no_header_can_hold_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match=r"^JOURNEY_WEB_TOKEN: .*openssl rand") as refused:
        token_of(load_settings(web_token=token))
    assert not token or token not in str(refused.value)


def test_a_token_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^JOURNEY_WEB_TOKEN_FILE: .*none cannot be read"):
        token_of(load_settings(web_token_file=tmp_path / "none"))


def test_a_worker_on_another_host_without_a_token_does_not_start(tmp_path: Path) -> None:
    settings = {"JOURNEY_WEB_HOST": "0.0.0.0", "JOURNEY_FILE": str(journey_file(tmp_path))}
    ended = journey("worker", settings=settings)
    (line,) = ended.err.splitlines()
    assert ended.code == 2
    assert "JOURNEY_WEB_TOKEN" in json.loads(line)["message"]


def test_the_doctor_refuses_what_the_worker_would() -> None:
    found = journey("doctor", "--json", settings={"JOURNEY_WEB_TOKEN": "short"})
    assert found.code == 1
    assert [said["check"] for said in found.data if not said["ok"]] == ["settings"]
