"""`SqlRequests`: requests of data subjects in the databases, each sealed under a key of its own.

A request's key lies in the key database as a part's does. Its sealed record is replaced under a new sequence number
by each step that changes it; messages are sealed under the same key, bound to their ids.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from storage.access import secret_digest
from storage.crypto.padding import pad, unpad
from storage.errors import SealBrokenError
from storage.ids import uuid7
from storage.ledger.happened import request_was_read
from storage.records import Receipt
from storage.request_rules import attested, check_known, check_step, eraser_of, no_request
from storage.requests import (
    MOST_CODE_ATTEMPTS,
    UNANSWERED,
    UNPROVEN,
    Matter,
    Message,
    MessageKind,
    MessageState,
    NewRequest,
    Place,
    Proof,
    Request,
    RequestEvent,
    RequestFigures,
    RequestState,
    RequestStep,
    Right,
)
from storage.sql import erasing
from storage.sql.databases import Databases, Unit, lock_sessions, locked
from storage.sql.deeds import do
from storage.sql.eraser import Eraser
from storage.sql.keys import KeyStore
from storage.sql.ledger import append
from storage.sql.matters import matter_from_bytes, matter_to_bytes
from storage.sql.own_keys import Owner, OwnKeys
from storage.sql.request_figures import figures
from storage.sql.request_lists import listed, restricting
from storage.sql.request_tables import rights_events, rights_messages, rights_requests

_requests, _events, _messages = rights_requests.c, rights_events.c, rights_messages.c
_CODE: Final = 2**31 - 1  # above every sequence of the record itself
_SALT_BYTES: Final = 16


class SqlRequests:
    """A `storage.requests.RequestStore` over SQL databases."""

    def __init__(self, databases: Databases, keys: KeyStore, eraser: Eraser) -> None:
        """Take the databases and keys, and what erases."""
        self._databases = databases
        self._own = OwnKeys(databases, keys, Owner.REQUEST)
        self._eraser = eraser

    async def open(self, new: NewRequest, now: datetime) -> Request:
        """Keep a new request, its key first and durable."""
        return await self._own.writing(partial(self._open, new=new, now=now))

    async def enter(self, new: NewRequest, step: RequestStep, now: datetime) -> tuple[Receipt, ...]:
        """Keep a new request and take a step of it, all at once."""

        def enter(unit: Unit) -> set[UUID]:
            marked = _done(unit.sessions, step, new.matter, now)  # before the key: what is refused leaves none behind
            self._open(unit, new, now)
            return self._taken(unit, _known(unit.sessions, new.id), step, marked, now)

        return await self._own.provided(lambda: self._eraser.erase(enter, keyed=True))

    async def get(self, request_id: UUID, secret: bytes | None = None) -> Request | None:
        """Return a request; with a secret None also where it is another's."""
        row = await self._databases.read(lambda unit: _row(unit.sessions, request_id))
        if row is None or (
            secret is not None and not secrets.compare_digest(secret_digest(secret), bytes(row.secret_digest))
        ):
            return None
        return _request(row)

    async def matter(self, request_id: UUID) -> Matter:
        """Return what a request says of its subject."""

        def read(unit: Unit) -> Matter:
            return self._matter(unit, _known(unit.sessions, request_id))

        return await self._own.provided(lambda: self._databases.read(read))

    async def read(self, request_id: UUID, by: str, now: datetime) -> Matter:
        """Return what a request says, after the ledger has it."""
        await self._databases.write(lambda unit: _log_read(unit.sessions, request_id, by, now))
        return await self.matter(request_id)

    async def requests(
        self,
        states: Collection[RequestState] = (),
        *,
        limit: int = 100,
        due_first: bool = False,
        after: Place | None = None,
    ) -> tuple[Request, ...]:
        """List requests."""
        return await self._listed(listed(states, limit, after, due_first=due_first))

    async def restricting(self, since: datetime, *, limit: int = 100, after: UUID | None = None) -> tuple[Request, ...]:
        """List what may ask for a restriction that began at a moment."""
        return await self._listed(restricting(since, limit, after))

    async def _listed(self, found: Select[Any]) -> tuple[Request, ...]:
        rows = await self._databases.read(lambda unit: unit.sessions.execute(found).all())
        return tuple(_request(row) for row in rows)

    async def take(self, request_id: UUID, step: RequestStep, now: datetime) -> tuple[Receipt, ...]:
        """Take a step; returns the receipts of what it has erased."""
        taking = partial(self._take, request_id=request_id, step=step, now=now)
        return await self._own.provided(lambda: self._eraser.erase(taking))

    async def events(self, request_id: UUID) -> tuple[RequestEvent, ...]:
        """Return what happened to a request, in order."""

        def read(unit: Unit) -> tuple[RequestEvent, ...]:
            _known(unit.sessions, request_id)
            order = (_events.at, _events.what != "received", _events.id)  # what is entered at once begins with it, too
            found = select(rights_events).where(_events.request_id == request_id).order_by(*order)
            return tuple(RequestEvent(row.at, row.what, row.by) for row in unit.sessions.execute(found))

        return await self._databases.read(read)

    async def receipts(self, request_id: UUID) -> tuple[Receipt, ...]:
        """Return the receipts of all that steps of a request have erased so far."""

        def read(unit: Unit) -> tuple[Receipt, ...]:
            _known(unit.sessions, request_id)
            found = select(_events.parts).where(_events.request_id == request_id)
            parts = {UUID(each) for text in unit.sessions.execute(found).scalars() for each in json.loads(text)}
            return tuple(erasing.receipts_of(unit.sessions, parts))

        return await self._databases.read(read)

    async def put_code(self, request_id: UUID, code: str, until: datetime, now: datetime) -> None:
        """Keep a one-time code, hashed and sealed."""

        def put(unit: Unit) -> None:
            row = _locked(unit.sessions, request_id)
            check_step(_request(row), RequestStep(UNPROVEN, RequestState.IDENTITY_PENDING, "", ""))
            salt = secrets.token_bytes(_SALT_BYTES)
            sealed = self._own.sealer(unit, row.id).seal(_CODE, salt + _code_digest(salt, code))
            changed = {"code": sealed, "code_until": until, "code_attempts": 0}
            _update(unit.sessions, request_id, state=RequestState.IDENTITY_PENDING.value, **changed)
            _log(unit.sessions, request_id, "code-sent", "gateway", now)

        await self._own.writing(put)

    async def check_code(self, request_id: UUID, code: str, now: datetime) -> bool:
        """Tell whether this is the code; it counts once, until its time and for five attempts."""

        def check(unit: Unit) -> bool:
            row = _locked(unit.sessions, request_id)
            request = _request(row)
            if row.code is None or request.state not in UNPROVEN or row.code_attempts >= MOST_CODE_ATTEMPTS:
                return False
            kept = self._own.sealer(unit, row.id).open(_CODE, row.code)
            right = secrets.compare_digest(_code_digest(kept[:_SALT_BYTES], code), kept[_SALT_BYTES:])
            if not right or now >= row.code_until:
                _update(unit.sessions, request_id, code_attempts=row.code_attempts + 1)
                _log(unit.sessions, request_id, "code-wrong", "subject", now)
                return False
            _update(unit.sessions, request_id, state=RequestState.OPEN.value, proof=Proof.CODE.value, code=None)
            _log(unit.sessions, request_id, "identity-proven", "subject", now)
            return True

        return await self._own.writing(check)

    async def attest(self, request_id: UUID, by: str, now: datetime) -> Request:
        """Say for the desk that the identity is proven; the second person opens the request."""

        def attest(unit: Unit) -> Request:
            if attested(_request(_locked(unit.sessions, request_id)), by):
                _update(unit.sessions, request_id, state=RequestState.OPEN.value, proof=Proof.DESK.value, code=None)
            else:
                _update(unit.sessions, request_id, state=RequestState.IDENTITY_PENDING.value, attested_by=by)
            _log(unit.sessions, request_id, "attested", by, now)
            return _request(_known(unit.sessions, request_id))

        return await self._databases.write(attest)

    async def expire(self, now: datetime) -> int:
        """Delete requests whose time is over: nobody reads them, then their keys go, then their rows."""

        def begin(unit: Unit) -> list[UUID]:
            due = (_requests.delete_by <= now, ~_requests.over)
            locked(unit.sessions, _requests.id, *due)
            unit.sessions.execute(update(rights_requests).where(*due).values(over=True))
            return list(unit.sessions.execute(select(_requests.id).where(_requests.over).limit(1000)).scalars())

        def end(unit: Unit) -> None:
            locked(unit.sessions, _requests.id, _requests.id.in_(over))
            self._own.delete(unit, over)
            for table, owner in ((rights_messages, _messages.request_id), (rights_events, _events.request_id)):
                unit.sessions.execute(delete(table).where(owner.in_(over)))
            unit.sessions.execute(delete(rights_requests).where(_requests.id.in_(over)))

        over = await self._databases.write(begin)
        if over:
            await self._databases.write(end)
            self._eraser.note_deletions()
            await self._eraser.empty_logs(patient=True)
        return len(over)

    async def waiting(self, now: datetime, limit: int = 100) -> tuple[Message, ...]:
        """Return messages whose time has come, with their content, the oldest first."""
        due = (_messages.state == MessageState.WAITING.value, _messages.next_at <= now)
        found = select(rights_messages).join(rights_requests).where(*due, ~_requests.over)
        found = found.order_by(_messages.next_at, _messages.id).limit(limit)

        def read(unit: Unit) -> tuple[Message, ...]:
            seen, messages = 0, list[Message]()
            while len(messages) < limit and (rows := unit.sessions.execute(found.offset(seen)).all()):
                seen += len(rows)  # those that were altered stay in front
                opened = ((row, self._opened(unit, row)) for row in rows)
                messages += [_message(row, content) for row, content in opened if content is not None]
            return tuple(messages[:limit])

        return await self._own.provided(lambda: self._databases.read(read))

    async def messages(self, request_id: UUID) -> tuple[Message, ...]:
        """List the messages of a request."""
        found = select(rights_messages).where(_messages.request_id == request_id).order_by(_messages.id)
        rows = await self._databases.read(lambda unit: unit.sessions.execute(found).all())
        return tuple(_message(row, "") for row in rows)

    async def settle(self, message_id: UUID, state: MessageState, *, retry_at: datetime | None = None) -> None:
        """Write down what became of an attempt, or an acknowledgement."""

        def settle(unit: Unit) -> None:
            found = select(rights_messages).where(_messages.id == message_id).with_for_update()
            row = unit.sessions.execute(found).one_or_none()
            if row is None:
                raise no_request()
            tried = row.attempts + (row.state == MessageState.WAITING.value)
            changed = {"state": state.value, "attempts": tried, "next_at": retry_at or row.next_at}
            unit.sessions.execute(update(rights_messages).where(_messages.id == message_id).values(changed))

        await self._databases.write(settle)

    async def figures(self, now: datetime) -> RequestFigures:
        """Count requests and messages."""
        return await self._databases.read(lambda unit: figures(unit.sessions, now))

    def _open(self, unit: Unit, new: NewRequest, now: datetime) -> Request:
        sealer = self._own.make(unit, new.id, new.delete_by)
        said = {
            "id": new.id, "right": new.right.value, "channel": new.channel, "language": new.language,
            "state": new.state.value, "proof": new.proof.value if new.proof else None, "attested_by": None,
            "received_at": now, "due_at": new.due_at, "delete_by": new.delete_by, "answered_at": None,
            "secret_digest": secret_digest(new.secret), "sequence": 0,
            "sealed": sealer.seal(0, pad(matter_to_bytes(new.matter))), "code_attempts": 0, "over": False,
        }  # fmt: skip
        unit.sessions.execute(insert(rights_requests).values(said))
        _log(unit.sessions, new.id, "received", "subject", now)
        return _request(_known(unit.sessions, new.id))

    def _take(self, unit: Unit, request_id: UUID, step: RequestStep, now: datetime) -> set[UUID]:
        lock_sessions(unit.sessions, {deed.session_id for deed in step.deeds})
        row = _locked(unit.sessions, request_id)
        check_step(_request(row), step)
        if step.known is None and not step.deeds and not step.once:
            return self._taken(unit, row, step, set(), now)
        matter = self._matter(unit, row)
        taken = select(_events.request_id).where(_events.request_id == request_id).limit(1)
        check_known(
            step, matter, lambda what: unit.sessions.execute(taken.where(_events.what == what)).first() is not None
        )
        return self._taken(unit, row, step, _done(unit.sessions, step, matter, now), now)

    def _matter(self, unit: Unit, row: Row[Any]) -> Matter:
        return matter_from_bytes(unpad(self._own.sealer(unit, row.id).open(row.sequence, row.sealed)))

    def _taken(self, unit: Unit, row: Row[Any], step: RequestStep, marked: set[UUID], now: datetime) -> set[UUID]:
        """Write down a step whose deeds have marked parts for erasure."""
        connection, request_id = unit.sessions, row.id
        changed: dict[str, Any] = {"state": step.state.value}
        if step.state not in UNANSWERED and row.answered_at is None:
            changed["answered_at"] = now
        if step.proof is not None:
            changed["proof"] = step.proof.value
        changed |= {name: at for name in ("due_at", "delete_by") if (at := getattr(step, name)) is not None}
        if step.matter is not None:
            sequence = row.sequence + 1
            sealed = self._own.sealer(unit, request_id).seal(sequence, pad(matter_to_bytes(step.matter)))
            changed |= {"sequence": sequence, "sealed": sealed}
        _update(connection, request_id, **changed)
        for new in step.messages:
            sealed = self._own.sealer(unit, request_id).seal(_place(new.id), pad(new.content.encode()))
            said = {
                "id": new.id, "request_id": request_id, "recipient": new.recipient, "kind": new.kind.value,
                "state": MessageState.WAITING.value, "made_at": now, "attempts": 0, "next_at": new.waits_until or now,
                "sealed": sealed,
            }  # fmt: skip
            connection.execute(insert(rights_messages).values(said))
        _log(connection, request_id, step.what, step.by, now, marked)
        return marked

    def _opened(self, unit: Unit, row: Row[Any]) -> str | None:
        """Return what a message says; None for one that was altered, which waits on and counts as stuck."""
        try:
            return unpad(self._own.sealer(unit, row.request_id).open(_place(row.id), row.sealed)).decode()
        except SealBrokenError:
            return None


def _done(connection: Connection, step: RequestStep, matter: Matter, now: datetime) -> set[UUID]:
    lock_sessions(connection, {deed.session_id for deed in step.deeds})
    return {part for deed in step.deeds for part in do(connection, deed, now, eraser_of(step, matter))}


def _code_digest(salt: bytes, code: str) -> bytes:
    """Return how a one-time code is kept, within a sealed record: HMAC-SHA256 of it."""
    return hmac.digest(salt, code.encode(), "sha256")


def _place(message_id: UUID) -> int:
    """Return what binds a sealed message to its row; no sequence of the request's own record is so great."""
    return message_id.int >> 64 | 1 << 62


def _log_read(connection: Connection, request_id: UUID, by: str, now: datetime) -> None:
    _known(connection, request_id)
    append(connection, [request_was_read(request_id, by, now)])


def _row(connection: Connection, request_id: UUID) -> Row[Any] | None:
    found = select(rights_requests).where(_requests.id == request_id, ~_requests.over)
    return connection.execute(found).one_or_none()


def _known(connection: Connection, request_id: UUID) -> Row[Any]:
    row = _row(connection, request_id)
    if row is None:
        raise no_request()
    return row


def _locked(connection: Connection, request_id: UUID) -> Row[Any]:
    found = select(rights_requests).where(_requests.id == request_id, ~_requests.over).with_for_update()
    row = connection.execute(found).one_or_none()
    if row is None:
        raise no_request()
    return row


def _update(connection: Connection, request_id: UUID, **changed: Any) -> None:  # noqa: ANN401 - column values
    connection.execute(update(rights_requests).where(_requests.id == request_id).values(changed))


def _log(
    connection: Connection, request_id: UUID, what: str, by: str, now: datetime, parts: Collection[UUID] = ()
) -> None:
    marked = json.dumps(sorted(str(each) for each in parts))
    row = {"request_id": request_id, "id": uuid7(now), "at": now, "what": what, "by": by, "parts": marked}
    connection.execute(insert(rights_events).values(row))


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        right=Right(row.right),
        channel=row.channel,
        language=row.language,
        state=RequestState(row.state),
        proof=None if row.proof is None else Proof(row.proof),
        received_at=row.received_at,
        due_at=row.due_at,
        delete_by=row.delete_by,
        answered_at=row.answered_at,
        attested_by=row.attested_by,
    )


def _message(row: Row[Any], content: str) -> Message:
    kind, state = MessageKind(row.kind), MessageState(row.state)
    return Message(
        row.id, row.request_id, row.recipient, kind, state, row.made_at, row.attempts, row.next_at, content
    )  # fmt: skip
