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
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from urllib.parse import urlencode

from gateway.aside import Aside
from gateway.clock import Clock
from gateway.connector import Connector
from gateway.consent import Decision, Rules, Telling
from gateway.disclosure import Disclosure
from gateway.engine import EventStream, Parsed, parse_request, parse_response
from gateway.errors import BodyUnreadableError, PartNotTextError, RefusedError, UpstreamError
from gateway.exchange import Answer, Begin, Exchange, Head, Incoming, Sink
from gateway.limits import Limits
from gateway.logs import LOGGER, place_of
from gateway.metrics import ChannelMetrics
from gateway.notice.load import Loaded
from gateway.recent import Heard, Recent
from gateway.redacting import ChannelRedaction, Reading
from gateway.sessions import Claim, Opened, Sessions, idempotency_of
from gateway.turns import kept_of, new_turns
from gateway.upstream import Reply, Upstream
from redaction.errors import RedactionError
from redaction.pseudonyms import Pseudonyms
from redaction.stream import TextStream
from storage.errors import StorageError
from storage.records import PartKind, SessionEvent, Speaker, Turn, Write
from storage.store import SessionStore

_STREAMS = ("text/event-stream", "application/x-ndjson")
_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What the reading of a request came to: the body for the bot, and the step to store."""

    exchange: Exchange
    body: bytes = field(repr=False)
    write: Write
    map_first: bool


class Conversation:
    """The exchanges of one channel."""

    def __init__(  # noqa: PLR0913 - the parts of a channel, by name
        self,
        loaded: Loaded,
        name: str,
        connector: Connector,
        *,
        rules: Rules,
        base_url: str,
        texts: ChannelRedaction,
        sessions: Sessions,
        store: SessionStore,
        upstream: Upstream,
        metrics: ChannelMetrics,
        clock: Clock,
        limits: Limits,
    ) -> None:
        """Put one channel together."""
        self._name = name
        self._limits = limits
        self._aside = Aside()
        self._rules = rules
        self._channel = loaded.notice.channels[name]
        self._disclosure = Disclosure(loaded.notice, self._channel)
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
            self._connector,
            incoming.content_type,
            incoming.body,
            method=incoming.method,
            path=incoming.path,
            query=incoming.query,
            allowed=self._pass_parts,
        )
        if incoming.method == "GET":
            return await self._pass_on(incoming, parsed)
        self._limits.check(parsed)
        key = incoming.idempotency_key
        claim = replace(
            incoming.claim,
            conversation=parsed.conversation,
            idempotency=idempotency_of(key, incoming.body) if key else None,
        )
        async with self._sessions.one_at_a_time(claim):
            prepared = await self._prepare(incoming, parsed, claim)
            reply = await self._forward_and_store(incoming, parsed, prepared)
        exchange = prepared.exchange
        with reply:
            try:
                return await self._answer(exchange, reply, begin)
            finally:
                overhead = perf_counter() - began - reply.waited_seconds - exchange.spent_elsewhere
                self._metrics.exchanged(upstream_seconds=reply.waited_seconds, overhead_seconds=max(0.0, overhead))

    # --- the way to the bot

    async def _prepare(self, incoming: Incoming, parsed: Parsed, claim: Claim) -> _Prepared:
        now = self._clock.now()
        opened = await self._sessions.open(claim, now, language=incoming.language)
        disclosed = opened.disclosed or self._disclosure.was_resent(parsed)
        decision = self._rules.decide(opened.consents, disclosed=disclosed)
        _refuse(decision)
        stored = opened.session.pseudonyms if opened.session is not None else None
        table = Pseudonyms.from_json(stored) if stored else Pseudonyms()
        before = table.version
        texts = {slot.index: self._disclosure.without(slot) for slot in parsed.slots}
        size = sum(map(len, texts.values()))
        readings, heard = await self._aside.do(size, lambda: self._read(parsed, texts, opened, table))
        new = new_turns(incoming, parsed, opened, kept_of(parsed, texts, readings), decision.plan, now)
        for reading in new.readings:
            self._texts.count(reading.findings)
        changed = table.version != before
        connected = opened.new is not None and PartKind.CONNECTION in decision.plan.assignments
        write = Write(
            session_id=opened.id,
            plan=decision.plan,
            now=now,
            new=opened.new,
            turns=new.turns,
            pseudonyms=table.to_json() if changed else None,
            connection=incoming.connection if connected else None,
        )
        used = frozenset[str]().union(*(reading.stand_ins for reading in readings.values()))
        exchange = Exchange(opened, decision, table, heard, None if opened.owner else used, new.place)
        body = parsed.rewrite({index: reading.forward for index, reading in readings.items()})
        return _Prepared(exchange, body, write, map_first=changed)

    def _read(
        self, parsed: Parsed, texts: Mapping[int, str], opened: Opened, table: Pseudonyms
    ) -> tuple[dict[int, Reading], Heard]:
        """Redact every text of a body, each with what was heard before it; a history tells that itself."""
        remembered = self._recent.get(opened.id)
        last = {Speaker.BOT: remembered.previous, Speaker.SUBJECT: ""}
        heard = Heard() if parsed.history else remembered
        readings = {}
        for slot in parsed.slots:
            text = texts[slot.index]
            service = slot.speaker in {Speaker.BOT, Speaker.AGENT}
            previous = last[Speaker.SUBJECT if service else Speaker.BOT]
            readings[slot.index] = reading = self._texts.read(text, replace(heard, previous=previous), table)
            heard = heard.learned(reading.values)
            if slot.kept:
                last[Speaker.BOT if service else Speaker.SUBJECT] = text
        return readings, replace(heard, previous=last[Speaker.SUBJECT])

    async def _forward_and_store(self, incoming: Incoming, parsed: Parsed, prepared: _Prepared) -> Reply:
        """Send the message on while its turn is stored; both have happened when this returns."""
        if prepared.map_first:
            await self._write(prepared.write)
            return await self._send(incoming, parsed, prepared.body)
        # No TaskGroup: a bot that fails must not cancel the write, nor wrap its own error.
        writing = asyncio.ensure_future(self._write(prepared.write))
        try:
            reply = await self._send(incoming, parsed, prepared.body)
        except BaseException:
            await asyncio.gather(writing, return_exceptions=True)  # the turn is kept though the bot has failed
            raise
        try:
            await writing
        except BaseException:
            reply.close()
            raise
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
        if reply.status >= _FIRST_ERROR:
            return await self._pass_error(head, reply)
        if reply.content_type.startswith(_STREAMS):
            await self._stream(exchange, reply, head, begin)
            return None
        return await self._plain(exchange, reply, head)

    async def _pass_error(self, head: Head, reply: Reply) -> Answer:
        """A bot's error is the customer's to see, unless the notice has answers redacted."""
        self._metrics.aborted("upstream_status")
        if self._channel.deliver == "redacted":
            raise UpstreamError("upstream_status", reply.status)
        return Answer(head, await reply.body())

    async def _plain(self, exchange: Exchange, reply: Reply, head: Head) -> Answer:
        raw = await reply.body()
        if not raw.strip():
            raise UpstreamError("empty_answer", 502)
        try:
            parsed = parse_response(self._connector, reply.content_type, raw)
        except (BodyUnreadableError, PartNotTextError):
            raise UpstreamError("answer_unreadable", 502) from None
        size = sum(len(slot.text) for slot in parsed.slots)
        self._limits.check_answer(size)
        delivered = await self._aside.do(
            size, lambda: {slot.index: self._deliver(exchange, slot.text) for slot in parsed.slots}
        )
        words = [slot for slot in parsed.slots if slot.kept and slot.text]
        if words and self._must_tell(exchange):
            first = words[0].index
            delivered[first] = self._disclosure.before_answer(exchange.opened.language) + delivered[first]
        await self._keep_answer(exchange, [slot.text for slot in words], told=bool(words))
        return Answer(head, parsed.rewrite(delivered))

    async def _stream(self, exchange: Exchange, reply: Reply, head: Head, begin: Begin) -> None:
        def open_stream(_key: str) -> TextStream | None:
            return self._texts.open_stream(exchange.heard, exchange.table, exchange.only)

        telling = self._disclosure.before_answer(exchange.opened.language) if self._must_tell(exchange) else None
        events = EventStream(self._connector, reply.content_type, open_stream, prepend=telling)
        sink: Sink | None = None
        keeping: asyncio.Future[None] | None = None

        def keep() -> asyncio.Future[None]:
            return asyncio.ensure_future(
                self._keep_answer(exchange, list(events.texts().values()), told=events.prepended)
            )

        try:
            async for leaving in self._leaving(events, reply):
                sink = await self._pass(exchange, sink, leaving, head, begin)
            keeping = keep()
            await asyncio.shield(keeping)  # what is on its way to the store gets there, though the client leaves
            sink = await self._pass(exchange, sink, events.end(), head, begin)
            if sink is None:
                raise UpstreamError("empty_answer", 502)  # noqa: TRY301 - it ends as any answer that breaks
            await sink.finish()
        except BaseException as error:
            reply.close()
            try:
                if self._tell_why(error):
                    await asyncio.shield(keeping or keep())
            finally:
                if sink is not None:
                    sink.abort()
            if sink is None or not isinstance(error, Exception):
                raise

    async def _leaving(self, events: EventStream, reply: Reply) -> AsyncIterator[bytes]:
        """Yield what may leave of the bot's events as they come, except the end. Raises UpstreamError."""
        try:
            async for chunk in reply.chunks():
                leaving = events.feed(chunk)
                self._limits.check_answer(events.heard_characters)
                yield leaving
            yield events.finish()
        except (BodyUnreadableError, PartNotTextError):
            raise UpstreamError("answer_unreadable", 502) from None

    async def _pass(self, exchange: Exchange, sink: Sink | None, data: bytes, head: Head, begin: Begin) -> Sink | None:
        """Send what may leave; the answer begins with the first of it."""
        if not data:
            return sink
        began = perf_counter()
        sink = sink or await begin(head)
        await sink.write(data)
        exchange.spent_elsewhere += perf_counter() - began
        return sink

    def _tell_why(self, error: BaseException) -> bool:
        """Count why an answer broke off; returns whether what the bot had said by then can be kept."""
        match error:
            case UpstreamError() | RefusedError():
                reason, ours = error.reason, False
            case asyncio.CancelledError() | ConnectionError():
                reason, ours = "client_left", False
            case RedactionError():
                reason, ours = "redaction_failed", True
            case StorageError():
                reason, ours = "store_failed", True
            case _:
                reason, ours = "failed", True
        self._metrics.aborted(reason)
        if ours:
            what = {"channel": self._name, "reason": reason, "error": type(error).__name__, "where": place_of(error)}
            LOGGER.error("answer broken off", extra=what)
        return not ours

    async def _keep_answer(self, exchange: Exchange, words: list[str], *, told: bool) -> None:
        """Store what the bot said; raises StorageError or RedactionError, and then nothing may be acknowledged."""
        words = [text for text in words if text.strip()]
        if not words:
            return
        now = self._clock.now()
        text = "\n\n".join(words)
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        plan = exchange.decision.plan
        kept, values = await self._aside.do(len(text), lambda: self._texts.keep(text, exchange.heard))
        turn = Turn(
            speaker=Speaker.BOT,
            text=kept,
            at=now,
            match=self._deliver(exchange, text),
            once=f"answer/{exchange.place}/{digest}" if exchange.place else None,
            original=text if PartKind.ORIGINAL in plan.assignments else None,
        )
        discloses = told and self._must_tell(exchange)
        events = (SessionEvent.AI_DISCLOSED,) if discloses else ()
        await self._write(Write(exchange.opened.id, plan, now, turns=(turn,), events=events))
        if discloses:
            self._metrics.disclosed()
        self._recent.put(exchange.opened.id, exchange.heard.after(text, values))

    def _deliver(self, exchange: Exchange, text: str) -> str:
        """Return what the customer gets of a text of the bot."""
        return self._texts.deliver(text, exchange.heard, exchange.table, exchange.only)

    def _must_tell(self, exchange: Exchange) -> bool:
        return exchange.decision.telling is Telling.PREPEND

    async def _write(self, write: Write) -> None:
        written = await self._store.write(write)
        if write.new is not None:
            self._metrics.opened()
        for turn, stored in zip(write.turns, written.turns, strict=True):
            self._metrics.turn(turn.speaker, stored=stored)


def _refuse(decision: Decision) -> None:
    """Raise RefusedError when the notice wants something shown or answered first."""
    if decision.telling is Telling.REQUIRED:
        title = 'Show the AI disclosure first and confirm it: POST {"disclosed": true} to this channel\'s consent'
        raise RefusedError("disclosure_missing", 428, title)
    if decision.missing:
        title = "A consent that this channel requires has not been given: see this channel's consent"
        raise RefusedError("consent_missing", 428, title)
