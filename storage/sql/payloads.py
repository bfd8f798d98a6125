"""What stands inside a sealed record, before padding.

A turn is `speaker 1 | time 8 (microseconds since 1970 UTC, big endian, signed) | text in UTF-8`; a surrogate
that stands alone, as JSON allows, is kept. Connection data are JSON, and so is a consent record; one without a
state says further what proves an answer. The pseudonym map is what the caller gave.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from storage.errors import SealBrokenError
from storage.evidence import LaterEvidence, completed
from storage.records import ConsentRecord, ConsentState, Speaker, StoredTurn

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_HEAD_BYTES: Final = 9
SPEAKER_CODES: Final[Mapping[Speaker, int]] = {Speaker.SUBJECT: 0, Speaker.BOT: 1, Speaker.AGENT: 2}
SPEAKERS: Final[Mapping[int, Speaker]] = {code: speaker for speaker, code in SPEAKER_CODES.items()}


def turn_to_bytes(speaker: Speaker, at: datetime, text: str) -> bytes:
    """Return a turn as it is sealed."""
    microseconds = (at - _EPOCH) // _MICROSECOND
    head = bytes((SPEAKER_CODES[speaker],)) + microseconds.to_bytes(8, "big", signed=True)
    return head + text.encode("utf-8", "surrogatepass")


def turn_from_bytes(sequence: int, payload: bytes) -> StoredTurn:
    """Return the turn that was sealed."""
    if len(payload) < _HEAD_BYTES or payload[0] not in SPEAKERS:
        raise SealBrokenError("a sealed turn has an unknown form")
    at = _EPOCH + timedelta(microseconds=int.from_bytes(payload[1:_HEAD_BYTES], "big", signed=True))
    text = payload[_HEAD_BYTES:].decode("utf-8", "surrogatepass")
    return StoredTurn(sequence=sequence, speaker=SPEAKERS[payload[0]], text=text, at=at)


def consent_to_bytes(record: ConsentRecord) -> bytes:
    """Return a consent record as it is sealed."""
    said = {name: getattr(record, name) for name in ConsentRecord.__slots__}
    said["at"] = record.at.astimezone(UTC).isoformat()
    said["evidence"] = dict(record.evidence)
    return json.dumps(said).encode()


def evidence_to_bytes(consent: str, said: Mapping[str, str]) -> bytes:
    """Return what is said further of an answer as it is sealed."""
    return json.dumps({"consent": consent, "evidence": dict(said)}).encode()


def consents_from(records: Iterable[tuple[int, bytes]]) -> tuple[ConsentRecord, ...]:
    """Return the consent records that were sealed (number, payload), with what was said further of each."""
    return completed(_consent_from_bytes(payload) for _, payload in records)


def _consent_from_bytes(payload: bytes) -> ConsentRecord | LaterEvidence:
    said: dict[str, Any] = json.loads(payload)
    if "state" not in said:
        return LaterEvidence(said["consent"], said["evidence"])
    said["state"] = ConsentState(said["state"])
    said["at"] = datetime.fromisoformat(said["at"])
    said["purposes"] = tuple(said["purposes"])
    return ConsentRecord(**said)


def connection_to_bytes(connection: Mapping[str, str]) -> bytes:
    """Return connection data as they are sealed."""
    return json.dumps(dict(connection)).encode()


def connection_from_bytes(payload: bytes) -> dict[str, str]:
    """Return the connection data that were sealed."""
    said: dict[str, str] = json.loads(payload)
    return said
