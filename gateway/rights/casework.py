"""What the desk does with requests: proves who asks, includes what is linked, answers, extends, refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.clock import Clock
from gateway.notice.model import Notice
from gateway.rights import decisions, telling
from gateway.rights.carrying import CARRIED_OUT, GATEWAY, Carrier
from gateway.rights.correspondence import Correspondence
from storage.copies import SessionCopy
from storage.errors import RequestRefusedError
from storage.holds import Ground, Verdict
from storage.records import Receipt
from storage.requests import (
    RUNNING,
    UNANSWERED,
    Decide,
    Deed,
    Lift,
    Matter,
    NewMessage,
    Request,
    RequestState,
    RequestStep,
    Right,
)
from storage.store import SessionStore

_BROKEN_OFF: Final = timedelta(minutes=1)
_REFUSED_BEFORE: Final = timedelta(days=1)


class Casework:
    """The desk's part of the office. `by` is a reference of who does it, never a name."""

    def __init__(
        self, notice: Notice, store: SessionStore, carrier: Carrier, post: Correspondence, clock: Clock
    ) -> None:
        """Take the notice and the store, what carries out, and what writes to people."""
        self._notice = notice
        self._store = store
        self._carrier = carrier
        self._post = post
        self._clock = clock

    async def attest(self, request_id: UUID, by: str) -> Request:
        """Say that the identity is proven; after the second person's word the request is carried out."""
        request = await self._store.requests.attest(request_id, by, self._clock.now())
        if request.state not in RUNNING:
            return request
        await self._carrier.carry_out(request_id, by)
        return await self._carrier.known(request_id)

    async def include(self, request_id: UUID, by: str, sessions: Sequence[UUID]) -> tuple[Receipt, ...]:
        """Count those of the linked sessions as the person's that the desk has found to be; the others are let go."""
        receipts = await self._carrier.include(request_id, by, sessions)
        request = await self._carrier.known(request_id)
        if request.state is RequestState.ANSWERED:
            await self._post.word(request, await self._store.requests.matter(request_id), "answered")
        return receipts

    async def answer(self, request_id: UUID, by: str, text: str, verdict: Verdict | None = None) -> tuple[Receipt, ...]:
        """Answer a request that was left to people; an objection takes a verdict, a correction ends its restriction."""
        request, matter = await self._carrier.known(request_id), await self._store.requests.matter(request_id)
        now = self._clock.now()
        if (request.right is Right.OBJECTION) != (verdict is not None):
            raise RequestRefusedError("an objection is answered with a verdict, and nothing else is")
        deeds: tuple[Deed, ...] = ()
        messages: tuple[NewMessage, ...] = ()
        if verdict is not None:
            deeds = tuple(Decide(each, verdict, matter.scope or None) for each in matter.sessions)
            messages = telling.decided(self._notice, verdict, await self._copies(matter), now, matter.scope)
        elif request.right is Right.RECTIFICATION:
            deeds, copies = _given_back(request, matter), await self._copies(matter)
            corrected = telling.rectified(self._notice, matter.statement, copies, now)
            messages = (*corrected, *telling.lifted(self._notice, Ground.ACCURACY, copies, now))
        step = RequestStep(
            expects=RUNNING,
            state=RequestState.ANSWERED,
            what="answered",
            by=by,
            deeds=deeds,
            messages=messages,
            matter=replace(matter, answer=text),
            delete_by=decisions.kept_until(self._notice, request.received_at, now),
        )
        receipts = await self._carrier.take(request_id, step, now)
        await self._post.word(await self._carrier.known(request_id), matter, "answered")
        return receipts

    async def extend(self, request_id: UUID, by: str, reason: str) -> Request:
        """Extend the time by two months; the reason is sent first (Art. 12(3)), and within the first month."""
        request, matter = await self._carrier.known(request_id), await self._store.requests.matter(request_id)
        now = self._clock.now()
        if request.state is not RequestState.OPEN or now >= request.due_at or not reason.strip():
            raise RequestRefusedError("a request is extended once, within its first month, with a reason")
        await self._post.letter(request, matter, "extended", reason)
        step = RequestStep(
            expects={RequestState.OPEN},
            state=RequestState.EXTENDED,
            what="extended",
            by=by,
            matter=replace(matter, answer=reason),
            due_at=decisions.extended(request.received_at, self._notice.time_zone),
        )
        await self._store.requests.take(request_id, step, now)
        return await self._carrier.known(request_id)

    async def refuse(self, request_id: UUID, by: str, reason: str = "") -> Request:
        """Refuse a request, with a reason; without one with the notice's sentence for a doubt who asks.

        What was put by until it would be decided is given back.
        """
        request, matter = await self._carrier.known(request_id), await self._store.requests.matter(request_id)
        now = self._clock.now()
        doubt = self._notice.rights.doubt
        said = reason or (self._notice.wording(doubt, request.language) if doubt else "")
        step = RequestStep(
            expects=UNANSWERED,
            state=RequestState.REFUSED,
            what="refused",
            by=by,
            deeds=_given_back(request, matter),
            messages=await self._told_back(request, matter, now),
            matter=replace(matter, answer=said),
            delete_by=decisions.kept_until(self._notice, request.received_at, now),
        )
        await self._store.requests.take(request_id, step, now)
        await self._post.word(request, matter, "refused", said)
        return await self._carrier.known(request_id)

    async def _copies(self, matter: Matter) -> Sequence[SessionCopy]:
        return await self._carrier.copies(matter.sessions, content=False)

    async def _told_back(self, request: Request, matter: Matter, now: datetime) -> tuple[NewMessage, ...]:
        """Return what recipients are told of what a refusal gives back."""
        if request.state not in RUNNING:  # nothing was put by yet
            return ()
        match request.right:
            case Right.OBJECTION:
                return telling.lifted(self._notice, Ground.OBJECTION, await self._copies(matter), now, matter.scope)
            case Right.RECTIFICATION:
                return telling.lifted(self._notice, Ground.ACCURACY, await self._copies(matter), now)
            case _:
                return ()

    async def resume(self) -> None:
        """Carry out what was proven and then broken off; refuse what nobody has proven, before its month ends."""
        requests, now = self._store.requests, self._clock.now()
        for request in await requests.requests({RequestState.OPEN}, limit=1000, due_first=True):
            events = await requests.events(request.id)
            # Whatever happened in the last minute is still being worked on by whom the request came to.
            if events[-1].at <= now - _BROKEN_OFF and all(event.what != CARRIED_OUT for event in events):
                await self._carrier.carry_out(request.id)
        for request in await requests.requests({RequestState.IDENTITY_PENDING}, limit=1000, due_first=True):
            if request.attested_by is None and request.due_at <= now + _REFUSED_BEFORE:
                await self.refuse(request.id, GATEWAY)


def _given_back(request: Request, matter: Matter) -> tuple[Deed, ...]:
    if request.right is Right.OBJECTION:
        return tuple(Decide(each, Verdict.DISMISSED, matter.scope or None) for each in matter.sessions)
    if request.right is Right.RECTIFICATION:
        return tuple(Lift(each, Ground.ACCURACY) for each in matter.sessions)
    return ()
