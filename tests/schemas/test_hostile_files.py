"""Journey files from an attacker: each is refused within a second, in little memory, by a line that names its line."""

# ruff: noqa: E501  a row is one attack

import itertools
import os
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from string import ascii_lowercase
from typing import NamedTuple

import pytest

from schemas.reading import JourneyError, read_journey
from schemas.yaml_tree import MAX_FAULTS
from streams.engine.compiler import compile_journey
from tests.shell.cli import journey as command
from tests.small_journey import SMALL, spoiled

MAX_CPU_S = 4.0
MAX_KIB = 192 * 1024
LAST = len(SMALL.splitlines()) + 1


class Attack(NamedTuple):
    """A file, and how its first fault begins; None if it is a journey all the same."""

    label: str
    content: bytes
    told: str | None


def after(text: str | bytes) -> bytes:
    return SMALL.encode() + (text.encode() if isinstance(text, str) else text)


def many(section: str, entry: str, times: int) -> bytes:
    """The small journey with so many more entries in a section."""
    start = f"\n{section}:\n"
    return SMALL.replace(start, start + "".join(entry.format(i, (i + 1) % times) for i in range(times))).encode()


def bomb() -> bytes:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in itertools.pairwise(ascii_lowercase)]
    return "\n".join(lines).encode()


def looks_from_afar(levels: int) -> str:
    """A condition within conditions."""
    return "{all: [" * levels + "{did: Report Viewed}" + "]}" * levels


RULE = "  r{}: {{kind: nudge, severity: info, when: "
DEEP = r"1: \S*: this goes more than 32 levels deep"

ATTACKS = [
    Attack("10 MB", b"journey: 1\n#" + b"x" * 10_000_000, "1: the file is larger than 1024 KiB"),
    Attack("a megabyte of comment", b"#" + b"x" * 1_048_000, "1: the file is empty"),
    Attack("nothing", b"", "1: the file is empty"),
    Attack("an alias bomb", bomb(), "1: a: '&a' is an anchor"),
    Attack("80,000 anchors", b"a:\n" + b"".join(b" - &a%d x\n" % i for i in range(80_000)), "2: a.0.: '&a0' is an anchor"),
    Attack("300,000 aliases", b"a: &a x\nb: [" + b"*a," * 300_000 + b"]", "1: a: '&a' is an anchor"),
    Attack("a merge key", after("<<: {version: 2}\n"), f"{LAST}: <<: there is no such key"),
    Attack("a merge of an alias", after("plans: {<<: *a}\n"), f"{LAST}: plans.<<: '\\*a' is an alias"),
    Attack("a Python tag", after("x: !!python/object/apply:os.system [id]\n"), f"{LAST}: x: .*is a tag"),
    Attack("a tag of its own", b"%TAG ! tag:x,2000:\n---\n" + after("x: !y 1\n"), f"{LAST + 2}: x: .*is a tag"),
    Attack("a key given twice", after("journey: 1\n"), f"{LAST}: journey: the key stands here twice, first on line 1"),
    Attack("a key given 90,000 times", b"journey: 1\n" * 90_000, "2: journey: the key stands here twice"),
    Attack("a second document", after("---\njourney: 1\n"), f"{LAST}: a second document begins here"),
    Attack("200,000 documents", b"---\n" * 200_000, "2: the file is nothing"),
    Attack("a version of YAML to come", b"%YAML 9.9\n---\n" + after(""), "1: this is not YAML"),
    Attack("5,000 lists deep", b"a: " + b"[" * 5_000 + b"]" * 5_000, DEEP),
    Attack("a million brackets never closed", b"[" * 1_000_000, DEEP),
    Attack("200,000 mappings deep", b"{a: " * 200_000, DEEP),
    Attack("1,400 blocks deep", b"".join(b" " * i + b"a:\n" for i in range(1_400)), "34" + DEEP[1:]),
    Attack("400,000 dashes", b"- " * 400_000, DEEP),
    Attack("200,000 question marks", b"? " * 200_000, "1: a key must be a text"),
    Attack("300,000 colons", b": " * 300_000, "1: this is not YAML"),
    Attack("half a million commas", b"[" + b"," * 500_000, "1: this is not YAML"),
    Attack("half a million quotes", b'"' * 500_001, "1: the file is ''"),
    Attack("a key of half a megabyte", b"k" * 500_000 + b": 1", "1: the file is 'kkk"),
    Attack("a list as key", after("? [a]\n: b\n"), f"{LAST}: a key must be a text"),
    Attack("a number as key", after("1: 2\n"), f"{LAST}: 1: there is no such key"),
    Attack("null as key", after("null: 2\n"), f"{LAST}: null: there is no such key"),
    Attack("a tab for blanks", spoiled("  Signed Up:\n", "\tSigned Up:\n"), "6: this is not YAML"),
    Attack("a byte order mark", b"\xef\xbb\xbf" + after(""), None),
    Attack("UTF-16", SMALL.encode("utf-16"), "1: this is not UTF-8"),
    Attack("UTF-16 without mark", SMALL.encode("utf-16-le"), r"1: the character '\\x00'"),
    Attack("UTF-32", SMALL.encode("utf-32"), "1: this is not UTF-8"),
    Attack("Latin-1", spoiled("Ask what keeps them", "Caf@").replace(b"@", b"\xe9"), r"\d\d: this is not UTF-8"),
    Attack("a null character", after(b"\0"), rf"{LAST}: the character '\\x00'"),
    Attack("a null character, escaped", b'a: "\\0"', r"1: a: the character '\\x00'"),
    Attack("a lone surrogate, escaped", b'a: "\\ud800"', "1: this is not YAML"),
    Attack("200,000 characters, escaped", b'journey: "' + b"\\x41" * 200_000 + b'"', "1: events: this key is missing"),
    Attack("text turned around", spoiled("Signed Up:", "Signed \u202eUp:"), r"6: the character '\\u202e'"),
    Attack("a comment turned around", after("# \u2066 all is well\n"), rf"{LAST}: the character '\\u2066'"),
    Attack("a line broken unseen", spoiled("keeps them", "keeps\u2028them"), r"\d\d: the character '\\u2028'"),
    Attack("a name with a zero-width space", spoiled("name: small", "name: sm\u200ball"), r"2: name: 'sm\\u200ball' is not a name"),
    Attack("a name with a Cyrillic letter", spoiled("name: small", "name: sm\u0430ll"), "2: name: 'sm\u0430ll' is not a name"),
    Attack("a name with a full-width letter", spoiled("  plan: text", "  pl\uff41n: text"), "1[0-9]: traits.pl\uff41n"),
    Attack("a number of half a million digits", spoiled("version: 1\n", f"version: {'9' * 500_000}\n"), "3: version: must be a whole"),
    Attack("a number beyond all", spoiled("version: 1\n", "version: 1e999\n"), "3: version: must be a whole"),
    Attack("not a number", spoiled("version: 1\n", "version: .nan\n"), "3: version: must be a whole"),
    Attack("a span of 19 million years", spoiled("dwell: 2d", "dwell: 999999999w"), None),
    Attack("a threshold beyond all", spoiled("at_least: 50}", "at_least: 1e400}"), r"\d\d: alerts.upgrade.*must be a number"),
    Attack("a text of a megabyte", spoiled("name: small", f"name: {'s' * 900_000}"), "2: name: 'sss"),
    Attack("an event's name of 900 letters", spoiled("Signed Up:", f"{'S' * 900}:"), "6: events.SSS"),
    Attack("100,000 rules", many("alerts", "  r{}: {{}}\n", 100_000), "1: the file is larger|.*more than 40000 values"),
    Attack("12,000 rules", many("alerts", RULE + "{{did: Report Viewed}}}}\n", 12_000), r".*more than 40000 values"),
    Attack("3,000 rules", many("alerts", RULE + "{{did: Report Viewed}}}}\n", 3_000), r"\d\d: alerts: must have at most 2000"),
    Attack("6,000 rules over nothing", many("alerts", RULE + "{{did: X{}}}}}\n", 6_000), r"\d\d: alerts: must have at most 2000"),
    Attack("30,000 unknown keys", b"journey: 1\n" + b"".join(b"k%d: 1\n" % i for i in range(30_000)), "1: events: this key is missing"),
    Attack("30,000 events", many("events", "  E{}:\n", 30_000), "5: events: must have at most 10000"),
    Attack("13,000 measures", many("measures", "  q{}: {{count: any, over: 28d}}\n", 13_000), r"\d\d: measures: must have at most 500"),
    Attack("9,000 measures of each other", many("measures", "  q{}: {{ratio: {{of: q{}, to: seats}}}}\n", 9_000), r"\d\d: measures: must have at most 500"),
    Attack("13,000 milestones in a ring", many("milestones", "  m{}: {{when: {{reached: m{}}}}}\n", 13_000), r"\d\d: milestones: must have at most 500"),
    Attack("400 milestones in a ring", many("milestones", "  m{}: {{when: {{reached: m{}}}}}\n", 400), "19: milestones.m0.when: it waits for itself: m0 → m1 → "),
    Attack("8,000 stages in a ring", many("stages", "  s{}: {{from: s{}, enter: {{reached: looked}}}}\n", 8_000), r"\d\d: stages: must have at most 100"),
    Attack("8,000 stages from nowhere", many("stages", "  s{}: {{from: x{}, enter: {{reached: looked}}}}\n", 8_000), r"\d\d: stages: must have at most 100"),
    Attack("a segment of 30,000 values", spoiled("[free, team, pro]}\nplays", f"[{', '.join(f'v{i}' for i in range(30_000))}]}}\nplays"), r"\d\d: segments.tier.values: must have at most 100"),
    Attack("a condition of 30,000 parts", many("alerts", RULE + "{{any: [" + "{{did: any}}, " * 18_000 + "]}}}}\n", 1), r"\d\d: alerts.r0.when.any: must have at most 50"),
    Attack("a condition of 12 within each other", many("alerts", RULE + looks_from_afar(12).replace("{", "{{").replace("}", "}}") + "}}\n", 1), None),
    Attack("a pattern for the names of events", spoiled("when: {did: Report Viewed}", 'when: {did: "(a+)+$"}'), r"20: milestones.looked.when.did: the event '\(a\+\)\+\$' is not declared"),
    Attack("stars for the names of events", spoiled("when: {did: Report Viewed}", f'when: {{did: "{"*a" * 5_000}"}}'), "20: milestones.looked.when.did"),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.label)
def test_a_hostile_file_is_refused_quickly_by_its_line(attack: Attack) -> None:
    before, size = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = told_of(attack.content)
    assert time.process_time() - before < MAX_CPU_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - size < MAX_KIB
    assert bool(lines) == (attack.told is not None)
    assert len(lines) <= 5 * MAX_FAULTS
    if attack.told is not None:
        assert re.match(rf"journey:(?:{attack.told})", lines[0])


def told_of(content: bytes) -> list[str]:
    try:
        compile_journey(read_journey(content))
    except JourneyError as error:
        return str(error).splitlines()
    return []


def nothing(path: Path) -> None:
    assert not path.exists()


def unreadable(path: Path) -> None:
    path.symlink_to("/proc/self/mem")


def loop(path: Path) -> None:
    path.symlink_to(path)


NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (nothing, "No such file or directory"),
    "a folder": (Path.mkdir, "Is a directory"),
    "a pipe nobody writes": (os.mkfifo, "a pipe or a device; name a file"),
    "a device without end": (lambda path: path.symlink_to("/dev/zero"), "a pipe or a device; name a file"),
    "a file that gives errors": (unreadable, "Input/output error"),
    "a link to itself": (loop, "Too many levels of symbolic links"),
}


@pytest.mark.parametrize("made", NO_FILES)
def test_what_is_no_file_is_refused_at_once(made: str, tmp_path: Path) -> None:
    make, told = NO_FILES[made]
    path = tmp_path / "journey.yaml"
    make(path)
    with pytest.raises(JourneyError) as refused:
        read_journey(path)
    assert str(refused.value) == f"{path}:1: cannot be read: {told}"


def test_the_command_ends_with_2_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "journey.yaml"
    os.mkfifo(path)
    for arguments in (["check", path], ["replay", "-", "--journey", path, "--out", tmp_path / "out"]):
        assert command(*arguments) == (2, "", f"{path}:1: cannot be read: a pipe or a device; name a file\n")


def test_a_journey_as_large_as_the_language_allows_is_compiled_in_seconds() -> None:
    rules = "".join(f"  r{i}: {{kind: nudge, severity: info, when: {{did: E{i}}}}}\n" for i in range(1_900))
    content = many("events", "  E{}:\n", 9_900).replace(b"\nalerts:\n", b"\nalerts:\n" + rules.encode())
    before = time.process_time()
    assert told_of(content) == []
    assert time.process_time() - before < 10
