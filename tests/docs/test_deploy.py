import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from prometheus_client import REGISTRY

from streams import metrics
from streams.kafka.topics import Topics
from streams.settings import PREFIX, Settings
from streams.web import PROBES

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
PROMETHEUS = ROOT / "deploy" / "prometheus"
FIRST_LINE = re.compile(r"^FROM (\S+)", re.MULTILINE)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


SERVICES: dict[str, Any] = read(COMPOSE)["services"]
RULES: list[dict[str, Any]] = [rule for group in read(PROMETHEUS / "alerts.yml")["groups"] for rule in group["rules"]]


def test_the_compose_file_keeps_the_compose_specification() -> None:
    # Only its schema is taken: the command check-jsonschema does not start with the click that Faust allows.
    found = find_spec("check_jsonschema")
    assert found is not None
    assert found.submodule_search_locations
    package = Path(found.submodule_search_locations[0])
    schema = json.loads((package / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    faults = Draft202012Validator(schema).iter_errors(read(COMPOSE))
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


@pytest.mark.parametrize("service", ["topics", "worker"])
def test_the_commands_of_the_compose_file_exist(service: str) -> None:
    cli = pytest.importorskip("streams.cli")
    command = [
        sys.executable,
        "-c",
        f"from {cli.__name__} import main; main()",
        *SERVICES[service]["command"],
    ]
    done = subprocess.run([*command, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_setting_in_the_compose_file_is_one_the_worker_knows() -> None:
    given = {name for service in ("topics", "worker") for name in SERVICES[service]["environment"]}
    assert given <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_every_file_the_compose_file_mounts_exists() -> None:
    mounts = [volume for service in SERVICES.values() for volume in service.get("volumes", ())]
    here = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert here
    assert [path for path in here if not (ROOT / path).exists()] == []


def test_nothing_is_published_beyond_loopback() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_credential_stands_in_the_deployed_files() -> None:
    files = [
        COMPOSE,
        ROOT / "deploy" / "Dockerfile",
        *PROMETHEUS.iterdir(),
        *(ROOT / "deploy/broker").iterdir(),
    ]
    named = re.compile(r"JOURNEY_\w+|/run/secrets/\w+|secrets: \[\w+\]|^secrets:|^  \w+:$|^#.*", re.MULTILINE)
    told = {file.name: named.sub("", file.read_text()) for file in files}
    assert [name for name, text in told.items() if re.search(r"(?i)password|secret|token", text)] == []
    given = {name for service in SERVICES.values() for name in service.get("environment", ())}
    secret = {f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in str(field)}
    assert len(secret) == 3
    assert given & secret == set()


def test_the_worker_and_prometheus_are_given_the_same_token() -> None:
    (job,) = read(PROMETHEUS / "prometheus.yml")["scrape_configs"]
    file = SERVICES["worker"]["environment"]["JOURNEY_WEB_TOKEN_FILE"]
    assert job["authorization"] == {"credentials_file": file}
    (name,) = {name for service in ("worker", "prometheus") for name in SERVICES[service]["secrets"]}
    assert file == f"/run/secrets/{name}"
    assert read(COMPOSE)["secrets"] == {name: {"environment": "JOURNEY_WEB_TOKEN"}}
    assert {f"/{page}" for page in re.findall(r"6066/(\w+)", str(SERVICES["worker"]["healthcheck"]))} <= set(PROBES)


def test_compose_runs_the_kafka_the_tests_run() -> None:
    pom = (ROOT / "deploy" / "broker" / "pom.xml").read_text()
    (version,) = re.findall(r"<kafka\.version>(.+)</kafka\.version>", pom)
    assert SERVICES["broker"]["image"] == f"apache/kafka:{version}"


def test_the_image_runs_as_an_ordinary_user_and_checks_what_it_installs() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "--require-hashes" in lines
    assert "USER 10001" in lines.partition("ENTRYPOINT")[0]
    assert len(set(FIRST_LINE.findall(lines))) == 1, "what was built for one Python runs on that one"


def test_prometheus_scrapes_the_worker_where_it_listens_and_reads_the_rules() -> None:
    config = read(PROMETHEUS / "prometheus.yml")
    assert [(PROMETHEUS / name).is_file() for name in config["rule_files"]] == [True]
    (job,) = config["scrape_configs"]
    port = Settings.model_fields["web_port"].default
    assert job["static_configs"] == [{"targets": [f"worker:{port}"]}]


def test_every_metric_in_a_rule_is_one_the_worker_has() -> None:
    assert metrics.messages
    known = {sample for family in REGISTRY.collect() for sample in (family.name, *_samples(family.name, family.type))}
    used = {name for rule in RULES for name in re.findall(r"journey_\w+", rule["expr"])}
    assert used
    assert used - known == set()


def _samples(name: str, kind: str) -> list[str]:
    endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    return [f"{name}{ending}" for ending in endings.get(kind, [])]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_rule_says_what_happened_how_bad_it_is_and_what_would_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert set(rule["annotations"]) == {"summary", "remedy"}


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is missing: on Debian, apt-get install prometheus")
def test_the_rules_fire_when_they_should_and_only_then() -> None:
    rules = Path(__file__).with_name("alerts.test.yml")
    done = subprocess.run(["promtool", "test", "rules", str(rules)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prefixes_in_the_rules_are_not_wired_to_one_installation() -> None:
    assert not [rule["alert"] for rule in RULES if f'"{Topics().prefix}.' in rule["expr"]]
