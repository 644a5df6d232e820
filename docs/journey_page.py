"""The page on the journey language, from the schema that refuses what it does not say."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.journey import Journey
from schemas.spans import format_span

Schema = Mapping[str, Any]

HEAD = """# The journey language

A journey is one YAML file. [writing-a-journey.md](writing-a-journey.md) leads from an empty one to a whole one, and
`deploy/journeys/b2b-saas.yaml` is one to be read from top to bottom; this page has every key. What is not here is
refused, and so is what makes no sense: all faults are told at once, with path, line and remedy. `journey check FILE`
tells them, `journey replay` says what a journey would have said of events in a file, and `journey explain ACCOUNT` why
an account stands where it does.

Names of our own (measures, stages, alerts, …) are small letters, digits and `_`; names of events and traits are
written as they are sent. Keys in bold must be there. A span is a number and `s`, `m`, `h`, `d` or `w`; business time
is `4bh` or `30bm`. Days are UTC days.

**Conditions** are asked by milestones, stages, alerts, drivers and plays. A condition has one key of its table below,
or several, which must all hold; `all`, `any` and `none` join others. Those that need one thing only may be written in
words:

| in words | the same at length |
|---|---|
| `did: Invite Sent` | `did: {event: Invite Sent}` |
| `measure: mau at least 5` | `measure: {name: mau, at_least: 5}` |
| `date: contract_ends_at within 60d` | `date: {trait: contract_ends_at, within: 60d}` |
| `trait: plan is free` | `trait: {name: plan, is: free}` |
| `silent: 14d` | `silent: {for: 14d}` |
| `in_stage: 7d` | `in_stage: {for: 7d}` |
| `usage_drop: critical` | `usage_drop: {grade: critical}` |

`at least` has its opposite in `below`, `within` in `past`.
"""


def journey_page() -> str:
    """Every key, section by section: what it takes, and what it means."""
    schema = Journey.model_json_schema()
    models = {name: part for name, part in schema["$defs"].items() if "properties" in part}
    return "\n".join([HEAD, *_table("The file", schema, schema)]) + "".join(
        "\n" + "\n".join(_table(name, models[name], schema)) for name in _in_order(schema, models)
    )


def _in_order(schema: Schema, models: Mapping[str, Schema]) -> list[str]:
    """The models as a reader of the file meets them, each after the first that takes it."""
    found: dict[str, None] = {}
    waiting = list(_refs(schema["properties"]))
    while waiting:
        name = waiting.pop(0)
        if name in models and name not in found:
            found[name] = None
            waiting = [*_refs(models[name]["properties"]), *waiting]
    return list(found)


def _refs(part: Any) -> Iterator[str]:
    """The models that a part names, in order."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield _name(part["$ref"])
        for inner in part.values():
            yield from _refs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _refs(inner)


def _table(title: str, model: Schema, schema: Schema) -> list[str]:
    rows = [
        f"| {f'**`{key}`**' if key in model.get('required', ()) else f'`{key}`'} "
        f"| {_takes(part, schema)}{_default(part)} | {_meaning(part, schema)} |"
        for key, part in model["properties"].items()
    ]
    said = line(model.get("description"))
    return [f"## {title}", "", *([said, ""] if said else []), "| key | takes | meaning |", "|---|---|---|", *rows, ""]


def _takes(part: Schema, schema: Schema) -> str:
    """What a value may be, in a few words."""
    if "$ref" in part:
        return _named(_name(part["$ref"]), schema)
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_takes(one, schema) for one in part["anyOf"] if one.get("type") != "null"))
    if part.get("type") == "array":
        return f"a list: {_takes(part.get('items', {}), schema)}"
    if part.get("type") == "object":
        inner = [*part.get("patternProperties", {}).values(), part.get("additionalProperties")]
        return f"by name: {_takes(next((one for one in inner if isinstance(one, dict)), {}), schema)}"
    if "examples" in part:
        return f"such as `{part['examples'][0]}`"
    words = {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`"}
    return f"`{part['const']}`" if "const" in part else words.get(part.get("type", ""), "a value")


def _named(name: str, schema: Schema) -> str:
    part = schema["$defs"][name]
    if "enum" in part:
        return " or ".join(f"`{value}`" for value in part["enum"])
    return f"[{name}](#{name.lower()})" if "properties" in part else _takes(part, schema)


def _meaning(part: Schema, schema: Schema) -> str:
    """Its own description, else the first sentence on what it takes."""
    known = (schema["$defs"][name].get("description", "") for name in _refs(part))
    return line(part.get("description") or next(known, "").partition(". ")[0].removesuffix("."))


def _default(part: Schema) -> str:
    given = part.get("default")
    if isinstance(given, bool) or not isinstance(given, (str, int, float)) or given == "":
        return ""
    return f"; `{format_span(given) if isinstance(given, int) and 'examples' in part else given}` unless said"


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]


def line(text: str | None) -> str:
    """A text as a cell of a table takes it."""
    return " ".join((text or "").split()).replace("|", "\\|")
