"""`sordino redact`: a filter from standard input to standard output, for text or JSON lines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from gateway.errors import BodyUnreadableError, SettingsError
from redaction.engine import Redactor
from redaction.errors import UnknownLanguageError
from redaction.filter import find_in_record, redact_text
from redaction.languages import all_languages, language


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    redact = commands.add_parser("redact", help="redact standard input to standard output, line by line")
    redact.add_argument(
        "--lang", metavar="CODE", type=_language, help="the language, such as de; without it, it is inferred"
    )
    redact.add_argument(
        "--caution", choices=["low", "normal", "high"], default="normal", help="how early a doubtful value counts"
    )
    redact.add_argument(
        "--jsonl", action="store_true",
        help='read {"id", "text", "lang"?, "previous"?, "channel"?} lines, write {"id", "text", "findings"} lines; '
        "offsets in code points",
    )  # fmt: skip
    redact.add_argument("--explain", action="store_true", help="with --jsonl: add recogniser and score to each finding")
    redact.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Redact until the input ends. Raises BodyUnreadableError that names a line that is not JSON, or SettingsError."""
    if arguments.explain and not arguments.jsonl:
        raise SettingsError("--explain goes with --jsonl")
    redactor = Redactor(caution=arguments.caution)
    out = sys.stdout.buffer
    for line in _redacted(redactor, arguments, sys.stdin.buffer):
        out.write(line)
        out.flush()
    return 0


def _redacted(redactor: Redactor, arguments: argparse.Namespace, source: BinaryIO) -> Iterator[bytes]:
    for number, raw in enumerate(source, 1):
        if not arguments.jsonl:
            text = raw.decode(errors="surrogateescape")
            yield redact_text(redactor, text, language=arguments.lang).encode(errors="surrogateescape")
        elif raw.strip():
            record = _record(raw, number)
            record.setdefault("lang", arguments.lang)
            yield _line(find_in_record(redactor, record, explain=arguments.explain))


def _record(raw: bytes, number: int) -> dict[str, Any]:
    try:
        record = json.loads(raw)  # not orjson, which refuses lone surrogates
    except (ValueError, RecursionError):
        raise BodyUnreadableError(f"line {number}: is not JSON in UTF-8") from None
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise BodyUnreadableError(f'line {number}: must be a JSON object with a "text"')
    for name in ("lang", "previous", "channel"):
        if not isinstance(record.get(name), str | None):
            raise BodyUnreadableError(f'line {number}: "{name}" must be a string')
    return record


def _language(code: str) -> str:
    try:
        return language(code).code
    except UnknownLanguageError:
        known = ", ".join(sorted(all_languages()))
        raise argparse.ArgumentTypeError(f"must be one of {known}") from None


def _line(document: dict[str, Any]) -> bytes:
    """Return one line; what UTF-8 can't hold (lone surrogates) is escaped."""
    try:
        return json.dumps(document, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(document).encode() + b"\n"
