"""From a write to an entry, with nothing but what is in memory. Nothing here waits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from storage.crypto.aead import PartSealer
from storage.crypto.padding import pad
from storage.digests import DIGEST_BYTES, identity, words_digest
from storage.key_material import SecretBytes
from storage.marks import TurnMarks
from storage.plans import allowed, prepare
from storage.records import Assignment, PartKind, Session, Turn, TurnRef, Write
from storage.spool import contents
from storage.spool.backend import HeldSession, SpoolBackend
from storage.spool.entries import KINDS, Entry, Section


@dataclass(frozen=True, slots=True)
class Sealable:
    """A write that can wait: its fresh turns with their marks, and for each kind the sealer of its part.

    `sequences`: for each turn of the write the number that it will most likely get, None for a repeat. `refs`: the
    fresh turns as history alignment is to see them.
    """

    write: Write
    turns: tuple[Turn, ...]
    sealers: dict[PartKind, tuple[PartSealer, Section]]
    sequences: tuple[int | None, ...]
    refs: tuple[TurnRef, ...]


def sealable(write: Write, session: Session, next_turn: int, backend: SpoolBackend) -> Sealable | None:
    """Return what a write comes to in the spool; None if it can't wait there.

    Only turns wait, with the map of pseudonyms that they changed: whatever opens a session, answers a consent, tells
    of an event or records has to be in the database at once. And only where the parts that they go to are there,
    with their keys in memory.
    """
    if not write.turns or write.new or write.consents or write.events or write.recordings or write.ratings:
        return None
    held, key = backend.held(write.session_id), backend.digest_key(write.session_id)
    if write.connection is not None or write.agreed is not None or write.evidence or held is None or key is None:
        return None
    sealers = {}
    for kind, assignments in _kept(write, held).items():
        found = _sealer(kind, assignments, write.now, held, backend)
        if found is None:
            return None
        sealers[kind] = found
    if PartKind.TRANSCRIPT not in sealers:
        return None
    sequences, fresh = _numbered(write, key, session, next_turn)
    parts = {kind: section.part_id for kind, (_, section) in sealers.items()}
    turns, refs = [], []
    for turn, sequence, once in fresh:
        tokens = backend.tokens(parts[PartKind.TRANSCRIPT], turn.identifiers)
        original = parts.get(PartKind.ORIGINAL)
        own = frozenset[bytes]() if original is None else backend.tokens(original, turn.identifiers)
        if tokens is None or own is None:
            return None
        # However it was said, an entry may be brought into the store more than once.
        marks = TurnMarks(words_digest(key, turn), once or os.urandom(DIGEST_BYTES), tokens, own)
        kept = turn.original if original is not None else None
        turns.append(replace(turn, match="", once=None, answers=None, identifiers=(), original=kept, marks=marks))
        refs.append(TurnRef(sequence, turn.speaker, marks.digest, marks.once))
    return Sealable(write, tuple(turns), sealers, tuple(sequences), tuple(refs))


def sealed(ready: Sealable, number: int, at: datetime) -> Entry:
    """Return the entry with this number."""
    inside = {
        PartKind.TRANSCRIPT: contents.turns_to_bytes(ready.write.plan, ready.turns),
        PartKind.ORIGINAL: contents.originals_to_bytes(ready.turns),
        PartKind.PSEUDONYMS: pad(ready.write.pseudonyms or b""),
    }
    sections = tuple(
        section._replace(sealed=sealer.beside(KINDS[kind]).seal(number, inside[kind]))
        for kind, (sealer, section) in ready.sealers.items()
    )
    return Entry(number, at, ready.write.session_id, len(ready.turns), sections)


def _kept(write: Write, held: HeldSession) -> dict[PartKind, tuple[Assignment, ...]]:
    """Return what the content of a write may be kept for, by kind; what nothing keeps is not listed."""
    wanted = [PartKind.TRANSCRIPT]
    if any(turn.original is not None for turn in write.turns):
        wanted.append(PartKind.ORIGINAL)
    if write.pseudonyms is not None:
        wanted.append(PartKind.PSEUDONYMS)
    kept = {kind: allowed(write.plan.assignments.get(kind, ()), held.consents, held.over) for kind in wanted}
    return {kind: assignments for kind, assignments in kept.items() if assignments}


def _sealer(
    kind: PartKind, assignments: tuple[Assignment, ...], now: datetime, held: HeldSession, backend: SpoolBackend
) -> tuple[PartSealer, Section] | None:
    part = held.parts.get((kind, prepare(assignments).fingerprint))
    if part is None or part.first_end_at <= now:
        return None
    sealer = backend.sealer(part.id)
    return None if sealer is None else (sealer, Section(kind, part.id, b""))


def _numbered(
    write: Write, key: SecretBytes, session: Session, next_turn: int
) -> tuple[list[int | None], Sequence[tuple[Turn, int, bytes | None]]]:
    known = {ref.once for ref in session.history if ref.once is not None}
    sequences: list[int | None] = []
    fresh: list[tuple[Turn, int, bytes | None]] = []
    for turn in write.turns:
        once = identity(key, turn, sequences)
        if once is not None and once in known:
            sequences.append(None)
            continue
        if once is not None:
            known.add(once)
        fresh.append((turn, next_turn + len(fresh), once))
        sequences.append(next_turn + len(fresh) - 1)
    return sequences, fresh
