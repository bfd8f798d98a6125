"""What is said in the calls of a channel: answers to the question, stops, figures of a card, and turns for the bot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import orjson

from gateway.calls.answers import says
from gateway.calls.card import CardWatch
from gateway.calls.events import Heard, Joined, Pause, Resume, Stop
from gateway.calls.on_line import OnLine, Utterance
from gateway.calls.quiet import Spoken, Word
from gateway.calls.script import Script
from gateway.calls.session import State, reading, waits
from gateway.connectors.calls import CONNECTOR as TURNS
from gateway.conversation import Conversation
from gateway.errors import RefusedError
from gateway.exchange import Answer, Begin, Incoming
from gateway.notice.channel import Channel
from gateway.sessions import Claim

_ASKED_BY_TURNS = frozenset({"audiohook", "calls"})
"""Connectors whose bot is asked by turns; that of another speaks its platform's own protocol, and turns are kept."""


class Hearing:
    """Hears what is said in the calls of one channel."""

    def __init__(self, channel: Channel, script: Script, conversation: Conversation) -> None:
        """Take the channel, its calls' script, and what keeps and carries what is said."""
        self._asks_bot = channel.upstream is not None and channel.connector in _ASKED_BY_TURNS
        self._script = script
        self._conversation = conversation

    async def hear(
        self, on_line: OnLine, said: Utterance, headers: Mapping[str, str], begin: Begin | None
    ) -> Answer | None:
        """Take a turn: an answer to the question, or something for the bot and the transcript.

        After the call's end it is refused (404), and what is silent in the recording is not known any more.
        Returns the bot's answer; None where there is none, or where it was streamed into `begin(head)`. Without `begin`
        nobody would speak it: the bot is not asked.
        """
        live, caller = on_line.live, said.speaker == "subject"
        live.seen()
        if live.call.ended:
            if said.final:
                await live.missed()
            raise RefusedError("no_call", 404, "This call is over")
        if not said.final:
            await self._others_spoke(on_line, said)
            await self._hear_early(on_line, said, headers, asks=begin is not None)
            return None
        with on_line.quiet.turn(said.words, recorded=live.recorded is not None) as spoken:
            await self._others_spoke(on_line, said)
            if caller and await self.takes(on_line, said.text, said.confidence, final=True):
                spoken.all()
                return None
            if caller and on_line.card.pauses:  # its first figures may be in this turn, and are no number yet
                spoken.all()
            incoming = replace(self._incoming(on_line, said, headers, "turns"), reader=spoken)
            if caller and self._asks_bot and begin is not None and not live.call.agent_speaks:
                answer = await self._converse(on_line, incoming, begin)
            else:
                answer = None
                await self._conversation.note(incoming, TURNS)
        if begin is not None:
            await self._tell(on_line, said, spoken.kept)
        return answer

    def spoke(self, on_line: OnLine, text: str, words: Sequence[Word], *, broken_off: bool) -> None:
        """Take when the platform has spoken an answer of the bot."""
        on_line.live.seen()
        on_line.quiet.spoken(text, words, broken_off=broken_off)

    async def _others_spoke(self, on_line: OnLine, said: Utterance) -> None:
        """Let the call hear who else speaks than the caller."""
        if said.speaker == "agent":
            await self.person_spoke(on_line)
        if said.speaker != "subject":
            await self.service_spoke(on_line, said.text)

    async def _tell(self, on_line: OnLine, said: Utterance, kept: str | None) -> None:
        """Let a platform that takes transcripts have what was said, as it is kept; nothing without a yes."""
        live = on_line.live
        may = live.call.armed or (self._script.question is None and not live.call.paused)
        if on_line.transcripts is not None and kept is not None and may:
            await on_line.transcripts(said, kept)

    async def carry(self, on_line: OnLine, incoming: Incoming, begin: Begin) -> Answer | None:
        """Carry a request of the platform's own protocol to the bot, and its answer back."""
        on_line.live.seen()
        return await self._converse(on_line, self.flagged(on_line, incoming), begin)

    async def person_spoke(self, on_line: OnLine) -> None:
        """Hear that a person of the service speaks: one whom nobody has told of has come in."""
        if not on_line.live.call.agent_speaks:
            await on_line.live.happen(Joined(agent=True))

    async def service_spoke(self, on_line: OnLine, text: str) -> None:
        """Hear what the bot or a person of the service says: a question for a card's number begins a pause."""
        await self._watch(on_line, lambda watch: watch.after_service(text))

    async def takes(self, on_line: OnLine, text: str, confidence: float | None, *, final: bool) -> bool:
        """Let the call hear the caller; tells whether it was an answer to the question, or stops the recording.

        To a question that nobody has spoken yet nothing is an answer. Who carries on twice instead of answering has
        refused, and is heard by the bot. What is not final answers nothing, but it may stop the recording.
        """
        live = on_line.live
        waiting, before, asked = waits(live.call), live.call.stopped, not live.unasked
        if not waiting or not asked:
            await self._watch(on_line, lambda watch: watch.after_caller(text, final=final))
        if not final:
            if says(text, self._script.stop_words):
                await live.happen(Stop())
            return waiting
        understood = reading(self._script, live.call, text, confidence)
        await live.happen(Heard(text, confidence, asked))
        if live.call.stopped and not before:
            return True
        return waiting and asked and (understood is not None or live.call.state is State.ASKED)

    async def _converse(self, on_line: OnLine, incoming: Incoming, begin: Begin) -> Answer | None:
        answer = await self._conversation.converse(incoming, begin)
        await self.service_spoke(on_line, self._conversation.last_asked(on_line.session))
        return answer

    async def _watch(self, on_line: OnLine, hear: Callable[[CardWatch], CardWatch]) -> None:
        """Pause when a card's number is coming and go on after it; a pause that somebody else began is theirs."""
        call = on_line.live.call
        # A pause of its own that somebody has ended is over: it begins with the next question.
        before = CardWatch() if on_line.card.pauses and self._script.card_numbers and not call.card else on_line.card
        on_line.card = card = hear(before)
        if self._script.card_numbers and card.pauses is not call.card:
            await on_line.live.happen(Pause(card=True) if card.pauses else Resume(card=True))

    async def _hear_early(self, on_line: OnLine, said: Utterance, headers: Mapping[str, str], *, asks: bool) -> None:
        """Hear what is not finished: it may stop the recording, others may listen, and nothing is kept."""
        caller = said.speaker == "subject"
        if caller and await self.takes(on_line, said.text, said.confidence, final=False):
            return
        incoming = self._incoming(on_line, said, headers, "hypotheses")
        if caller and asks and self._asks_bot and not on_line.live.call.agent_speaks:
            await self._conversation.pass_unkept(incoming)
        if asks and on_line.transcripts is not None:
            spoken = Spoken()
            await self._conversation.without_keeping(replace(incoming, reader=spoken), TURNS)
            await self._tell(on_line, said, spoken.kept)

    def _incoming(self, on_line: OnLine, said: Utterance, headers: Mapping[str, str], path: str) -> Incoming:
        call, live = on_line.connection.call, on_line.live
        fields = {
            "call": call,
            "id": said.id,
            "speaker": said.speaker,
            "text": said.text,
            "language": live.call.language,
            "confidence": said.confidence,
        }
        incoming = Incoming(
            method="POST",
            path=path,
            content_type="application/json",
            headers={**headers, "Content-Type": "application/json"},
            body=orjson.dumps({name: value for name, value in fields.items() if value is not None}),
            language=live.call.language,
        )
        return self._flagged(on_line, incoming)

    def flagged(self, on_line: OnLine, incoming: Incoming) -> Incoming:
        """Return a request in a platform's own protocol with its call, and what may be kept of it now.

        Such a protocol does not say when words were spoken: what is silent in the recording stays unknown.
        """
        on_line.quiet.missed()
        return self._flagged(on_line, incoming)

    def beside(self, incoming: Incoming, call: str) -> Incoming:
        """Return a request that tells something of a call, of which nothing is kept."""
        return replace(incoming, claim=platform_claim(call), suspended=True, unkept=True)

    def _flagged(self, on_line: OnLine, incoming: Incoming) -> Incoming:
        live = on_line.live
        return replace(
            incoming,
            claim=platform_claim(on_line.connection.call),
            suspended=self._script.question is not None and not live.may_keep,
            unkept=live.call.paused or live.call.ended,
            ended=True,
        )


def platform_claim(call: str) -> Claim:
    """Return the claim of a platform that has shown who it is: it is taken at its word."""
    return Claim(conversation=call, front_end=True)
