"""Carries out what a proven request asks for: finds the sessions, does what is to be done, tells whom it concerns.

What else may belong to the person (`Matter.linked`) is touched and shown only once the desk has looked at it, because
somebody may have given another's number.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.consent import Rules
from gateway.indexing import Index
from gateway.rights import decisions, telling
from gateway.rights.correspondence import ANSWERED
from gateway.rights.kit import OfficeKit
from gateway.rights.standing import GROUNDS
from redaction.findings import EntityType
from storage.copies import SessionCopy
from storage.errors import RequestRefusedError, UnknownSessionError
from storage.holds import Ground
from storage.records import ConsentRecord, ConsentState, Identifier, Plan, Receipt, Write
from storage.requests import (
    RUNNING,
    Deed,
    EndConsent,
    Erase,
    Matter,
    NewMessage,
    ObjectTo,
    Proof,
    Request,
    RequestState,
    RequestStep,
    Restrict,
    Right,
)

CARRIED_OUT: Final = "carried-out"
GATEWAY: Final = "gateway"
_NOTHING: Final = Plan({})
_MOST_AT_ONCE: Final = 500
"""So many sessions are carried out for in one step; more wait for the desk, as linked ones do."""
_MOST_COMPARED: Final = 5000  # a database takes so many values in one statement and no more


class Carrier:
    """Carries out requests under one notice."""

    def __init__(self, kit: OfficeKit) -> None:
        """Take the office's parts."""
        self._kit = kit
        self._indexes = [Index(channel) for channel in kit.notice.channels.values()]
        self._rules = {name: Rules(kit.notice, channel) for name, channel in kit.notice.channels.items()}

    async def carry_out(self, request_id: UUID, by: str = GATEWAY, *, seen: bool = False) -> tuple[Receipt, ...]:
        """Do what a proven request asks for, and answer it if nothing is left for people to decide.

        `seen`: its sender waits for the answer, and needs no letter that it is there.
        """
        request, matter = await self.known(request_id), await self._kit.store.requests.matter(request_id)
        if request.state not in RUNNING:
            raise RequestRefusedError("only a request whose sender is proven is carried out")
        found = await self._sessions(request, matter)
        copies = await self.copies(found[:_MOST_AT_ONCE], content=False)
        sessions = tuple(copy.session_id for copy in copies)
        more = found[_MOST_AT_ONCE:]
        linked = () if matter.alone else (*more, *await self._linked(request, matter, (*sessions, *more)))
        left = bool(linked) or (request.right in decisions.LEFT_TO_PEOPLE and bool(sessions))
        after = replace(matter, sessions=sessions, linked=linked)
        return await self._do(request, matter, after, copies, what=CARRIED_OUT, by=by, left=left, seen=seen)

    async def include(self, request_id: UUID, by: str, sessions: Sequence[UUID]) -> tuple[Receipt, ...]:
        """Count those of the linked sessions as the person's that the desk has found to be, and carry out for them."""
        request, matter = await self.known(request_id), await self._kit.store.requests.matter(request_id)
        if not set(sessions) <= set(matter.linked):
            raise RequestRefusedError("only sessions that are linked to the request can be included in it")
        copies = await self.copies(sessions, content=False)
        after = replace(matter, sessions=(*matter.sessions, *(each.session_id for each in copies)), linked=())
        left = request.right in decisions.LEFT_TO_PEOPLE
        return await self._do(request, matter, after, copies, what="linked-decided", by=by, left=left)

    async def announce(self, request: Request, scope: str, copies: Sequence[SessionCopy], by: str) -> None:
        """Let recipients be told of a withdrawal, before its record hides what rested on the consent.

        What is recorded already is hidden and not told again.
        """
        now = self._kit.clock.now()
        messages = telling.withdrawn(self._kit.notice, scope, copies, now)
        if messages:
            step = RequestStep(expects=RUNNING, state=request.state, what="announced", by=by, messages=messages)
            await self.take(request.id, step, now)

    async def _do(
        self,
        request: Request,
        known: Matter,
        after: Matter,
        copies: Sequence[SessionCopy],
        *,
        what: str,
        by: str,
        left: bool,
        seen: bool = False,
    ) -> tuple[Receipt, ...]:
        now = self._kit.clock.now()
        letters = () if left or seen else self._kit.post.to_send(after, ANSWERED, now)
        if request.right is Right.WITHDRAWAL:
            await self.announce(request, after.scope, copies, by)
        step = RequestStep(
            expects=RUNNING,
            state=request.state if left else RequestState.ANSWERED,
            what=what,
            by=by,
            once=what == CARRIED_OUT,
            deeds=await self._deeds(request, after, copies, now),
            messages=(*self._messages(request.right, after.scope, copies, now), *letters),
            matter=after,
            known=known,
            delete_by=None if left else decisions.kept_until(self._kit.notice, request.received_at, now),
        )
        return await self.take(request.id, step, now)

    async def take(self, request_id: UUID, step: RequestStep, now: datetime) -> tuple[Receipt, ...]:
        """Take a step, and count what it has erased."""
        receipts = await self._kit.store.requests.take(request_id, step, now)
        self._kit.forget_with(step.deeds)
        return self._kit.counted(receipts)

    async def known(self, request_id: UUID) -> Request:
        """Return a request. Raises RequestRefusedError if there is none."""
        request = await self._kit.store.requests.get(request_id)
        if request is None:
            raise RequestRefusedError("there is no such request, or it has expired")
        return request

    async def copies(self, sessions: Iterable[UUID], *, content: bool) -> list[SessionCopy]:
        """Return what is held of those of the sessions that are there."""
        return [copy async for copy in self.each(sessions, content=content)]

    async def each(self, sessions: Iterable[UUID], *, content: bool) -> AsyncIterator[SessionCopy]:
        """Yield what is held of those of the sessions that are there, each read when it is asked for."""
        now = self._kit.clock.now()
        for session in sessions:
            copy = None
            with contextlib.suppress(UnknownSessionError):
                copy = await self._kit.store.copies.of(session, now, content=content)
            if copy is not None:
                yield copy

    async def withdrew(self, sessions: Iterable[UUID]) -> bool:
        """Tell whether a consent of one of the sessions that are there is withdrawn."""
        for session in sessions:
            with contextlib.suppress(UnknownSessionError):
                if ConsentState.WITHDRAWN in (await self._kit.store.consent_states(session)).values():
                    return True
        return False

    def canonical(self, contact: str, phone: str = "", customer_no: str = "") -> tuple[Identifier, ...]:
        """Return what sessions are looked for by, in the form in which channels index it."""
        said = [(EntityType.EMAIL if "@" in contact else EntityType.PHONE, contact)]
        said += [(EntityType.PHONE, phone), (EntityType.CUSTOMER_NO, customer_no)]
        found = (index.identifier(kind, value) for index in self._indexes for kind, value in said if value)
        return tuple(dict.fromkeys(each for each in found if each is not None))

    async def _sessions(self, request: Request, matter: Matter) -> tuple[UUID, ...]:
        """Return the sessions of which it is proven that they are the sender's."""
        match request.proof:
            case Proof.CODE:
                return await self._found(self.canonical(matter.contact))
            case Proof.DESK:
                return tuple(dict.fromkeys((*matter.sessions, *await self._found(matter.identifiers))))
            case _:
                return matter.sessions

    async def _found(self, identifiers: Iterable[Identifier]) -> tuple[UUID, ...]:
        now = self._kit.clock.now()
        found = [each for identifier in identifiers for each in await self._kit.store.find_by(identifier, now)]
        return tuple(dict.fromkeys(found))

    async def _linked(self, request: Request, matter: Matter, sessions: tuple[UUID, ...]) -> tuple[UUID, ...]:
        """Return what else may be the sender's: under the other identifiers given, or one that a session shares."""
        claimed = () if request.proof is Proof.DESK else await self._found(matter.identifiers)
        of = (*sessions, *claimed)[:_MOST_COMPARED]
        shared = await self._kit.store.copies.linked(of, self._kit.clock.now()) if of else ()
        return tuple(each for each in dict.fromkeys((*claimed, *shared)) if each not in sessions)

    async def _deeds(
        self, request: Request, matter: Matter, copies: Sequence[SessionCopy], now: datetime
    ) -> tuple[Deed, ...]:
        ids = [copy.session_id for copy in copies]
        match request.right:
            case Right.ERASURE:
                return tuple(map(Erase, ids))
            case Right.RECTIFICATION:
                return tuple(Restrict(each, Ground.ACCURACY) for each in ids)
            case Right.RESTRICTION:
                ground = GROUNDS.get(matter.scope, Ground.UNLAWFUL)
                return tuple(Restrict(each, ground) for each in ids)
            case Right.OBJECTION:
                purpose = matter.scope or None
                return tuple(ObjectTo(each, purpose) for each in decisions.objected_sessions(copies, purpose))
            case Right.WITHDRAWAL:
                return await self._withdrawn(copies, matter.scope, now)
            case _:
                return ()

    def _messages(
        self, right: Right, scope: str, copies: Sequence[SessionCopy], now: datetime
    ) -> tuple[NewMessage, ...]:
        match right:
            case Right.ERASURE:
                return telling.erased(self._kit.notice, copies, now)
            case Right.RECTIFICATION:
                return telling.restricted(self._kit.notice, Ground.ACCURACY, copies, now)
            case Right.RESTRICTION:
                return telling.restricted(self._kit.notice, GROUNDS.get(scope, Ground.UNLAWFUL), copies, now)
            case Right.OBJECTION:
                return telling.restricted(self._kit.notice, Ground.OBJECTION, copies, now, scope)
            case _:  # a withdrawal is announced before its record
                return ()

    async def _withdrawn(self, copies: Iterable[SessionCopy], scope: str, now: datetime) -> tuple[Deed, ...]:
        """Record each withdrawal that is not recorded yet; the deeds erase what is left without a purpose."""
        deeds: list[Deed] = []
        for copy in copies:
            rules = self._rules.get(copy.channel)
            states: Mapping[str, ConsentState] = {}
            with contextlib.suppress(UnknownSessionError):
                states = await self._kit.store.consent_states(copy.session_id)
            given = [name for name, state in states.items() if state is ConsentState.GIVEN and scope in ("", name)]
            deeds += [EndConsent(copy.session_id, name) for name in states if scope in ("", name)]
            if not given:
                continue
            after = {**states, **dict.fromkeys(given, ConsentState.WITHDRAWN)}
            plan = rules.decide(after, disclosed=True).plan if rules is not None else _NOTHING
            records = tuple(self._record(name, rules, now) for name in given)
            await self._kit.store.write(Write(copy.session_id, plan, now, consents=records))
            for name in given:
                self._kit.metrics.consents.labels(copy.channel, name, ConsentState.WITHDRAWN.value).inc()
        return tuple(deeds)

    def _record(self, consent: str, rules: Rules | None, now: datetime) -> ConsentRecord:
        notice, said = self._kit.notice, self._kit.notice.consents.get(consent)
        return ConsentRecord(
            consent=consent,
            state=ConsentState.WITHDRAWN,
            at=now,
            notice=notice.notice,
            notice_version=notice.version,
            notice_digest=self._kit.loaded.digest,
            language=notice.language,
            wording=notice.wording(said.ask, notice.language) if said is not None else "",
            method="request",
            purposes=rules.purposes_of(consent) if rules is not None else (),
        )
