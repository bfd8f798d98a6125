"""What the desk does with requests: proves who asks, includes what is linked, answers, extends, refuses."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.errors import RefusedError
from gateway.logs import LOGGER, place_of
from gateway.rights import decisions, telling
from gateway.rights.carrying import CARRIED_OUT, GATEWAY, Carrier
from gateway.rights.correcting import Corrections
from gateway.rights.correspondence import ANSWERED, EXTENDED, REFUSED
from gateway.rights.kit import OfficeKit
from gateway.rights.standing import ground_of, no_longer_asked, purpose_of
from storage.copies import SessionCopy
from storage.errors import KeyUnavailableError, RequestRefusedError, StorageError, StoreUnavailableError
from storage.holds import Ground, Verdict
from storage.records import Receipt
from storage.requests import (
    RUNNING,
    UNANSWERED,
    Decide,
    Deed,
    Lift,
    Matter,
    MessageState,
    NewMessage,
    Place,
    Request,
    RequestEvent,
    RequestState,
    RequestStep,
    Right,
)

_BROKEN_OFF: Final = timedelta(minutes=1)
_TRIES: Final = 3
_PAGE: Final = 500
_REFUSED_BEFORE: Final = timedelta(days=1)
_SENT_WITHIN: Final = timedelta(minutes=10)
"""By then a letter that is sent at once has gone, or that has broken off."""


class Casework:
    """The desk's part of the office. `by` is a reference of who does it, never a name."""

    def __init__(self, kit: OfficeKit, carrier: Carrier, corrections: Corrections) -> None:
        """Take the office's parts, what carries out, and what corrects."""
        self._kit = kit
        self._carrier = carrier
        self._corrections = corrections

    async def attest(self, request_id: UUID, by: str) -> Request:
        """Say that the identity is proven; after the second person's word the request is carried out."""
        request = await self._kit.store.requests.attest(request_id, by, self._kit.clock.now())
        if request.state not in RUNNING:
            return request
        await self._carrier.carry_out(request_id, by)
        return await self._carrier.known(request_id)

    async def include(self, request_id: UUID, by: str, sessions: Sequence[UUID]) -> tuple[Receipt, ...]:
        """Count those of the linked sessions as the person's that the desk has found to be; the others are let go."""
        return await self._carrier.include(request_id, by, sessions)

    async def answer(self, request_id: UUID, by: str, text: str, verdict: Verdict | None = None) -> tuple[Receipt, ...]:
        """Answer a request that was left to people; an objection takes a verdict, a correction ends its restriction."""
        request, matter = await self._carried_out(request_id)
        now = self._kit.clock.now()
        if (request.right is Right.OBJECTION) != (verdict is not None):
            raise RequestRefusedError("an objection is answered with a verdict, and nothing else is")
        if verdict is Verdict.UPHELD:
            letters = self._kit.post.to_send(matter, ANSWERED, now)
            told = telling.decided(self._kit.notice, verdict, await self._copies(matter.sessions), now, matter.scope)
            end = _End(_decided(matter, matter.sessions, verdict), (*told, *letters))
        else:
            end = await self._end(request, matter, ANSWERED, now)
        corrected: tuple[NewMessage, ...] = ()
        if request.right is Right.RECTIFICATION:
            copies = await self._copies(matter.sessions)
            if matter.statement:
                await self._corrections.add(request_id, matter.statement, copies)
            corrected = telling.rectified(self._kit.notice, matter.statement, copies, now)
        step = RequestStep(
            expects=RUNNING,
            state=RequestState.ANSWERED,
            what="answered",
            by=by,
            deeds=end.deeds,
            messages=(*corrected, *end.messages),
            matter=replace(matter, answer=text, lifts=end.lifts),
            known=matter,
            delete_by=decisions.kept_until(self._kit.notice, request.received_at, now),
        )
        return await self._carrier.take(request_id, step, now)

    async def extend(self, request_id: UUID, by: str, reason: str) -> Request:
        """Extend the time by two months, and send the reason at once, within the first month (Art. 12(3)).

        What can't be told is no extension. Raises RefusedError (503) then.
        """
        request, matter = await self._carried_out(request_id)
        now = self._kit.clock.now()
        if request.state is not RequestState.OPEN or now >= request.due_at or not reason.strip():
            raise RequestRefusedError("a request is extended once, within its first month, with a reason")
        letters = self._kit.post.to_send(matter, EXTENDED, now, reason, waits_until=now + _SENT_WITHIN)
        after = replace(matter, answer=reason)
        step = RequestStep(
            expects={RequestState.OPEN},
            state=RequestState.EXTENDED,
            what="extended",
            by=by,
            messages=letters,
            matter=after,
            known=matter,
            due_at=decisions.extended(request.received_at, self._kit.notice.time_zone),
        )
        await self._kit.store.requests.take(request_id, step, now)
        back = RequestStep(
            expects={RequestState.EXTENDED},
            state=RequestState.OPEN,
            what="not-extended",
            by=GATEWAY,
            matter=matter,
            known=after,
            due_at=request.due_at,
        )
        for letter in letters:
            await self._send_now(request_id, letter, back)
        return await self._carrier.known(request_id)

    async def _send_now(self, request_id: UUID, letter: NewMessage, back: RequestStep) -> None:
        """Send a letter of a step that was just taken, or take that back; where this breaks off the outbox sends it.

        The step comes first: a letter of one that is refused would tell what is not so. Raises RefusedError (503).
        """
        requests = self._kit.store.requests
        request, matter = await self._carrier.known(request_id), await requests.matter(request_id)
        try:
            await self._kit.post.send(request, matter, letter.content)
        except RefusedError:
            with contextlib.suppress(RequestRefusedError):  # what somebody has done meanwhile stays
                await requests.take(request_id, back, self._kit.clock.now())
            stands = (await self._carrier.known(request_id)).state in back.expects
            if not stands:  # else the outbox tells of it
                await requests.settle(letter.id, MessageState.GIVEN_UP)
            raise
        await requests.settle(letter.id, MessageState.TOLD)

    async def refuse(self, request_id: UUID, by: str, reason: str = "") -> Request:
        """Refuse a request, with a reason; without one with the notice's sentence for a doubt who asks.

        What was restricted for it is given back.
        """
        request, matter = await self._carrier.known(request_id), await self._kit.store.requests.matter(request_id)
        now = self._kit.clock.now()
        doubt = self._kit.notice.rights.doubt
        said = reason or (self._kit.notice.wording(doubt, request.language) if doubt else "")
        end = await self._end(request, matter, REFUSED, now, said)
        step = RequestStep(
            expects=UNANSWERED,
            state=RequestState.REFUSED,
            what="refused",
            by=by,
            deeds=end.deeds,
            messages=end.messages,
            matter=replace(matter, answer=said, lifts=end.lifts),
            known=matter,
            delete_by=decisions.kept_until(self._kit.notice, request.received_at, now),
        )
        await self._kit.store.requests.take(request_id, step, now)
        return await self._carrier.known(request_id)

    async def deliver(self, request_id: UUID, content: str) -> None:
        """Send a letter to who sent a request, and end the restriction that waits for it. Raises RefusedError (503)."""
        request, matter = await self._carrier.known(request_id), await self._kit.store.requests.matter(request_id)
        await self._kit.post.send(request, matter, content)
        await self.give_back(request_id)

    async def give_back(self, request_id: UUID) -> None:
        """End the restrictions that wait until their person has been told (Art. 18(3)), none perhaps.

        A step that the desk takes in the same moment is looked at first. Raises RequestRefusedError if it goes on so.
        """
        for _ in range(_TRIES - 1):
            with contextlib.suppress(RequestRefusedError):
                return await self._give_back(request_id)
        return await self._give_back(request_id)

    async def _give_back(self, request_id: UUID) -> None:
        request, matter = await self._carrier.known(request_id), await self._kit.store.requests.matter(request_id)
        if not matter.lifts:
            return
        now = self._kit.clock.now()
        free = await no_longer_asked(self._kit.store, request, matter, matter.lifts)
        step = RequestStep(
            expects={request.state},
            state=request.state,
            what="still-restricted",
            by=GATEWAY,
            matter=replace(matter, lifts=(), lifted=(*matter.lifted, *matter.lifts)),
            known=matter,
        )
        if free:
            messages = await self._told_back(request, matter, free, now)
            step = replace(step, what="lifted", deeds=given_back(request, matter, free), messages=messages)
        await self._carrier.take(request_id, step, now)

    async def resume(self) -> None:
        """Carry out what was proven and then broken off; refuse what nobody has proven, before its month ends."""
        now = self._kit.clock.now()
        async for request in self._listed(RUNNING):
            with _of_one():
                events = await self._kit.store.requests.events(request.id)
                # Whatever happened in the last minute is still being worked on by whom the request came to.
                if events[-1].at <= now - _BROKEN_OFF and not _was_carried_out(events):
                    await self._carrier.carry_out(request.id)
        async for request in self._listed({RequestState.IDENTITY_PENDING}):
            if request.attested_by is None and request.due_at <= now + _REFUSED_BEFORE:
                with _of_one():
                    await self.refuse(request.id, GATEWAY)

    async def _listed(self, states: Collection[RequestState]) -> AsyncIterator[Request]:
        """Yield the requests in these states, those that are due first."""
        after: Place | None = None
        while page := await self._kit.store.requests.requests(states, limit=_PAGE, due_first=True, after=after):
            after = Place(page[-1].due_at, page[-1].id)
            for each in page:
                yield each

    async def _carried_out(self, request_id: UUID) -> tuple[Request, Matter]:
        """Return a request and its matter; what was proven of it and then broken off is carried out before."""
        request, requests = await self._carrier.known(request_id), self._kit.store.requests
        if request.state in RUNNING and not _was_carried_out(await requests.events(request_id)):
            await self._carrier.carry_out(request_id)
            request = await self._carrier.known(request_id)
        return request, await requests.matter(request_id)

    async def _end(self, request: Request, matter: Matter, kind: str, now: datetime, text: str = "") -> _End:
        """Return what ends a request that puts nothing into effect: at once, or once its sender has had the letter.

        What another request asks to have restricted stays so.
        """
        given_up = kind == REFUSED and request.right is Right.RESTRICTION  # what was proven of it is restricted already
        put_by = request.state in RUNNING and (given_up or request.right in decisions.LEFT_TO_PEOPLE)
        told = self._kit.post.reaches(matter.contact)
        of = matter.sessions if put_by else ()
        lifts = await no_longer_asked(self._kit.store, request, matter, of, all_told=told)
        letters = self._kit.post.to_send(matter, kind, now, text, lifts=bool(lifts))
        if letters:
            return _End((), letters, lifts)
        return _End(given_back(request, matter, lifts), await self._told_back(request, matter, lifts, now))

    async def _told_back(
        self, request: Request, matter: Matter, sessions: Sequence[UUID], now: datetime
    ) -> tuple[NewMessage, ...]:
        ground = ground_of(request.right, matter.scope)
        if ground is None or not sessions:
            return ()
        purpose = purpose_of(request.right, matter.scope) or ""
        return telling.lifted(self._kit.notice, ground, await self._copies(sessions), now, purpose)

    async def _copies(self, sessions: Sequence[UUID]) -> Sequence[SessionCopy]:
        return await self._carrier.copies(sessions, content=False)


def _was_carried_out(events: Sequence[RequestEvent]) -> bool:
    return any(event.what == CARRIED_OUT for event in events)


@contextlib.contextmanager
def _of_one() -> Iterator[None]:
    """Let what goes wrong with one request keep no other waiting; what concerns all of them is raised."""
    try:
        yield
    except RequestRefusedError:
        pass  # others were quicker, or it has expired meanwhile
    except (StoreUnavailableError, KeyUnavailableError):
        raise
    except StorageError as error:
        LOGGER.error("a request failed", extra={"error": type(error).__name__, "where": place_of(error)})


@dataclass(frozen=True, slots=True)
class _End:
    """What a decision does and tells at once, and the sessions whose restriction ends when its letter has gone."""

    deeds: tuple[Deed, ...] = ()
    messages: tuple[NewMessage, ...] = ()
    lifts: tuple[UUID, ...] = ()


def given_back(request: Request, matter: Matter, sessions: Sequence[UUID]) -> tuple[Deed, ...]:
    """Return what ends the restrictions that a request has brought."""
    ground = ground_of(request.right, matter.scope)
    if ground is Ground.OBJECTION:
        return _decided(matter, sessions, Verdict.DISMISSED)
    return () if ground is None else tuple(Lift(each, ground) for each in sessions)


def _decided(matter: Matter, sessions: Sequence[UUID], verdict: Verdict) -> tuple[Deed, ...]:
    return tuple(Decide(each, verdict, matter.scope or None) for each in sessions)
