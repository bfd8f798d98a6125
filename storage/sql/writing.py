"""A batch of writes, planned in memory: which parts they go to, what is sealed, which rows come of it.

Nothing here executes a statement that changes something. If one write of a batch can't be planned, the
batch is planned again without it, and the others never notice.

What a plan has no assignment for is not kept, not even as a digest. One thing remains of a turn whose
transcript may not be kept but that the caller has named by `once`: a row without part, text or digest, by
which a repeat is still recognised; it goes with the session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from storage.crypto.aead import PartSealer
from storage.crypto.keyring import deletion_month, new_key
from storage.crypto.padding import pad
from storage.digests import once_digest, turn_digest
from storage.errors import StoreUnavailableError, UnknownSessionError
from storage.ids import uuid7
from storage.plans import PlanPreparer, PreparedPlan, Rule, consent_end
from storage.records import NewSession, PartKind, Plan, SecretBytes, SessionEvent, StartEvent, Turn, Write, Written
from storage.sql import payloads, tables
from storage.sql.key_tables import part_keys, session_keys
from storage.sql.keys import KeyStore
from storage.sql.sqlite import Unit
from storage.sql.states import OpenPart, SessionState, opened

_UNSEALED = frozenset({PartKind.FACTS})
_STARTS = {
    SessionEvent.SESSION_END: (StartEvent.SESSION_END, "ended_at"),
    SessionEvent.MATTER_RESOLVED: (StartEvent.MATTER_RESOLVED, "matter_resolved_at"),
    SessionEvent.RELATION_END: (StartEvent.RELATION_END, "relation_ended_at"),
}


@dataclass(slots=True)
class Counts:
    """What a batch adds to a facts part."""

    session_id: UUID
    new: bool = False
    turns: int = 0
    positive: int = 0
    negative: int = 0
    last_turn_at: datetime | None = None


class WriteBatch:
    """Collects the rows of all writes of a batch."""

    def __init__(
        self, unit: Unit, keys: KeyStore, preparer: PlanPreparer, locator_tokens: Mapping[tuple[str, str], bytes],
        states: dict[UUID, SessionState],
    ) -> None:  # fmt: skip
        """Take the states of the sessions that exist, and the tokens of the conversations that open one."""
        self.rows: defaultdict[Table, list[dict[str, Any]]] = defaultdict(list)
        self.rules: dict[bytes, Rule] = {}
        self.counts: dict[UUID, Counts] = {}
        self.changed: dict[UUID, SessionState] = {}
        self.opened: dict[UUID, NewSession] = {}
        self.consents: dict[tuple[UUID, str], dict[str, Any]] = {}
        self.happened: dict[UUID, set[StartEvent]] = {}
        self.replaced: list[tuple[UUID, UUID, int]] = []
        self.new_sealers: dict[UUID, PartSealer] = {}
        self.new_digest_keys: dict[UUID, SecretBytes] = {}
        self._unit = unit
        self._keys = keys
        self._preparer = preparer
        self._tokens = locator_tokens
        self._states = states

    def add(self, write: Write) -> Written:
        """Plan one write. Raises UnknownSessionError, StoreUnavailableError or MissingEpochError."""
        state = self._open(write)
        self._consents(write, state)
        self._events(write, state)
        stored = [self._is_new(turn, state) for turn in write.turns]
        fresh = [turn for turn, is_new in zip(write.turns, stored, strict=True) if is_new]
        months = [self._turns(write, state, fresh), self._records(write, state)]
        self._count(write, state, fresh)
        if write.new is not None:
            self._wrap_digest_key(state, max(months) or deletion_month(write.now))
        self.changed[state.id] = state
        return Written(turns=tuple(stored))

    def _open(self, write: Write) -> SessionState:
        state = self._states.get(write.session_id)
        if write.new is None:
            if state is None:
                msg = "there is no such session, or it has been erased"
                raise UnknownSessionError(msg)
            return state
        if state is not None or write.new.id != write.session_id:
            msg = "a session is opened once, under the id of its write"
            raise StoreUnavailableError(msg)
        state = opened(write.new, new_key())
        self._states[state.id] = state
        self.opened[state.id] = write.new
        for conversation in dict.fromkeys(write.new.conversations):
            token = self._tokens[write.new.channel, conversation]
            self.rows[tables.locators].append({"token": token, "session_id": state.id})
        return state

    def _consents(self, write: Write, state: SessionState) -> None:
        for record in write.consents:
            state.consents[record.consent] = record.state
            ended_at = consent_end(state.consents.values(), state.consent_ended_at, record.at)
            if ended_at != state.consent_ended_at:
                state.consent_ended_at = ended_at
                state.marked = True
                self.happened.setdefault(state.id, set()).add(StartEvent.CONSENT_END)
            row = {"session_id": state.id, "consent": record.consent, "state": record.state.value, "at": record.at}
            self.consents[state.id, record.consent] = row

    def _events(self, write: Write, state: SessionState) -> None:
        for event in write.events:
            if event is SessionEvent.AI_DISCLOSED:
                state.disclosed_at = state.disclosed_at or write.now
                state.marked = True
                continue
            start, name = _STARTS[event]
            # What has ended stays ended when it is said again: a period that runs is not begun anew.
            if getattr(state, name) is None:
                setattr(state, name, write.now)
                state.marked = True
                self.happened.setdefault(state.id, set()).add(start)

    def _is_new(self, turn: Turn, state: SessionState) -> bool:
        if turn.once is None:
            return True
        digest = once_digest(state.digest_key, turn.once)
        if digest in state.once:
            return False
        state.once.add(digest)
        return True

    def _turns(self, write: Write, state: SessionState, fresh: Sequence[Turn]) -> int:
        if not fresh:
            return 0
        state.active_at = max(state.active_at, *(turn.at for turn in fresh))
        transcript = self._part(write.plan, PartKind.TRANSCRIPT, state, write.now, fresh[0].at)
        originals = [turn for turn in fresh if turn.original is not None]
        original = self._part(write.plan, PartKind.ORIGINAL, state, write.now, originals[0].at) if originals else None
        for turn in fresh:
            sequence = state.next_turn
            state.next_turn += 1
            self._reference(state, turn, sequence, transcript)
            if transcript is not None:
                payload = payloads.turn_to_bytes(turn.speaker, turn.at, turn.text)
                self._seal(state, transcript, PartKind.TRANSCRIPT, sequence, payload)
            if original is not None and turn.original is not None:
                payload = payloads.turn_to_bytes(turn.speaker, turn.at, turn.original)
                self._seal(state, original, PartKind.ORIGINAL, sequence, payload)
        return max((part.month for part in (transcript, original) if part is not None), default=0)

    def _reference(self, state: SessionState, turn: Turn, sequence: int, part: OpenPart | None) -> None:
        if part is None and turn.once is None:
            return
        row = {
            "session_id": state.id,
            "sequence": sequence,
            "part_id": None if part is None else part.id,
            "speaker": payloads.SPEAKER_CODES[turn.speaker],
            "digest": None if part is None else turn_digest(state.digest_key, turn.speaker, turn.match),
            "once": None if turn.once is None else once_digest(state.digest_key, turn.once),
        }
        self.rows[tables.turns].append(row)

    def _records(self, write: Write, state: SessionState) -> int:
        months = [0]
        for kind, at, payload in _records_of(write):
            part = self._part(write.plan, kind, state, write.now, at)
            if part is None:
                continue
            self._seal(state, part, kind, state.next_record, payload)
            if kind is PartKind.PSEUDONYMS:
                self.replaced.append((state.id, part.id, state.next_record))
            state.next_record += 1
            months.append(part.month)
        return max(months)

    def _count(self, write: Write, state: SessionState, fresh: Sequence[Turn]) -> None:
        if not fresh and not write.ratings:
            return
        part = self._part(write.plan, PartKind.FACTS, state, write.now, fresh[0].at if fresh else write.now)
        if part is None:
            return
        counts = self.counts.get(part.id) or self.counts.setdefault(part.id, Counts(state.id))
        counts.turns += len(fresh)
        counts.positive += sum(write.ratings)
        counts.negative += len(write.ratings) - sum(write.ratings)
        if fresh:
            counts.last_turn_at = state.active_at

    def _part(
        self, plan: Plan, kind: PartKind, state: SessionState, now: datetime, collected_at: datetime
    ) -> OpenPart | None:
        assignments = plan.assignments.get(kind)
        if not assignments:
            return None
        prepared = self._preparer.prepare(assignments)
        part = state.parts.get((kind, prepared.fingerprint))
        if part is None or part.first_end_at <= now:
            part = self._new_part(prepared, kind, state, now, collected_at)
            state.parts[kind, prepared.fingerprint] = part
        return part

    def _new_part(
        self, prepared: PreparedPlan, kind: PartKind, state: SessionState, now: datetime, collected_at: datetime
    ) -> OpenPart:
        ends = prepared.delete_by(collected_at, state.events())
        due_at = max(ends)
        part = OpenPart(id=uuid7(now), month=deletion_month(due_at), first_end_at=min(ends))
        row = {
            "session_id": state.id,
            "id": part.id,
            "kind": kind.value,
            "plan": prepared.fingerprint,
            "month": part.month,
            "collected_at": collected_at,
            "first_end_at": part.first_end_at,
            "due_at": due_at,
        }
        self.rows[tables.parts].append(row)
        for rule, end in zip(prepared.rules, ends, strict=True):
            self.rules[rule.id] = rule
            assignment = {"session_id": state.id, "part_id": part.id, "rule_id": rule.id, "state": "active"}
            self.rows[tables.assignments].append(assignment | {"delete_by": end})
        if kind in _UNSEALED:
            self.counts[part.id] = Counts(state.id, new=True)
        else:
            self._new_sealer(state, part, kind)
        state.bare = False
        return part

    def _new_sealer(self, state: SessionState, part: OpenPart, kind: PartKind) -> None:
        key = new_key()
        epoch_id, wrapped = self._keys.keyring.wrap(key, self._keys.keyring.part_use(state.id, part.id), part.month)
        self.rows[part_keys].append({"part_id": part.id, "epoch_id": epoch_id, "wrapped": wrapped})
        self.new_sealers[part.id] = self._keys.part_sealer(key, state.id, part.id, kind)

    def _wrap_digest_key(self, state: SessionState, month: int) -> None:
        keyring = self._keys.keyring
        epoch_id, wrapped = keyring.wrap(state.digest_key, keyring.session_use(state.id), month)
        self.rows[session_keys].append({"session_id": state.id, "epoch_id": epoch_id, "wrapped": wrapped})
        self.new_digest_keys[state.id] = state.digest_key

    def _seal(self, state: SessionState, part: OpenPart, kind: PartKind, sequence: int, payload: bytes) -> None:
        sealer = self.new_sealers.get(part.id) or self._keys.sealer(self._unit, state.id, part.id, kind)
        row = {
            "session_id": state.id,
            "part_id": part.id,
            "sequence": sequence,
            "month": part.month,
            "sealed": sealer.seal(sequence, pad(payload)),
        }
        self.rows[tables.contents].append(row)


def _records_of(write: Write) -> list[tuple[PartKind, datetime, bytes]]:
    records = [(PartKind.CONSENT, each.at, payloads.consent_to_bytes(each)) for each in write.consents]
    if write.connection is not None:
        records.append((PartKind.CONNECTION, write.now, payloads.connection_to_bytes(write.connection)))
    if write.pseudonyms is not None:
        records.append((PartKind.PSEUDONYMS, write.now, write.pseudonyms))
    return records
