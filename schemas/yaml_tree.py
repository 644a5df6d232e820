"""YAML as far as our files use it: mappings, lists and scalars as JSON knows them, each with its place.

Values mean what they look like: only `true`, `false`, `null` and JSON's numbers are not text, so `on`, `2026-01-31`,
`22:30` and `010` stay what was written. Anchors, aliases, tags, duplicate keys and second documents are refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from schemas.faults import Fault, Path, path_text, shown

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 40_000
MAX_FAULTS: Final = 100
"""A file with more faults than this is told of the first so many of each sort."""

_LOADER: Final[Any] = getattr(
    yaml, "CBaseLoader", yaml.BaseLoader
)  # both give the same events; one is 20 times as fast
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")
# Besides controls: what breaks lines unseen, and what turns the order of letters, so that people read another file.
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_WORDS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None, "": None}


class Mark(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's content as plain data, and where each value of it stands."""

    data: object
    places: Mapping[Path, Mark]

    def fault(self, path: Path, message: str) -> Fault:
        """A fault at a path, or at the nearest value around it that is in the file."""
        held = path
        while held not in self.places:
            held = held[:-1]
        # a key that a mapping lacks is named; what a shorthand such as `did: Signed Up` leaves out is not
        told = path[: len(held) + 1] if isinstance(self.at(held), dict) else held
        return Fault(*self.places[held], path_text(told), message)

    def at(self, path: Path) -> object:
        """The value at a path."""
        value: Any = self.data
        for part in path:
            value = value[part]
        return value


class YamlError(Exception):
    """The bytes are not such a file; all that follows would be guessing."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


def read_tree(content: bytes) -> Tree:
    """Read a file of one document. Raises YamlError for whatever is not YAML as described above."""
    text = _text_of(content)
    reading = _Reading(text)
    try:
        data = reading.document()
    except yaml.MarkedYAMLError as error:
        fault = _at(error.problem_mark or error.context_mark, (), f"this is not YAML: {error.problem or error.context}")
        raise YamlError(replace(fault, line=min(fault.line, reading.last_line))) from None
    except yaml.YAMLError as error:
        raise YamlError(Fault(1, 1, "", f"this is not YAML: {str(error).splitlines()[0]}")) from None
    if reading.faults:
        raise YamlError(*reading.faults)
    return Tree(data, reading.places)


def _text_of(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise YamlError(Fault(1, 1, "", f"the file is larger than {MAX_BYTES // 1024} KiB"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise YamlError(Fault(line, 1, "", "this is not UTF-8; save the file in that encoding")) from None
    odd = _UNPRINTABLE.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise YamlError(Fault(line, 1, "", f"the character {odd[0]!r} cannot stand in this file; remove it"))
    return text


def _at(mark: Any, path: Path, message: str) -> Fault:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Fault(line, column, path_text(path), message)


class _Reading:
    """Reads one text, keeps going past what it refuses where it can, and stops where it cannot."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
        self.last_line = text.count("\n") + (not text.endswith("\n")) or 1
        self.places: dict[Path, Mark] = {}
        self.faults: list[Fault] = []

    def document(self) -> object:
        """The content of the only document."""
        next(self.events)  # the stream begins
        if not isinstance(next(self.events), DocumentStartEvent):
            raise YamlError(Fault(1, 1, "", "the file is empty; it begins with 'journey: 1'"))
        top = next(self.events)
        data = self._value(top, ())
        if not isinstance(data, dict):
            raise YamlError(
                _at(top.start_mark, (), f"the file is {shown(data)}; it must be a mapping of keys to values")
            )
        next(self.events)  # the document ends
        after = next(self.events)
        if isinstance(after, DocumentStartEvent):
            self.faults.append(_at(after.start_mark, (), "a second document begins here; a file holds one"))
        return data

    def _value(self, event: Event, path: Path) -> object:
        self._guard(event, path)
        self.places.setdefault(path, self._mark(event))
        match event:
            case MappingStartEvent():
                return self._mapping(path)
            case SequenceStartEvent():
                return self._sequence(path)
            case ScalarEvent():
                return self._scalar(event, path)
        return None  # an alias, which has been refused

    def _mapping(self, path: Path) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for event in iter(lambda: next(self.events), None):
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, path)
            inside = (*path, key)
            if key in mapping:
                first = self.places[inside].line
                self.faults.append(_at(event.start_mark, inside, f"the key stands here twice, first on line {first}"))
            self.places.setdefault(inside, self._mark(event))
            mapping[key] = self._value(next(self.events), inside)
        return mapping

    def _key(self, event: Event, path: Path) -> str:
        if not isinstance(event, ScalarEvent):
            raise YamlError(_at(event.start_mark, path, "a key must be a text"))
        self._guard(event, path)
        self._check_text(event, event.value, path)
        return str(event.value)

    def _sequence(self, path: Path) -> list[object]:
        sequence: list[object] = []
        for event in iter(lambda: next(self.events), None):
            if isinstance(event, SequenceEndEvent):
                break
            sequence.append(self._value(event, (*path, len(sequence))))
        return sequence

    def _scalar(self, event: ScalarEvent, path: Path) -> str | int | float | bool | None:
        text = str(event.value)
        self._check_text(event, text, path)
        if event.style is None or event.style == "":
            if text in _WORDS:
                return _WORDS[text]
            if _NUMBER.fullmatch(text):
                return float(text) if set(text) & set(".eE") else int(text)
        return text

    def _check_text(self, event: ScalarEvent, text: str, path: Path) -> None:
        odd = _UNPRINTABLE.search(text)
        if odd:
            self.faults.append(_at(event.start_mark, path, f"the character {odd[0]!r} cannot stand in a text"))

    def _guard(self, event: Event, path: Path) -> None:
        """Refuse what YAML has and our files have not, before it costs anything."""
        if len(self.faults) > MAX_FAULTS:
            raise YamlError(*self.faults[:MAX_FAULTS])
        if len(path) > MAX_DEPTH:
            raise YamlError(_at(event.start_mark, path[:4], f"this goes more than {MAX_DEPTH} levels deep"))
        if len(self.places) > MAX_VALUES:
            raise YamlError(_at(event.start_mark, path, f"the file has more than {MAX_VALUES} values"))
        if isinstance(event, AliasEvent):
            self.faults.append(_at(event.start_mark, path, f"'*{event.anchor}' is an alias; write the value out"))
        elif isinstance(event, NodeEvent) and event.anchor:
            self.faults.append(_at(event.start_mark, path, f"'&{event.anchor}' is an anchor; write each value out"))
        tag = getattr(event, "tag", None)
        if tag:
            self.faults.append(_at(event.start_mark, path, f"{shown(tag)} is a tag; values need none here: remove it"))

    def _mark(self, event: Event) -> Mark:
        mark: Any = event.start_mark
        return Mark(min(mark.line + 1, self.last_line), mark.column + 1)
