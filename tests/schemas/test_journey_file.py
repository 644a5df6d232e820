"""The journey file: what is wrong in it is told, all of it, where it stands, with what would do."""

import time
from pathlib import Path

import pytest

from schemas.faults import Fault
from schemas.reading import JourneyError, read_journey
from tests.small_journey import SMALL, spoiled


def faults_of(content: bytes) -> tuple[Fault, ...]:
    with pytest.raises(JourneyError) as caught:
        read_journey(content, "small.yaml")
    return caught.value.faults


def test_a_journey_without_faults_is_read() -> None:
    journey = read_journey(SMALL.encode())
    assert journey.stages["active"].from_ == ("trial",)
    assert journey.alerts["upgrade"].cooldown == 7 * 86_400_000


def test_a_journey_dumped_to_json_reads_the_same_again() -> None:
    journey = read_journey(SMALL.encode())
    assert read_journey(journey.model_dump_json(exclude_none=True).encode()) == journey


def test_the_text_of_the_error_has_a_line_for_each_fault_in_the_order_of_the_file() -> None:
    with pytest.raises(JourneyError) as caught:
        read_journey(spoiled("cooldown: 7d", "cooldown: 7 days").replace(b"version: 1", b"version: 0"), "x/small.yaml")
    assert str(caught.value) == (
        "x/small.yaml:3: version: must be at least 1, not 0\n"
        "x/small.yaml:55: alerts.upgrade.cooldown: '7 days' is not a span; write '7d'"
    )


def test_a_fault_in_one_place_hides_none_in_another_of_the_same_rule() -> None:
    content = spoiled("{stage: active}", "{stage: actve}").replace(b"kind: expansion", b"kind: expanding")
    assert [fault.path for fault in faults_of(content)] == ["alerts.upgrade.kind", "alerts.upgrade.until.none[0].stage"]


def test_words_that_yaml_1_1_would_have_bent_are_keys_and_texts() -> None:
    content = spoiled("is: [team, pro]", "is: [on, no, 2026-01-31, 22:30, 0x1f, ~, 010, 1_000]")
    condition = read_journey(content).alerts["upgrade"].when
    assert condition.any is not None
    assert condition.any[0].trait is not None
    assert condition.any[0].trait.is_ == ("on", "no", "2026-01-31", "22:30", "0x1f", "~", "010", "1_000")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ["1: the file is empty; it begins with 'journey: 1'"]),
        (b"# soon\n", ["1: the file is empty; it begins with 'journey: 1'"]),
        (b"- journey: 1\n", ["1: the file is a list; it must be a mapping of keys to values"]),
        (b"journey\n", ["1: the file is 'journey'; it must be a mapping of keys to values"]),
        (b"a: 1\nb: 1\na: 2\n", ["3: a: the key stands here twice, first on line 1"]),
        (
            b"a: &x 1\nb: *x\n",
            ["1: a: '&x' is an anchor; write each value out", "2: b: '*x' is an alias; write the value out"],
        ),
        (b"a: 1\nb: !thing 1\n", ["2: b: '!thing' is a tag; values need none here: remove it"]),
        (b"a: 1\n---\nb: 1\n", ["2: a second document begins here; a file holds one"]),
        (b"a: 1\nb: \xff\n", ["2: this is not UTF-8; save the file in that encoding"]),
        (b"a: 1\nb: \x00\n", ["2: the character '\\x00' cannot stand in this file; remove it"]),
        (b'a: 1\nb: "\\0"\n', ["2: b: the character '\\x00' cannot stand in a text"]),
        (b"? [a]\n: 1\n", ["1: a key must be a text"]),
    ],
)
def test_what_is_not_yaml_as_we_use_it_is_told_alone(content: bytes, told: list[str]) -> None:
    assert [str(fault) for fault in faults_of(content)] == told


@pytest.mark.parametrize(
    ("content", "line"), [(b"a: 1\nb: [\n", 2), (b"a: 1\nb: c: d\n", 2), (b"a: 1\n\tb: 1\n", 2), (b"a: 'x\n", 1)]
)
def test_bad_yaml_is_told_with_its_line(content: bytes, line: int) -> None:
    (fault,) = faults_of(content)
    assert fault.line == line
    assert fault.message.startswith("this is not YAML: ")


BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c, c, c - 1, c - 1) for c in range(ord("b"), ord("z")))


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        b"x" * 10_000_000,
        b"[" * 1_000_000,
        b"{a: " * 200_000,
        b"- " * 500_000,
        b"a: [" + b"1," * 400_000 + b"]",
        b"version: " + b"9" * 1_000_000,
        b"events: {" + b"".join(b"e%d: {x: }," % i for i in range(20_000)) + b"}",
        b"measures: {" + b"".join(b"m%d: {count: e%d, over: 7d}," % (i, i) for i in range(9_000)) + b"}",
    ],
    ids=["aliases", "10 MB", "lists", "mappings", "bullets", "entries", "digits", "unknown keys", "unknown names"],
)
def test_a_hostile_file_is_refused_in_seconds(content: bytes) -> None:
    began = time.process_time()
    assert faults_of(content)
    assert time.process_time() - began < 4


def test_a_file_that_cannot_be_read_is_a_fault_too(tmp_path: Path) -> None:
    with pytest.raises(JourneyError, match=r"none\.yaml:1: cannot be read: No such file"):
        read_journey(tmp_path / "none.yaml")
    with pytest.raises(JourneyError, match="cannot be read: Is a directory"):
        read_journey(tmp_path)


def test_a_fault_is_one_line_whatever_the_key() -> None:
    (fault,) = faults_of(SMALL.encode() + b'? "' + b"no such\\n\\u200b" + b"k" * 5_000 + b'"\n: 1\n')
    assert str(fault).startswith(f"{len(SMALL.splitlines()) + 1}: no such\\n\\u200bkkk")
    assert len(str(fault)) < 1_100
