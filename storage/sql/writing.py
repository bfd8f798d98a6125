"""A batch of writes, planned in memory: which parts they go to, what is sealed, which rows come of it.

Nothing here executes a statement that changes something. If one write of a batch can't be planned, the
batch is planned again without it, and the others never notice.

What a plan has no assignment for is not kept, not even as a digest. One thing remains of a turn whose
transcript may not be kept but that the caller has named by `once`: a row without part, text or digest, by
which a repeat is still recognised; it goes with the session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from storage.audio import RecordingStep
from storage.crypto.keyring import deletion_month, new_key
from storage.crypto.padding import pad
from storage.digests import identity, words_digest
from storage.errors import UnknownSessionError
from storage.ids import uuid7
from storage.ledger.happened import answered, disclosed, signalled, withdrawn_from_outside
from storage.plans import PlanPreparer, PreparedPlan, allowed, consent_end, given, prepare
from storage.recordings.payloads import manifest_to_bytes
from storage.records import (
    ClassKind,
    ConsentState,
    Identifier,
    PartKind,
    Plan,
    SessionEvent,
    StartEvent,
    Turn,
    Write,
    Written,
)
from storage.sql import indexing, payloads, recording, spooling
from storage.sql.chained import REPLACED
from storage.sql.columns import microseconds
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.planned import Counts, Planned
from storage.sql.rows import AssignmentRow, ContentRow, LocatorRow, PartKeyRow, PartRow, SessionKeyRow, TurnRow
from storage.sql.spooling import Late
from storage.sql.states import OpenPart, SessionState, opened
from storage.sql.translation import RowConflictError

_STARTS: Final[Mapping[SessionEvent, tuple[StartEvent, str]]] = {
    SessionEvent.SESSION_END: (StartEvent.SESSION_END, "ended_at"),
    SessionEvent.MATTER_RESOLVED: (StartEvent.MATTER_RESOLVED, "matter_resolved_at"),
    SessionEvent.RELATION_END: (StartEvent.RELATION_END, "relation_ended_at"),
}


class Planner:
    """Plans the writes of a batch one after the other; `planned` is what they come to."""

    def __init__(
        self,
        unit: Unit,
        keys: KeyStore,
        preparer: PlanPreparer,
        tokens: Mapping[tuple[str, str], bytes],
        states: dict[UUID, SessionState],
    ) -> None:
        """Take the states of the sessions that exist, and the locator tokens by channel and conversation."""
        self.planned = Planned()
        self._unit = unit
        self._keys = keys
        self._preparer = preparer
        self._tokens = tokens
        self._states = states

    def add(self, write: Write) -> Written:
        """Plan one write. Raises UnknownSessionError or RowConflictError, before anything, or MissingEpochError."""
        state = self._open(write)
        month = state.last_month()
        for step in write.recordings:
            self._recording(step, write, state)
        if write.consents:
            self._consents(write, state)
        if write.events:
            self._events(write, state)
        if write.agreed is not None:
            self.planned.marked.add(state.id)
            state.agreed_since = (state.agreed_since or write.now) if write.agreed else None
        sequences, fresh = _numbered(write, state)
        if fresh:
            state.active_at = max(state.active_at, *(turn.at for turn, _ in fresh))
            self._turns(write, state, fresh)
        self._records(write, state)
        if fresh or write.ratings:
            self._count(write, state, [turn for turn, _ in fresh])
        if write.new is not None or state.last_month() > month:
            self._wrap_digest_key(state, write.now)
        self.planned.changed[state.id] = state
        return Written(tuple(sequences))

    def restore(self, late: Late) -> Written:
        """Plan an entry of the spool. Raises UnknownSessionError, SealBrokenError or MissingEpochError as well."""
        if late.session_id not in self._states:
            raise spooling.gone()
        write = spooling.opened(self._unit, self._keys, late)
        once = self._states[late.session_id].once
        if all(turn.marks is not None and turn.marks.once in once for turn in write.turns):
            # Stored before, as after a kill: by now the map may be another, which this one is not to replace.
            write = replace(write, pseudonyms=None)
        return self.add(write)

    def _open(self, write: Write) -> SessionState:
        state = self._states.get(write.session_id)
        if write.new is None:
            if state is None:
                raise UnknownSessionError("there is no such session, or it has been erased")
            return state
        if state is not None or write.new.id != write.session_id:
            raise RowConflictError("a session is opened once, under the id of its write")
        state = opened(write.new, new_key())
        self._states[state.id] = state
        self.planned.opened[state.id] = write.new
        for conversation in dict.fromkeys(write.new.conversations):
            token = self._tokens[write.new.channel, conversation]
            self.planned.locators.append(LocatorRow(token, state.stored_id))
        return state

    def _consents(self, write: Write, state: SessionState) -> None:
        for record in write.consents:
            self.planned.events.append(answered(state.id, record))
            self._answer(state, record.consent, record.state, record.at, write.now)

    def _answer(self, state: SessionState, consent: str, said: ConsentState, at: datetime, now: datetime) -> None:
        state.consents[consent] = said
        self.planned.consents[state.id, consent] = (said, at)
        answer = (state.id, consent)
        if said is not ConsentState.GIVEN:
            self.planned.withdrawn[answer] = now
        elif answer in self.planned.withdrawn:
            state.parts.clear()  # given again in one batch: nothing goes to a part that the withdrawal ends
        self._consent_ended(state, consent_end(state.consents.values(), state.consent_ended_at, at), now)

    def _consent_ended(self, state: SessionState, ended_at: datetime | None, now: datetime) -> None:
        if ended_at != state.consent_ended_at:
            state.consent_ended_at = ended_at
            self.planned.marked.add(state.id)
            self.planned.happened[state.id][StartEvent.CONSENT_END] = now

    def _events(self, write: Write, state: SessionState) -> None:
        self.planned.marked.add(state.id)
        for event in write.events:
            if event is SessionEvent.AI_DISCLOSED:
                if state.disclosed_at is None:
                    state.disclosed_at = write.now
                    self.planned.events.append(disclosed(state.id, write.now))
                continue
            if event is SessionEvent.CONSENT_END:
                if state.consent_ended_at is None:
                    self.planned.events.append(signalled(state.id, event, write.now))
                for consent in given(state.consents):
                    self.planned.events.append(withdrawn_from_outside(state.id, consent, write.now))
                    self._answer(state, consent, ConsentState.WITHDRAWN, write.now, write.now)
                self._consent_ended(state, state.consent_ended_at or write.now, write.now)
                continue
            start, name = _STARTS[event]
            # What has ended stays ended when it is said again: a period that runs is not begun anew.
            if getattr(state, name) is None:
                setattr(state, name, write.now)
                self.planned.happened[state.id][start] = write.now
                self.planned.events.append(signalled(state.id, event, write.now))

    def _turns(self, write: Write, state: SessionState, fresh: Sequence[tuple[Turn, bytes | None]]) -> None:
        first_at = fresh[0][0].at
        transcript = self._part(write.plan, PartKind.TRANSCRIPT, state, write.now, first_at)
        for turn, once in fresh:
            sequence = state.next_turn
            state.next_turn += 1
            if transcript is not None:
                payload = payloads.turn_to_bytes(turn.speaker, turn.at, turn.text)
                self._seal(state, transcript, PartKind.TRANSCRIPT, sequence, payload)
            self._reference(state, turn, once, sequence, transcript)
            self._index(state, turn, transcript)
            if turn.original is not None:
                original = self._part(write.plan, PartKind.ORIGINAL, state, write.now, turn.at)
                if original is not None:
                    payload = payloads.turn_to_bytes(turn.speaker, turn.at, turn.original)
                    self._seal(state, original, PartKind.ORIGINAL, sequence, payload)
                self._index(state, turn, original, own=True)

    def _index(self, state: SessionState, turn: Turn, part: OpenPart | None, *, own: bool = False) -> None:
        if part is None:
            return
        if turn.marks is not None:
            kept = turn.marks.original_tokens if own else turn.marks.tokens
            self.planned.index |= {(state.id, part.id, token) for token in kept}
        self._find_by(state, turn.identifiers, part)

    def _find_by(self, state: SessionState, identifiers: Sequence[Identifier], part: OpenPart | None) -> None:
        if not identifiers or part is None:
            return
        new = next((row.epoch_id for row in self.planned.part_keys if row.part_id == part.stored_id), None)
        epoch_id = self._keys.epoch_of(self._unit, part.id) if new is None else UUID(bytes=new)
        made = indexing.tokens(self._keys.keyring, epoch_id, identifiers)
        self.planned.index |= {(state.id, part.id, token) for token in made}

    def _reference(
        self, state: SessionState, turn: Turn, once: bytes | None, sequence: int, part: OpenPart | None
    ) -> None:
        speaker = payloads.SPEAKER_CODES[turn.speaker]
        if part is not None:
            digest = words_digest(state.digest_key, turn)
            row = TurnRow(state.stored_id, sequence, part.stored_id, speaker, digest, once)
            self.planned.turns.append(row)
        elif once is not None:
            self.planned.turns.append(TurnRow(state.stored_id, sequence, None, speaker, None, once))

    def _records(self, write: Write, state: SessionState) -> None:
        for consent, said in write.evidence.items():
            self._record(write, state, PartKind.CONSENT, write.now, payloads.evidence_to_bytes(consent, said))
        for record in write.consents:
            self._record(write, state, PartKind.CONSENT, record.at, payloads.consent_to_bytes(record))
        if write.connection is not None:
            connection = payloads.connection_to_bytes(write.connection)
            self._find_by(
                state, write.identifiers, self._record(write, state, PartKind.CONNECTION, write.now, connection)
            )
        if write.pseudonyms is not None:
            part = self._record(write, state, PartKind.PSEUDONYMS, write.now, write.pseudonyms)
            if part is not None:
                # The map is kept as it is now; what it was before goes.
                self.planned.replaced.append((state.stored_id, part.stored_id, part.month, state.next_record - 1))

    def _recording(self, step: RecordingStep, write: Write, state: SessionState) -> None:
        """Plan a step of a recording. Raises PurposeRefusedError before anything: it may not be kept (any more)."""
        part = state.parts.get((PartKind.RECORDING, step.part_id.bytes))
        if part is None and step.opens:
            part = self._opened(step, write, state)
        if part is None or part.first_end_at <= write.now:
            raise recording.refused()
        if step.idle_since is not None and self._grew(state.id, step.part_id, step.idle_since):
            raise recording.refused()
        state.active_at = max(state.active_at, write.now)
        self.planned.recordings.add(state.id, step, write.now)
        if step.manifest is None:
            return
        self._seal(state, part, PartKind.RECORDING, state.next_record, manifest_to_bytes(step.manifest))
        self.planned.replaced.append((state.stored_id, part.stored_id, part.month, state.next_record))
        state.next_record += 1
        if step.manifest.samples:
            facts = self._part(write.plan, PartKind.FACTS, state, write.now, write.now)
            if facts is not None:
                self.planned.recordings.count(state.id, facts.id, part.id, step.manifest.figures)

    def _grew(self, session_id: UUID, part_id: UUID, since: datetime) -> bool:
        """Tell whether something was added to a recording since a moment, or is in this batch."""
        in_batch = any(row["of_part"] == part_id for row in self.planned.recordings.added)
        return in_batch or recording.last_added(self._unit.sessions, session_id, part_id) >= since

    def _opened(self, step: RecordingStep, write: Write, state: SessionState) -> OpenPart | None:
        assignments = allowed(write.plan.assignments.get(PartKind.RECORDING, ()), state.consents, state.over)
        if not assignments:
            return None
        part = self._new_part(
            prepare(assignments), PartKind.RECORDING, state, write.now, write.now, part_id=step.part_id
        )
        state.parts[PartKind.RECORDING, part.stored_id] = part
        self.planned.recordings.open(state.id, part.id, write.now)
        return part

    def _record(
        self, write: Write, state: SessionState, kind: PartKind, at: datetime, payload: bytes
    ) -> OpenPart | None:
        part = self._part(write.plan, kind, state, write.now, at)
        if part is not None:
            self._seal(state, part, kind, state.next_record, payload)
            state.next_record += 1
        return part

    def _count(self, write: Write, state: SessionState, fresh: Sequence[Turn]) -> None:
        part = self._part(write.plan, PartKind.FACTS, state, write.now, fresh[0].at if fresh else write.now)
        if part is None:
            return
        counts = self.planned.counts.get(part.id)
        if counts is None:
            counts = self.planned.counts[part.id] = Counts(state.id)
        counts.turns += len(fresh)
        counts.positive += sum(write.ratings)
        counts.negative += len(write.ratings) - sum(write.ratings)
        if fresh:
            counts.last_turn_at = state.active_at

    def _part(
        self, plan: Plan, kind: PartKind, state: SessionState, now: datetime, collected_at: datetime
    ) -> OpenPart | None:
        planned = plan.assignments.get(kind, ())
        assignments = allowed(planned, state.consents, state.over)
        if not assignments:
            return None
        prepared = self._preparer.prepare(planned) if assignments is planned else prepare(assignments)
        part = state.parts.get((kind, prepared.fingerprint))
        if part is not None and part.first_end_at > now:
            return part
        running = prepared.running(collected_at, state.events(), now)
        if running is None:
            return None
        part = state.parts.get((kind, running.fingerprint))
        if part is None or part.first_end_at <= now:
            part = self._new_part(running, kind, state, now, collected_at)
            state.parts[kind, running.fingerprint] = part
        return part

    def _new_part(
        self,
        prepared: PreparedPlan,
        kind: PartKind,
        state: SessionState,
        now: datetime,
        collected_at: datetime,
        part_id: UUID | None = None,
    ) -> OpenPart:
        ends = prepared.delete_by(collected_at, state.events())
        stored_ends = [microseconds(end) for end in ends]
        due_at = max(ends)
        visible = [
            end
            for rule, end in zip(prepared.rules, stored_ends, strict=True)
            if rule.assignment.deletion_class.kind is ClassKind.OPERATIONAL
        ]
        part = OpenPart(id=part_id or uuid7(now), month=deletion_month(due_at), first_end_at=min(ends))
        self.planned.parts.append(
            PartRow(
                session_id=state.stored_id,
                id=part.stored_id,
                kind=kind.value,
                plan=prepared.fingerprint,
                month=part.month,
                collected_at=microseconds(collected_at),
                first_end_at=min(stored_ends),
                visible_until=max(visible, default=None),
                due_at=max(stored_ends),
                bars=state.bars,
            )
        )
        for rule, end in zip(prepared.rules, stored_ends, strict=True):
            self.planned.rules[rule.id] = rule
            self.planned.assignments.append(AssignmentRow(state.stored_id, part.stored_id, rule.id, "active", end))
        if kind is PartKind.FACTS:
            self.planned.counts[part.id] = Counts(state.id, new=True)
        else:
            self._new_key(state, part, kind)
        if self.planned.withdrawn:
            self.planned.spared.add(part.id)
        state.bare = False
        return part

    def _new_key(self, state: SessionState, part: OpenPart, kind: PartKind) -> None:
        key = new_key()
        keyring = self._keys.keyring
        epoch_id, wrapped = keyring.wrap(key, keyring.part_use(state.id, part.id), part.month)
        self.planned.epochs[epoch_id] = part.month
        self.planned.part_keys.append(PartKeyRow(part.stored_id, epoch_id.bytes, wrapped))
        self.planned.sealers[part.id] = self._keys.part_sealer(key, state.id, part.id, kind)

    def _wrap_digest_key(self, state: SessionState, now: datetime) -> None:
        # In the epoch of the part that is to be kept longest, with which it may well go: it is to keep no other's.
        month = state.last_month() or deletion_month(now)
        keyring = self._keys.keyring
        epoch_id, wrapped = keyring.wrap(state.digest_key, keyring.session_use(state.id), month)
        self.planned.epochs[epoch_id] = month
        self.planned.session_keys[state.id] = SessionKeyRow(state.stored_id, epoch_id.bytes, wrapped)
        self.planned.digest_keys[state.id] = state.digest_key

    def _seal(self, state: SessionState, part: OpenPart, kind: PartKind, sequence: int, payload: bytes) -> None:
        sealer = self.planned.sealers.get(part.id) or self._keys.sealer(self._unit, state.id, part.id, kind)
        sealed = sealer.seal(sequence, pad(payload))
        part.tail = sealer.link(sequence, sealed, (kind not in REPLACED and part.tail) or b"")
        self.planned.tails[part.stored_id] = (part.tail, state.stored_id, part.stored_id)
        self.planned.contents.append(ContentRow(state.stored_id, part.stored_id, sequence, part.month, sealed))


def _numbered(write: Write, state: SessionState) -> tuple[list[int | None], list[tuple[Turn, bytes | None]]]:
    """Return the number that each turn gets, None for a repeat, and those that are none, with what identifies them."""
    sequences: list[int | None] = []
    fresh: list[tuple[Turn, bytes | None]] = []
    for turn in write.turns:
        once = identity(state.digest_key, turn, sequences)
        if once is not None and once in state.once:
            sequences.append(None)
            continue
        if once is not None:
            state.once.add(once)
        sequences.append(state.next_turn + len(fresh))
        fresh.append((turn, once))
    return sequences, fresh
