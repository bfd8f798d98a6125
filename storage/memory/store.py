"""`MemoryStore`: what a session store does, without a disk or a key. The reference that the others are held to.

Nothing is sealed and nothing lasts. Every method is done before another can begin, because none of them waits.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from storage.access import AccessStore
from storage.blobs.memory import MemoryBlobs
from storage.blobs.protocol import BlobStore, blob_name
from storage.copies import CopyStore
from storage.digests import identity
from storage.errands import ErrandStore
from storage.errors import PurposeRefusedError, RetentionRefusedError, StoreUnavailableError, UnknownSessionError
from storage.evidence import completed
from storage.holds import Ground
from storage.leases import LeaseStore
from storage.ledger.happened import answered, disclosed, erased, signalled, was_read, withdrawn_from_outside
from storage.memory.access import MemoryAccess
from storage.memory.copies import MemoryCopies
from storage.memory.errands import MemoryErrands
from storage.memory.figures import count_all
from storage.memory.keeping import count, count_recording, keep_records, keep_turn
from storage.memory.leases import MemoryLeases
from storage.memory.ledger import MemoryLedger
from storage.memory.planning import MemoryPlans
from storage.memory.proving import MemoryProofs
from storage.memory.recordings import MemoryRecordingBackend, blobs_of, take_step
from storage.memory.requests import MemoryRequests
from storage.memory.retaining import MemoryRetention
from storage.memory.state import MemoryPart, MemorySession, receipt_of, summary
from storage.memory.surveys import MemorySurveys
from storage.planning import PlanStore
from storage.plans import consent_end, given
from storage.recordings import Recordings, RecordingStore
from storage.records import (
    ConsentState,
    DuePart,
    ErasureReason,
    Figures,
    Identifier,
    KeyState,
    Locator,
    PartKind,
    Receipt,
    Session,
    SessionEvent,
    SessionSummary,
    StartEvent,
    StoredTurn,
    Transcript,
    Write,
    Written,
)
from storage.requests import Decide, Deed, EndConsent, EndPurpose, Erase, Lift, ObjectTo, RequestStore, Restrict
from storage.retention import SUBJECT
from storage.spool import TurnSpool
from storage.surveys import SurveyStore

_STARTS = {
    SessionEvent.SESSION_END: StartEvent.SESSION_END,
    SessionEvent.MATTER_RESOLVED: StartEvent.MATTER_RESOLVED,
    SessionEvent.CONSENT_END: StartEvent.CONSENT_END,
    SessionEvent.RELATION_END: StartEvent.RELATION_END,
}


class MemoryStore:
    """A `storage.store.SessionStore` in memory."""

    def __init__(self, blobs: BlobStore | None = None) -> None:
        """Start empty; `blobs` is where recordings go, with `recording_backend` for the rest of them."""
        self._sessions: dict[UUID, MemorySession] = {}
        self._owners: dict[UUID, MemorySession] = {}
        self._receipts: list[Receipt] = []
        self.ledger = MemoryLedger()
        self._blobs: BlobStore = blobs or MemoryBlobs()
        self.recording_backend = MemoryRecordingBackend(self._sessions, self.write, self.ledger.append)
        self.surveys: SurveyStore = MemorySurveys()
        self.errands: ErrandStore = MemoryErrands(self.ledger.append)
        self.recordings: RecordingStore = Recordings(self.recording_backend, self._blobs)
        self.proofs = MemoryProofs(self._sessions)
        self.leases: LeaseStore = MemoryLeases()
        self.access: AccessStore = MemoryAccess(self.ledger.append)
        self.plans: PlanStore = MemoryPlans()
        self.retention = MemoryRetention(self._sessions, self._take, self.ledger.append)
        self.requests: RequestStore = MemoryRequests(self._do, self.ledger.append)
        self.copies: CopyStore = MemoryCopies(self._sessions, self.ledger.append)
        self.spool: TurnSpool | None = None

    async def start(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    async def check(self) -> None:
        """Serve always."""

    def key_state(self) -> KeyState:
        """Need no key."""
        return KeyState(serves=True, unconfirmed_seconds=0.0)

    async def find(self, locator: Locator, now: datetime) -> Session | None:
        """Return the session, or None if there is none, it is erased, or the token is not its own."""
        session = self._located(locator)
        if session is None or session.gone or session.new.channel != locator.channel:
            return None
        refs = [ref for part in session.parts.values() if part.erasing is None for ref in part.refs] + session.unkept
        mapped = [p for p in session.parts.values() if p.pseudonyms is not None and p.erasing is None]
        maps = [p.pseudonyms for p in mapped if not session.restricted and p.live(now, None, restricted=False)]
        return Session(
            id=session.new.id,
            channel=session.new.channel,
            started_at=session.new.started_at,
            last_turn_at=session.active_at if session.next_turn else None,
            ended_at=session.events.get(StartEvent.SESSION_END),
            disclosed_at=session.disclosed_at,
            consents=dict(session.consents),
            history=tuple(sorted(refs, key=lambda ref: ref.sequence)),
            digest_key=session.key,
            pseudonyms=maps[-1] if maps else None,
            language=session.new.language,
            agreed_since=session.agreed_since,
            answered_at=dict(session.consented_at),
            map_hidden=bool(mapped) and not maps,
        )

    async def find_by(self, identifier: Identifier, now: datetime) -> tuple[UUID, ...]:
        """Return the sessions with a turn that had this identifier, newest first."""
        found = [
            session.new.id
            for session in self._sessions.values()
            for part in session.parts.values()
            if identifier in part.identifiers and part.erasing is None
            if part.ends().due_at > now or session.bars(part)
        ]
        return tuple(sorted(set(found), reverse=True))

    async def write(self, write: Write) -> Written:
        """Add; opens the session if `write.new` is set."""
        session = self._opened(write)
        for step in write.recordings:
            take_step(step, write, session)
            count_recording(step, write, session)
        self._signal(write, session)
        sequences: list[int | None] = []
        for turn in write.turns:
            once = identity(session.key, turn, sequences)
            sequences.append(None if once in session.once else keep_turn(turn, once, write, session))
        keep_records(write, session)
        count(write, session, [turn for turn, number in zip(write.turns, sequences, strict=True) if number is not None])
        return Written(tuple(sequences))

    async def withdraw(self, session_id: UUID, consent: str, now: datetime) -> tuple[Receipt, ...]:
        """End what rests on the consent, unless it is given; erase at once the parts that are left with no purpose."""
        session = self._sessions.get(session_id)
        if session is None:
            return ()
        if session.consents.get(consent) is not ConsentState.GIVEN:
            session.withdraw(consent, now)
        withdrawn = (ErasureReason.WITHDRAWN, SUBJECT)
        return await self._take([part for part in session.parts.values() if part.erasing == withdrawn], session, now)

    async def read(self, session_id: UUID, purpose: str, now: datetime) -> Transcript:
        """Return what the purpose may see. Raises UnknownSessionError or PurposeRefusedError."""
        session = self._known(session_id)
        restricted = session.restricted
        parts = [p for p in session.parts.values() if purpose in p.live(now, purpose, restricted=restricted)]
        if not parts:
            raise PurposeRefusedError("nothing of this session is kept for that purpose now")
        self.ledger.append(was_read(session_id, purpose, now))
        turns: dict[int, StoredTurn] = {}
        for part in sorted(parts, key=lambda each: each.kind is PartKind.ORIGINAL):
            for sequence, turn in part.turns.items():
                both = turns.get(sequence)
                turns[sequence] = turn if both is None else replace(both, original=turn.original)
        return Transcript(
            summary=summary(session, now, purpose),
            purpose=purpose,
            turns=tuple(turns[sequence] for sequence in sorted(turns)),
            consents=completed(record for part in parts for record in part.consents),
        )

    async def sessions(
        self, now: datetime, *, channel: str | None = None, purpose: str | None = None,
        limit: int = 100, after: UUID | None = None,
    ) -> tuple[SessionSummary, ...]:  # fmt: skip
        """List sessions with something live in them, newest first."""
        summaries = (
            summary(self._sessions[session_id], now, purpose)
            for session_id in sorted(self._sessions, reverse=True)
            if (after is None or session_id < after)
        )
        listed = [
            each
            for each in summaries
            if channel in (None, each.channel) and each.purposes and (purpose is None or purpose in each.purposes)
        ]
        return tuple(listed[:limit])

    async def end_idle(self, idle_since: datetime, channel: str, now: datetime) -> int:
        """End the channel's open sessions whose last turn is before `idle_since`; those that keep nothing go."""
        ended = 0
        for session in list(self._sessions.values()):
            if session.new.channel != channel or session.active_at >= idle_since:
                continue
            if StartEvent.SESSION_END not in session.events:
                session.events[StartEvent.SESSION_END] = session.active_at + (now - idle_since)
                session.reschedule(StartEvent.SESSION_END, now)
                ended += 1
            if not session.parts and not session.holds and not session.restricted:
                self._drop(session)
        return ended

    async def due(self, now: datetime, limit: int = 1000) -> Sequence[DuePart]:
        """List parts whose last purpose has ended, oldest first, then those whose erasure was begun."""
        parts = [
            (part.erasing is not None, DuePart(part.id, session.new.id, part.kind, part.ends().due_at))
            for session in self._sessions.values()
            for part in session.parts.values()
            if part.erasing is not None or (part.ends().due_at <= now and not session.bars(part))
        ]
        return [part for _, part in sorted(parts, key=lambda each: (each[0], each[1].due_at))[:limit]]

    async def erase(
        self, parts: Collection[UUID], reason: ErasureReason, now: datetime, actor: str
    ) -> tuple[Receipt, ...]:
        """Erase parts for good, with a receipt each; parts that do not exist are passed over."""
        receipts: list[Receipt] = []
        owners = {each: self._owners[each] for each in parts if each in self._owners}
        for part_id, session in owners.items():
            session.mark(session.parts[part_id], reason, actor, now)
        # Recordings last: their blobs may be away, and nothing else is to wait for them.
        for part_id in sorted(owners, key=lambda each: bool(blobs_of(owners[each].parts[each]))):
            session = owners[part_id]
            if part_id in session.parts:  # nobody else has erased it meanwhile
                receipts += await self._take([session.parts[part_id]], session, now)
        return tuple(receipts)

    async def _take(self, parts: Iterable[MemoryPart], session: MemorySession, now: datetime) -> tuple[Receipt, ...]:
        """Take away those of a session's parts that are marked, with a receipt each."""
        receipts = []
        going = [part for part in parts if part.erasing is not None]
        await self._delete_blobs([blob for part in going for blob in blobs_of(part)])
        for part in going:
            del session.parts[part.id], self._owners[part.id]
            session.once = {once: owner for once, owner in session.once.items() if owner != part.id}
            receipts.append(receipt_of(part, session, now))
        if receipts and not session.parts and not session.held:
            self._drop(session)
        self._receipts += receipts
        self.ledger.append(*map(erased, receipts))
        return tuple(receipts)

    async def figures(self, now: datetime) -> Figures:
        """Count what is kept."""
        return count_all(self._sessions.values(), now)

    async def consent_states(self, session_id: UUID) -> Mapping[str, ConsentState]:
        """Return the current state of each consent of a session. Raises UnknownSessionError."""
        return dict(self._known(session_id).consents)

    async def receipts(self, limit: int = 100) -> tuple[Receipt, ...]:
        """Return the newest receipts."""
        return tuple(sorted(self._receipts, key=lambda receipt: receipt.id, reverse=True)[:limit])

    async def part_ids(self, session_id: UUID) -> Mapping[UUID, PartKind]:
        """Return the parts of a session that exist."""
        session = self._sessions.get(session_id)
        parts = session.parts.values() if session is not None else ()
        return {part.id: part.kind for part in parts if part.erasing is None}

    async def _do(self, deed: Deed, now: datetime, eraser: str) -> tuple[Receipt, ...]:
        session = self._sessions.get(deed.session_id)
        if session is None or session.gone:
            return ()
        match deed:
            case Erase():
                return await self.erase(list(session.parts), ErasureReason.REQUESTED, now, eraser)
            case Restrict():
                await self.retention.restrict(deed.session_id, deed.ground, now)
            case ObjectTo():
                with contextlib.suppress(RetentionRefusedError):  # what it was to cover has ended meanwhile
                    await self.retention.object(deed.session_id, now, deed.purpose)
            case EndConsent():
                return await self.withdraw(deed.session_id, deed.consent, now)
            case Decide():
                of = [
                    each
                    for each in session.restrictions.values()
                    if each.ground is Ground.OBJECTION and each.purpose == deed.purpose
                ]
                ended = [await self.retention.decide(deed.session_id, each.id, deed.verdict, now) for each in of]
                return tuple(receipt for receipts in ended for receipt in receipts)
            case EndPurpose():
                return await self.retention.end_purpose(deed.session_id, deed.purpose, now)
            case Lift():
                for each in [each for each in session.restrictions.values() if each.ground is deed.ground]:
                    await self.retention.lift(deed.session_id, each.id, now)
        return ()

    async def _delete_blobs(self, blobs: Collection[str]) -> None:
        folder = await self.recording_backend.store_id()
        await self._blobs.delete([blob_name(folder, blob) for blob in blobs])

    def _drop(self, session: MemorySession) -> None:
        del self._sessions[session.new.id]
        self.ledger.forget(session.new.id)

    def _known(self, session_id: UUID) -> MemorySession:
        session = self._sessions.get(session_id)
        if session is None or session.gone:
            raise UnknownSessionError("there is no such session, or it has been erased")
        return session

    def _located(self, locator: Locator) -> MemorySession | None:
        if locator.token is not None:
            session = self._sessions.get(locator.id) if locator.id is not None else None
            return session if session is not None and hmac.compare_digest(session.new.token, locator.token) else None
        if locator.conversation is None:
            return None
        ids = [
            session_id
            for session_id, session in self._sessions.items()
            if session.new.channel == locator.channel
            and locator.conversation in session.new.conversations
            and (locator.before is None or session_id < locator.before)
        ]
        newest = max(ids, default=None)
        return self._sessions[newest] if newest is not None and locator.id in (None, newest) else None

    def _opened(self, write: Write) -> MemorySession:
        if write.new is None:
            return self._known(write.session_id)
        if write.session_id in self._sessions or write.new.id != write.session_id:
            raise StoreUnavailableError("a session is opened once, under the id of its write")
        session = MemorySession(new=write.new, active_at=write.new.started_at, owners=self._owners)
        self._sessions[write.session_id] = session
        return session

    def _signal(self, write: Write, session: MemorySession) -> None:
        if write.agreed is not None:
            session.agreed_since = (session.agreed_since or write.now) if write.agreed else None
        for record in write.consents:
            self.ledger.append(answered(session.new.id, record))
            self._answer(session, record.consent, record.state, record.at, write.now)
        for event in write.events:
            if event is SessionEvent.AI_DISCLOSED:
                if session.disclosed_at is None:
                    session.disclosed_at = write.now
                    self.ledger.append(disclosed(session.new.id, write.now))
                continue
            if _STARTS[event] not in session.events:
                self.ledger.append(signalled(session.new.id, event, write.now))
            if event is SessionEvent.CONSENT_END:
                for consent in given(session.consents):
                    self.ledger.append(withdrawn_from_outside(session.new.id, consent, write.now))
                    self._answer(session, consent, ConsentState.WITHDRAWN, write.now, write.now)
            session.events.setdefault(_STARTS[event], write.now)
            session.reschedule(_STARTS[event], write.now)

    def _answer(self, session: MemorySession, consent: str, said: ConsentState, at: datetime, now: datetime) -> None:
        session.consents[consent] = said
        session.consented_at[consent] = at
        before = session.events.pop(StartEvent.CONSENT_END, None)
        ended_at = consent_end(session.consents.values(), before, at)
        if ended_at is not None:
            session.events[StartEvent.CONSENT_END] = ended_at
        session.reschedule(StartEvent.CONSENT_END, now)
        if said is not ConsentState.GIVEN:
            session.withdraw(consent, now)
