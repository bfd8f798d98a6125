"""The walk of one message: the one place that fixes its order.

    read the body -> find or open the session -> decide what the notice allows -> redact
    -> make the pseudonyms' map durable, where they go out -> forward, while the turn is sealed and stored
    -> take the answer -> store its turn -> let go of the answer's end

Whatever fails before the first byte of the answer fails the request: nothing is forwarded that was not
redacted as the notice says, and nothing is acknowledged that is not kept. Later, the stream ends without
its end mark.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter
from typing import Protocol
from urllib.parse import urlencode

from gateway.clock import Clock
from gateway.connector import Connector
from gateway.consent import Decision, Disclosure, decide
from gateway.engine import EventStream, Parsed, Slot, parse_request, parse_response
from gateway.errors import BodyUnreadableError, PartNotTextError, RefusedError, UpstreamError
from gateway.history import align
from gateway.metrics import Metrics
from gateway.notice.load import Loaded
from gateway.recent import Recent
from gateway.redacting import ChannelRedaction, Reading
from gateway.sessions import Claim, Opened, Sessions, idempotency_of
from gateway.tokens import SessionToken
from gateway.upstream import Reply, Upstream
from redaction.pseudonyms import Pseudonyms
from storage.digests import turn_digest
from storage.records import PartKind, SessionEvent, Speaker, Turn, Write, Written
from storage.store import SessionStore

_STREAMS = ("text/event-stream", "application/x-ndjson")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request on a channel, without its HTTP framework. `path` is what follows the channel, no slash before it."""

    method: str
    path: str
    content_type: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    claim: Claim = field(default_factory=Claim)
    idempotency_key: str | None = field(default=None, repr=False)
    retried: bool = False
    language: str | None = None
    connection: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """Status, headers and, for a new session, its token: what precedes an answer's body."""

    status: int
    headers: Mapping[str, str]
    token: SessionToken | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    head: Head
    body: bytes = field(repr=False)


class Sink(Protocol):
    """Where a streamed answer goes. `write` raises ConnectionError when the client has left."""

    async def write(self, data: bytes) -> None:
        """Send bytes."""

    async def finish(self) -> None:
        """End the answer properly."""

    def abort(self) -> None:
        """Cut the connection, so that the client sees that the answer is not whole."""


Begin = Callable[[Head], Awaitable[Sink]]


@dataclass(slots=True)
class Exchange:
    """One request and its answer on their way."""

    opened: Opened
    decision: Decision
    table: Pseudonyms
    said: str
    only: frozenset[str] | None
    place: str | None
    spent_elsewhere: float = 0.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the reading of a request came to: the body for the bot and the step to store."""

    exchange: Exchange
    body: bytes = field(repr=False)
    write: Write
    map_first: bool


class Conversation:
    """The exchanges of one channel."""

    def __init__(
        self, loaded: Loaded, name: str, connector: Connector, *, base_url: str, texts: ChannelRedaction,
        sessions: Sessions, store: SessionStore, upstream: Upstream, metrics: Metrics, clock: Clock,
    ) -> None:  # fmt: skip
        """Put one channel together."""
        self._notice = loaded.notice
        self._name = name
        self._channel = loaded.notice.channels[name]
        self._connector = connector
        self._base_url = base_url.rstrip("/")
        self._texts = texts
        self._sessions = sessions
        self._store = store
        self._upstream = upstream
        self._metrics = metrics
        self._clock = clock
        self._recent = Recent()
        self._pass_parts = frozenset(self._channel.pass_parts)

    async def converse(self, incoming: Incoming, begin: Begin) -> Answer | None:
        """Walk one exchange. Returns a plain answer, or None when the answer was streamed into `begin(head)`.

        Raises GatewayError, RedactionError or StorageError before the first byte; nothing was acknowledged then.
        """
        began = perf_counter()
        parsed = parse_request(
            self._connector, incoming.content_type, incoming.body,
            method=incoming.method, path=incoming.path, query=incoming.query, allowed=self._pass_parts,
        )  # fmt: skip
        if incoming.method == "GET":
            return await self._pass_on(incoming, parsed)
        claim = replace(
            incoming.claim,
            conversation=parsed.conversation,
            idempotency=idempotency_of(incoming.idempotency_key, incoming.body) if incoming.idempotency_key else None,
        )
        async with self._sessions.one_at_a_time(claim):
            prepared = await self._prepare(incoming, parsed, claim)
            reply = await self._forward_and_store(incoming, parsed, prepared)
        exchange = prepared.exchange
        with reply:
            try:
                return await self._answer(exchange, reply, begin)
            finally:
                self._metrics.upstream_seconds.labels(self._name).observe(reply.waited_seconds)
                overhead = perf_counter() - began - reply.waited_seconds - exchange.spent_elsewhere
                self._metrics.overhead_seconds.labels(self._name).observe(max(0.0, overhead))

    # --- the way to the bot

    async def _prepare(self, incoming: Incoming, parsed: Parsed, claim: Claim) -> Prepared:
        now = self._clock.now()
        opened = await self._sessions.open(claim, now, language=incoming.language)
        disclosed = opened.disclosed or self._resent_disclosure(parsed)
        decision = decide(self._notice, self._channel, opened.consents, disclosed=disclosed)
        _refuse(decision)
        stored_map = opened.session.pseudonyms if opened.session is not None else None
        table = Pseudonyms.from_json(stored_map) if stored_map else Pseudonyms()
        before = table.version
        readings = self._read(parsed, opened, table)
        turns, place = self._turns(incoming, parsed, opened, readings, decision, now)
        changed = table.version != before
        write = Write(
            session_id=opened.id, plan=decision.plan, now=now, new=opened.new, turns=turns,
            pseudonyms=table.to_json() if changed else None,
            connection=incoming.connection if opened.new and PartKind.CONNECTION in decision.plan.assignments else None,
        )  # fmt: skip
        used = frozenset[str]().union(*(reading.stand_ins for reading in readings.values()))
        said = next((slot.text for slot in reversed(parsed.slots) if slot.speaker is Speaker.SUBJECT), "")
        exchange = Exchange(opened, decision, table, said, None if opened.owner else used, place)
        return Prepared(exchange, parsed.rewrite({i: r.forward for i, r in readings.items()}), write, map_first=changed)

    def _read(self, parsed: Parsed, opened: Opened, table: Pseudonyms) -> dict[int, Reading]:
        """Redact every text of a body, each with what the other side said before it."""
        last = {Speaker.BOT: self._recent.get(opened.id), Speaker.SUBJECT: ""}
        readings = {}
        for slot in parsed.slots:
            text = self._without_disclosure(slot)
            theirs = slot.speaker in {Speaker.BOT, Speaker.AGENT}
            other = Speaker.SUBJECT if theirs else Speaker.BOT
            readings[slot.index] = self._texts.read(text, previous=last[other], table=table)
            if slot.kept:
                last[Speaker.BOT if theirs else Speaker.SUBJECT] = text
        return readings

    def _turns(
        self, incoming: Incoming, parsed: Parsed, opened: Opened, readings: Mapping[int, Reading], decision: Decision, now: datetime,
    ) -> tuple[tuple[Turn, ...], str | None]:  # fmt: skip
        """Return the turns to store and what identifies this exchange, if anything does."""
        kept = [slot for slot in parsed.slots if slot.kept]
        texts = [self._without_disclosure(slot) for slot in kept]
        speakers = [slot.speaker or Speaker.SUBJECT for slot in kept]
        new: tuple[int, ...] = tuple(range(len(kept)))
        place = incoming.idempotency_key or parsed.message_id
        if parsed.history:
            known = opened.session or opened.before
            key = known.digest_key if known is not None else None
            sent = [turn_digest(key, speaker, text) for speaker, text in zip(speakers, texts, strict=True)] if key else []
            alignment = align([ref.digest for ref in known.history] if known is not None else [], sent, retried=incoming.retried)
            new = alignment.new if key else new
            if place is None and len(kept) > 1 and (alignment.from_start or not key):
                place = _chain(speakers, texts)
        original = PartKind.ORIGINAL in decision.plan.assignments
        turns = tuple(
            Turn(
                speaker=speakers[i], text=readings[kept[i].index].keep, at=now, match=texts[i],
                once=f"{place}/{i}" if place is not None and i == len(kept) - 1 else None,
                original=texts[i] if original else None,
            )
            for i in new
        )  # fmt: skip
        for i in new:
            self._texts.count(readings[kept[i].index].findings)
        return turns, place

    async def _forward_and_store(self, incoming: Incoming, parsed: Parsed, prepared: Prepared) -> Reply:
        """Send the message on while its turn is stored; both have happened when this returns."""
        if prepared.map_first:
            await self._write(prepared.write)
            return await self._send(incoming, parsed, prepared.body)
        written, reply = await asyncio.gather(
            self._write(prepared.write), self._send(incoming, parsed, prepared.body), return_exceptions=True
        )
        if isinstance(written, BaseException):
            if isinstance(reply, Reply):
                reply.close()
            raise written
        if isinstance(reply, BaseException):
            raise reply
        return reply

    async def _send(self, incoming: Incoming, parsed: Parsed, body: bytes) -> Reply:
        url = f"{self._base_url}/{incoming.path}" + (f"?{urlencode(parsed.query)}" if parsed.query else "")
        return await self._upstream.send(incoming.method, url, incoming.headers, body)

    async def _pass_on(self, incoming: Incoming, parsed: Parsed) -> Answer:
        """Pass a request without a body through; the connector vouches that nothing can be in it."""
        with await self._send(incoming, parsed, b"") as reply:
            return Answer(Head(reply.status, reply.headers, None), await reply.body())

    # --- the way back

    async def _answer(self, exchange: Exchange, reply: Reply, begin: Begin) -> Answer | None:
        head = Head(reply.status, reply.headers, exchange.opened.token)
        if reply.status >= 400:  # noqa: PLR2004 - the classes of errors
            return await self._pass_error(head, reply)
        if reply.content_type.startswith(_STREAMS):
            await self._stream(exchange, reply, head, begin)
            return None
        return await self._plain(exchange, reply, head)

    async def _pass_error(self, head: Head, reply: Reply) -> Answer:
        """A bot's error is the customer's to see, unless the notice has answers redacted."""
        self._metrics.aborted.labels(self._name, "upstream_status").inc()
        if self._channel.deliver == "redacted":
            raise UpstreamError("upstream_status", reply.status)
        return Answer(head, await reply.body())

    async def _plain(self, exchange: Exchange, reply: Reply, head: Head) -> Answer:
        raw = await reply.body()
        try:
            parsed = parse_response(self._connector, reply.content_type, raw)
        except (BodyUnreadableError, PartNotTextError):
            raise UpstreamError("answer_unreadable", 502) from None
        delivered = {slot.index: self._texts.deliver(slot.text, previous=exchange.said, table=exchange.table, only=exchange.only) for slot in parsed.slots}
        words = [slot for slot in parsed.slots if slot.kept]
        disclosure = self._disclosure(exchange)
        if words and disclosure is not None:
            delivered[words[0].index] = disclosure + delivered[words[0].index]
        await self._keep_answer(exchange, [slot.text for slot in words], delivered=[delivered[s.index] for s in words])
        return Answer(head, parsed.rewrite(delivered))

    async def _stream(self, exchange: Exchange, reply: Reply, head: Head, begin: Begin) -> None:
        texts = self._texts

        def open_stream(_key: str):  # noqa: ANN202 - the type is EventStream's business
            return texts.open_stream(previous=exchange.said, table=exchange.table, only=exchange.only)

        events = EventStream(self._connector, reply.content_type, open_stream, prepend=self._disclosure(exchange))
        sink: Sink | None = None
        try:
            async for chunk in reply.chunks():
                sink = await self._pass(exchange, sink, events.feed(chunk), head, begin)
            sink = await self._pass(exchange, sink, events.finish(), head, begin)
            await self._keep_answer(exchange, list(events.texts().values()))
            sink = await self._pass(exchange, sink, events.end(), head, begin) or await begin(head)
            await sink.finish()
        except BaseException as error:
            if sink is not None:
                sink.abort()
            reply.close()
            await self._keep_what_was_said(exchange, events, error)
            if sink is None or not isinstance(error, Exception):
                raise

    async def _pass(self, exchange: Exchange, sink: Sink | None, data: bytes, head: Head, begin: Begin) -> Sink | None:
        """Send what may leave; the answer begins with the first of it."""
        if not data:
            return sink
        began = perf_counter()
        sink = sink or await begin(head)
        await sink.write(data)
        exchange.spent_elsewhere += perf_counter() - began
        return sink

    async def _keep_what_was_said(self, exchange: Exchange, events: EventStream, error: BaseException) -> None:
        """Keep a broken answer as far as the bot had come, and count why it broke."""
        match error:
            case UpstreamError():
                reason = error.reason
            case asyncio.CancelledError() | ConnectionError():
                reason = "client_left"
            case BodyUnreadableError():
                reason = "answer_unreadable"
            case _:
                reason = "failed"
        self._metrics.aborted.labels(self._name, reason).inc()
        if reason != "failed":
            await asyncio.shield(self._keep_answer(exchange, list(events.texts().values())))

    async def _keep_answer(self, exchange: Exchange, words: list[str], delivered: list[str] | None = None) -> None:
        """Store what the bot said; raises StorageError or RedactionError, and then nothing may be acknowledged."""
        words = [text for text in words if text.strip()]
        if not words:
            return
        now = self._clock.now()
        text = "\n\n".join(words)
        match = self._match(exchange, words, delivered)
        original = PartKind.ORIGINAL in exchange.decision.plan.assignments
        once = f"answer/{exchange.place}/{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}" if exchange.place else None
        turn = Turn(
            speaker=Speaker.BOT, text=self._texts.keep(text, previous=exchange.said), at=now, match=match,
            once=once, original=text if original else None,
        )  # fmt: skip
        discloses = exchange.decision.disclosure is Disclosure.PREPEND
        events = (SessionEvent.AI_DISCLOSED,) if discloses else ()
        await self._write(Write(exchange.opened.id, exchange.decision.plan, now, turns=(turn,), events=events))
        if discloses:
            self._metrics.disclosures.labels(self._name).inc()
        self._recent.put(exchange.opened.id, text)

    def _match(self, exchange: Exchange, words: list[str], delivered: list[str] | None) -> str:
        """Return the words as a client would send them again, without the disclosure."""
        whole = "\n\n".join(words)
        return self._texts.deliver(whole, previous=exchange.said, table=exchange.table, only=exchange.only)

    async def _write(self, write: Write) -> Written:
        written = await self._store.write(write)
        if write.new is not None:
            self._metrics.sessions_opened.labels(self._name).inc()
        for turn, stored in zip(write.turns, written.turns, strict=True):
            if stored:
                self._metrics.turns.labels(self._name, turn.speaker.value).inc()
            else:
                self._metrics.turns_repeated.labels(self._name).inc()
        return written

    # --- the AI disclosure

    def _disclosure(self, exchange: Exchange) -> str | None:
        """Return what is put before the first answer, with the blank line behind it."""
        tell = self._channel.tell
        if tell is None or exchange.decision.disclosure is not Disclosure.PREPEND:
            return None
        language = exchange.opened.language
        wording = tell.ai_disclosure.get(language or "") or tell.ai_disclosure[self._notice.language]
        return wording + "\n\n"

    def _resent_disclosure(self, parsed: Parsed) -> bool:
        return any(self._without_disclosure(slot) != slot.text for slot in parsed.slots)

    def _without_disclosure(self, slot: Slot) -> str:
        """Take the gateway's own words out of an answer that comes back in a history."""
        tell = self._channel.tell
        if tell is not None and tell.deliver == "prepend" and slot.speaker is Speaker.BOT:
            for wording in tell.ai_disclosure.values():
                if slot.text.startswith(wording):
                    return slot.text.removeprefix(wording).lstrip("\n")
        return slot.text


def _refuse(decision: Decision) -> None:
    """Raise RefusedError when the notice wants something shown or answered first."""
    if decision.disclosure is Disclosure.REQUIRED:
        raise RefusedError("disclosure_missing", 428, "Show the AI disclosure first and confirm it: POST {\"disclosed\": true} to this channel's consent")
    if decision.missing:
        raise RefusedError("consent_missing", 428, "A consent that this channel requires has not been given: see this channel's consent")


def _chain(speakers: list[Speaker], texts: list[str]) -> str:
    """Return what identifies the place of the last message of a whole history; only a keyed digest of it is stored."""
    digest = hashlib.sha256()
    for speaker, text in zip(speakers, texts, strict=True):
        raw = text.encode(errors="surrogatepass")
        digest.update(f"{speaker.value}:{len(raw)}:".encode() + raw)
    return digest.hexdigest()
