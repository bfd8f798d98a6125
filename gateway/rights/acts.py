"""What is done to a session for its person without a request: a ticket deleted, a consent withdrawn, the desk's hand.

Where recipients have to be told (Art. 19), it is kept as a request that is answered at once, in one step with what is
done and told. A withdrawal, which is recorded elsewhere, is announced before: another process carries it out if this
one is killed. Where nobody has to be told, the store does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from gateway.rights import decisions, telling
from gateway.rights.carrying import CARRIED_OUT, Carrier
from gateway.rights.correspondence import LIFTING
from gateway.rights.kit import OfficeKit
from gateway.rights.standing import asking_for
from gateway.tokens import new_token
from storage.copies import SessionCopy
from storage.errors import UnknownSessionError
from storage.holds import Ground, Restriction, Verdict
from storage.records import ErasureReason, Receipt
from storage.requests import (
    RUNNING,
    Decide,
    Deed,
    EndPurpose,
    Erase,
    Lift,
    Matter,
    NewMessage,
    NewRequest,
    ObjectTo,
    Proof,
    RequestState,
    RequestStep,
    Restrict,
    Right,
)


class Acts:
    """Erasures and withdrawals under one notice. `by` is who does it, a word or a reference, never a name."""

    def __init__(self, kit: OfficeKit, carrier: Carrier) -> None:
        """Take the office's parts, and what carries requests out."""
        self._kit = kit
        self._carrier = carrier
        self._tells = any(recipient.inform is not None for recipient in kit.notice.recipients)

    async def erase(self, session_id: UUID, by: str, proof: Proof) -> tuple[Receipt, ...]:
        """Erase a session, as far as nothing bars it (Art. 17), and let recipients be told."""
        now, copies = self._kit.clock.now(), await self._copies(session_id)
        told = telling.erased(self._kit.notice, copies, now)
        if told:
            return await self._enter(Right.ERASURE, copies, by, Erase(session_id), told, proof)
        parts = await self._kit.store.part_ids(session_id)
        receipts = await self._kit.store.erase(parts, ErasureReason.REQUESTED, now, by)
        return self._counted(session_id, receipts)

    async def end(self, session_id: UUID, purpose: str, by: str) -> tuple[Receipt, ...]:
        """End a purpose for a session, and let recipients be told of what it erases. Raises as the store's own."""
        now, copies = self._kit.clock.now(), await self._copies(session_id)
        told = telling.ended(self._kit.notice, purpose, copies, now)
        if told:
            return await self._enter(Right.ERASURE, copies, by, EndPurpose(session_id, purpose), told, scope=purpose)
        return self._counted(session_id, await self._kit.store.retention.end_purpose(session_id, purpose, now))

    async def restrict(self, session_id: UUID, ground: Ground, by: str) -> Restriction:
        """Restrict a session (Art. 18), and let recipients be told. Raises as the store's own."""
        now, copies = self._kit.clock.now(), await self._copies(session_id)
        told = telling.restricted(self._kit.notice, ground, copies, now)
        if not told or ground is Ground.OBJECTION:  # which the store refuses
            return await self._kit.store.retention.restrict(session_id, ground, now)
        deed = Restrict(session_id, ground)
        await self._enter(Right.RESTRICTION, copies, by, deed, told, scope=ground.value)
        return await self._in_force(session_id, ground)

    async def object(self, session_id: UUID, purpose: str | None, by: str) -> Restriction:
        """Enter an objection (Art. 21), and let recipients be told. Raises as the store's own."""
        now, copies = self._kit.clock.now(), await self._copies(session_id)
        mine = [each for each in copies if each.session_id in decisions.objected_sessions(copies, purpose)]
        told = telling.restricted(self._kit.notice, Ground.OBJECTION, mine, now, purpose or "")
        if not told:
            return await self._kit.store.retention.object(session_id, now, purpose)
        deed = ObjectTo(session_id, purpose)
        await self._enter(Right.OBJECTION, copies, by, deed, told, scope=purpose or "")
        return await self._in_force(session_id, Ground.OBJECTION, purpose)

    async def lift(self, session_id: UUID, restriction_id: UUID, by: str) -> bool:
        """End a restriction that is no objection, and let recipients be told. Raises as the store's own.

        False: its person is told first (Art. 18(3)), and it ends when the letter has gone.
        """
        now, copies = self._kit.clock.now(), await self._copies(session_id)
        found = await self._kit.store.retention.restrictions(session_id=session_id)
        mine = [each for each in found if each.id == restriction_id and each.ground is not Ground.OBJECTION]
        if mine and await self._told_first(mine[0], by):
            return False
        told = telling.lifted(self._kit.notice, mine[0].ground, copies, now) if mine else ()
        if told:
            ground = mine[0].ground
            deed = Lift(session_id, ground)
            await self._enter(Right.RESTRICTION, copies, by, deed, told, scope=ground.value, what="lifted")
        else:
            await self._kit.store.retention.lift(session_id, restriction_id, now)
        return True

    async def decide(self, session_id: UUID, objection: UUID, verdict: Verdict, by: str) -> tuple[Receipt, ...]:
        """Decide an objection (Art. 21), and let recipients be told. Raises as the store's own.

        One that is dismissed restricts until its person has been told, as `lift`.
        """
        now, copies = self._kit.clock.now(), await self._copies(session_id)
        found = await self._kit.store.retention.restrictions(session_id=session_id)
        mine = [each for each in found if each.id == objection and each.ground is Ground.OBJECTION]
        if mine and verdict is Verdict.DISMISSED and await self._told_first(mine[0], by):
            return ()
        told = telling.decided(self._kit.notice, verdict, copies, now, mine[0].purpose or "") if mine else ()
        if not told:
            receipts = await self._kit.store.retention.decide(session_id, objection, verdict, now)
            return self._counted(session_id, receipts)
        purpose = mine[0].purpose
        deed = Decide(session_id, verdict, purpose)
        return await self._enter(Right.OBJECTION, copies, by, deed, told, scope=purpose or "")

    async def announce(self, session_id: UUID, consent: str, by: str, proof: Proof) -> UUID | None:
        """Let recipients be told of a withdrawal that is recorded next; returns its request, None if nobody is told.

        From here on the withdrawal happens, whatever becomes of this process.
        """
        copies = await self._copies(session_id)
        now = self._kit.clock.now()
        if not telling.withdrawn(self._kit.notice, consent, copies, now):
            return None
        new = self._new(Right.WITHDRAWAL, copies[0], proof, consent)
        request = await self._kit.store.requests.open(new, now)
        await self._carrier.announce(request, consent, copies, by)
        return request.id

    async def withdraw(self, session_id: UUID, consent: str, by: str, request: UUID | None) -> tuple[Receipt, ...]:
        """Erase what a withdrawal has left with no purpose; it could not be read any more since its record."""
        if request is not None:
            return await self._carrier.carry_out(request, by)
        return self._counted(session_id, await self._kit.store.withdraw(session_id, consent, self._kit.clock.now()))

    async def _told_first(self, restriction: Restriction, by: str) -> bool:
        """Write to all who ask for a restriction that it ends; tell whether there is such a person to write to."""
        asking, now = await asking_for(self._kit.store.requests, restriction), self._kit.clock.now()
        if not any(each.ends or self._kit.post.reaches(each.matter.contact) for each in asking):
            return False
        for each in asking:
            if each.ends:  # it waits for its letter already
                continue
            letters, matter = self._kit.post.to_send(each.matter, LIFTING, now), each.matter
            if letters:
                after = replace(matter, lifts=(*matter.lifts, restriction.session_id))
            else:
                after = replace(matter, lifted=(*matter.lifted, restriction.session_id))
            state = each.request.state
            step = RequestStep(
                expects={state}, state=state, what="lifting", by=by, messages=letters, matter=after, known=matter
            )
            await self._carrier.take(each.request.id, step, now)
        return True

    async def _copies(self, session_id: UUID) -> Sequence[SessionCopy]:
        return await self._carrier.copies([session_id], content=False) if self._tells else ()

    async def _in_force(self, session_id: UUID, ground: Ground, purpose: str | None = None) -> Restriction:
        found = await self._kit.store.retention.restrictions(session_id=session_id)
        mine = [each for each in found if (each.ground, each.purpose) == (ground, purpose)]
        if not mine:
            raise UnknownSessionError("there is no such session, or it has been erased")
        return mine[0]

    async def _enter(
        self,
        right: Right,
        copies: Sequence[SessionCopy],
        by: str,
        deed: Deed,
        messages: tuple[NewMessage, ...],
        proof: Proof = Proof.DESK,
        *,
        scope: str = "",
        what: str = CARRIED_OUT,
    ) -> tuple[Receipt, ...]:
        """Keep it as a request that is answered with the deed, in one step with what recipients are told."""
        now, new = self._kit.clock.now(), self._new(right, copies[0], proof, scope)
        if isinstance(deed, Lift):
            new = replace(new, matter=replace(new.matter, lifted=(deed.session_id,)))
        step = RequestStep(
            expects=RUNNING,
            state=RequestState.ANSWERED,
            what=what,
            by=by,
            deeds=(deed,),
            messages=messages,
            delete_by=decisions.kept_until(self._kit.notice, now, now),
        )
        receipts = await self._kit.store.requests.enter(new, step, now)
        self._kit.forget_with(step.deeds)
        return self._kit.counted(receipts)

    def _counted(self, session_id: UUID, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
        """Count what was erased of a session, and forget what is remembered of it."""
        self._kit.forget(session_id)
        return self._kit.counted(receipts)

    def _new(self, right: Right, copy: SessionCopy, proof: Proof, scope: str) -> NewRequest:
        now = self._kit.clock.now()
        reference = new_token(now)  # nobody gets it: the answer is the act's own
        self._kit.metrics.rights_requests.labels(right.value).inc()
        return NewRequest(
            id=reference.id,
            right=right,
            language=self._kit.notice.language,
            due_at=decisions.due(now, self._kit.notice.time_zone),
            delete_by=decisions.kept_until(self._kit.notice, now, None),
            secret=reference.secret,
            matter=Matter(sessions=(copy.session_id,), scope=scope, alone=True),
            state=RequestState.OPEN,
            channel=copy.channel,
            proof=proof,
        )
