"""Write what is derived from code, as `make generate` does: the pages here, and schemas/json/asyncapi.yaml.

A test fails when one is stale.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
import yaml
from prometheus_client.metrics import MetricWrapperBase

from docs.journey_page import journey_page, line
from streams import asyncapi, metrics
from streams.cli import app
from streams.engine.kpis.catalogue import KPIS
from streams.engine.kpis.sheet import MAX_COHORTS
from streams.engine.rejection import Reason
from streams.kafka.grants import ROLES, Grant
from streams.kafka.topics import Topics
from streams.settings import Settings
from tests.hostile import CORPUS

HERE = Path(__file__).parent
MAX_INSTANCES = 3
VALUES = {
    "string": "text",
    "path": "file",
    "password": "secret",
    "boolean": "`true` or `false`",
    "integer": "number",
    "number": "number",
}
BOUNDS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to"}


def dead_letters_page() -> str:
    """Every reason, with its meaning."""
    head = (
        "# Dead letters\n\n"
        "A message that cannot become an event goes to `journey.dead-letters`, and the next one is read. It keeps its\n"
        "bytes, key and headers, and gains headers: `reason`, which is stable, and `__streams.errors.message`,\n"
        "`.topic`, `.partition` and `.offset`. `journey dead-letters list` shows them.\n\n"
        "To mend some: write them to a file (`list --json --show-values`), edit each line's `value`, and send them\n"
        "again with `journey dead-letters replay --mended FILE`; without a file they are sent as they came, say\n"
        "after the journey has learned an event. Each is sent once, however often it is run: a record without value,\n"
        "with the reason `replayed` and the letter's offset as its key, says so among the dead letters. What is\n"
        "sent again arrives when it is sent: its event is late, and counts on its own day where that is still held.\n\n"
        "| reason | meaning | for instance |\n|---|---|---|\n"
    )
    return head + "".join(f"| `{reason}` | {reason.meaning} | {_instances(reason)} |\n" for reason in Reason)


def _instances(reason: Reason) -> str:
    """What the hostile corpus has of it: a few, from its beginning to its end."""
    labels = [hostile.label for hostile in CORPUS if hostile.reason == reason]
    return "; ".join(labels[:: max(1, -(-len(labels) // MAX_INSTANCES))])


def metrics_page() -> str:
    """Every series a worker has."""
    head = (
        "# Metrics\n\n"
        "A worker tells these on `/metrics` of JOURNEY_WEB_PORT, on loopback; on another JOURNEY_WEB_HOST, or where\n"
        "JOURNEY_WEB_TOKEN_FILE names a token, only to its bearer (`Authorization: Bearer …`). `/livez` and `/readyz`\n"
        "say ok or no to all: the probes of an orchestrator have no safe place for a token.\n"
        "No label ever holds an account.\n\n"
        "| series | kind | labels | meaning |\n|---|---|---|---|\n"
    )
    found = [value for value in vars(metrics).values() if isinstance(value, MetricWrapperBase)]
    return head + "".join(_metric(metric) for metric in found)


def _metric(metric: Any) -> str:
    family = next(iter(metric.describe()))
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels = ", ".join(metric._labelnames) or "none"  # noqa: SLF001  it has no public word for them
    return f"| `{name}` | {family.type} | {labels} | {family.documentation} |\n"


def kpis_page() -> str:
    """Every KPI, with its formula."""
    head = (
        "# KPIs\n\n"
        "Figures over all accounts, by UTC day, ISO week and month: on `journey.kpis`, in `kpis.jsonl` of a replay,\n"
        "and for periods still open as the gauge `journey_kpi`. A period is closed once the clock has passed its end\n"
        "by the allowed lateness. Each figure is told over all accounts, for each cohort (the month in which accounts\n"
        f"began; all before the last {MAX_COHORTS} are one), and for each segment whose values are listed. What is\n"
        "retracted is taken back in the period in which it is. A figure\n"
        "of nothing is not written. Revenue kept or lost is cut by where the account stood before. An account is\n"
        "*judged* once, `judged_after` it began; first heard of a day after it began, it signs up in no period.\n\n"
        "| KPI | unit | what it is |\n|---|---|---|\n"
    )
    return head + "".join(f"| `{kpi.name}` | {kpi.unit} | {line(kpi.figures.__doc__)} |\n" for kpi in KPIS)


def commands_page() -> str:
    """Every command with its help, arguments and options."""
    head = (
        "# Commands\n\n"
        "All take `--help`. Those that print data take `--json`: one JSON value a line. `--install-completion` sets\n"
        "up the shell. Exit codes: 0 all is well; 1 it ran and found something wrong; 2 the command or its\n"
        "configuration is at fault; 130 ended by Ctrl-C before it was done.\n"
    )
    return head + "".join(_command(path, command) for path, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its path."""
    yield from _below("journey", typer.main.get_command(app))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, sub in inner.items():
        yield from _below(f"{path} {name}", sub)


def _command(path: str, command: Any) -> str:
    shown = [param for param in command.params if param.name != "help"]
    arguments = " ".join(_metavar(param) for param in shown if param.param_type_name == "argument")
    rows = "".join(_param(param) for param in shown)
    table = f"\n| | |\n|---|---|\n{rows}" if rows else ""
    usage = f"{path} {arguments}".strip()
    return f"\n## {path}\n\n`{usage}`\n\n{_unwrapped(command.help or '')}\n{table}"


def _param(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"| `{_metavar(param)}` | {param.help} |\n"
    names = " ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
    given = f" `{param.metavar}`" if param.metavar else ""
    has_default = param.default is not None and not isinstance(param.default, bool) and not callable(param.default)
    default = f" Default: {param.default}." if has_default and isinstance(param.default, int) else ""
    return f"| {names}{given} | {param.help or ''}{default}{' Required.' if param.required else ''} |\n"


def _metavar(param: Any) -> str:
    name = str(param.metavar or param.name).upper()
    return f"{name}…" if param.nargs == -1 else name


def _unwrapped(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def access_page() -> str:
    """What each command must be granted."""
    head = (
        "# Access\n\n"
        "On a Kafka with access control each command needs these grants under its user and nothing more: a test gives\n"
        "exactly them, and takes them away one by one. The names are those of JOURNEY_TOPIC_PREFIX=journey and\n"
        "JOURNEY_CONSUMER_GROUP=journey; `*` stands for all names that begin so. `journey topics grants COMMAND`\n"
        "prints them for your settings, as `kafka-acls.sh` takes them. Who lacks one is told which, before work\n"
        "begins.\n\n"
        "Who writes events needs Write on `journey.events`; who reads verdicts Read on their topics and on a group.\n"
        "Users log in by SASL or by a certificate (JOURNEY_SECURITY_PROTOCOL, JOURNEY_SASL_…, JOURNEY_SSL_…). Secrets\n"
        "are given as files (`…_FILE`) or values, in the environment or the file that JOURNEY_CONFIG names, never as\n"
        "arguments. To change the password of workers: change it in Kafka, then in their settings, then start them\n"
        "anew; one that still comes with the old ends with 1, at the latest when Kafka asks who is there again.\n"
    )
    return head + "".join(_role(command, grants) for command, grants in _roles().items())


def _roles() -> dict[str, list[Grant]]:
    return {command: list(role(Topics(), "journey")) for command, role in ROLES.items()}


def _role(command: str, grants: list[Grant]) -> str:
    by_resource: dict[str, list[str]] = {}
    for grant in grants:
        by_resource.setdefault(grant.what, []).append(grant.verb)
    alike: dict[str, list[str]] = {}
    for what, verbs in by_resource.items():
        alike.setdefault(", ".join(sorted(verbs)), []).append(what)
    rows = "".join(f"| {verbs} | {_resources(whats)} |\n" for verbs, whats in alike.items())
    return f"\n## journey {command}\n\n| operation | resource |\n|---|---|\n{rows}"


def _resources(whats: list[str]) -> str:
    return ", ".join(f"{kind} `{name}`" for kind, _, name in (what.rpartition(" ") for what in whats))


def settings_page() -> str:
    """Every setting, with its default."""
    head = (
        "# Settings\n\n"
        "All commands take them from the environment, else from the file that JOURNEY_CONFIG names, else the default.\n"
        "The file has lines of `JOURNEY_NAME=value`, as shells and Compose read them, or is TOML\n"
        "(`web_port = 6066`) if its name ends so. A name that begins so and is none of these is\n"
        "refused, in the file and in the environment; only what Kubernetes tells of a service named `journey`\n"
        "is passed over.\n\n"
        "| setting | value | default | meaning |\n|---|---|---|---|\n"
    )
    return head + "".join(_setting(name, schema) for name, schema in Settings.model_json_schema()["properties"].items())


def _setting(name: str, schema: dict[str, Any]) -> str:
    kind = next((kind for kind in schema.get("anyOf", ()) if kind["type"] != "null"), schema)
    values = [f"`{value}`" for value in kind.get("enum", ())]
    bounds = [f"{word} {kind[key]}" for key, word in BOUNDS.items() if key in kind]
    takes = ", ".join(values) or " ".join([VALUES[kind.get("format", kind["type"])], *bounds])
    default = "the host's name" if "default" not in schema else _default(schema["default"])
    return f"| `JOURNEY_{name.upper()}` | {takes} | {default} | {line(schema['description'])} |\n"


def _default(value: object) -> str:
    return "none" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def asyncapi_page() -> str:
    """Every topic, as tools read it."""
    return "# Derived from the code: `make generate`.\n" + yaml.dump(
        asyncapi.document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110
    )


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  each part is written out where it belongs
        return True


PAGES = {
    "../schemas/json/asyncapi.yaml": asyncapi_page,
    "journey.md": journey_page,
    "dead-letters.md": dead_letters_page,
    "metrics.md": metrics_page,
    "kpis.md": kpis_page,
    "commands.md": commands_page,
    "access.md": access_page,
    "settings.md": settings_page,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page())
