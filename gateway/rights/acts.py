"""What is done to a session for its person without a request: a ticket deleted, a consent withdrawn, the desk's hand.

Where recipients have to be told (Art. 19), it is kept as a request whose sender is proven, before anything is done:
it is carried out and told as any other, by another process if this one is killed. Where nobody has to be, the store
does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gateway.clock import Clock
from gateway.metrics import Metrics
from gateway.notice.model import Notice
from gateway.rights import decisions
from gateway.rights.carrying import CARRIED_OUT, Carrier
from gateway.tokens import new_token
from storage.copies import SessionCopy
from storage.holds import Ground, Restriction, Verdict
from storage.records import ErasureReason, Receipt
from storage.requests import RUNNING, Decide, Matter, NewRequest, Proof, Request, RequestState, RequestStep, Right
from storage.store import SessionStore


class Acts:
    """Erasures and withdrawals under one notice. `by` is who does it, a word or a reference, never a name."""

    def __init__(self, notice: Notice, store: SessionStore, carrier: Carrier, metrics: Metrics, clock: Clock) -> None:
        """Take the notice and the store, and what carries requests out."""
        self._notice = notice
        self._store = store
        self._carrier = carrier
        self._metrics = metrics
        self._clock = clock
        self._tells = any(recipient.inform is not None for recipient in notice.recipients)

    async def erase(self, session_id: UUID, by: str, proof: Proof) -> tuple[Receipt, ...]:
        """Erase a session, as far as nothing bars it (Art. 17), and let recipients be told."""
        now, copies = self._clock.now(), await self._copies(session_id)
        if decisions.messages(self._notice, Right.ERASURE, copies, now):
            request = await self._open(Right.ERASURE, copies[0], proof)
            return await self._carrier.carry_out(request.id, by)
        parts = await self._store.part_ids(session_id)
        return self._counted(await self._store.erase(parts, ErasureReason.REQUESTED, now, by))

    async def restrict(self, session_id: UUID, ground: Ground, by: str) -> Restriction:
        """Restrict a session (Art. 18), and let recipients be told. Raises as the store's own."""
        now, copies = self._clock.now(), await self._copies(session_id)
        told = decisions.messages(self._notice, Right.RESTRICTION, copies, now)
        if not told or ground is Ground.OBJECTION:  # which the store refuses
            return await self._store.retention.restrict(session_id, ground, now)
        request = await self._open(Right.RESTRICTION, copies[0], Proof.DESK, ground.value)
        await self._carrier.carry_out(request.id, by)
        found = await self._store.retention.restrictions(session_id=session_id)
        return [each for each in found if each.ground is ground][-1]

    async def decide(self, session_id: UUID, objection: UUID, verdict: Verdict, by: str) -> tuple[Receipt, ...]:
        """Decide an objection (Art. 21), and let recipients be told of what it erases. Raises as the store's own."""
        now, copies = self._clock.now(), await self._copies(session_id)
        found = await self._store.retention.restrictions(session_id=session_id)
        mine = [each.purpose or "" for each in found if each.id == objection and each.ground is Ground.OBJECTION]
        messages = decisions.messages(self._notice, Right.OBJECTION, copies, now, scope=mine[0]) if mine else ()
        if verdict is Verdict.DISMISSED or not messages:
            return self._counted(await self._store.retention.decide(session_id, objection, verdict, now))
        request = await self._open(Right.OBJECTION, copies[0], Proof.DESK, mine[0])
        step = RequestStep(
            expects=RUNNING,
            state=RequestState.ANSWERED,
            what=CARRIED_OUT,
            by=by,
            deeds=(Decide(session_id, verdict, mine[0] or None),),
            messages=messages,
            delete_by=decisions.kept_until(self._notice, now, now),
        )
        return await self._carrier.take(request.id, step, now)

    async def announce(self, session_id: UUID, consent: str, by: str, proof: Proof) -> UUID | None:
        """Let recipients be told of a withdrawal that is recorded next; returns its request, None if nobody is told.

        From here on the withdrawal happens, whatever becomes of this process.
        """
        copies = await self._copies(session_id)
        if not decisions.messages(self._notice, Right.WITHDRAWAL, copies, self._clock.now(), scope=consent):
            return None
        request = await self._open(Right.WITHDRAWAL, copies[0], proof, consent)
        await self._carrier.announce(request, consent, copies, by)
        return request.id

    async def withdraw(self, session_id: UUID, consent: str, by: str, request: UUID | None) -> tuple[Receipt, ...]:
        """Erase what a withdrawal has left with no purpose; it could not be read any more since its record."""
        if request is not None:
            return await self._carrier.carry_out(request, by)
        return self._counted(await self._store.withdraw(session_id, consent, self._clock.now()))

    async def _copies(self, session_id: UUID) -> Sequence[SessionCopy]:
        return await self._carrier.copies([session_id], content=False) if self._tells else ()

    async def _open(self, right: Right, copy: SessionCopy, proof: Proof, scope: str = "") -> Request:
        now = self._clock.now()
        reference = new_token(now)  # nobody gets it: the answer is the act's own
        new = NewRequest(
            id=reference.id,
            right=right,
            language=self._notice.language,
            due_at=decisions.due(now, self._notice.time_zone),
            delete_by=decisions.kept_until(self._notice, now, None),
            secret=reference.secret,
            matter=Matter(sessions=(copy.session_id,), scope=scope, alone=True),
            state=RequestState.OPEN,
            channel=copy.channel,
            proof=proof,
        )
        self._metrics.rights_requests.labels(right.value).inc()
        return await self._store.requests.open(new, now)

    def _counted(self, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
        for receipt in receipts:
            self._metrics.erased.labels(receipt.kind.value, receipt.reason.value).inc()
        return receipts
