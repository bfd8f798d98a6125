"""Consents of a channel as a front end sees them: what is asked, what was answered, what is withdrawn.

An answer becomes a consent record with the exact wording and its time (Art. 7(1) GDPR) and is committed before
it changes what may be kept. Withdrawing is as easy as giving (Art. 7(3)): the same call, and it takes effect in
the same step: from its record on nothing can be read or stored that rests on the consent, and it is erased at
once. Refusing what had been given is a withdrawal. One that was broken off is completed by the next sweep, or by
withdrawing again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from uuid import UUID

from gateway.channel_kit import ChannelKit
from gateway.errors import RefusedError
from gateway.rights.acts import Acts
from gateway.sessions import Claim, Opened
from gateway.tokens import SessionToken
from storage.errors import UnknownSessionError
from storage.records import ConsentRecord, ConsentState, PartKind, SessionEvent, Write
from storage.requests import Proof

ACTOR = "customer"
ANSWERS = {"given": ConsentState.GIVEN, "refused": ConsentState.REFUSED, "withdrawn": ConsentState.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Page:
    """What a front end shows: the document, and the token of a session that was opened for it."""

    document: Mapping[str, object]
    token: SessionToken | None


@dataclass(frozen=True, slots=True)
class Signed:
    """What the controller's site has signed for: when it was said, the evidence, connection data, the one session."""

    at: datetime
    evidence: Mapping[str, str] = field(repr=False)
    connection: Mapping[str, str] = field(default_factory=dict, repr=False)
    session: UUID | None = None


class ConsentBook:
    """The consents of one channel."""

    def __init__(self, kit: ChannelKit, acts: Acts) -> None:
        """Take the channel's parts, and what carries withdrawals out."""
        self._kit = kit
        self._acts = acts

    async def show(self, claim: Claim, language: str | None) -> Page:
        """Return what is told and asked, and the state of each consent, to the session's owner.

        Also of a session that has ended: what was given in it can still be withdrawn.
        """
        now = self._kit.clock.now()
        session = await self._kit.sessions.proven(claim, now)
        if session is None:
            return Page(self._document({}, language, disclosed=False, session=None), None)
        if self._kit.sessions.lives(session, now):
            disclosed = session.disclosed_at is not None
            return Page(self._document(session.consents, language, disclosed=disclosed, session=session.id), None)
        # What is said next opens another session, in which nothing is given or told yet.
        document = self._document({}, language, disclosed=False, session=session.id, was=session.consents)
        return Page({**document, "ended": True}, None)

    async def answer(
        self, claim: Claim, consent: str, answer: ConsentState, language: str | None, signed: Signed | None = None
    ) -> Page:
        """Record an answer; a first one opens the session. Raises RefusedError for a consent that is not asked here.

        Only giving needs a session that lives: what was given in one that has ended is taken back there.
        """
        if consent not in self._kit.rules.consents:
            raise RefusedError("consent_unknown", 404, "This channel asks for no such consent")
        if answer is ConsentState.GIVEN and signed is None and self._kit.notice.consents[consent].template is not None:
            title = "This consent is taken on the controller's site: send the token that it has signed to consents"
            raise RefusedError("signed_only", 403, title)
        ended = await self._takes_back(claim, consent, answer, signed)
        async with self._held(claim, language, ended=ended) as opened:
            if signed is not None and signed.session not in {None, opened.id}:
                raise RefusedError("not_the_owner", 403, "The token is for another session")
            before = opened.consents.get(consent, ConsentState.REQUESTED)
            if answer is ConsentState.GIVEN and before is not ConsentState.GIVEN:
                _refuse_older(signed, opened.answered(consent))
            if answer is ConsentState.WITHDRAWN and before is ConsentState.REQUESTED:
                raise RefusedError(
                    "consent_not_given", 409, "This consent has not been given, so it can't be withdrawn"
                )
            again = answer is ConsentState.WITHDRAWN and before is not ConsentState.GIVEN
            states = opened.consents if again else {**opened.consents, consent: answer}
            ends = answer is not ConsentState.GIVEN and before is not ConsentState.REQUESTED
            told = await self._acts.announce(opened.id, consent, ACTOR, Proof.TOKEN) if ends and not again else None
            if not again:
                await self._record(opened, consent, answer, states, language, signed)
                self._kit.metrics.consents.labels(self._kit.name, consent, answer.value).inc()
            if ends:  # before anybody gives it again: what is said then is not what the withdrawal erases
                await self._acts.withdraw(opened.id, consent, ACTOR, told)
        document = self._document(states, language, disclosed=opened.disclosed, session=opened.id)
        blocked = await self._blocked(opened) if ends else 0
        return Page({**document, "blocked_parts": blocked} if blocked else document, opened.token)

    async def _takes_back(self, claim: Claim, consent: str, answer: ConsentState, signed: Signed | None) -> bool:
        """Tell whether an answer is for a session that may have ended; a refusal only from who shows that it is theirs.

        A front end's own "no" at the beginning of a chat is one for that chat.
        """
        if answer is not ConsentState.REFUSED or (claim.token is None and signed is None):
            return answer is ConsentState.WITHDRAWN
        session = await self._kit.sessions.proven(claim, self._kit.clock.now())
        return session is not None and session.consents.get(consent) is ConsentState.GIVEN

    def of_template(self, template: str) -> str:
        """Return the consent that a consent platform knows by this id. Raises RefusedError (404)."""
        for name in self._kit.rules.consents:
            if self._kit.notice.consents[name].template == template:
                return name
        raise RefusedError("consent_unknown", 404, "This channel asks for no such consent")

    async def confirm_disclosure(self, claim: Claim, language: str | None) -> Page:
        """Record that the front end has shown the AI disclosure (AI Act Art. 50(1))."""
        if self._kit.channel.tell is None:
            raise RefusedError("disclosure_unknown", 404, "This channel's notice has no AI disclosure to confirm")
        async with self._held(claim, language) as opened:
            if not opened.disclosed:
                await self._write(opened, opened.consents, (), (SessionEvent.AI_DISCLOSED,))
                self._kit.counts.disclosed()
        return Page(self._document(opened.consents, language, disclosed=True, session=opened.id), opened.token)

    @asynccontextmanager
    async def _held(self, claim: Claim, language: str | None, *, ended: bool = False) -> AsyncIterator[Opened]:
        """Hold the session for a change, which takes its owner or the channel's own front end."""
        now, chosen = self._kit.clock.now(), self._language(language)
        async with self._kit.sessions.hold(claim, now, language=chosen, ended=ended) as opened:
            if not opened.owner:
                raise RefusedError(
                    "not_the_owner", 403, "Show the session's token or the channel's secret to change consent"
                )
            yield opened

    async def _blocked(self, opened: Opened) -> int:
        """Return how many parts no purpose keeps any more and that a law or a hold forbids to erase."""
        try:
            return len(await self._kit.store.retention.blocked(opened.id, self._kit.clock.now()))
        except UnknownSessionError:
            return 0  # nothing is left of the session

    async def _record(
        self,
        opened: Opened,
        consent: str,
        answer: ConsentState,
        states: Mapping[str, ConsentState],
        language: str | None,
        signed: Signed | None,
    ) -> None:
        chosen = self._language(language)
        wording = self._kit.notice.consents[consent].ask
        record = ConsentRecord(
            consent=consent,
            state=answer,
            at=self._kit.clock.now(),
            notice=self._kit.notice.notice,
            notice_version=self._kit.notice.version,
            notice_digest=self._kit.loaded.digest,
            language=chosen if chosen in wording else self._kit.notice.language,
            wording=self._kit.notice.wording(wording, chosen),
            method="front-end" if signed is None else "consent-platform",
            purposes=self._kit.rules.purposes_of(consent),
            evidence={} if signed is None else signed.evidence,
        )
        await self._write(opened, states, (record,), (), connection=signed.connection if signed is not None else None)

    async def _write(
        self, opened: Opened, states: Mapping[str, ConsentState], consents: tuple[ConsentRecord, ...],
        events: tuple[SessionEvent, ...], connection: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        plan = self._kit.rules.decide(states, disclosed=True).plan
        now = self._kit.clock.now()
        kept = connection if PartKind.CONNECTION in plan.assignments else None
        await self._kit.store.write(
            Write(opened.id, plan, now, new=opened.new, consents=consents, events=events, connection=kept or None)
        )
        if opened.new is not None:
            self._kit.counts.opened()

    def _language(self, language: str | None) -> str:
        return language if language in self._languages() else self._kit.notice.language

    def _languages(self) -> tuple[str, ...]:
        texts = [self._kit.notice.text or {}, self._kit.channel.tell.ai_disclosure if self._kit.channel.tell else {}]
        texts += [self._kit.notice.consents[name].ask for name in self._kit.rules.consents]
        return tuple(dict.fromkeys(code for text in texts for code in text)) or (self._kit.notice.language,)

    def _document(
        self,
        states: Mapping[str, ConsentState],
        language: str | None,
        *,
        disclosed: bool,
        session: object,
        was: Mapping[str, ConsentState] | None = None,
    ) -> Mapping[str, object]:
        notice, chosen, tell = self._kit.notice, self._language(language), self._kit.channel.tell
        return {
            "notice": {
                "id": notice.notice,
                "version": notice.version,
                "digest": self._kit.loaded.digest,
                "language": chosen,
                "languages": self._languages(),
                "controller": notice.controller.model_dump(mode="json", exclude_none=True),
                "text": notice.wording(notice.text, chosen) if notice.text else None,
            },
            "ai_disclosure": notice.wording(tell.ai_disclosure, chosen) if tell else None,
            "disclosure_required": tell is not None and tell.deliver == "frontend" and not disclosed,
            "consents": [
                {
                    "id": name,
                    "ask": notice.wording(notice.consents[name].ask, chosen),
                    "state": states.get(name, ConsentState.REQUESTED).value,
                    "required": notice.consents[name].required,
                    "purposes": self._kit.rules.purposes_of(name),
                    **({} if was is None or name not in was else {"was": was[name].value}),
                }
                for name in self._kit.rules.consents
            ],
            "session": str(session) if session is not None else None,
        }


def _refuse_older(signed: Signed | None, answered: datetime | None) -> None:
    """Raise RefusedError for a token of before the last answer: it may come late, or be shown once more."""
    if signed is not None and answered is not None and signed.at <= answered:
        seconds = ceil((answered - signed.at).total_seconds())
        told = f"By the gateway's clock this consent was refused or withdrawn {seconds} seconds after the token's time"
        raise RefusedError("bad_token", 403, f"{told}; what gives it again has a later time, and an iat not before it")
