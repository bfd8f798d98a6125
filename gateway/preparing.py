"""The way to the bot, up to the point where anything leaves: what is allowed, what is new, what goes on."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from gateway.channel_kit import ChannelKit
from gateway.consent import Decision, Telling
from gateway.disclosure import Disclosure
from gateway.engine import Parsed, Slot
from gateway.errors import RefusedError
from gateway.exchange import Exchange, Incoming
from gateway.indexing import Index
from gateway.recent import Heard
from gateway.redacting import Reading
from gateway.sessions import Claim, Opened, idempotency_of, message_of
from gateway.turns import new_turns, said_in
from redaction.pseudonyms import Pseudonyms
from storage.records import PartKind, Plan, Speaker, Write

_NOTHING = Plan({})
_FIRST_UNKEPT = 1_000_000
_UNKEPT = 9_000_000
"""From where on, and in how wide a range, numbers begin that are forgotten with their request."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the reading of a request came to: the exchange with the step to store, and the body for the bot.

    `map_first`: the pseudonyms' map has changed; it must be durable before the body leaves.
    """

    exchange: Exchange
    body: bytes = field(repr=False)
    map_first: bool


class OwnWords(Protocol):
    """Knows what the gateway has answered in its own words: requests in the chat."""

    def asides(self, parsed: Parsed) -> frozenset[int]:
        """Return the slots of a history that are requests and their answers."""

    def for_bot(self, slot: Slot, text: str) -> str:
        """Return the text of a slot as the bot may have it."""


class Preparing:
    """Prepares the requests of one channel."""

    def __init__(self, kit: ChannelKit, requests: OwnWords | None = None) -> None:
        """Take the channel's parts; `requests` knows what the gateway has answered itself."""
        self._kit = kit
        self._requests = requests
        self._index = Index(kit.channel)
        self._disclosure = Disclosure(kit.notice, kit.channel)

    async def prepare(
        self, incoming: Incoming, parsed: Parsed, claim: Claim, opened: Opened, now: datetime
    ) -> Prepared:
        """Decide, redact, and find what is new. Raises RefusedError or RedactionError."""
        consents = {} if incoming.suspended else opened.consents
        decision = self._kit.rules.decide(consents, disclosed=opened.disclosed)
        _refuse(decision)
        if incoming.unkept:
            decision = replace(decision, plan=_NOTHING)
        # Who does not own the session neither reads its map nor writes into it.
        stored = opened.session.pseudonyms if opened.owner and opened.session is not None else None
        table = Pseudonyms.from_json(stored) if stored else Pseudonyms()
        keeps_map = opened.keeps_map(decision.plan)
        if not keeps_map and not (opened.owner and parsed.history):
            # The next request would give the same numbers to others; an owner's history gives them to the same again.
            table.number_from(_FIRST_UNKEPT + secrets.randbelow(_UNKEPT))
        before = table.version
        texts = {slot.index: self._without_own(slot) for slot in parsed.slots}
        asides = self._requests.asides(parsed) if self._requests is not None else frozenset()
        size = sum(map(len, texts.values()))
        with self._kit.tracing.step("redaction", self._kit.name):
            readings, heard = await self._kit.aside.do(
                size, lambda: self._read(parsed, texts, asides, opened, table, None if incoming.unkept else now)
            )
        if incoming.reader is not None:
            for slot in parsed.slots:
                if slot.kept:
                    reading = readings[slot.index]
                    incoming.reader.found(texts[slot.index], reading.findings, reading.keep)
        said = said_in(parsed, texts | dict.fromkeys(asides, ""), readings)
        new = new_turns(claim, parsed, opened, said, decision.plan, now, retried=incoming.retried, index=self._index)
        for reading in new.readings:
            self._kit.texts.count(reading.findings)
        changed = keeps_map and table.version != before
        connected = opened.new is not None and PartKind.CONNECTION in decision.plan.assignments
        write = Write(
            session_id=opened.id,
            plan=decision.plan,
            now=now,
            new=opened.new,
            turns=new.turns,
            pseudonyms=table.to_json() if changed else None,
            connection=incoming.connection or None if connected else None,
        )
        tell = self._disclosure.is_due(decision.telling, opened, new.answers if new.repeats else None)
        exchange = Exchange(
            opened, decision, table, heard, tell, write, new.answers, new.rounds, reader=incoming.reader
        )
        body = parsed.rewrite({index: reading.forward for index, reading in readings.items()})
        return Prepared(exchange, body, map_first=changed)

    def _without_own(self, slot: Slot) -> str:
        """Return a slot's text without what the gateway itself has put into it."""
        text = self._disclosure.without(slot)
        return text if self._requests is None else self._requests.for_bot(slot, text)

    def _read(
        self,
        parsed: Parsed,
        texts: Mapping[int, str],
        asides: Collection[int],
        opened: Opened,
        table: Pseudonyms,
        kept_at: datetime | None,
    ) -> tuple[dict[int, Reading], Heard]:
        """Redact every text of a body, each with what was heard before it; a history tells that itself.

        In a call a value goes on over turns: the next one may go on from one that is kept, and from no other.
        """
        remembered = self._kit.recent.get(opened.id)
        last = {Speaker.BOT: remembered.previous, Speaker.SUBJECT: ""}
        heard = Heard() if parsed.history else remembered
        readings = {}
        for slot in parsed.slots:
            text = texts[slot.index]
            service = slot.speaker in {Speaker.BOT, Speaker.AGENT}
            previous = last[Speaker.SUBJECT if service else Speaker.BOT]
            language = self._kit.texts.language(text, heard) if slot.speaker is Speaker.SUBJECT else heard.language
            heard = Heard(previous, heard.values, language)
            if self._kit.channel.kind == "call" and slot.speaker is Speaker.SUBJECT:
                reading, piece = self._kit.texts.read_on(text, heard, table, self._kit.recent.piece(opened.id))
                if kept_at is not None:
                    self._kit.recent.put_piece(opened.id, piece, kept_at)
            elif slot.number:
                reading = self._kit.texts.read_number(text, slot.field or "", heard, table)
            else:
                reading = self._kit.texts.read(text, heard, table)
            readings[slot.index] = reading
            heard = heard.learned(reading.values)
            if slot.kept and slot.index not in asides:
                last[Speaker.BOT if service else Speaker.SUBJECT] = text
        return readings, Heard(last[Speaker.SUBJECT], heard.values, heard.language)


def claim_in(incoming: Incoming, parsed: Parsed) -> Claim:
    """Return what a request shows of itself, head and body together."""
    key, words = incoming.idempotency_key, (slot.text for slot in parsed.slots if slot.kept)
    return replace(
        incoming.claim,
        conversation=parsed.conversation or incoming.claim.conversation,
        idempotency=idempotency_of(key, incoming.body) if key else None,
        message=message_of(parsed.message_id, words) if parsed.message_id else None,
    )


def _refuse(decision: Decision) -> None:
    """Raise RefusedError when the notice wants something shown or answered first."""
    if decision.telling is Telling.REQUIRED:
        title = 'Show the AI disclosure first and confirm it: POST {"disclosed": true} to this channel\'s consent'
        raise RefusedError("disclosure_missing", 428, title)
    if decision.missing:
        title = "A consent that this channel requires has not been given: see this channel's consent"
        raise RefusedError("consent_missing", 428, title)
