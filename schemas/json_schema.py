"""JSON Schemas of all that crosses a wire or a file, generated from the models and never written by hand."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec
from pydantic import BaseModel

from schemas import outputs, state
from schemas.events import SegmentMessage
from schemas.journey import Journey

Schema = dict[str, Any]
_STATE_RECORDS: Final = (
    state.Hot,
    state.Cold,
    state.User,
    state.Held,
    state.Forgetting,
    state.Vocabulary,
    state.PartitionClock,
    state.Instrument,
    state.Figures,
)


def _of_model(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(mode="validation")


def _of_state() -> Schema:
    """One schema for the values of both changelogs: which of them a value is, its key's first byte says."""
    structs = [value for value in vars(state).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)]
    refs, definitions = msgspec.json.schema_components(map(_told, structs), ref_template="#/$defs/{name}")
    for struct in structs:
        for place, field in zip(
            definitions[struct.__name__]["prefixItems"], msgspec.structs.fields(struct), strict=True
        ):
            place["title"] = field.name
    return {
        "title": "State",
        "description": "A state record: MessagePack, not JSON. Arrays are positional; base64 stands for bytes.",
        "anyOf": [ref for ref, struct in zip(refs, structs, strict=True) if struct in _STATE_RECORDS],
        "$defs": definitions,
    }


def _told(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The struct, or a twin of it without its defaults: packed ones cannot be written into a schema."""
    fields = msgspec.structs.fields(struct)
    if not any(isinstance(field.default, msgspec.Raw) for field in fields):
        return struct
    optional = [(field.name, field.type, msgspec.field(default_factory=object)) for field in fields]
    return msgspec.defstruct(struct.__name__, optional, array_like=True, namespace={"__doc__": struct.__doc__})


SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = MappingProxyType(
    {
        "event": partial(_of_model, SegmentMessage),
        "journey": partial(_of_model, Journey),
        "state": _of_state,
        **{name: partial(_of_model, model) for name, model in outputs.MODELS.items()},
    }
)
"""Schema name, which is also the file name, to what derives it from its models. Add a line for a new one."""

FOLDER: Final = Path(__file__).parent / "json"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_text(name: str) -> str:
    """The JSON Schema of one model as the file holds it."""
    return json.dumps({"$schema": _DIALECT, **SCHEMAS[name]()}, indent=2, ensure_ascii=False) + "\n"


def write_all(folder: Path = FOLDER) -> None:
    """Write every schema to `folder` and remove files of models that are gone."""
    for stale in {file.stem for file in folder.glob("*.json")} - set(SCHEMAS):
        (folder / f"{stale}.json").unlink()
    for name in SCHEMAS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")
