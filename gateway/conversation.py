"""The walk of one message: the one place that fixes its order.

    read the body -> find or open the session -> decide what the notice allows -> redact
    -> make the pseudonyms' map durable, where they go out -> forward -> store the turn, at once where a stream was
    asked for, else with the answer if all of that comes soon
    -> take the answer -> store its turn -> let go of the answer's end

Whatever fails before the first byte of the answer fails the request: nothing is forwarded that was not
redacted as the notice says, and nothing is acknowledged that is not kept. Later, the stream ends without
its end mark.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from urllib.parse import urlencode
from uuid import UUID

from gateway.answering import FIRST_ERROR, STREAMS, Answering
from gateway.aside import Aside
from gateway.clock import Clock
from gateway.connector import Connector
from gateway.consent import Rules
from gateway.disclosure import Disclosure
from gateway.engine import Parsed, parse_request
from gateway.exchange import Answer, Begin, Exchange, Head, Incoming
from gateway.limits import Limits
from gateway.metrics import ChannelMetrics
from gateway.notice.load import Loaded
from gateway.preparing import Prepared, Preparing, claim_in
from gateway.recent import Recent
from gateway.redacting import ChannelRedaction
from gateway.rights.chat import ChatRequests
from gateway.sessions import Sessions
from gateway.tracing import Step, Tracing
from gateway.upstream import Reply, Upstream
from storage.errors import StorageError
from storage.records import Speaker, Write, Written
from storage.store import SessionStore

_SOON_SECONDS = 0.2
"""How long the customer's turn waits for a whole answer, to be stored with it in one step."""


Signer = Callable[[str, bytes], Mapping[str, str]]
"""From the address and body of a request to the headers that sign it for the bot."""


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
        sign: Signer | None = None,
        requests: ChatRequests | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        """Put one channel together."""
        self._name = name
        self._limits = limits
        self._sign = sign
        self._requests = requests
        self._tracing = tracing or Tracing()
        self._recent = Recent()
        aside = Aside()
        self._channel = loaded.notice.channels[name]
        disclosure = Disclosure(loaded.notice, self._channel)
        self._connector = connector
        self._base_url = base_url.rstrip("/")
        self._preparing = Preparing(
            self._channel,
            rules,
            disclosure,
            texts=texts,
            recent=self._recent,
            aside=aside,
            tracing=self._tracing,
            name=name,
        )
        self._answering = Answering(
            self._channel,
            connector,
            disclosure,
            texts=texts,
            recent=self._recent,
            aside=aside,
            tracing=self._tracing,
            name=name,
            write=self._write,
            metrics=metrics,
            clock=clock,
            limits=limits,
        )
        self._sessions = sessions
        self._store = store
        self._upstream = upstream
        self._metrics = metrics
        self._clock = clock
        self._pass_parts = frozenset(self._channel.pass_parts)

    async def converse(self, incoming: Incoming, begin: Begin) -> Answer | None:
        """Walk one exchange. Returns a plain answer, or None when the answer was streamed into `begin(head)`.

        Raises GatewayError, RedactionError or StorageError before the first byte; nothing was acknowledged then.
        """
        with self._tracing.step("exchange", self._name) as step:
            return await self._converse(incoming, begin, step)

    async def _converse(self, incoming: Incoming, begin: Begin, step: Step) -> Answer | None:
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
        step.told(streams=parsed.streams)
        self._limits.check(parsed)
        claim, now = claim_in(incoming, parsed), self._clock.now()
        if self._requests is not None and (command := self._requests.command(parsed)) is not None:
            session = await self._sessions.live(claim, now)
            return await self._requests.reply(command, session, incoming, begin, streams=parsed.streams)
        async with self._sessions.hold(claim, now, language=incoming.language) as opened:
            prepared = await self._preparing.prepare(incoming, parsed, claim, opened, now)
            exchange = prepared.exchange
            if prepared.map_first:
                await self._store_said(exchange)
            # No TaskGroup: a bot that fails must not cancel the write, nor wrap its own error.
            sending = asyncio.ensure_future(self._send(incoming, parsed, prepared.body))
            try:
                if not parsed.streams and await self._comes_soon(exchange, sending):
                    answer = await self._finish(exchange, sending, begin, began, step)
                    await self._store_said(exchange)
                    return answer
                await self._store_said(exchange)
            except BaseException as error:
                await self._abandon(exchange, sending, error)
                raise
        return await self._finish(exchange, sending, begin, began, step)

    async def _finish(
        self, exchange: Exchange, sending: asyncio.Future[Reply], begin: Begin, began: float, step: Step
    ) -> Answer | None:
        with await sending as reply:
            try:
                return await self._answering.answer(exchange, reply, begin)
            finally:
                waited = reply.waited_seconds
                overhead = max(0.0, perf_counter() - began - waited - exchange.spent_elsewhere)
                self._metrics.exchanged(upstream_seconds=waited, overhead_seconds=overhead)
                step.told(upstream_seconds=waited, overhead_seconds=overhead)

    async def note(self, incoming: Incoming, connector: Connector | None = None) -> bytes:
        """Keep what was said, as the notice says; returns the body as the bot may have it. Raises as `converse`."""
        with self._tracing.step("exchange", self._name):
            async with self._prepared(incoming, connector) as (parsed, prepared):
                await self._write(prepared.exchange.said)
        spoken = [slot for slot in parsed.slots if slot.kept]
        if any(slot.speaker is not Speaker.SUBJECT for slot in spoken):
            heard = replace(prepared.exchange.heard, previous=spoken[-1].text)
        else:  # what the service asked last is still what is being answered
            before = self._recent.get(prepared.exchange.opened.id)
            heard = replace(prepared.exchange.heard, previous=before.previous)
        self._recent.put(prepared.exchange.opened.id, heard, self._clock.now())
        return prepared.body

    async def without_keeping(self, incoming: Incoming, connector: Connector | None = None) -> bytes:
        """Return a body as the bot may have it; nothing of it is kept. Raises as `converse`."""
        async with self._prepared(replace(incoming, unkept=True), connector) as (_, prepared):
            return prepared.body

    async def pass_unkept(self, incoming: Incoming) -> None:
        """Let the bot hear what is not finished yet, redacted as any text; nothing is kept, no answer is read."""
        async with self._prepared(replace(incoming, unkept=True)) as (parsed, prepared):
            pass
        with await self._send(incoming, parsed, prepared.body):
            pass

    @asynccontextmanager
    async def _prepared(
        self, incoming: Incoming, connector: Connector | None = None
    ) -> AsyncIterator[tuple[Parsed, Prepared]]:
        """Read and prepare a request, and keep others of its session waiting."""
        connector = connector or self._connector
        parsed = parse_request(connector, incoming.content_type, incoming.body, path=incoming.path, query={})
        self._limits.check(parsed)
        claim, now = claim_in(incoming, parsed), self._clock.now()
        async with self._sessions.hold(claim, now, language=incoming.language) as opened:
            yield parsed, await self._preparing.prepare(incoming, parsed, claim, opened, now)

    def last_asked(self, session: UUID) -> str:
        """Return what the bot or a person of the service said last in a session, as far as it is remembered."""
        return self._recent.get(session).previous

    def forget(self, before: datetime) -> None:
        """Forget what is remembered, in memory, of sessions that were last heard before this moment."""
        self._recent.forget(before)

    # --- the way to the bot

    async def _comes_soon(self, exchange: Exchange, sending: asyncio.Future[Reply]) -> bool:
        """Wait a moment for the bot: whether all of its answer is there, to be stored together with what was said."""
        if exchange.storing is not None:
            return False
        await asyncio.wait((sending,), timeout=_SOON_SECONDS)
        if not sending.done():
            return False
        reply = sending.result()
        return reply.is_whole and reply.status < FIRST_ERROR and not reply.content_type.startswith(STREAMS)

    async def _store_said(self, exchange: Exchange) -> None:
        """Store what is new, unless it is on its way already; it gets there though the client leaves meanwhile."""
        if exchange.storing is None:
            exchange.storing = asyncio.ensure_future(self._write(exchange.said))
        written = await asyncio.shield(exchange.storing)
        if exchange.answers is None and exchange.said.turns:
            exchange.answers = written.sequences[len(exchange.said.turns) - 1]

    async def _abandon(self, exchange: Exchange, sending: asyncio.Future[Reply], error: BaseException) -> None:
        """Let go of the bot; what was said is kept, whatever became of its answer. Raises StorageError if it is not."""
        sending.cancel()
        (reply,) = await asyncio.gather(sending, return_exceptions=True)
        if not isinstance(reply, BaseException):
            reply.close()
        (failed,) = await asyncio.gather(self._store_said(exchange), return_exceptions=True)
        if isinstance(failed, StorageError) and isinstance(error, Exception):
            raise failed

    async def _send(self, incoming: Incoming, parsed: Parsed, body: bytes) -> Reply:
        url = f"{self._base_url}/{incoming.path}" + (f"?{urlencode(parsed.query)}" if parsed.query else "")
        signed = self._sign(url, body) if self._sign is not None else None
        with self._tracing.step("upstream", self._name) as step:
            own = {**(signed or {}), **self._tracing.onward()}
            reply = await self._upstream.send(incoming.method, url, incoming.headers, body, own=own)
            step.told(status=reply.status)
            return reply

    async def _pass_on(self, incoming: Incoming, parsed: Parsed) -> Answer:
        """Pass a request without a body through; the connector vouches that nothing can be in it."""
        with await self._send(incoming, parsed, b"") as reply:
            return Answer(Head(reply.status, reply.headers, None), await reply.body())

    async def _write(self, write: Write) -> Written:
        with self._tracing.step("store", self._name):
            written = await self._store.write(write)
        if write.new is not None:
            self._metrics.opened()
        for turn, stored in zip(write.turns, written.turns, strict=True):
            self._metrics.turn(turn.speaker, stored=stored)
        return written
