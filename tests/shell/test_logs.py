"""Logs are one JSON object a line, and never quote what a customer sent."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest

from streams.logs import fields, setup_logs


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    before = (logging.root.handlers[:], logging.root.level)
    stream = io.StringIO()
    setup_logs("info", stream)
    yield stream
    logging.root.handlers[:], _ = before
    logging.root.setLevel(before[1])


def test_a_line_is_json_with_its_fields(out: io.StringIO) -> None:
    logging.getLogger("streams.x").info("restored", extra=fields(partition=3))
    line = orjson.loads(out.getvalue())
    assert (line["message"], line["level"], line["partition"]) == ("restored", "info", 3)


def test_an_exception_is_told_by_type_and_place_and_not_by_its_text(out: io.StringIO) -> None:
    try:
        raise ValueError("ann@example.com")
    except ValueError:
        logging.getLogger("streams.x").exception("the worker ends")
    line = orjson.loads(out.getvalue())
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["frames"][0]
    assert "ann@example.com" not in out.getvalue()


def test_below_the_level_nothing_is_said(out: io.StringIO) -> None:
    logging.getLogger("streams.x").debug("noise")
    logging.getLogger("faust.agents").error("agent crashed: payload")
    assert out.getvalue() == ""
