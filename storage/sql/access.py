"""`SqlAccess`: tokens, sign-ins and approvals in the session database, each step with its event in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from storage.access import (
    APPROVALS_KEPT,
    ApiToken,
    Approval,
    ApprovalState,
    SignIn,
    check_decision,
    check_token,
    check_use,
    no_approval,
    no_token,
    secret_digest,
)
from storage.ledger.happened import approval_event, token_event
from storage.sql.access_tables import access_tokens, approvals, sign_ins
from storage.sql.databases import Databases, locked
from storage.sql.ledger import append
from storage.sql.tables import store

_SEEN_ANEW: Final = timedelta(seconds=30)
"""How old the time of last use may be: written anew on each request, it would make every read a write."""
_tokens, _sign_ins, _approvals = access_tokens.c, sign_ins.c, approvals.c


class SqlAccess:
    """A `storage.access.AccessStore` over SQL databases."""

    def __init__(self, databases: Databases) -> None:
        """Take the databases."""
        self._databases = databases

    async def create_token(self, token: ApiToken, secret: bytes) -> None:
        """Keep a new token."""
        check_token(token)
        row = {
            "digest": secret_digest(secret), "id": token.id, "name": token.name, "roles": " ".join(token.roles),
            "created_by": token.created_by, "created_at": token.created_at, "expires_at": token.expires_at,
        }  # fmt: skip
        event = token_event(token.id, token.roles, "created", token.created_by, token.created_at)

        def create(connection: Connection) -> None:
            connection.execute(insert(access_tokens).values(**row))
            append(connection, [event])

        await self._databases.write(lambda unit: create(unit.sessions))

    async def token(self, secret: bytes, now: datetime) -> ApiToken | None:
        """Return the token of this secret if it serves now."""
        found = select(access_tokens).where(_tokens.digest == secret_digest(secret))
        row = await self._databases.read(lambda unit: unit.sessions.execute(found).one_or_none())
        token = None if row is None else _token(row)
        return token if token is not None and token.serves(now) else None

    async def tokens(self) -> tuple[ApiToken, ...]:
        """List all tokens, the newest first."""
        found = select(access_tokens).order_by(_tokens.id.desc())
        rows = await self._databases.read(lambda unit: unit.sessions.execute(found).all())
        return tuple(map(_token, rows))

    async def revoke(self, token_id: UUID, by: str, now: datetime) -> None:
        """End a token, and the sign-ins that were made with it."""
        which = (_tokens.id == token_id, _tokens.revoked_at.is_(None))

        def end(connection: Connection) -> None:
            row = connection.execute(
                update(access_tokens).where(*which).values(revoked_at=now).returning(_tokens.roles)
            ).one_or_none()
            if row is None:
                raise no_token()
            _forget_sign_ins(connection, _sign_ins.token_id == token_id)
            append(connection, [token_event(token_id, tuple(row.roles.split()), "revoked", by, now)])

        await self._databases.write(lambda unit: end(unit.sessions))

    async def sign_in(self, sign_in: SignIn, secret: bytes) -> None:
        """Keep a sign-in under its secret."""
        row = {
            "digest": secret_digest(secret), "person": sign_in.person, "name": sign_in.name,
            "roles": " ".join(sign_in.roles), "since": sign_in.since, "seen_at": sign_in.seen_at,
            "until": sign_in.until, "token_id": sign_in.token_id,
        }  # fmt: skip
        serving = select(_tokens.id).where(_tokens.id == sign_in.token_id, _tokens.revoked_at.is_(None))

        def keep(connection: Connection) -> None:
            # Locked, or a revocation of this moment would not find the sign-in.
            if sign_in.token_id is not None and connection.execute(serving.with_for_update(read=True)).first() is None:
                raise no_token()
            connection.execute(insert(sign_ins).values(**row))

        await self._databases.write(lambda unit: keep(unit.sessions))

    async def signed_in(self, secret: bytes, now: datetime, idle: timedelta) -> SignIn | None:
        """Return the sign-in of this secret, used now."""
        mine = _sign_ins.digest == secret_digest(secret)
        row = await self._databases.read(lambda unit: unit.sessions.execute(select(sign_ins).where(mine)).one_or_none())
        if row is None or now >= row.until or now >= row.seen_at + idle:
            return None
        if now >= row.seen_at + min(_SEEN_ANEW, idle / 2):
            seen = update(sign_ins).where(mine).values(seen_at=now)
            await self._databases.write(lambda unit: unit.sessions.execute(seen))
        roles = tuple(row.roles.split())
        return SignIn(row.person, row.name, roles, row.since, now, row.until, row.token_id)

    async def sign_out(self, secret: bytes) -> None:
        """Forget a sign-in, if there is one."""
        gone = delete(sign_ins).where(_sign_ins.digest == secret_digest(secret))
        await self._databases.write(lambda unit: unit.sessions.execute(gone))

    async def ask(self, approval: Approval) -> Approval:
        """Ask for an approval."""
        return await self._databases.write(lambda unit: _ask(unit.sessions, approval))

    async def approval(self, approval_id: UUID) -> Approval:
        """Return an approval."""
        return await self._databases.read(lambda unit: _one(unit.sessions, approval_id))

    async def approvals(self, limit: int = 100, after: UUID | None = None) -> tuple[Approval, ...]:
        """List approvals, the newest first, without their documents."""
        found = select(approvals).order_by(_approvals.id.desc()).limit(limit)
        if after is not None:
            found = found.where(_approvals.id < after)
        rows = await self._databases.read(lambda unit: unit.sessions.execute(found).all())
        return tuple(replace(_approval(row), document="") for row in rows)

    async def decide(self, approval_id: UUID, by: str, now: datetime, *, approve: bool) -> Approval:
        """Approve or refuse what waits."""
        state = ApprovalState.APPROVED if approve else ApprovalState.REFUSED

        def step(connection: Connection) -> Approval:
            kept = _one(connection, approval_id, lock=True)
            check_decision(kept, by, now, approve=approve)
            decided = replace(kept, state=state, decided_by=by, decided_at=now)
            _set(connection, approval_id, {"state": state.value, "decided_by": by, "decided_at": now})
            append(connection, [approval_event(decided, state.value, by, now)])
            return decided

        return await self._databases.write(lambda unit: step(unit.sessions))

    async def use(self, approval_id: UUID, now: datetime) -> Approval:
        """Take what is approved, once."""

        def step(connection: Connection) -> Approval:
            kept = _one(connection, approval_id, lock=True)
            check_use(kept, now)
            _set(connection, approval_id, {"state": ApprovalState.DONE.value})
            return replace(kept, state=ApprovalState.DONE)

        return await self._databases.write(lambda unit: step(unit.sessions))

    async def give_back(self, approval_id: UUID) -> None:
        """Return what was used for nothing."""

        def step(connection: Connection) -> None:
            if _one(connection, approval_id, lock=True).state is ApprovalState.DONE:
                _set(connection, approval_id, {"state": ApprovalState.APPROVED.value})

        await self._databases.write(lambda unit: step(unit.sessions))

    async def tidy(self, now: datetime) -> int:
        """Forget sign-ins and approvals whose time is long over."""
        old = delete(approvals).where(_approvals.asked_at <= now - APPROVALS_KEPT)

        def tidy(connection: Connection) -> int:
            forgotten = _forget_sign_ins(connection, _sign_ins.until <= now)
            return forgotten + connection.execute(old).rowcount

        return await self._databases.write(lambda unit: tidy(unit.sessions))


def _forget_sign_ins(connection: Connection, which: ColumnElement[bool]) -> int:
    locked(connection, _sign_ins.digest, which)
    return connection.execute(delete(sign_ins).where(which)).rowcount


def _ask(connection: Connection, approval: Approval) -> Approval:
    locked(connection, store.c.id)  # one after the other, so that who asks for the same twice at once gets one
    facts = json.dumps(dict(approval.facts), sort_keys=True)
    same = select(approvals).where(
        _approvals.action == approval.action,
        _approvals.facts == facts,
        _approvals.asked_by == approval.asked_by,
        _approvals.state == ApprovalState.WAITING.value,
    )
    for row in connection.execute(same):
        kept = _approval(row)
        if not kept.over(approval.asked_at):
            return kept
    values = {
        "id": approval.id, "action": approval.action, "facts": facts, "reason": approval.reason,
        "asked_by": approval.asked_by, "asked_at": approval.asked_at, "state": approval.state.value,
        "document": approval.document,
    }  # fmt: skip
    connection.execute(insert(approvals).values(**values))
    append(connection, [approval_event(approval, "asked", approval.asked_by, approval.asked_at)])
    return approval


def _one(connection: Connection, approval_id: UUID, *, lock: bool = False) -> Approval:
    found = select(approvals).where(_approvals.id == approval_id)
    row = connection.execute(found.with_for_update() if lock else found).one_or_none()
    if row is None:
        raise no_approval()
    return _approval(row)


def _set(connection: Connection, approval_id: UUID, values: Mapping[str, object]) -> None:
    connection.execute(update(approvals).where(_approvals.id == approval_id).values(**values))


def _token(row: Row[Any]) -> ApiToken:
    roles = tuple(row.roles.split())
    return ApiToken(row.id, row.name, roles, row.created_by, row.created_at, row.expires_at, row.revoked_at)


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        row.id, row.action, json.loads(row.facts), row.reason, row.asked_by, row.asked_at,
        ApprovalState(row.state), row.decided_by, row.decided_at, row.document,
    )  # fmt: skip
