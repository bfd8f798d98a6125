"""Transcripts as other systems export them: JSON Lines or CSV, one turn a line.

Each line has `conversation`, `speaker`, `text` and `time` (ISO 8601). The lines of a conversation stand together,
in order. Speakers are known by the words of common exports (`user`, `customer`, `assistant`, `bot`, `agent`, ...).
A time in the future is wrong: what it dates would be kept for longer than was promised.

A file is read as a stream, so it may be larger than memory. What is wrong is told by its line, never quoted.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import chain, groupby, pairwise
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from gateway.errors import GatewayError
from storage.records import Speaker

FIELDS: Final = ("conversation", "speaker", "text", "time")
_SPEAKERS: Final = {
    word: speaker
    for speaker, words in {
        Speaker.SUBJECT: ("subject", "user", "customer", "visitor", "client", "human", "kunde", "klant"),
        Speaker.BOT: ("bot", "assistant", "ai", "chatbot", "system-bot"),
        Speaker.AGENT: ("agent", "operator", "support", "employee", "mitarbeiter", "medewerker"),
    }.items()
    for word in words
}
_SEPARATORS: Final = ",;\t"
_MOST_FIELD_CHARACTERS: Final = 10_000_000
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


class TranscriptError(GatewayError):
    """A file of transcripts can't be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a file, as it was said."""

    speaker: Speaker
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation of a file; `name` is the other system's id, `line` where it begins."""

    name: str = field(repr=False)
    line: int
    turns: tuple[Said, ...]


def read_transcripts(path: Path, time_zone: str, now: datetime) -> Iterator[Conversation]:
    """Yield the conversations of a `.jsonl` or `.csv` file.

    Args:
        path: the file; its ending tells the format.
        time_zone: the IANA zone of times that name no offset.
        now: nothing may have been said after it.

    Raises:
        TranscriptError: for a file or line that can't be read, or a conversation whose lines do not stand together.
    """
    lines = _csv_lines(path) if path.suffix.lower() == ".csv" else _json_lines(path)
    zone, seen = ZoneInfo(time_zone), set[bytes]()
    turns = (_turn(path, number, line, zone, now) for number, line in lines)
    for name, group in groupby(turns, key=lambda each: each[1]):
        said = list(group)
        digest = blake2b(name.encode(errors="surrogatepass"), digest_size=16).digest()
        if digest in seen:
            raise _wrong(path, said[0][0], "continues a conversation whose other lines stand elsewhere; sort the file")
        seen.add(digest)
        ordered = tuple(turn for _, _, turn in said)
        if any(later.at < earlier.at for earlier, later in pairwise(ordered)):
            raise _wrong(path, said[0][0], "begins a conversation whose times go backwards; sort the file by time")
        yield Conversation(name, said[0][0], ordered)


def _json_lines(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError:
                raise _wrong(path, number, "is not JSON") from None
            if not isinstance(value, dict):
                raise _wrong(path, number, f"is no JSON object with {', '.join(FIELDS)}")
            yield number, value


def _csv_lines(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    csv.field_size_limit(_MOST_FIELD_CHARACTERS)
    with _opened(path) as lines:
        head = next(lines, "")
        # German spreadsheets separate by semicolons. No name of a column holds any of these.
        reader = csv.DictReader(chain([head], lines), delimiter=max(_SEPARATORS, key=head.count))
        missing = [name for name in FIELDS if name not in (reader.fieldnames or ())]
        if missing:
            raise _wrong(path, 1, f"must name the columns; missing: {', '.join(missing)}")
        try:
            for row in reader:
                yield reader.line_num, row
        except csv.Error:
            raise _wrong(path, reader.line_num, "is not CSV") from None


class _opened:  # noqa: N801 - used like the built-in open
    """The lines of a UTF-8 file; what is not UTF-8 is told by its line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Iterator[str]:
        try:
            self._file = self._path.open("rb")
        except OSError as error:
            raise TranscriptError(f"{self._path}: can't be read: {error.strerror or type(error).__name__}") from None
        return self._lines(self._file)

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def _lines(self, raw: Iterable[bytes]) -> Iterator[str]:
        for number, line in enumerate(raw, 1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise _wrong(self._path, number, "is not UTF-8") from None


def _turn(path: Path, number: int, line: Mapping[str, object], zone: ZoneInfo, now: datetime) -> tuple[int, str, Said]:
    for name in FIELDS:
        if not isinstance(line.get(name), str | int):
            raise _wrong(path, number, f"has no {name}")
    if not str(line["conversation"]).strip():  # it would be one conversation of many people
        raise _wrong(path, number, "has no conversation")
    speaker = _SPEAKERS.get(str(line["speaker"]).strip().lower())
    if speaker is None:
        raise _wrong(path, number, f"has a speaker that is none of: {', '.join(_SPEAKERS)}")
    try:
        at = datetime.fromisoformat(str(line["time"]).strip())
    except ValueError:
        raise _wrong(path, number, "has a time that is not ISO 8601, such as 2026-11-26T09:30:00+01:00") from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=zone)
    if not _EARLIEST <= at <= now:
        raise _wrong(path, number, "has a time before 1970 or in the future; is its offset right?")
    return number, str(line["conversation"]), Said(speaker, str(line["text"]), at)


def _wrong(path: Path, number: int, what: str) -> TranscriptError:
    return TranscriptError(f"{path}:{number}: {what}")
