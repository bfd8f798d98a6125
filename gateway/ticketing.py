"""Written contact on one channel: what a front end says of its tickets, and what their customers do with their own.

A ticket is a session. It opens with its first message, and ends when the front end says that the matter is resolved;
what is written under the same id later is a new matter. A message that is sent again is kept once, by its id or, where
it has none, by its speaker, time and words, also after the end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from gateway.channel_kit import ChannelKit
from gateway.connectors.tickets import CONNECTOR
from gateway.consent import lasting
from gateway.engine import parse_request
from gateway.errors import RefusedError
from gateway.indexing import Index
from gateway.recent import Heard, Value
from gateway.redacting import Reading
from gateway.rights.acts import Acts
from gateway.sessions import Claim, Opened
from gateway.tokens import SessionToken
from redaction.findings import EntityType
from redaction.pseudonyms import Pseudonyms
from storage.digests import once_digest, turn_digest
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.holds import BlockedPart
from storage.records import (
    Identifier,
    PartKind,
    Plan,
    Receipt,
    Session,
    SessionEvent,
    SessionSummary,
    Speaker,
    StoredTurn,
    Turn,
    Write,
)
from storage.requests import Proof

ACTOR = "customer"
CONTACT = {
    "name": EntityType.PERSON,
    "email": EntityType.EMAIL,
    "phone": EntityType.PHONE,
    "customer_number": EntityType.CUSTOMER_NO,
}
"""What is known of who writes, each with its kind of personal data."""
TITLE = "#title"
"""The id of a ticket's title, which no message of a front end can have."""
_TITLE_BEFORE = "ticket:title"
"""By what titles were known before, as any message with the id `title` is."""
_RESOLVED = (SessionEvent.MATTER_RESOLVED, SessionEvent.SESSION_END)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a ticket; `at` None: now."""

    speaker: Speaker
    text: str = field(repr=False)
    at: datetime | None = None
    id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a front end sends at once. `contact`: who writes, by the names of `CONTACT`."""

    id: str = field(repr=False)
    messages: Sequence[Message]
    contact: dict[str, str] = field(default_factory=dict, repr=False)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it: `stored` messages are new, `repeated` ones were here before; `token` opens the session."""

    session: UUID
    stored: int
    repeated: int
    token: SessionToken | None


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one ticket, as its customer sees it; `turns` is empty where nobody may read it now."""

    session: Session
    summary: SessionSummary | None
    turns: tuple[StoredTurn, ...]
    blocked: tuple[BlockedPart, ...]


class Ticketing:
    """The tickets of one channel."""

    def __init__(self, kit: ChannelKit, acts: Acts) -> None:
        """Take the channel's parts, and what erases at a customer's wish."""
        self._kit = kit
        self._acts = acts
        self._index = Index(kit.channel)
        self._purposes = tuple(dict.fromkeys(purpose for kept in kit.channel.keep.values() for purpose in kept))

    def check(self, content_type: str, raw: bytes) -> None:
        """Raise BodyUnreadableError (400) or RefusedError (413) for a body that can't be taken."""
        self._kit.limits.check(parse_request(CONNECTOR, content_type, raw, path="tickets", query={}))

    async def take(self, claim: Claim, ticket: Ticket) -> Taken:
        """Keep what is new of a ticket, as the notice says. Raises RefusedError, RedactionError or StorageError."""
        now = self._kit.clock.now()
        claim = claim.of_conversation(ticket.id)
        async with self._kit.sessions.hold(claim, now, language=ticket.language) as opened:
            before, new = await self._unknown(ticket, now)
            if opened.session is None and before is not None and not new:
                return Taken(before.id, 0, len(ticket.messages), None)
            decision = self._kit.rules.decide(opened.consents, disclosed=True)
            if decision.missing:
                title = "A consent that this channel requires has not been given: see this channel's consent"
                raise RefusedError("consent_missing", 428, title)
            readings = await self._read(ticket, opened)
            first = min((_time(each, now) for _, each in new), default=now)
            plan = lasting(decision.plan, first, now, {})
            turns = tuple(self._turn(each, readings[at], plan, now) for at, each in new)
            contact = ticket.contact if opened.new is not None and PartKind.CONNECTION in plan.assignments else None
            turns = self._known_by(turns, ticket.contact)
            written = await self._kit.store.write(
                Write(opened.id, plan, now, new=opened.new, turns=turns, connection=contact or None)
            )
        self._count(opened, turns, written.turns, [readings[at] for at, _ in new])
        stored = sum(written.turns)
        return Taken(opened.id, stored, len(ticket.messages) - stored, opened.token)

    async def resolve(self, ticket: str) -> UUID:
        """Say that the matter of a ticket is resolved: its periods begin. Said again, it changes nothing."""
        now = self._kit.clock.now()
        session = await self._kit.sessions.latest(ticket, now)
        if session is None:
            raise RefusedError("no_session", 404, "Nothing is kept of such a ticket")
        await self._kit.store.write(Write(session.id, Plan({}), now, events=_RESOLVED))
        return session.id

    async def show(self, tokens: Iterable[SessionToken]) -> tuple[Held, ...]:
        """Return what is held of the tickets whose tokens are shown; any other token shows nothing."""
        now = self._kit.clock.now()
        found = [await self._kit.sessions.owned(Claim(token=token), now) for token in tokens]
        held = [await self._held(each, now) for each in found if each is not None]
        return tuple(each for each in held if each is not None)

    async def erase(self, token: SessionToken) -> tuple[tuple[Receipt, ...], tuple[BlockedPart, ...]]:
        """Erase a ticket for its customer; returns what has gone, and what must stay and is blocked.

        Raises RefusedError (404) alike for what is not there and what is not theirs.
        """
        now = self._kit.clock.now()
        session = await self._kit.sessions.owned(Claim(token=token), now)
        if session is None:
            raise RefusedError("no_session", 404, "Nothing is kept under this token")
        receipts = await self._acts.erase(session.id, ACTOR, Proof.TOKEN)
        return receipts, await self._blocked(session.id, now)

    async def _unknown(self, ticket: Ticket, now: datetime) -> tuple[Session | None, Sequence[tuple[int, Message]]]:
        """Return the latest session of a ticket, and the messages, with their places, that no matter of it has."""
        latest, new = None, list(enumerate(ticket.messages))
        async for matter in self._kit.sessions.matters(ticket.id, now):
            latest, new = latest or matter, _unknown(new, matter)
            if all(_is_later(message, matter.started_at) for _, message in new):
                break
        return latest, new

    async def _held(self, session: Session, now: datetime) -> Held | None:
        """Return what is held of a ticket; None for one that only waits for the sweep."""
        turns: dict[int, StoredTurn] = {}
        summary: SessionSummary | None = None
        for purpose in self._purposes:
            try:
                transcript = await self._kit.store.read(session.id, purpose, now)
            except (PurposeRefusedError, UnknownSessionError):
                continue
            summary = transcript.summary
            turns |= {turn.sequence: turn for turn in transcript.turns}
        ordered = tuple(turns[number] for number in sorted(turns))
        blocked = await self._blocked(session.id, now)
        if summary is None and not blocked and not await self._kit.store.retention.restrictions(session_id=session.id):
            return None
        return Held(session, summary, ordered, blocked)

    async def _blocked(self, session: UUID, now: datetime) -> tuple[BlockedPart, ...]:
        try:
            return await self._kit.store.retention.blocked(session, now)
        except UnknownSessionError:
            return ()  # nothing is left of it

    async def _read(self, ticket: Ticket, opened: Opened) -> list[Reading]:
        """Redact every message with the other side's last words and what is known of who writes."""

        def read() -> list[Reading]:
            known: tuple[Value, ...] = tuple((CONTACT[name], value) for name, value in ticket.contact.items())
            heard, last, readings = Heard("", known, opened.language), {True: "", False: ""}, []
            for message in ticket.messages:
                mine = message.speaker is Speaker.SUBJECT
                language = self._kit.texts.language(message.text, heard) if mine else heard.language
                reading = self._kit.texts.read(
                    message.text, Heard(last[not mine], heard.values, language), Pseudonyms()
                )
                heard = Heard("", heard.learned(reading.values).values, language)
                last[mine] = message.text
                readings.append(reading)
            return readings

        return await self._kit.aside.do(sum(len(message.text) for message in ticket.messages), read)

    def _turn(self, message: Message, reading: Reading, plan: Plan, now: datetime) -> Turn:
        mine = message.speaker is Speaker.SUBJECT
        return Turn(
            message.speaker,
            reading.keep,
            _time(message, now),
            match=message.text,
            once=_once(message),
            original=message.text if PartKind.ORIGINAL in plan.assignments else None,
            identifiers=self._index.identifiers(reading.values) if mine else (),
        )

    def _known_by(self, turns: tuple[Turn, ...], contact: dict[str, str]) -> tuple[Turn, ...]:
        """Let the session be found by who writes, as far as the notice indexes that."""
        found = self._index.identifiers((CONTACT[name], value) for name, value in contact.items())
        return tuple(_found_by(turn, found) for turn in turns)

    def _count(self, opened: Opened, turns: Sequence[Turn], stored: Sequence[bool], readings: list[Reading]) -> None:
        if opened.new is not None:
            self._kit.counts.opened()
        for turn, kept, reading in zip(turns, stored, readings, strict=True):
            self._kit.counts.turn(turn.speaker, stored=kept)
            if kept:
                self._kit.texts.count(reading.findings)


def _found_by(turn: Turn, found: tuple[Identifier, ...]) -> Turn:
    if turn.speaker is not Speaker.SUBJECT or not found:
        return turn
    return replace(turn, identifiers=tuple(dict.fromkeys((*turn.identifiers, *found))))


def _is_later(message: Message, started_at: datetime) -> bool:
    """Tell whether a message can't be in a matter from before one that began then, or could not be known there."""
    return _once(message) is None or (message.at is not None and message.at >= started_at)


def _unknown(messages: Sequence[tuple[int, Message]], before: Session) -> list[tuple[int, Message]]:
    """Return the messages, with their places, that are not in a session of the ticket."""
    known = {ref.once: ref.digest for ref in before.history if ref.once is not None}

    def is_known(message: Message) -> bool:
        once = _once(message)
        if once is None or once_digest(before.digest_key, once) in known:
            return once is not None
        words = turn_digest(before.digest_key, message.speaker, message.text)
        return message.id == TITLE and known.get(once_digest(before.digest_key, _TITLE_BEFORE)) == words

    return [(at, message) for at, message in messages if not is_known(message)]


def _once(message: Message) -> str | None:
    """Return what a message has again when it is sent again."""
    if message.id is not None:
        return f"ticket:{message.id}"
    if message.at is None:
        return None
    words = hashlib.sha256(message.text.encode(errors="surrogatepass")).hexdigest()
    return f"ticket:{message.speaker}:{message.at.isoformat()}:{words}"


def _time(message: Message, now: datetime) -> datetime:
    """Return when a message was written; a front end's clock that is fast does not make it later than now."""
    return now if message.at is None else min(message.at, now)
