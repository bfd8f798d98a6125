"""From the texts of a request to the turns that are new in its session."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.engine import Parsed
from gateway.exchange import Incoming
from gateway.history import Alignment, align
from gateway.redacting import Reading
from gateway.sessions import Opened
from storage.digests import turn_digest
from storage.records import PartKind, Plan, Speaker, Turn


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that becomes a turn, if it is new."""

    speaker: Speaker
    text: str = field(repr=False)
    reading: Reading


@dataclass(frozen=True, slots=True)
class NewTurns:
    """The new turns, what was found in them, and what identifies the exchange, if anything does."""

    turns: tuple[Turn, ...]
    readings: tuple[Reading, ...]
    place: str | None = field(repr=False)


def kept_of(parsed: Parsed, texts: Mapping[int, str], readings: Mapping[int, Reading]) -> list[Kept]:
    """Return the texts of a body that become turns, in order."""
    return [
        Kept(slot.speaker, texts[slot.index], readings[slot.index]) for slot in parsed.slots if slot.speaker is not None
    ]


def new_turns(
    incoming: Incoming, parsed: Parsed, opened: Opened, kept: Sequence[Kept], plan: Plan, now: datetime
) -> NewTurns:
    """Return what is new: all of a message, or what a history sent again has more than the store.

    The last turn carries what identifies it: the request's idempotency key, the protocol's message id, or its
    place in a history that begins with the session.
    """
    place = incoming.idempotency_key or parsed.message_id
    new: tuple[int, ...] = tuple(range(len(kept)))
    if parsed.history and kept:
        alignment = _align(opened, kept, retried=incoming.retried)
        new = _since_consent(alignment.new, len(kept)) if _rests_on_consent(plan) else alignment.new
        if place is None and len(kept) > 1 and alignment.from_start:
            place = _chain(kept)
    original = PartKind.ORIGINAL in plan.assignments
    turns = tuple(
        Turn(
            speaker=kept[i].speaker,
            text=kept[i].reading.keep,
            at=now,
            match=kept[i].text,
            once=f"{place}/{i}" if place is not None and i == len(kept) - 1 else None,
            original=kept[i].text if original else None,
        )
        for i in new
    )
    return NewTurns(turns, tuple(kept[i].reading for i in new), place)


def _rests_on_consent(plan: Plan) -> bool:
    """Whether the transcript is kept on consent alone."""
    return all(assignment.consent is not None for assignment in plan.assignments.get(PartKind.TRANSCRIPT, ()))


def _since_consent(new: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Leave out what a history shows of the time before the consent: only what follows a stored turn is of after it."""
    known = set(range(count)) - set(new)
    first = max(known, default=count - 2) + 1
    return tuple(i for i in new if i >= first)


def _align(opened: Opened, kept: Sequence[Kept], *, retried: bool) -> Alignment:
    """Compare with the session's own history or, where that had ended, with the one before."""
    known = opened.session or opened.before
    if known is None:
        return Alignment(tuple(range(len(kept))), repeat=False, from_start=True)
    sent = [turn_digest(known.digest_key, one.speaker, one.text) for one in kept]
    return align([ref.digest for ref in known.history], sent, retried=retried)


def _chain(kept: Sequence[Kept]) -> str:
    """Return what identifies the place of the last message; the store keeps a keyed digest of it only."""
    digest = hashlib.sha256()
    for one in kept:
        raw = one.text.encode(errors="surrogatepass")
        digest.update(f"{one.speaker.value}:{len(raw)}:".encode() + raw)
    return digest.hexdigest()
