"""What the operator may set: environment (prefix `JOURNEY_`) over a file (`JOURNEY_CONFIG`) over defaults."""

import os
import re
import socket
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "JOURNEY_"
OF_KUBERNETES = re.compile(r"JOURNEY_(SERVICE_(HOST|PORT.*)|PORT(_\d+_.*)?)")
"""What it gives every container beside a service of our name: no setting, and no mistake of the operator."""

TOML_KEY = re.compile(r"""\s*["']?(?P<key>[A-Za-z0-9_.-]+)["']?\s*=""")


class SettingsError(Exception):
    """The settings cannot be used; the text says where, what, and what would do."""


class Settings(BaseSettings):
    """All settings of a worker. Secrets never show in `repr`, errors or logs."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    bootstrap_servers: str = "127.0.0.1:9092"
    """Kafka's address: `host:port`, more after commas."""
    instance: str = Field(default_factory=socket.gethostname, pattern=r"^[A-Za-z0-9._-]{1,200}$")
    """Static membership and transactional identity of one worker: unique per worker, stable over restarts."""
    file: Path | None = None
    """The journey file."""
    topic_prefix: str = "journey"
    """What the name of every topic begins with."""
    consumer_group: str = "journey"
    """The Kafka consumer group, shared by all workers of one journey."""
    live: bool = True
    """Whether the wall clock counts on partitions that are caught up; no for a demo or a backfill."""
    idle_after_s: float = Field(10.0, gt=0, le=3600)
    """Not live: a source partition at its end for so long no longer holds time back."""
    commit_interval_ms: int = Field(50, ge=0, le=5000)
    """Under load, the least time from one commit's begin to the next; when calm each commit goes at once."""
    catch_up_interval_ms: int = Field(1000, ge=0, le=5000)
    """The same while there is a backlog, where latency is lost and a large commit costs less for each message."""
    max_outstanding_messages: int = Field(200_000, ge=1000)
    """How many messages may be read and not yet committed; bounds memory."""
    max_outstanding_bytes: int = Field(256 * 1024 * 1024, ge=1024 * 1024)
    """The same in bytes of their values."""
    session_timeout_ms: int = Field(10_000, ge=1000, le=300_000)
    """How long a worker may be gone before others take its partitions."""
    transaction_timeout_ms: int = Field(10_000, ge=2000, le=300_000)
    """How long a dead worker's open transaction may hold readers back."""
    web_host: str = "127.0.0.1"
    """Where /metrics, /livez and /readyz listen."""
    web_port: int = Field(6066, ge=0, le=65535)
    """The port of that; 0 for no web server."""
    web_token: SecretStr | None = None
    """What readers of /metrics must bear, or else `web_token_file`. Without it pages are for loopback only."""
    web_token_file: Path | None = None
    """A file that holds the token."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severity that is logged."""

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How to talk to Kafka."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How to log in."""
    sasl_username: str | None = None
    """The name to log in with. It is no secret: grants name it."""
    sasl_password: SecretStr | None = None
    """The password, or else `sasl_password_file`."""
    sasl_password_file: Path | None = None
    """A file that holds the password."""
    ssl_ca_location: Path | None = None
    """The authority that signed the brokers' certificates."""
    ssl_certificate_location: Path | None = None
    """Our own certificate, where the brokers ask for one."""
    ssl_key_location: Path | None = None
    """The key of that certificate."""
    ssl_key_password: SecretStr | None = None
    """The password of that key, or else `ssl_key_password_file`."""
    ssl_key_password_file: Path | None = None
    """A file that holds that password."""

    @field_validator("bootstrap_servers")
    @classmethod
    def _holds_no_credentials(cls, given: str) -> str:
        if "@" in given:  # it is shown in messages
            raise ValueError(f"write host:port alone; who logs in is for {PREFIX}SASL_USERNAME and its password")
        return given

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 our file stands in for it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 passwords name their own files
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say who wins: arguments, then the environment, then the file."""
        return init_settings, env_settings, _File(settings_cls)


class _File(PydanticBaseSettingsSource):
    """The file that `JOURNEY_CONFIG` names: TOML, or lines of `JOURNEY_NAME=value`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Answer nothing field by field: the file is read whole."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        where = os.environ.get(f"{PREFIX}CONFIG")
        return read_file(Path(where)) if where else {}


def load_settings(**given: object) -> Settings:
    """Read the settings from arguments, environment and file; `SettingsError` names every fault at once."""
    faults = [f"{name}: unknown setting; {_meant(name)}" for name in sorted(os.environ) if _is_mistaken(name)]
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        faults += [f"{PREFIX}{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
    if faults:
        raise SettingsError("\n".join(faults))  # without its cause, which would show what was given
    return settings


def secret_of(settings: Settings, name: str) -> str | None:
    """A secret as it was given: by value, or in the file that `NAME_FILE` names."""
    value, file = getattr(settings, name), getattr(settings, f"{name}_file")
    if value is not None:
        return str(value.get_secret_value())
    if file is None:
        return None
    try:
        return str(file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{PREFIX}{name.upper()}_FILE: {file} cannot be read") from None


def read_file(path: Path) -> dict[str, object]:
    """Read a settings file; an unknown name is refused with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__}); see {PREFIX}CONFIG") from None
    found = _toml(path, text) if path.suffix == ".toml" else _lines(path, text)
    return {name: value for name, (value, _) in found.items()}


def _toml(path: Path, text: str) -> dict[str, tuple[object, int]]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    at = {m["key"]: n for n, line in enumerate(text.splitlines(), 1) if (m := TOML_KEY.match(line))}
    return {_known(path, at.get(key, 1), key): (value, at.get(key, 1)) for key, value in values.items()}


def _lines(path: Path, text: str) -> dict[str, tuple[object, int]]:
    found: dict[str, tuple[object, int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals:
            raise SettingsError(f"{path}:{number}: expected {PREFIX}NAME=value")
        found[_known(path, number, name.strip())] = (value.strip().strip("\"'"), number)
    return found


def _known(path: Path, line: int, key: str) -> str:
    name = _name_of(key)
    if name in Settings.model_fields:
        return name
    # Half of a secret that was torn over two lines may stand where a name should: only what looks like one is shown.
    shown = f" '{key}'" if key.upper().startswith(PREFIX) else ""
    raise SettingsError(f"{path}:{line}: unknown setting{shown}; {_meant(key)}")


def _is_mistaken(variable: str) -> bool:
    """Whether a variable of the environment begins as ours do, and is none."""
    if not variable.upper().startswith(PREFIX) or OF_KUBERNETES.fullmatch(variable.upper()):
        return False
    return _name_of(variable) not in {*Settings.model_fields, "config"}


def _meant(key: str) -> str:
    near = get_close_matches(_name_of(key), Settings.model_fields, n=1, cutoff=0.75)
    known = ", ".join(sorted(Settings.model_fields))
    return f"did you mean {PREFIX}{near[0].upper()}?" if near else f"known are {known}"


def _name_of(key: str) -> str:
    return key.upper().removeprefix(PREFIX).lower()
