"""The copy of a person's data as a file (Art. 15(3) and 20): a ZIP with JSON, CSV, recordings as WAV, and a manifest.

`manifest.json` names each file with its size and SHA-256. What is in the file is what the store holds, with nothing
left out: redacted words where only those are kept, originals and recordings where they exist.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zlib
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.audio import wav, wav_bytes
from gateway.notice.model import Notice
from gateway.rights.informing import information, recipient
from gateway.rights.telling import gets
from gateway.rights.zipping import Zipped
from storage.copies import SessionCopy
from storage.errors import UnknownSessionError
from storage.recordings import Recording
from storage.records import Facts, PartKind
from storage.store import SessionStore

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
_RECIPIENT: Final = ("name", "role", "categories", "country", "safeguard")
_PIECE_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a person beside their sessions: of the request; `language` is theirs."""

    notice: Notice
    request: Mapping[str, Any]
    language: str


async def copied(
    store: SessionStore, held: Held, sessions: AsyncIterator[SessionCopy], now: datetime
) -> AsyncGenerator[bytes]:
    """Yield the file in pieces; of the sessions one is in memory at a time, of a recording one segment.

    Before the first piece the first session is read. Raises StorageError if something of it can't be read.
    """
    first = await anext(sessions, None)
    made, sheets, heard = Zipped(now), _Sheets(held), list[UUID]()

    async def read() -> AsyncIterator[SessionCopy]:
        copy = first
        while copy is not None:
            sheets.add(copy)
            if any(part.kind is PartKind.RECORDING for part in copy.parts):
                heard.append(copy.session_id)
            yield copy
            copy = await anext(sessions, None)

    async for piece in made.add("data.json", _document(held, read(), now)):
        yield piece
    for name, sheet in sheets.named.items():
        async for piece in made.add(name, sheet.pieces()):
            yield piece
    for session in heard:
        async for piece in _recordings(made, store, session, now):
            yield piece
    async for piece in made.end():
        yield piece


async def _document(held: Held, sessions: AsyncIterator[SessionCopy], now: datetime) -> AsyncIterator[bytes]:
    """Yield `data.json`, one session after the other."""
    notice = held.notice
    said = {
        "notice": {"id": notice.notice, "version": notice.version, "controller": notice.controller.name},
        "made_at": now.isoformat(),
        "information": information(notice, held.language),
        "request": held.request,
    }
    yield _json(said).removesuffix("\n}").encode() + b',\n  "sessions": ['
    between = "\n"
    async for copy in sessions:
        yield (between + _json(_session(copy))).replace("\n", "\n    ").encode()
        between = ",\n"
    yield b"\n  ]\n}"


async def _recordings(made: Zipped, store: SessionStore, session: UUID, now: datetime) -> AsyncIterator[bytes]:
    """Add the sound of a session, whole, also what is restricted or blocked; nothing if it was erased meanwhile."""
    found: Sequence[Recording] = ()
    with contextlib.suppress(UnknownSessionError):
        found = await store.recordings.copy(session, now)
    for recording in found:
        name = f"recordings/{session}/{recording.part_id}.wav"
        async for piece in made.add(name, wav(recording), wav_bytes(recording.manifest)):
            yield piece


class _Sheet:
    """A table as CSV, which grows while sessions are read; until it is sent it is in memory, packed."""

    def __init__(self, *columns: str) -> None:
        self._packer = zlib.compressobj()
        self._packed = [self._packer.compress(BOM_UTF8)]
        self.add([columns])

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Add rows."""
        out = io.StringIO()
        # A spreadsheet takes a cell that begins like a formula for one; an apostrophe keeps it text.
        cells = (["'" + cell if cell.startswith(_DANGEROUS) else cell for cell in row] for row in rows)
        csv.writer(out).writerows(cells)
        self._packed.append(self._packer.compress(out.getvalue().encode()))

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the table, once."""
        unpacker = zlib.decompressobj()
        for packed in (*self._packed, self._packer.flush()):
            piece = unpacker.decompress(packed, _PIECE_BYTES)
            while piece:
                yield piece
                piece = unpacker.decompress(unpacker.unconsumed_tail, _PIECE_BYTES)


class _Sheets:
    """The tables of a copy."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self.named = {
            "turns.csv": _Sheet("session", "number", "at", "speaker", "text", "original"),
            "parts.csv": _Sheet(
                "session", "channel", "started_at", "part", "purpose", "legal_basis", "state", "until", "held",
                "recipients",
            ),
            "consents.csv": _Sheet("session", "consent", "state", "at", "wording", "evidence"),
            "figures.csv": _Sheet("session", "figure", "value"),
            "connections.csv": _Sheet("session", "what", "value"),
            "recipients.csv": _Sheet(*_RECIPIENT),
        }  # fmt: skip
        told = (recipient(held.notice, each, held.language) for each in held.notice.recipients)
        self.named["recipients.csv"].add([each[name] or "" for name in _RECIPIENT] for each in told)

    def add(self, copy: SessionCopy) -> None:
        """Add the rows of a session."""
        for name, rows in (
            ("turns.csv", _turns(copy)),
            ("parts.csv", _parts(self._held, copy)),
            ("consents.csv", _consents(copy)),
            ("figures.csv", _figures(copy)),
            ("connections.csv", _connections(copy)),
        ):
            self.named[name].add([str(copy.session_id), *row] for row in rows)


def _session(copy: SessionCopy) -> dict[str, Any]:
    return {
        "id": str(copy.session_id),
        "channel": copy.channel,
        "started_at": copy.started_at.isoformat(),
        "notice_version": copy.notice_version,
        "restricted": copy.restricted,
        "figures": None if copy.facts is None else _named(copy.facts),
        "parts": [
            {
                "id": str(part.id),
                "kind": part.kind.value,
                "collected_at": part.collected_at.isoformat(),
                "held": part.held,
                "kept_for": [
                    {
                        "purpose": each.purpose,
                        "legal_basis": each.legal_basis,
                        "state": each.state.value,
                        "until": each.delete_by.isoformat(),
                    }
                    for each in part.assignments
                ],
            }
            for part in copy.parts
        ],
        "turns": [
            {"number": turn.sequence, "speaker": turn.speaker.value, "at": turn.at.isoformat(), "text": turn.text}
            | ({} if turn.original is None else {"original": turn.original})
            for turn in copy.turns
        ],
        "consents": [
            {
                "consent": record.consent,
                "state": record.state.value,
                "at": record.at.isoformat(),
                "wording": record.wording,
                "method": record.method,
                "notice_version": record.notice_version,
                "evidence": dict(record.evidence),
            }
            for record in copy.consents
        ],
        "connections": [dict(each) for each in copy.connections],
        "stand_ins": [each.decode(errors="replace") for each in copy.pseudonyms],
    }


def _turns(copy: SessionCopy) -> Iterable[list[str]]:
    for turn in copy.turns:
        yield [str(turn.sequence), turn.at.isoformat(), turn.speaker.value, turn.text, turn.original or ""]


def _named(facts: Facts) -> dict[str, Any]:
    heard = facts.recordings
    return {
        "started_at": facts.started_at.isoformat(),
        "last_turn_at": facts.last_turn_at.isoformat() if facts.last_turn_at is not None else None,
        "messages": facts.messages,
        "ratings_positive": facts.ratings_positive,
        "ratings_negative": facts.ratings_negative,
        "recorded_ms": heard.duration_ms,
        "recording_gaps": heard.gaps,
        "recording_gap_ms": heard.gap_ms,
    }


def _figures(copy: SessionCopy) -> Iterable[list[str]]:
    for name, value in ({} if copy.facts is None else _named(copy.facts)).items():
        yield [name, "" if value is None else str(value)]


def _connections(copy: SessionCopy) -> Iterable[list[str]]:
    for each in copy.connections:
        yield from ([name, value] for name, value in each.items())


def _parts(held: Held, copy: SessionCopy) -> Iterable[list[str]]:
    for part in copy.parts:
        for each in part.assignments:
            getting = [recipient for recipient in held.notice.recipients if gets(recipient, copy, each.purpose)]
            names = "; ".join(held.notice.wording(recipient.name, held.language) for recipient in getting)
            why = [each.purpose, each.legal_basis, each.state.value, each.delete_by.isoformat()]
            where = [copy.channel, copy.started_at.isoformat()]
            yield [*where, part.kind.value, *why, "yes" if part.held else "no", names]


def _consents(copy: SessionCopy) -> Iterable[list[str]]:
    for record in copy.consents:
        evidence = "; ".join(f"{name}: {value}" for name, value in record.evidence.items())
        yield [record.consent, record.state.value, record.at.isoformat(), record.wording, evidence]


def _json(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=2)
