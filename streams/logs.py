"""Structured logs: one JSON object a line on standard error; never a payload, never a secret."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

import orjson

OURS = "streams"


def fields(**values: object) -> dict[str, dict[str, object]]:
    """Give a log line its fields: `log.info("restored", extra=fields(partition=3))`."""
    return {"fields": values}


class JsonLines(logging.Formatter):
    """One record, one line of JSON.

    Of an exception it tells the type and the frames, and not its text: that may quote what a customer sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as one line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line |= {"exception": record.exc_info[0].__name__, "frames": _frames(record.exc_info[2])}
        return orjson.dumps(line, default=str).decode()


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def setup_logs(level: str, stream: TextIO | None = None) -> None:
    """Send our logs at `level`, and other libraries' errors, to standard error as lines of JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.ERROR)
    logging.getLogger(OURS).setLevel(level.upper())
    # An agent that raises is told by the data plane, without the exception's text, and then the worker ends.
    for name in ("faust", "mode"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
