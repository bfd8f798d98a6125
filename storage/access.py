"""Who may use the desk: API tokens, sign-ins, and what needs a second person (four eyes).

Implementations: `storage.memory` (the reference) and `storage.sql`. Every method is all or nothing and durable when it
returns. All raise `StoreUnavailableError` when the store can't be reached or written, and `AccessRefusedError` for
what can't be as it was asked for; nothing has changed then.

A secret is 256 random bits; only its SHA-256 is stored. Who did something is told by a reference (a token's id, or a
digest of what the identity provider calls them), never by a name: the ledger keeps it for good.

    waiting -> approved -> done        an approval; approved by another than who asked, and for some days only
    waiting -> refused
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from storage.errors import AccessRefusedError

LONGEST_TOKEN: Final = timedelta(days=366)
APPROVAL_PERIOD: Final = timedelta(days=7)
"""How long an approval may wait, and how long it may be used once it is given."""
APPROVALS_KEPT: Final = timedelta(days=90)
_SECRET_BYTES: Final = 32


class ApprovalState(StrEnum):
    """How far an approval has come."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token without its secret."""

    id: UUID
    name: str
    roles: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def serves(self, now: datetime) -> bool:
        """Tell whether it opens anything now."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser that is signed in: as whom, until when at most, and when it was last used."""

    person: str
    name: str
    roles: tuple[str, ...]
    since: datetime
    seen_at: datetime
    until: datetime
    token_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Something that two people have to want. `facts`: what it is about, ids and words of this program."""

    id: UUID
    action: str
    facts: Mapping[str, str]
    reason: str
    asked_by: str
    asked_at: datetime
    state: ApprovalState = ApprovalState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
    document: str = field(default="", repr=False)

    def over(self, now: datetime) -> bool:
        """Tell whether its time is over: nobody can decide it, or use it, any more."""
        return now >= (self.decided_at or self.asked_at) + APPROVAL_PERIOD


class AccessStore(Protocol):
    """Tokens, sign-ins and approvals."""

    async def create_token(self, token: ApiToken, secret: bytes) -> None:
        """Keep a new token. Refused if it has no role, or serves for longer than a year."""

    async def token(self, secret: bytes, now: datetime) -> ApiToken | None:
        """Return the token of this secret if it serves now."""

    async def tokens(self) -> tuple[ApiToken, ...]:
        """List all tokens, the newest first."""

    async def revoke(self, token_id: UUID, by: str, now: datetime) -> None:
        """End a token, and the sign-ins that were made with it. Refused if there is none that serves."""

    async def sign_in(self, sign_in: SignIn, secret: bytes) -> None:
        """Keep a sign-in under its secret. Refused if it was made with a token that was revoked meanwhile."""

    async def signed_in(self, secret: bytes, now: datetime, idle: timedelta) -> SignIn | None:
        """Return the sign-in of this secret, used now; None once it is over, or was idle for so long."""

    async def sign_out(self, secret: bytes) -> None:
        """Forget a sign-in, if there is one."""

    async def ask(self, approval: Approval) -> Approval:
        """Ask for an approval. What is asked for already, by the same person, is returned as it is."""

    async def approval(self, approval_id: UUID) -> Approval:
        """Return an approval. Refused if there is none."""

    async def approvals(self, limit: int = 100, after: UUID | None = None) -> tuple[Approval, ...]:
        """List approvals, the newest first, without their documents; `after` continues a list behind that id."""

    async def decide(self, approval_id: UUID, by: str, now: datetime, *, approve: bool) -> Approval:
        """Approve or refuse what waits. Refused to whoever asked for it, and once its time is over.

        Whoever asked may take it back, which is a refusal.
        """

    async def use(self, approval_id: UUID, now: datetime) -> Approval:
        """Take what is approved, once: it is done from now on. Refused unless it is approved and its time not over."""

    async def give_back(self, approval_id: UUID) -> None:
        """Return what was used for nothing, because what it allows has failed: it is approved once more."""

    async def tidy(self, now: datetime) -> int:
        """Forget sign-ins and approvals whose time is long over; returns how many."""


def new_secret() -> bytes:
    """Return 256 random bits."""
    return secrets.token_bytes(_SECRET_BYTES)


def secret_digest(secret: bytes) -> bytes:
    """Return how a secret is stored: its SHA-256."""
    return hashlib.sha256(secret).digest()


def check_token(token: ApiToken) -> None:
    """Raise AccessRefusedError for a token that nobody should have."""
    if not token.roles:
        raise AccessRefusedError("a token has one role at least")
    if not token.created_at < token.expires_at <= token.created_at + LONGEST_TOKEN:
        raise AccessRefusedError("a token expires later than now, and within a year")


def check_decision(approval: Approval, by: str, now: datetime, *, approve: bool) -> None:
    """Raise AccessRefusedError unless this person may decide so now."""
    if approval.state is not ApprovalState.WAITING or approval.over(now):
        raise AccessRefusedError("this does not wait for a decision any more")
    if approve and approval.asked_by == by:
        raise AccessRefusedError("whoever has asked for something can't approve it: another person has to")


def check_use(approval: Approval, now: datetime) -> None:
    """Raise AccessRefusedError unless the approval can be used now."""
    if approval.state is not ApprovalState.APPROVED or approval.over(now):
        raise AccessRefusedError("this is not approved, not any more, or was used already")


def no_approval() -> AccessRefusedError:
    """Return the error for an approval that is not there."""
    return AccessRefusedError("there is no such approval (any more)")


def no_token() -> AccessRefusedError:
    """Return the error for a token that does not serve."""
    return AccessRefusedError("there is no such token, or it was revoked already")
