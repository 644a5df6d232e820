"""What the operator sets: the environment over a file over defaults; faults with their line; secrets never shown."""

from pathlib import Path

import pytest

from streams.kafka.clients import common_config
from streams.settings import SettingsError, load_settings


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "worker.env"
    monkeypatch.setenv("JOURNEY_CONFIG", str(path))
    return path


def test_the_environment_wins_over_the_file(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text("# ours\nJOURNEY_CONSUMER_GROUP=from-file\nexport JOURNEY_LIVE=false\n")
    monkeypatch.setenv("JOURNEY_CONSUMER_GROUP", "from-environment")
    settings = load_settings()
    assert (settings.consumer_group, settings.live) == ("from-environment", False)


def test_a_toml_file_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "worker.toml"
    path.write_text('live = false\nweb_port = 7000\ninstance = "w-7"\n')
    monkeypatch.setenv("JOURNEY_CONFIG", str(path))
    settings = load_settings()
    assert (settings.live, settings.web_port, settings.instance) == (False, 7000, "w-7")


@pytest.mark.parametrize(("name", "text"), [("w.env", "\nJOURNEY_COLOUR=red\n"), ("w.toml", "\ncolour = 'red'\n")])
def test_an_unknown_name_in_the_file_is_refused_with_its_line(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text(text)
    monkeypatch.setenv("JOURNEY_CONFIG", str(tmp_path / name))
    with pytest.raises(SettingsError, match=rf"{name}:2: unknown setting.*; known are .*live"):
        load_settings()


def test_a_misspelt_variable_is_refused_with_what_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEY_IDLE_AFTER", "3")
    monkeypatch.setenv("JOURNEY_WEB_PORT", "many")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "JOURNEY_IDLE_AFTER: unknown setting; did you mean JOURNEY_IDLE_AFTER_S?" in str(refused.value)
    assert "JOURNEY_WEB_PORT: " in str(refused.value)


def test_what_kubernetes_tells_of_a_service_of_our_name_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEY_PORT", "tcp://10.0.0.1:6066")
    monkeypatch.setenv("JOURNEY_SERVICE_PORT_METRICS", "6066")
    monkeypatch.setenv("JOURNEY_PORT_6066_TCP_ADDR", "10.0.0.1")
    assert load_settings().web_port == 6066


@pytest.mark.parametrize("line", ["hunter2==", "hunter2"])
def test_a_torn_secret_in_the_file_is_told_by_its_line_and_not_shown(config: Path, line: str) -> None:
    config.write_text(f"JOURNEY_SASL_PASSWORD=correct horse\n{line}\n")
    with pytest.raises(SettingsError, match=r"worker\.env:2: ") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_an_address_with_a_password_in_it_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError, match=r"^JOURNEY_BOOTSTRAP_SERVERS: .*JOURNEY_SASL_USERNAME") as refused:
        load_settings(bootstrap_servers="ann:hunter2@kafka:9092")
    assert "hunter2" not in str(refused.value)


def test_every_fault_is_named_at_once_and_no_value_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEY_WEB_PORT", "secret-by-mistake")
    monkeypatch.setenv("JOURNEY_SECURITY_PROTOCOL", "secret-by-mistake")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "JOURNEY_WEB_PORT: " in str(refused.value)
    assert "JOURNEY_SECURITY_PROTOCOL: " in str(refused.value)
    assert "secret-by-mistake" not in str(refused.value)


def test_a_password_reaches_kafka_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    settings = load_settings(
        security_protocol="SASL_SSL", sasl_username="ann", sasl_password_file=tmp_path / "password"
    )
    assert common_config(settings)["sasl.password"] == "hunter2"
    given = load_settings(security_protocol="SASL_SSL", sasl_username="ann", sasl_password="hunter2")
    assert common_config(given)["sasl.password"] == "hunter2"
    assert "hunter2" not in repr(given) + str(given) + given.model_dump_json()


def test_a_login_without_a_password_is_refused_with_its_remedy() -> None:
    with pytest.raises(SettingsError, match="JOURNEY_SASL_PASSWORD"):
        common_config(load_settings(security_protocol="SASL_SSL", sasl_username="ann"))
