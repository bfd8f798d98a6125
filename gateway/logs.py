"""Logs as JSON lines with an allow-list of fields: what is not listed can't be logged.

A log line says what happened to which channel, never what was said, by whom, or from where. Errors are
logged by class and place; their messages and tracebacks with values are not. `client` is the network of an address.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from typing import TextIO

import orjson

LOGGER = logging.getLogger("sordino")
FIELDS = frozenset(
    {
        "channel",
        "client",
        "reason",
        "status",
        "parts",
        "seconds",
        "listen",
        "notice",
        "version",
        "error",
        "where",
        "kind",
        "count",
    }
)


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object of known fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. All that foreign loggers say but their names is left out: it may quote a request."""
        ours = record.name == LOGGER.name
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.msg if ours and isinstance(record.msg, str) else f"{record.name} reported",
        }
        if ours:
            line.update((name, value) for name, value in record.__dict__.items() if name in FIELDS)
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = place_of(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def place_of(error: BaseException | None) -> str:
    """Return `file:line` of where an error was raised; no source text, no values."""
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "unknown"


def set_up_logging(level: str, stream: TextIO | None = None) -> None:
    """Send all logging of the process to `stream` (standard error) in this form."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, level_number(level)))
    LOGGER.setLevel(level_number(level))


def level_number(level: str) -> int:
    """Return logging's number of a level name."""
    return logging.getLevelNamesMapping()[level.upper()]
