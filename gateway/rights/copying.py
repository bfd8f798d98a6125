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
from datetime import datetime
from typing import Any, Final

from gateway.audio import wav
from gateway.notice.model import Notice
from storage.copies import SessionCopy
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.records import PartKind
from storage.store import SessionStore

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


async def copied(store: SessionStore, notice: Notice, copies: Sequence[SessionCopy], now: datetime) -> bytes:
    """Return the file. Raises StorageError if something of it can't be read."""
    files = documents(notice, copies, now)
    for copy in copies:
        files |= await _recordings(store, notice, copy, now)
    return packed(files, now)


def documents(notice: Notice, copies: Sequence[SessionCopy], now: datetime) -> dict[str, bytes]:
    """Return the files but for recordings, by name."""
    said = {
        "notice": {"id": notice.notice, "version": notice.version, "controller": notice.controller.name},
        "made_at": now.isoformat(),
        "sessions": [_session(copy) for copy in copies],
    }
    return {
        "data.json": json.dumps(said, ensure_ascii=False, indent=2).encode(),
        "turns.csv": _csv(_turns(copies)),
        "parts.csv": _csv(_parts(copies)),
        "consents.csv": _csv(_consents(copies)),
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


async def _recordings(store: SessionStore, notice: Notice, copy: SessionCopy, now: datetime) -> dict[str, bytes]:
    """Return the sound of a session, as its own purposes may hear it: unsilenced, where one may."""
    purposes = {each.purpose for part in copy.parts if part.kind is PartKind.RECORDING for each in part.assignments}
    channel = notice.channels.get(copy.channel)
    whole = set(channel.hear_original) if channel is not None else set()
    found: dict[str, bytes] = {}
    for purpose in sorted(purposes, key=lambda name: (name not in whole, name)):
        try:
            recordings = await store.recordings.read(copy.session_id, purpose, now)
        except (PurposeRefusedError, UnknownSessionError):
            continue
        for recording in recordings:
            name = f"recordings/{copy.session_id}/{recording.part_id}.wav"
            if name not in found:
                found[name] = b"".join([piece async for piece in wav(recording)])
    return found


def _session(copy: SessionCopy) -> dict[str, Any]:
    return {
        "id": str(copy.session_id),
        "channel": copy.channel,
        "started_at": copy.started_at.isoformat(),
        "notice_version": copy.notice_version,
        "restricted": copy.restricted,
        "messages": copy.messages,
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


def _parts(copies: Iterable[SessionCopy]) -> list[list[str]]:
    rows = [["session", "channel", "started_at", "part", "purpose", "legal_basis", "state", "until"]]
    for copy in copies:
        for part in copy.parts:
            for each in part.assignments:
                why = [each.purpose, each.legal_basis, each.state.value, each.delete_by.isoformat()]
                where = [str(copy.session_id), copy.channel, copy.started_at.isoformat()]
                rows.append([*where, part.kind.value, *why])
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
