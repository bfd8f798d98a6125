"""The calls of one channel: they begin, go on, and end, by the platform's word or by a deadline.

A call that is going on lives in the memory of one process. Another process, or this one after a restart, does not know
it: what comes for it is refused, and it is recorded no further. A platform has to reach the process that it began with;
of the workers of one machine, any hands over to that one (`gateway.sharing`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from gateway.calls.book import CallCommits, Connection, Registrar
from gateway.calls.events import Ended, Evidence, Leave, Offered, Party, Stop
from gateway.calls.hearing import Hearing, platform_claim
from gateway.calls.live import LiveCall, Tape
from gateway.calls.on_line import CallOffer, OnLine
from gateway.calls.over import Over
from gateway.calls.quiet import Quiet
from gateway.calls.script import patience_of, prompts_of, script_of
from gateway.calls.session import Call
from gateway.calls.sound import Sound
from gateway.calls.survey import Survey
from gateway.calls.survey_talk import talks_of
from gateway.calls.tapes import Tapes
from gateway.channel_kit import ChannelKit
from gateway.conversation import Conversation
from gateway.errors import RefusedError
from gateway.indexing import Index
from gateway.logs import LOGGER, place_of
from gateway.rights.acts import Acts
from redaction.findings import EntityType
from storage.errors import StorageError, StoreUnavailableError, UnknownSessionError
from storage.records import ConsentState, PartKind, SessionEvent, Write

_MOST_CALLS = 20_000
_MOST_PAST = 5_000
_LATE = timedelta(minutes=10)
"""How long after a call's end what was said in it may still come."""
_AT_ONCE = 16
"""How many calls are looked after at a time where all are."""


class Line:
    """The calls of one channel."""

    def __init__(self, kit: ChannelKit, conversation: Conversation, acts: Acts) -> None:
        """Take the channel's parts, what keeps and carries what is said, and what carries withdrawals out."""
        notice, channel = kit.notice, kit.channel
        self._kit = kit
        self._index = Index(channel)
        self._script = script_of(notice, channel)
        self._prompts = prompts_of(notice, channel)
        self._patience = patience_of(channel)
        self.hearing = Hearing(channel, self._script, conversation)
        self._registrar = Registrar(kit, self._script, acts)
        self._calls: dict[str, OnLine] = {}
        self._past: OrderedDict[str, OnLine] = OrderedDict()
        self._over = Over()
        self._closed: OrderedDict[str, tuple[datetime, Tape]] = OrderedDict()
        self._leaving = False
        self.tapes = Tapes(kit, self._registrar)
        asks = channel.call.survey if channel.call is not None else None
        self.survey = Survey(notice, asks, kit.store.surveys, kit.clock) if asks is not None else None
        self.talks = talks_of(notice, channel, self.survey)

    async def begin(self, offer: CallOffer) -> OnLine:
        """Begin a call and put the question; said again, the call that is going on is returned. Raises StorageError.

        What comes late of a call that was hung up begins none: it is refused (404).
        """
        call = offer.call or secrets.token_urlsafe(16)
        if call in self._calls:
            return self._calls[call]
        self._refuse(call)
        if len(self._calls) >= _MOST_CALLS:
            raise RefusedError("too_many_calls", 503, "Too many calls are going on")
        now = self._kit.clock.now()
        connection = Connection(call, now, offer.caller, offer.line)
        language = self._prompts.language(offer.language or self._kit.channel.language)
        async with self._kit.sessions.hold(platform_claim(call), now, language=language) as opened:
            if call in self._calls:  # it was said twice at the same time
                return self._calls[call]
            self._refuse(call)
            plan = self._kit.rules.decide(opened.consents, disclosed=True).plan
            kept = connection.sealed() if PartKind.CONNECTION in plan.assignments else None
            known = self._index.identifiers([(EntityType.PHONE, offer.caller)] if offer.caller else [])
            # What another process knew of a call is not known here: it may have been stopped in between.
            agreed = None if opened.new is not None else False
            begun = Write(opened.id, plan, now, new=opened.new, connection=kept, agreed=agreed)
            await self._kit.store.write(replace(begun, identifiers=known if kept else ()))
            given = opened.consents.get(self._script.question or "") is ConsentState.GIVEN
            quiet = Quiet()
            live = LiveCall(
                self._script, self._prompts, self._patience, Call(language, agent_speaks=offer.agent, recorded=given),
                commits=CallCommits(self._registrar, opened.id, connection), tape=self.tapes.tape(opened.id, quiet),
                clock=self._kit.clock,
            )  # fmt: skip
            self._calls[call] = on_line = OnLine(connection, opened.id, live, quiet=quiet)
        if opened.new is not None:
            self._kit.counts.opened()
        self._kit.metrics.calls.labels(self._kit.name).set(len(self._calls))
        if self._leaving or self.hung_up(call):  # while its beginning was stored
            await self.end(on_line)
        self._refuse(call)
        await live.happen(Offered())
        return on_line

    def _refuse(self, call: str) -> None:
        """Raise RefusedError for a call that is over, and for any where the process ends."""
        if self._leaving:
            raise RefusedError("too_many_calls", 503, "No more calls are taken here")
        if self.hung_up(call):
            raise RefusedError("no_call", 404, "This call is over")

    async def interrupt(self, call: str) -> None:
        """Note that a call that is not known here was stopped or paused: what was agreed to has had a break."""
        session = None if call in self._calls else await self._kit.sessions.latest(call, now := self._kit.clock.now())
        if session is not None and session.agreed_since is not None:
            plan = self._kit.rules.decide(session.consents, disclosed=True).plan
            await self._kit.store.write(Write(session.id, plan, now, agreed=False))

    def find(self, call: str) -> OnLine:
        """Return a call that is going on. Raises RefusedError (404)."""
        on_line = self._calls.get(call)
        if on_line is None:
            raise RefusedError("no_call", 404, "No such call is going on here")
        return on_line

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
    def connector(self) -> str:
        """The channel's connector: over what its platform speaks."""
        return self._kit.channel.connector

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

    async def listen(self, on_line: OnLine, sound: Sound, came: datetime) -> bool:
        """Keep audio if everybody has agreed to it; tells whether it was kept. What fails is counted; the call goes on.

        `came`: when it began to come, at the earliest: what has waited to be read may be of a pause, or before a yes.
        """
        try:
            kept = await on_line.live.keep(sound, came)
        except StorageError:
            self._kit.counts.audio("failed")
            return False
        if kept is None:
            self._kit.counts.audio("dropped")
        return bool(kept)

    def answered(self, call: str, came: datetime) -> None:
        """Note that a request of a call, which came then, is answered: sound may have waited for that."""
        if call in self._calls:
            self._calls[call].backlog.answered(came, self._kit.clock.now())

    def wrong(self) -> None:
        """Count audio that can't be read; the call goes on, and its place shows as a gap."""
        self._kit.counts.audio("wrong")

    async def end(self, on_line: OnLine, *, into_survey: bool = False) -> None:
        """End a call: nothing of it is kept from now on, and its session is over. Raises StorageError."""
        await on_line.live.happen(Ended())
        if on_line.live.recorded is not None:
            self._closed[on_line.connection.call] = (self._kit.clock.now(), on_line.live.recorded)
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

    async def missed(self, call: str) -> None:
        """Take that what was said in a call could not be taken: what is silent in its recording is not known any more.

        Also for some minutes after its end, when the last words of a recogniser may come. Raises StorageError.
        """
        if call in self._calls:
            self._calls[call].quiet.missed()
        if call in self._closed:
            _, tape = self._closed[call]
            await asyncio.shield(asyncio.ensure_future(tape.missed(self._kit.clock.now())))

    async def hang_up(self, call: str) -> None:
        """End a call, if it goes on, by its platform's word: what comes of it late begins none. Raises StorageError."""
        self._over.note(call, self._kit.clock.now())
        if call in self._calls:
            await self.end(self._calls[call])

    async def leave(self) -> None:
        """Take no more calls, and record those that go on no further: the process ends.

        What was taken is stored. What could not be is left as it is where a process is killed.
        """
        self._leaving = True
        gate = asyncio.Semaphore(_AT_ONCE)
        stopping = [on_line.live.happen(Leave()) for on_line in self._calls.values()]  # all of them, in this instant

        async def leave(on_line: OnLine, stopped: Coroutine[None, None, None]) -> None:
            await stopped
            if on_line.live.first_armed_at is not None:
                on_line.quiet.missed()  # words may be in it that are still to be told
            async with gate:
                await on_line.live.finish()

        for failed in await asyncio.gather(*map(leave, list(self._calls.values()), stopping), return_exceptions=True):
            if failed is not None:
                LOGGER.error("call not left", extra={"error": type(failed).__name__, "where": place_of(failed)})

    async def look(self) -> None:
        """Stop what the caller or the agent has withdrawn elsewhere, as at the desk. Raises StorageError."""
        spool = self._kit.store.spool
        waiting = spool.figures(self._kit.clock.now()) if spool is not None else None
        if waiting is not None and (waiting.away or waiting.size_bytes):
            return  # the store's books are behind
        gate = asyncio.Semaphore(_AT_ONCE)

        async def look(on_line: OnLine) -> None:
            async with gate:
                try:
                    states = await self._kit.store.consent_states(on_line.session)
                except UnknownSessionError:  # it was erased
                    states = {}
                asked = [self._script.question, *([self._script.agent] if on_line.live.call.agent_speaks else [])]
                if any(states.get(consent or "") is not ConsentState.GIVEN for consent in asked):
                    await on_line.live.happen(Stop())

        await asyncio.gather(*(look(on_line) for on_line in self._calls.values() if on_line.live.call.allowed))

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
        """Let time pass: silence, the end of a pause, the end of a call, and of its survey. Raises StorageError.

        What has become due happens to all calls in one instant, whatever the store does; what it brings is carried out
        for some of them at a time, and tried again where it fails.
        """
        self._forget()
        now, gate = self._kit.clock.now(), asyncio.Semaphore(_AT_ONCE)

        async def carry_out(on_line: OnLine, happening: Sequence[Coroutine[None, None, None]]) -> None:
            for each in happening:
                await each
            async with gate:
                await on_line.live.write_down()
                if on_line.live.call.ended:
                    await self.end(on_line)

        due = [
            (on_line, [on_line.live.happen(event) for event in on_line.live.due(now)])
            for on_line in list(self._calls.values())
        ]
        results = await asyncio.gather(*(carry_out(*each) for each in due), return_exceptions=True)
        for failed in results:
            if failed is not None:
                raise failed

    def _forget(self) -> None:
        """Forget the calls that are over, with their callers' numbers, once nobody can be asked any more."""
        now = self._kit.clock.now()
        self._over.forget(now)
        while self._closed and now - next(iter(self._closed.values()))[0] >= _LATE:
            self._closed.popitem(last=False)
        if self.survey is not None:
            self.survey.forget()
            if self.talks is not None:
                self.talks.forget()
            while self._past and not self.survey.may_ask(next(iter(self._past))):
                self._past.popitem(last=False)
