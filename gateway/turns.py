"""From the texts of a request to the turns that are new in its session.

Said now are the customer's messages at the end of a body, if nothing of the bot or of a tool follows them. In a
session that is new nothing else is stored: what stands before was stored in its own request, or is no customer's
word. In a known session a customer's message that got lost is stored with what is said now. Where the session keeps
something on consent only the last message is: nobody knows whether another was said before the consent. A client's
word for what the bot has said is never stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.engine import Parsed, Slot
from gateway.history import Alignment, align, matched
from gateway.indexing import Index
from gateway.redacting import Reading
from gateway.sessions import Claim, Opened
from storage.digests import once_digest, turn_digest
from storage.records import Identifier, PartKind, Plan, Speaker, Turn


@dataclass(frozen=True, slots=True)
class Said:
    """A message that becomes a turn, if it is new; `slot` is the first of its texts."""

    speaker: Speaker
    slot: int
    text: str = field(repr=False)
    readings: tuple[Reading, ...]

    @property
    def kept(self) -> str:
        """What is kept of it."""
        return _joined(reading.keep for reading in self.readings)


@dataclass(frozen=True, slots=True)
class NewTurns:
    """The new turns with what was found in them, and which turn the bot's answer belongs to.

    `answers`: the number of the stored turn that this request repeats, or asks the bot about once more; None where
    the last of `turns` is what is answered. `rounds`: how many messages of the bot and its tools follow that turn.
    `repeats`: whether what is said now is stored already.
    """

    turns: tuple[Turn, ...]
    readings: tuple[Reading, ...]
    answers: int | None
    rounds: int
    repeats: bool


def said_in(parsed: Parsed, texts: Mapping[int, str], readings: Mapping[int, Reading]) -> list[Said]:
    """Return the messages of a body in order; in a history, the parts of one message are one."""
    groups: list[list[Slot]] = []
    for slot in parsed.slots:
        if slot.speaker is None or not texts[slot.index].strip():
            continue
        last = groups[-1][-1] if groups else None
        if parsed.history and last is not None and (last.message, last.speaker) == (slot.message, slot.speaker):
            groups[-1].append(slot)
        else:
            groups.append([slot])
    return [
        Said(
            speaker=group[0].speaker,
            slot=group[0].index,
            text=_joined(texts[slot.index] for slot in group),
            readings=tuple(readings[slot.index] for slot in group),
        )
        for group in groups
        if group[0].speaker is not None
    ]


def new_turns(
    claim: Claim, parsed: Parsed, opened: Opened, said: Sequence[Said], plan: Plan, now: datetime, *,
    retried: bool, index: Index,
) -> NewTurns:  # fmt: skip
    """Return what is new: all of a message, or what a history sent again has more than the store.

    The last turn carries what identifies it: the request's idempotency key with its body, the protocol's message id
    with its words, or its place in a history that begins with the session.
    """
    last = max((slot.index for slot in parsed.slots if slot.speaker is Speaker.SUBJECT), default=-1)
    service = [slot.index for slot in parsed.slots if slot.result or slot.speaker in {Speaker.BOT, Speaker.AGENT}]
    rounds = sum(index > last for index in service) if parsed.history else 0
    end = max(service, default=-1) if parsed.history else -1
    first = next((i for i, one in enumerate(said) if one.slot > end), len(said))
    alignment = _align(opened, said, first, retried=retried) if parsed.history else None
    new = range(first, len(said)) if alignment is None else _added(alignment, said, plan, opened)
    place = claim.idempotency or claim.message
    chain = _chain(said) if alignment is not None and first < len(said) and len(said) > 1 else None
    answers = _stored_as(opened, place or chain)
    if answers is not None:
        new = ()
    elif alignment is not None and opened.session is not None:
        asked = max((i for i, one in enumerate(said) if one.speaker is Speaker.SUBJECT), default=-1)
        stored = alignment.known.get(asked)
        answers = opened.session.history[stored].sequence if stored is not None else None
    if place is None and alignment is not None and alignment.from_start:
        place = chain
    turns = tuple(_turn(said[i], plan, now, place if i == len(said) - 1 else None, index) for i in new)
    readings = tuple(reading for i in new for reading in said[i].readings)
    return NewTurns(turns, readings, answers, rounds, repeats=answers is not None and first < len(said))


def _turn(one: Said, plan: Plan, now: datetime, once: str | None, index: Index) -> Turn:
    original = one.text if PartKind.ORIGINAL in plan.assignments else None
    identifiers: tuple[Identifier, ...] = ()
    if one.speaker is Speaker.SUBJECT:
        identifiers = index.identifiers(value for reading in one.readings for value in reading.values)
    said = matched(one.text)
    return Turn(one.speaker, one.kept, now, match=said, once=once, original=original, identifiers=identifiers)


def _align(opened: Opened, said: Sequence[Said], first: int, *, retried: bool) -> Alignment:
    """Compare with the session's own history; in a new session only what is said now is new."""
    session = opened.session
    if session is None:
        return Alignment(tuple(range(first, len(said))), {}, from_start=True)
    sent = [turn_digest(session.digest_key, one.speaker, matched(one.text)) for one in said]
    return align([ref.digest for ref in session.history], sent, first, retried=retried)


def _added(alignment: Alignment, said: Sequence[Said], plan: Plan, opened: Opened) -> Sequence[int]:
    """Leave out the bot's words and, where something is kept on consent, all but the last message.

    So, too, where the store answered from memory: what is missing there may wait in another process.
    """
    kinds = (PartKind.TRANSCRIPT, PartKind.ORIGINAL)
    by_consent = any(each.consent is not None for kind in kinds for each in plan.assignments.get(kind, ()))
    by_memory = opened.session is not None and opened.session.remembered
    sure = len(said) - 1 if by_consent or by_memory else 0
    return [i for i in alignment.new if said[i].speaker is Speaker.SUBJECT and i >= sure]


def _stored_as(opened: Opened, once: str | None) -> int | None:
    """Return the number of the stored turn that carries this."""
    if once is None or opened.session is None:
        return None
    digest = once_digest(opened.session.digest_key, once)
    return next((ref.sequence for ref in opened.session.history if ref.once == digest), None)


def _chain(said: Sequence[Said]) -> str:
    """Return what identifies the place of the last message; the store keeps a keyed digest of it only."""
    digest = hashlib.sha256()
    for one in said:
        raw = matched(one.text).encode(errors="surrogatepass")
        digest.update(f"{one.speaker.value}:{len(raw)}:".encode() + raw)
    return digest.hexdigest()


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(texts)
