"""The way back of an exchange: the bot's answer is read, delivered as the notice says, and stored.

A plain answer is stored before it goes out. A stream flows while it is redacted; its end mark waits for the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from time import perf_counter

from gateway.channel_kit import ChannelKit
from gateway.connector import Connector
from gateway.disclosure import Disclosure
from gateway.engine import EventStream, Numbers, Numeral, Slot, parse_response
from gateway.errors import BodyUnreadableError, PartNotTextError, RefusedError, UpstreamError
from gateway.exchange import Answer, Begin, Exchange, Head, Reader, Sink
from gateway.history import matched
from gateway.logs import LOGGER, place_of
from gateway.recent import Value
from gateway.upstream import Reply
from redaction.errors import RedactionError
from redaction.stream import TextStream
from storage.errors import StorageError
from storage.records import PartKind, SessionEvent, Speaker, Turn, Write, Written

STREAMS = ("text/event-stream", "application/x-ndjson")
FIRST_ERROR = 400
"""The lowest status of a bot that is no answer."""


class Answering:
    """The answers of one channel's bot."""

    def __init__(self, kit: ChannelKit, connector: Connector, write: Callable[[Write], Awaitable[Written]]) -> None:
        """Take the channel's parts; `write` makes turns durable."""
        self._kit = kit
        self._connector = connector
        self._disclosure = Disclosure(kit.notice, kit.channel)
        self._write = write

    async def answer(self, exchange: Exchange, reply: Reply, begin: Begin) -> Answer | None:
        """Return a plain answer, or None when it was streamed into `begin(head)`.

        Raises GatewayError, RedactionError or StorageError before the first byte.
        """
        head = Head(reply.status, reply.headers, exchange.opened.token)
        if reply.status >= FIRST_ERROR:
            return await self._pass_error(head, reply)
        if reply.content_type.startswith(STREAMS):
            await self._stream(exchange, reply, head, begin)
            return None
        return await self._plain(exchange, reply, head)

    async def _pass_error(self, head: Head, reply: Reply) -> Answer:
        """A bot's error is the customer's to see, unless the notice has answers redacted."""
        self._kit.counts.aborted("upstream_status")
        if self._kit.channel.deliver == "redacted":
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
        self._kit.limits.check_answer(size)
        numbers = self._kit.texts.numbers(exchange.heard, exchange.table)
        delivered = await self._kit.aside.do(
            size, lambda: {slot.index: self._deliver_slot(exchange, slot, numbers) for slot in parsed.slots}
        )
        numerals = {slot.index: Numeral(number) for slot in parsed.slots if (number := _number_for(slot, numbers))}
        words = [slot for slot in parsed.slots if slot.kept and slot.text]
        messages: dict[int, list[str]] = {}
        for slot in words:
            if exchange.tell and (not messages or (self._connector.choices and slot.message not in messages)):
                delivered[slot.index] = self._disclosure.before_answer(exchange.opened.language) + delivered[slot.index]
            messages.setdefault(slot.message, []).append(slot.text)
        said = ["\n\n".join(filter(str.strip, texts)) for texts in messages.values()]
        await self._keep_answer(exchange, said, told=bool(words))
        return Answer(head, parsed.rewrite({**delivered, **numerals}))

    async def _stream(self, exchange: Exchange, reply: Reply, head: Head, begin: Begin) -> None:
        def open_stream(_key: str) -> TextStream | None:
            return self._kit.texts.open_stream(exchange.heard, exchange.table)

        telling = self._disclosure.before_answer(exchange.opened.language) if exchange.tell else None
        numbers = self._kit.texts.numbers(exchange.heard, exchange.table)
        events = EventStream(self._connector, open_stream, prepend=telling, numbers=numbers)
        sink: Sink | None = None
        keeping: asyncio.Future[None] | None = None

        def keep(*, whole: bool) -> asyncio.Future[None]:
            messages = events.messages()
            told = events.prepended and (whole or sink is not None)  # what broke off may have left nothing at all
            return asyncio.ensure_future(self._keep_answer(exchange, messages, told=told, whole=whole))

        try:
            async for leaving in self._leaving(events, reply):
                sink = await self._pass(exchange, sink, leaving, head, begin)
            keeping = keep(whole=True)
            await asyncio.shield(keeping)  # what is on its way to the store gets there, though the client leaves
            sink = await self._pass(exchange, sink, events.end(), head, begin)
            if sink is None:
                raise UpstreamError("empty_answer", 502)  # noqa: TRY301 - it ends as any answer that breaks
            await sink.finish()
        except BaseException as error:
            reply.close()
            if exchange.reader is not None and sink is not None:
                exchange.reader.lost()  # some of it has left, and may not be searched any more
            try:
                if self._tell_why(error):
                    await asyncio.shield(keeping or keep(whole=False))
            finally:
                if sink is not None:
                    sink.abort()
            if sink is None or not isinstance(error, Exception):
                raise

    async def _leaving(self, events: EventStream, reply: Reply) -> AsyncIterator[bytes]:
        """Yield what may leave of the bot's events as they come, except the end. Raises UpstreamError."""
        try:
            async for chunk in reply.chunks():
                searched = len(chunk) + events.pending_bytes if self._kit.channel.deliver == "redacted" else 0
                leaving = await self._kit.aside.do(searched, partial(events.feed, chunk))
                self._kit.limits.check_answer(events.heard_characters)
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
        self._kit.counts.aborted(reason)
        if ours:
            what = {
                "channel": self._kit.name,
                "reason": reason,
                "error": type(error).__name__,
                "where": place_of(error),
            }
            LOGGER.error("answer broken off", extra=what)
        return not ours

    async def _keep_answer(self, exchange: Exchange, messages: list[str], *, told: bool, whole: bool = True) -> None:
        """Store what the bot said; raises StorageError or RedactionError, and then nothing may be acknowledged.

        A whole answer to a turn is stored once, however often it is asked for; one that broke off may be followed
        by another.
        """
        turns, heard = list[Turn](), exchange.heard
        for number, text in enumerate(messages):
            if text.strip():
                place = exchange.place_of(number) if whole else (None, None)
                with self._kit.tracing.step("redaction", self._kit.name):
                    turn, values = await self._kit.aside.do(len(text), partial(self._turn, exchange, text, place))
                turns.append(turn)
                heard = heard.after(text, values)
                if exchange.reader is not None and values:
                    self._tell_found(exchange, exchange.reader, text)
        if not turns:
            return
        discloses = told and exchange.tell
        events = (SessionEvent.AI_DISCLOSED,) if discloses else ()
        write = exchange.with_answer(turns, self._kit.clock.now(), events)
        if exchange.storing is None:
            exchange.storing = asyncio.ensure_future(self._write(write))
            await asyncio.shield(exchange.storing)
        else:
            await self._write(write)
        if discloses and not exchange.opened.disclosed:
            self._kit.counts.disclosed()
        self._kit.recent.put(exchange.opened.id, heard, self._kit.clock.now())

    def _turn(
        self, exchange: Exchange, text: str, place: tuple[str | None, int | None]
    ) -> tuple[Turn, tuple[Value, ...]]:
        """Return a message of the bot as it is kept, and the values in it."""
        kept, values = self._kit.texts.keep(text, exchange.heard)
        turn = Turn(
            speaker=Speaker.BOT,
            text=kept,
            at=self._kit.clock.now(),
            match=matched(self._deliver(exchange, text)),
            once=place[0],
            answers=place[1],
            original=text if PartKind.ORIGINAL in exchange.decision.plan.assignments else None,
        )
        return turn, values

    def _tell_found(self, exchange: Exchange, reader: Reader, text: str) -> None:
        """Tell what was found in a message, where the customer gets it as it was searched."""
        if self._deliver(exchange, text) == text:
            reader.answered(text, self._kit.texts.findings(text, exchange.heard))
        else:
            reader.lost()

    def _deliver_slot(self, exchange: Exchange, slot: Slot, numbers: Numbers) -> str:
        if slot.number:
            new = numbers.string_for(slot.text, slot.field or "")
            return slot.text if new is None else new
        return self._deliver(exchange, slot.text)

    def _deliver(self, exchange: Exchange, text: str) -> str:
        """Return what the customer gets of a text of the bot."""
        return self._kit.texts.deliver(text, exchange.heard, exchange.table)


def _number_for(slot: Slot, numbers: Numbers) -> str | None:
    """Return the number that a string in the arguments of a tool call stands for."""
    return None if slot.field is None or slot.number else numbers.number_for(slot.text, slot.field)
