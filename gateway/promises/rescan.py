"""A second look at what was redacted before it was stored: do today's recognisers still find something in it?

Stand-ins such as `[PERSON]` are not found again. What only the names model believes, without the words that stood
there before, is told as doubtful; what has the form of personal data breaks the promise.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.notice.model import Notice
from redaction.engine import Redactor
from redaction.findings import EntityType, Finding
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.proving import Sampled
from storage.records import Speaker, Transcript
from storage.store import SessionStore

_STAND_IN: Final = re.compile(r"\[[A-Z_]+\]|<[A-Z_]+_[0-9]+>")
_MODEL: Final = "names"
_AT_ONCE: Final = 8


@dataclass(slots=True)
class Rescan:
    """What the second look has found, by type: `found` has a form, `doubtful` only the model believes."""

    read: int = 0
    found: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)


async def rescan(
    store: SessionStore, notice: Notice, redactors: Mapping[str, Redactor], now: datetime, limit: int
) -> Rescan:
    """Read at most `limit` transcripts taken at random, and search them; each read is written to the ledger."""
    result = Rescan()
    wanted = [each for each in await store.proofs.sample(now, limit) if each.channel in notice.channels]
    for first in range(0, len(wanted), _AT_ONCE):
        # Each read waits for the ledger's disk; some wait together.
        some = wanted[first : first + _AT_ONCE]
        found = await asyncio.gather(*(_read(store, sampled, now) for sampled in some))
        for sampled, transcript in zip(some, found, strict=True):
            if transcript is not None:
                channel = notice.channels[sampled.channel]
                result.read += 1
                _search(transcript, redactors[sampled.channel], frozenset(channel.keep_types), channel.language, result)
    return result


async def _read(store: SessionStore, sampled: Sampled, now: datetime) -> Transcript | None:
    """Return a transcript; None if it has gone meanwhile."""
    try:
        return await store.read(sampled.session_id, sampled.purpose, now)
    except (UnknownSessionError, PurposeRefusedError):
        return None


def _search(
    transcript: Transcript, redactor: Redactor, readable: frozenset[EntityType], language: str | None, result: Rescan
) -> None:
    last: dict[bool, str] = {}
    for turn in transcript.turns:
        side = turn.speaker is Speaker.SUBJECT
        for finding in redactor.find(turn.text, previous=last.get(not side, ""), language=language):
            if finding.type not in readable and _is_left(turn.text, finding):
                (result.doubtful if finding.recogniser == _MODEL else result.found)[finding.type.value] += 1
        last[side] = turn.text


def _is_left(text: str, finding: Finding) -> bool:
    """Tell whether a finding holds more than a stand-in."""
    beside = list(text)
    for match in _STAND_IN.finditer(text):
        beside[match.start() : match.end()] = " " * (match.end() - match.start())
    return any(character.isalnum() for character in beside[finding.start : finding.end])
