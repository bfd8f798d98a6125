"""The calls of one channel: they begin, go on, and end, by the platform's word or by a deadline.

A call that is going on lives in the memory of one process. Another process, or this one after a restart, does not know
it: what comes for it is refused, and it is recorded no further. A platform has to reach the process that it began with;
of the workers of one machine, any hands over to that one (`gateway.sharing`).
"""

from __future__ import annotations

import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from gateway.calls.answers import says
from gateway.calls.book import CallCommits, Connection, Registrar
from gateway.calls.card import CardWatch
from gateway.calls.events import Ended, Evidence, Heard, Joined, Offered, Party, Pause, Resume, Stop
from gateway.calls.live import LiveCall
from gateway.calls.on_line import CallOffer, OnLine, Utterance
from gateway.calls.over import Over
from gateway.calls.quiet import Quiet, Spoken, Word
from gateway.calls.script import patience_of, prompts_of, script_of
from gateway.calls.session import Call, State, reading, waits
from gateway.calls.sound import Sound
from gateway.calls.survey import Survey
from gateway.calls.survey_talk import talks_of
from gateway.calls.tapes import Tapes
from gateway.channel_kit import ChannelKit
from gateway.connectors.calls import CONNECTOR as TURNS
from gateway.conversation import Conversation
from gateway.errors import RefusedError
from gateway.exchange import Answer, Begin, Incoming
from gateway.indexing import Index
from gateway.rights.acts import Acts
from gateway.sessions import Claim
from redaction.findings import EntityType
from storage.errors import StorageError, StoreUnavailableError, UnknownSessionError
from storage.records import ConsentState, PartKind, SessionEvent, Write

_MOST_CALLS = 20_000
_MOST_PAST = 5_000
_ASKED_BY_TURNS = frozenset({"audiohook", "calls"})
"""Connectors whose bot is asked by turns; that of another speaks its platform's own protocol, and turns are kept."""


class Line:
    """The calls of one channel."""

    def __init__(self, kit: ChannelKit, conversation: Conversation, acts: Acts) -> None:
        """Take the channel's parts, what keeps and carries what is said, and what carries withdrawals out."""
        notice, channel = kit.notice, kit.channel
        self._kit = kit
        self._index = Index(channel)
        self._asks_bot = channel.upstream is not None and channel.connector in _ASKED_BY_TURNS
        self._script = script_of(notice, channel)
        self._prompts = prompts_of(notice, channel)
        self._patience = patience_of(channel)
        self._conversation = conversation
        self._registrar = Registrar(kit, self._script, acts)
        self._calls: dict[str, OnLine] = {}
        self._past: OrderedDict[str, OnLine] = OrderedDict()
        self._over = Over()
        self.tapes = Tapes(kit, self._registrar)
        asks = channel.call.survey if channel.call is not None else None
        self.survey = Survey(notice, asks, kit.store.surveys, kit.clock) if asks is not None else None
        self.talks = talks_of(notice, channel, self.survey)

    async def begin(self, offer: CallOffer) -> OnLine:
        """Begin a call and put the question; said again, the call that is going on is returned. Raises StorageError.

        What comes late of a call that its platform has ended begins none: it is refused (404).
        """
        call = offer.call or secrets.token_urlsafe(16)
        if call in self._calls:
            return self._calls[call]
        if self.hung_up(call):
            raise RefusedError("no_call", 404, "This call is over")
        if len(self._calls) >= _MOST_CALLS:
            raise RefusedError("too_many_calls", 503, "Too many calls are going on")
        now = self._kit.clock.now()
        connection = Connection(call, now, offer.caller, offer.line)
        language = self._prompts.language(offer.language or self._kit.channel.language)
        async with self._kit.sessions.hold(self._claim(call), now, language=language) as opened:
            if call in self._calls:  # it was said twice at the same time
                return self._calls[call]
            plan = self._kit.rules.decide(opened.consents, disclosed=True).plan
            kept = connection.sealed() if PartKind.CONNECTION in plan.assignments else None
            known = self._index.identifiers([(EntityType.PHONE, offer.caller)] if offer.caller else [])
            await self._kit.store.write(
                Write(opened.id, plan, now, new=opened.new, connection=kept, identifiers=known if kept else ())
            )
            quiet = Quiet()
            live = LiveCall(
                self._script, self._prompts, self._patience, Call(language, agent_speaks=offer.agent),
                commits=CallCommits(self._registrar, opened.id, connection), tape=self.tapes.tape(opened.id, quiet),
                clock=self._kit.clock,
            )  # fmt: skip
            self._calls[call] = on_line = OnLine(connection, opened.id, live, quiet=quiet)
        if opened.new is not None:
            self._kit.counts.opened()
        self._kit.metrics.calls.labels(self._kit.name).set(len(self._calls))
        await live.happen(Offered())
        return on_line

    def find(self, call: str) -> OnLine:
        """Return a call that is going on. Raises RefusedError (404)."""
        on_line = self._calls.get(call)
        if on_line is None:
            raise RefusedError("no_call", 404, "No such call is going on here")
        return on_line

    async def hear(
        self, on_line: OnLine, said: Utterance, headers: Mapping[str, str], begin: Begin | None
    ) -> Answer | None:
        """Take a turn: an answer to the question, or something for the bot and the transcript.

        Returns the bot's answer; None where there is none, or where it was streamed into `begin(head)`. Without `begin`
        nobody would speak it: the bot is not asked.
        """
        live, caller = on_line.live, said.speaker == "subject"
        live.seen()
        if said.speaker == "agent":
            await self.person_spoke(on_line)
        if not caller:
            await self.service_spoke(on_line, said.text)
        if not said.final:
            await self._hear_early(on_line, said, headers, asks=begin is not None)
            return None
        with on_line.quiet.turn(said.words, recorded=live.first_armed_at is not None) as spoken:
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
        await self._watch(on_line, on_line.card.after_service(text))

    def knows(self, call: str) -> bool:
        """Tell whether a call is going on here."""
        return call in self._calls

    def recall(self, call: str) -> OnLine | None:
        """Return a call that is over, for as long as its caller may be asked how it was."""
        return self._past.get(call)

    def surveyed(self, call: str) -> bool:
        """Tell whether a call is over and its survey is being talked through."""
        return self.talks is not None and self.talks.knows(call)

    @property
    def records(self) -> bool:
        """Whether the notice keeps the sound of these calls, once everybody has agreed."""
        return self.tapes.plan is not None

    async def agreed_since(self, call: str) -> tuple[UUID, datetime] | None:
        """Return the session of a call, and since when everybody has agreed, without a break until now or its end.

        None if that is not so, or where the survey was asked: its answers are nobody's. Raises StorageError.
        """
        if not self.records:
            return None
        if call in self._calls:
            await self._calls[call].live.write_down()
        session = await self._kit.sessions.latest(call, self._kit.clock.now())
        if session is not None and session.remembered:
            raise StoreUnavailableError("nobody knows now what was agreed to")
        return None if session is None or session.agreed_since is None else (session.id, session.agreed_since)

    async def is_over(self, call: str, since: timedelta) -> bool:
        """Tell whether a call is over, and has been for so long; one that is erased is. Raises StorageError."""
        session = await self._kit.sessions.latest(call, now := self._kit.clock.now())
        if session is not None and session.remembered:
            raise StoreUnavailableError("nobody knows now whether it goes on")
        ended = session.ended_at if session is not None else now - since
        return call not in self._calls and ended is not None and now - ended >= since

    async def listen(self, on_line: OnLine, sound: Sound) -> bool:
        """Keep audio if everybody has agreed to it; tells whether it was kept.

        What fails is counted, and the call goes on.
        """
        try:
            kept = await on_line.live.keep(sound)
        except StorageError:
            self._kit.counts.audio("failed")
            return False
        if kept is None:
            self._kit.counts.audio("dropped")
        return bool(kept)

    def wrong(self) -> None:
        """Count audio that can't be read; the call goes on, and its place shows as a gap."""
        self._kit.counts.audio("wrong")

    async def end(self, on_line: OnLine, *, into_survey: bool = False) -> None:
        """End a call: nothing of it is kept from now on, and its session is over. Raises StorageError."""
        await on_line.live.happen(Ended())
        await on_line.live.finish()
        with contextlib.suppress(UnknownSessionError):  # it has been erased, while the call went on
            consents = await self._kit.store.consent_states(on_line.session)
            plan = self._kit.rules.decide(consents, disclosed=True).plan
            over = Write(on_line.session, plan, self._kit.clock.now(), events=(SessionEvent.SESSION_END,))
            await self._kit.store.write(replace(over, agreed=False) if into_survey else over)
        if self._calls.get(on_line.connection.call) is not on_line:
            return  # it was ended by somebody else meanwhile, who has offered the survey
        del self._calls[on_line.connection.call]
        if self.survey is not None:
            self.survey.offer(on_line.connection.call, on_line.live.call.language)
        if self.talks is not None:
            self._past[on_line.connection.call] = on_line
            if len(self._past) > _MOST_PAST:
                self._past.popitem(last=False)
        self._kit.metrics.calls.labels(self._kit.name).set(len(self._calls))

    async def hang_up(self, call: str) -> None:
        """End a call, if it goes on, by its platform's word: what comes of it late begins none. Raises StorageError."""
        self._over.note(call, self._kit.clock.now())
        if call in self._calls:
            await self.end(self._calls[call])

    def hung_up(self, call: str) -> bool:
        """Tell whether the platform has ended a call, not long ago."""
        return self._over.holds(call, self._kit.clock.now())

    async def withdraw(self, call: str) -> None:
        """Take back the caller's consent, also after the call; what rests on it is erased. Raises RefusedError."""
        on_line = self._calls.get(call)
        if on_line is not None:
            await on_line.live.happen(Stop())
        now = self._kit.clock.now()
        session = await self._kit.sessions.latest(call, now)
        if session is None or self._script.question is None:
            raise RefusedError("no_session", 404, "Nothing is kept of such a call")
        if session.consents.get(self._script.question) not in {ConsentState.GIVEN, ConsentState.WITHDRAWN}:
            raise RefusedError("consent_not_given", 409, "This consent has not been given, so it can't be withdrawn")
        connection = on_line.connection if on_line else Connection(call, session.started_at)
        language = session.language or self._prompts.language(None)
        await self._registrar.record(
            session.id, connection, Party.CALLER, ConsentState.WITHDRAWN, Evidence("desk"), language
        )

    async def tick(self) -> None:
        """Let time pass: silence, the end of a pause, the end of a call, and of its survey. Raises StorageError."""
        self._forget()
        failed: StorageError | None = None
        for on_line in list(self._calls.values()):
            try:
                await self._pass_time(on_line)
            except StorageError as error:  # the other calls' time passes, too; this one's is tried again
                failed = error
        if failed is not None:
            raise failed

    def _forget(self) -> None:
        """Forget the calls that are over, with their callers' numbers, once nobody can be asked any more."""
        self._over.forget(self._kit.clock.now())
        if self.survey is not None:
            self.survey.forget()
            if self.talks is not None:
                self.talks.forget()
            while self._past and not self.survey.may_ask(next(iter(self._past))):
                self._past.popitem(last=False)

    async def _pass_time(self, on_line: OnLine) -> None:
        await on_line.live.write_down()
        if on_line.live.call.ended:
            await self.end(on_line)
        for event in list(on_line.live.due(self._kit.clock.now())):
            if isinstance(event, Ended):
                await self.end(on_line)
            else:
                await on_line.live.happen(event)

    async def takes(self, on_line: OnLine, text: str, confidence: float | None, *, final: bool) -> bool:
        """Let the call hear the caller; tells whether it was an answer to the question, or stops the recording.

        To a question that nobody has spoken yet nothing is an answer. Who carries on twice instead of answering has
        refused, and is heard by the bot. What is not final answers nothing, but it may stop the recording.
        """
        live = on_line.live
        waiting, before, asked = waits(live.call), live.call.stopped, not live.unasked
        if not waiting or not asked:
            await self._watch(on_line, on_line.card.after_caller(text, final=final))
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

    async def _watch(self, on_line: OnLine, card: CardWatch) -> None:
        """Pause when a card's number is coming and go on after it; a pause that somebody else began is theirs."""
        before, on_line.card = on_line.card, card
        if not self._script.card_numbers or card.pauses == before.pauses:
            return
        await on_line.live.happen(Pause() if card.pauses else Resume())

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
        return replace(incoming, claim=self._claim(call), suspended=True, unkept=True)

    def _flagged(self, on_line: OnLine, incoming: Incoming) -> Incoming:
        live = on_line.live
        return replace(
            incoming,
            claim=self._claim(on_line.connection.call),
            suspended=self._script.question is not None and not live.may_keep,
            unkept=live.call.paused,
        )

    def _claim(self, call: str) -> Claim:
        """Return the claim of a platform that has shown who it is: it is taken at its word."""
        return Claim(conversation=call, front_end=True)
