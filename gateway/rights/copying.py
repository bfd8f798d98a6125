"""The copy of a person's data as a file (Art. 15(3) and 20): a ZIP with JSON, CSV, recordings as WAV, and a manifest.

`manifest.json` names each file with its size and SHA-256. What is in the file is what the store holds, with nothing
left out: redacted words where only those are kept, originals and recordings where they exist.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.audio import wav
from gateway.notice.model import Notice
from gateway.rights.informing import information, recipient
from gateway.rights.telling import gets
from storage.copies import SessionCopy
from storage.records import Facts, PartKind
from storage.store import SessionStore

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a person: of their sessions, and of the request; `language` is theirs."""

    notice: Notice
    copies: Sequence[SessionCopy]
    request: Mapping[str, Any]
    language: str


async def copied(store: SessionStore, held: Held, now: datetime) -> bytes:
    """Return the file. Raises StorageError if something of it can't be read."""
    files = documents(held, now)
    for copy in held.copies:
        files |= await _recordings(store, copy, now)
    return packed(files, now)


def documents(held: Held, now: datetime) -> dict[str, bytes]:
    """Return the files but for recordings, by name."""
    notice, copies = held.notice, held.copies
    said = {
        "notice": {"id": notice.notice, "version": notice.version, "controller": notice.controller.name},
        "made_at": now.isoformat(),
        "information": information(notice, held.language),
        "request": held.request,
        "sessions": [_session(copy) for copy in copies],
    }
    return {
        "data.json": json.dumps(said, ensure_ascii=False, indent=2).encode(),
        "turns.csv": _csv(_turns(copies)),
        "parts.csv": _csv(_parts(held)),
        "consents.csv": _csv(_consents(copies)),
        "figures.csv": _csv(_figures(copies)),
        "connections.csv": _csv(_connections(copies)),
        "recipients.csv": _csv(_recipients(held)),
    }


def packed(files: Mapping[str, bytes], now: datetime) -> bytes:
    """Return a ZIP of the files and their manifest."""
    listed = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    manifest = json.dumps({"made_at": now.isoformat(), "files": listed}, indent=2).encode()
    out = io.BytesIO()
    stamp = now.timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, "manifest.json": manifest}.items():
            archive.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


async def _recordings(store: SessionStore, copy: SessionCopy, now: datetime) -> dict[str, bytes]:
    """Return the sound of a session, whole: what is restricted or blocked is held as well."""
    if all(part.kind is not PartKind.RECORDING for part in copy.parts):
        return {}
    return {
        f"recordings/{copy.session_id}/{recording.part_id}.wav": b"".join([piece async for piece in wav(recording)])
        for recording in await store.recordings.copy(copy.session_id, now)
    }


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


def _turns(copies: Iterable[SessionCopy]) -> list[list[str]]:
    rows = [["session", "number", "at", "speaker", "text", "original"]]
    for copy in copies:
        for turn in copy.turns:
            said = [turn.at.isoformat(), turn.speaker.value, turn.text, turn.original or ""]
            rows.append([str(copy.session_id), str(turn.sequence), *said])
    return rows


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


def _figures(copies: Iterable[SessionCopy]) -> list[list[str]]:
    rows = [["session", "figure", "value"]]
    for copy in copies:
        told = {} if copy.facts is None else _named(copy.facts)
        rows += [[str(copy.session_id), name, "" if value is None else str(value)] for name, value in told.items()]
    return rows


def _connections(copies: Iterable[SessionCopy]) -> list[list[str]]:
    rows = [["session", "what", "value"]]
    for copy in copies:
        rows += [[str(copy.session_id), name, value] for each in copy.connections for name, value in each.items()]
    return rows


def _recipients(held: Held) -> list[list[str]]:
    head = ["name", "role", "categories", "country", "safeguard"]
    told = (recipient(held.notice, each, held.language) for each in held.notice.recipients)
    return [head, *([each[name] or "" for name in head] for each in told)]


def _parts(held: Held) -> list[list[str]]:
    rows = [
        ["session", "channel", "started_at", "part", "purpose", "legal_basis", "state", "until", "held", "recipients"]
    ]
    for copy in held.copies:
        for part in copy.parts:
            for each in part.assignments:
                getting = [recipient for recipient in held.notice.recipients if gets(recipient, copy, each.purpose)]
                names = "; ".join(held.notice.wording(recipient.name, held.language) for recipient in getting)
                why = [each.purpose, each.legal_basis, each.state.value, each.delete_by.isoformat()]
                where = [str(copy.session_id), copy.channel, copy.started_at.isoformat()]
                rows.append([*where, part.kind.value, *why, "yes" if part.held else "no", names])
    return rows


def _consents(copies: Iterable[SessionCopy]) -> list[list[str]]:
    rows = [["session", "consent", "state", "at", "wording", "evidence"]]
    for copy in copies:
        for record in copy.consents:
            evidence = "; ".join(f"{name}: {value}" for name, value in record.evidence.items())
            said = [record.consent, record.state.value, record.at.isoformat(), record.wording, evidence]
            rows.append([str(copy.session_id), *said])
    return rows


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    # A spreadsheet takes a cell that begins like a formula for one; an apostrophe keeps it text.
    writer.writerows([["'" + cell if cell.startswith(_DANGEROUS) else cell for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")
