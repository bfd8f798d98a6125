"""The bytes of an entry: one write that waits.

    length     4   of the body, big endian
    check      4   CRC-32 of the body
    check      4   CRC-32 of both: an end that a power loss has cut is known from a frame that was altered
    body
        form       1   0x01
        number     8   counts up within a directory; each section is bound to it
        at         8   when it was taken, microseconds since 1970 UTC
        session   16
        turns      2
        sections   each: kind 1, part 16, length 4, sealed

What is in clear is in clear in the session database as well: ids, a time, a count. A section is sealed as
`storage.crypto.aead` says, with the part's key, the entry's number as its sequence, and a kind of the spool's own, so
that nothing of the spool passes for a record of the database or the other way round.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID
from zlib import crc32

from storage.records import PartKind

_FORM: Final = 1
_FRAME: Final = struct.Struct(">II")
_CHECK: Final = struct.Struct(">I")
_FRAME_BYTES: Final = _FRAME.size + _CHECK.size
_HEAD: Final = struct.Struct(">BQq16sH")
_SECTION: Final = struct.Struct(">B16sI")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class SpoolKind(StrEnum):
    """What a section holds, as its seal is bound to it."""

    TRANSCRIPT = "spool-transcript"
    ORIGINAL = "spool-original"
    PSEUDONYMS = "spool-pseudonyms"


KINDS: Final = {
    PartKind.TRANSCRIPT: SpoolKind.TRANSCRIPT,
    PartKind.ORIGINAL: SpoolKind.ORIGINAL,
    PartKind.PSEUDONYMS: SpoolKind.PSEUDONYMS,
}
_CODES: Final = {PartKind.TRANSCRIPT: 0, PartKind.ORIGINAL: 1, PartKind.PSEUDONYMS: 2}
_KIND_OF: Final = {code: kind for kind, code in _CODES.items()}


class Section(NamedTuple):
    """What is sealed for one part."""

    kind: PartKind
    part_id: UUID
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One write that waits."""

    number: int
    at: datetime
    session_id: UUID
    turns: int
    sections: tuple[Section, ...] = field(repr=False)


def frame(entry: Entry) -> bytes:
    """Return the bytes of an entry."""
    at = (entry.at - _EPOCH) // _MICROSECOND
    head = _HEAD.pack(_FORM, entry.number, at, entry.session_id.bytes, entry.turns)
    sections = (
        _SECTION.pack(_CODES[each.kind], each.part_id.bytes, len(each.sealed)) + each.sealed for each in entry.sections
    )
    body = head + b"".join(sections)
    start = _FRAME.pack(len(body), crc32(body))
    return start + _CHECK.pack(crc32(start)) + body


def entries_in(content: bytes) -> Iterator[Entry | None]:
    """Yield the entries of a file in order, None for one that was altered.

    What stands at the end and is not whole was never acknowledged, and is passed over.
    """
    at, last = 0, -1
    while at < len(content):
        end = _end(content, at)
        if end is None:
            if _is_cut(content, at):
                return
            yield None
            at = _next_whole(content, at + 1)
            continue
        body = content[at + _FRAME_BYTES : end]
        entry = _entry(body) if _is_whole(content, at, body) else None
        if entry is not None and entry.number <= last:
            entry = None
        if entry is not None:
            last = entry.number
        yield entry
        at = end


def _end(content: bytes, at: int) -> int | None:
    """Return where the frame that begins here ends, if that can be believed and is in the content."""
    start = content[at : at + _FRAME_BYTES]
    if len(start) < _FRAME_BYTES or _CHECK.unpack_from(start, _FRAME.size)[0] != crc32(start[: _FRAME.size]):
        return None
    end: int = at + _FRAME_BYTES + _FRAME.unpack_from(start)[0]
    return end if end <= len(content) else None


def _is_cut(content: bytes, at: int) -> bool:
    """Tell whether what is left is the beginning of one frame, or room that nothing was written to."""
    rest = content[at:]
    if len(rest) < _FRAME_BYTES or not any(rest):
        return True
    return bool(_CHECK.unpack_from(rest, _FRAME.size)[0] == crc32(rest[: _FRAME.size]))


def _next_whole(content: bytes, at: int) -> int:
    """Return where the next whole frame begins; the end of the content if there is none."""
    while at < len(content):
        end = _end(content, at)
        if end is not None and _is_whole(content, at, content[at + _FRAME_BYTES : end]):
            return at
        at += 1
    return at


def _is_whole(content: bytes, at: int, body: bytes) -> bool:
    return bool(_FRAME.unpack_from(content, at)[1] == crc32(body))


def _entry(body: bytes) -> Entry | None:
    try:
        form, number, at, session_id, turns = _HEAD.unpack_from(body)
        sections, offset = [], _HEAD.size
        while offset < len(body):
            code, part_id, length = _SECTION.unpack_from(body, offset)
            offset += _SECTION.size
            sections.append(Section(_KIND_OF[code], UUID(bytes=part_id), body[offset : offset + length]))
            offset += length
    except (struct.error, KeyError):
        return None
    if form != _FORM or offset != len(body) or not sections:
        return None
    return Entry(number, _EPOCH + timedelta(microseconds=at), UUID(bytes=session_id), turns, tuple(sections))
