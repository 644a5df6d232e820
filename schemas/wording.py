"""pydantic's errors in the words of the journey file: what is wrong with which value, and what would do."""

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.faults import Path, meant, nearest, shown

_WANTED: Final[Mapping[str, str]] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
}
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def worded(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Path, str]]:
    """Each error as a path in the file and a message."""
    details = error.errors(include_url=False)
    around = {detail["loc"][:-1] for detail in details}
    for detail in details:
        if detail["type"] == "too_short" and detail["loc"] in around:
            continue  # pydantic does not count the entries it has just refused
        path = tuple(part for part in detail["loc"] if part != "[key]")
        yield path, _message(detail, path, model)


def _message(detail: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    match kind:
        case "extra_forbidden":
            return _unknown_key(str(path[-1]), known_keys(model, path[:-1]))
        case "missing":
            return "this key is missing; it must be given"
        case "value_error":
            return str(context["error"])
        case "enum" | "literal_error":
            return _not_one_of(found, context["expected"])
        case "string_pattern_mismatch":
            return _not_a_name(str(found), dashed="-" in context["pattern"].replace("a-z", "").replace("0-9", ""))
        case "string_too_short" | "string_too_long" | "too_short" | "too_long":
            return _wrong_size(kind, context)
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"must be {words} {context[bound]:g}, not {shown(found)}"
    wanted = _WANTED.get(kind)
    return f"must be {wanted}, not {shown(found)}" if wanted else f"{detail['msg']}; found {shown(found)}"


def known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys a mapping at this path may have, as written in the file."""
    inside: Any = model
    for part in path:
        inside = _inside(inside, part)
    return [field.alias or name for name, field in inside.model_fields.items()] if _is_model(inside) else []


def _inside(kind: Any, part: str | int) -> Any:
    """The type of what stands at a key or a position in a value of this type."""
    if _is_model(kind):
        field = next((f for name, f in kind.model_fields.items() if (f.alias or name) == part), None)
        return _bare(field.annotation) if field else None
    arguments = get_args(kind)
    return _bare(arguments[1 if get_origin(kind) is dict else 0]) if arguments else None


def _bare(kind: Any) -> Any:
    """A type without `Annotated` and without `None`."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    arguments = get_args(kind)
    if NoneType in arguments:
        return _bare(next(one for one in arguments if one is not NoneType))
    return kind


def _is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _unknown_key(key: str, known: list[str]) -> str:
    return f"there is no such key here; {meant(key, known, 'the keys are ' + ', '.join(known))}"


def _not_one_of(found: object, expected: str) -> str:
    names = [name.strip("'") for name in expected.replace(" or ", ", ").split(", ")]
    wanted = names[0] if len(names) == 1 else f"one of {', '.join(names)}"
    if not isinstance(found, str):
        return f"must be {wanted}, not {shown(found)}"
    near = nearest(found, names)
    return f"must be {wanted}, not {shown(found)}" + (f"; did you mean '{near}'?" if near else "")


def _not_a_name(text: str, *, dashed: bool) -> str:
    join = "-" if dashed else "_"
    like = "".join(c if c.isascii() and c.isalnum() else join for c in text.lower())[:64].strip(join)
    like = like.lstrip("0123456789_-") or f"my{join}name"
    return f"{shown(text)} is not a name; write small letters, digits and '{join}', as in '{like}'"


def _wrong_size(kind: str, context: Mapping[str, Any]) -> str:
    what = "character" if kind.startswith("string") else "entry"
    if kind.endswith("short"):
        return f"must have at least {context['min_length']} {what}; it is empty"
    return f"must have at most {context['max_length']} {what.replace('entry', 'entrie')}s"
