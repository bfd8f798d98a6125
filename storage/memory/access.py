"""`MemoryAccess`: tokens, sign-ins and approvals in memory. The reference for the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

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
from storage.ledger.events import Event
from storage.ledger.happened import approval_event, token_event


class MemoryAccess:
    """A `storage.access.AccessStore` in memory."""

    def __init__(self, log: Callable[[Event], None]) -> None:
        """Start empty, and log to the store's ledger."""
        self._log = log
        self._tokens: dict[bytes, ApiToken] = {}
        self._sign_ins: dict[bytes, SignIn] = {}
        self._approvals: dict[UUID, Approval] = {}

    async def create_token(self, token: ApiToken, secret: bytes) -> None:
        """Keep a new token."""
        check_token(token)
        self._tokens[secret_digest(secret)] = token
        self._log(token_event(token.id, token.roles, "created", token.created_by, token.created_at))

    async def token(self, secret: bytes, now: datetime) -> ApiToken | None:
        """Return the token of this secret if it serves now."""
        found = self._tokens.get(secret_digest(secret))
        return found if found is not None and found.serves(now) else None

    async def tokens(self) -> tuple[ApiToken, ...]:
        """List all tokens, the newest first."""
        return tuple(sorted(self._tokens.values(), key=lambda token: token.id, reverse=True))

    async def revoke(self, token_id: UUID, by: str, now: datetime) -> None:
        """End a token, and the sign-ins that were made with it."""
        for digest, token in self._tokens.items():
            if token.id == token_id and token.revoked_at is None:
                self._tokens[digest] = replace(token, revoked_at=now)
                self._sign_ins = {key: each for key, each in self._sign_ins.items() if each.token_id != token_id}
                self._log(token_event(token_id, token.roles, "revoked", by, now))
                return
        raise no_token()

    async def sign_in(self, sign_in: SignIn, secret: bytes) -> None:
        """Keep a sign-in under its secret."""
        if sign_in.token_id is not None and all(
            each.id != sign_in.token_id or each.revoked_at is not None for each in self._tokens.values()
        ):
            raise no_token()
        self._sign_ins[secret_digest(secret)] = sign_in

    async def signed_in(self, secret: bytes, now: datetime, idle: timedelta) -> SignIn | None:
        """Return the sign-in of this secret, used now."""
        digest = secret_digest(secret)
        found = self._sign_ins.get(digest)
        if found is None or now >= found.until or now >= found.seen_at + idle:
            return None
        self._sign_ins[digest] = replace(found, seen_at=now)
        return self._sign_ins[digest]

    async def sign_out(self, secret: bytes) -> None:
        """Forget a sign-in, if there is one."""
        self._sign_ins.pop(secret_digest(secret), None)

    async def ask(self, approval: Approval) -> Approval:
        """Ask for an approval."""
        for kept in self._approvals.values():
            same = (kept.action, kept.facts, kept.asked_by) == (approval.action, approval.facts, approval.asked_by)
            if same and kept.state is ApprovalState.WAITING and not kept.over(approval.asked_at):
                return kept
        self._approvals[approval.id] = approval
        self._log(approval_event(approval, "asked", approval.asked_by, approval.asked_at))
        return approval

    async def approval(self, approval_id: UUID) -> Approval:
        """Return an approval."""
        if approval_id not in self._approvals:
            raise no_approval()
        return self._approvals[approval_id]

    async def approvals(self, limit: int = 100, after: UUID | None = None) -> tuple[Approval, ...]:
        """List approvals, the newest first, without their documents."""
        behind = (each for each in self._approvals.values() if after is None or each.id < after)
        newest = sorted(behind, key=lambda each: each.id, reverse=True)
        return tuple(replace(each, document="") for each in newest[:limit])

    async def decide(self, approval_id: UUID, by: str, now: datetime, *, approve: bool) -> Approval:
        """Approve or refuse what waits."""
        kept = await self.approval(approval_id)
        check_decision(kept, by, now, approve=approve)
        state = ApprovalState.APPROVED if approve else ApprovalState.REFUSED
        decided = replace(kept, state=state, decided_by=by, decided_at=now)
        self._approvals[approval_id] = decided
        self._log(approval_event(decided, state.value, by, now))
        return decided

    async def use(self, approval_id: UUID, now: datetime) -> Approval:
        """Take what is approved, once."""
        kept = await self.approval(approval_id)
        check_use(kept, now)
        self._approvals[approval_id] = replace(kept, state=ApprovalState.DONE)
        return self._approvals[approval_id]

    async def give_back(self, approval_id: UUID) -> None:
        """Return what was used for nothing."""
        kept = await self.approval(approval_id)
        if kept.state is ApprovalState.DONE:
            self._approvals[approval_id] = replace(kept, state=ApprovalState.APPROVED)

    async def tidy(self, now: datetime) -> int:
        """Forget sign-ins and approvals whose time is long over."""
        before = len(self._sign_ins) + len(self._approvals)
        self._sign_ins = {key: each for key, each in self._sign_ins.items() if each.until > now}
        self._approvals = {key: each for key, each in self._approvals.items() if each.asked_at > now - APPROVALS_KEPT}
        return before - len(self._sign_ins) - len(self._approvals)
