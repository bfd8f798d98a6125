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
from gateway.channel_kit import ChannelKit
from gateway.connector import Connector
from gateway.engine import Parsed, parse_request
from gateway.exchange import Answer, Begin, Exchange, Head, Incoming
from gateway.preparing import Prepared, Preparing, claim_in
from gateway.rights.chat import ChatRequests
from gateway.tracing import Step
from gateway.upstream import Reply
from storage.errors import StorageError
from storage.records import Speaker, Write, Written

_SOON_SECONDS = 0.2
"""How long the customer's turn waits for a whole answer, to be stored with it in one step."""


Signer = Callable[[str, bytes], Mapping[str, str]]
"""From the address and body of a request to the headers that sign it for the bot."""


class Conversation:
    """The exchanges of one channel."""

    def __init__(
        self, kit: ChannelKit, connector: Connector, *, sign: Signer | None = None, requests: ChatRequests | None = None
    ) -> None:
        """Take the channel's parts."""
        self._kit = kit
        self._connector = connector
        self._sign = sign
        self._requests = requests
        self._preparing = Preparing(kit, requests)
        self._answering = Answering(kit, connector, self._write)
        self._pass_parts = frozenset(kit.channel.pass_parts)

    async def converse(self, incoming: Incoming, begin: Begin) -> Answer | None:
        """Walk one exchange. Returns a plain answer, or None when the answer was streamed into `begin(head)`.

        Raises GatewayError, RedactionError or StorageError before the first byte; nothing was acknowledged then.
        """
        with self._kit.tracing.step("exchange", self._kit.name) as step:
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
        self._kit.limits.check(parsed)
        claim, now = claim_in(incoming, parsed), self._kit.clock.now()
        if self._requests is not None and (command := self._requests.command(parsed)) is not None:
            session = await self._kit.sessions.proven(claim, now)  # rights do not end with the chat
            return await self._requests.reply(command, session, incoming, begin, streams=parsed.streams)
        async with self._kit.sessions.hold(claim, now, language=incoming.language, ended=incoming.ended) as opened:
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
                self._kit.counts.exchanged(upstream_seconds=waited, overhead_seconds=overhead)
                step.told(upstream_seconds=waited, overhead_seconds=overhead)

    async def note(self, incoming: Incoming, connector: Connector | None = None) -> bytes:
        """Keep what was said, as the notice says; returns the body as the bot may have it. Raises as `converse`."""
        with self._kit.tracing.step("exchange", self._kit.name):
            async with self._prepared(incoming, connector) as (parsed, prepared):
                await self._write(prepared.exchange.said)
        service = [slot.text for slot in parsed.slots if slot.kept and slot.speaker is not Speaker.SUBJECT]
        if service:
            heard = prepared.exchange.heard.after(service[-1], ())
        else:  # what the service asked last is still what is being answered
            before = self._kit.recent.get(prepared.exchange.opened.id)
            heard = replace(prepared.exchange.heard, previous=before.previous)
        self._kit.recent.put(prepared.exchange.opened.id, heard, self._kit.clock.now())
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
        self._kit.limits.check(parsed)
        claim, now = claim_in(incoming, parsed), self._kit.clock.now()
        async with self._kit.sessions.hold(claim, now, language=incoming.language, ended=incoming.ended) as opened:
            begun = opened.begun(incoming.said_at)
            yield parsed, await self._preparing.prepare(incoming, parsed, claim, begun, now)

    def last_asked(self, session: UUID) -> str:
        """Return what the bot or a person of the service said last in a session, as far as it is remembered."""
        return self._kit.recent.get(session).previous

    def forget(self, before: datetime) -> None:
        """Forget what is remembered, in memory, of sessions that were last heard before this moment."""
        self._kit.recent.forget(before)

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
        url = f"{self._kit.bot}/{incoming.path}" + (f"?{urlencode(parsed.query)}" if parsed.query else "")
        signed = self._sign(url, body) if self._sign is not None else None
        with self._kit.tracing.step("upstream", self._kit.name) as step:
            own = {**(signed or {}), **self._kit.tracing.onward()}
            reply = await self._kit.upstream.send(incoming.method, url, incoming.headers, body, own=own)
            step.told(status=reply.status)
            return reply

    async def _pass_on(self, incoming: Incoming, parsed: Parsed) -> Answer:
        """Pass a request without a body through; the connector vouches that nothing can be in it."""
        with await self._send(incoming, parsed, b"") as reply:
            return Answer(Head(reply.status, reply.headers, None), await reply.body())

    async def _write(self, write: Write) -> Written:
        with self._kit.tracing.step("store", self._kit.name):
            written = await self._kit.store.write(write)
        if write.new is not None:
            self._kit.counts.opened()
        for turn, stored in zip(write.turns, written.turns, strict=True):
            self._kit.counts.turn(turn.speaker, stored=stored)
        return written
