"""Which session a request belongs to: found by its owner's token or by the protocol's own id, or opened anew.

A request without any id gets a session of its own. A chat that was idle for longer than the channel's
`session_idle` has ended; what follows opens a new session, and a history that is sent again is compared with
the ended one, so that it does not begin a second life there.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakValueDictionary

from gateway.notice.load import Loaded
from gateway.tokens import SessionToken, new_token
from storage.records import ConsentState, Locator, NewSession, Session
from storage.store import SessionStore


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request shows of itself: the owner's token, a protocol's conversation id, an idempotency key.

    `front_end`: the channel's secret was shown, so that ids are taken on that front end's word.
    """

    token: SessionToken | None = None
    conversation: str | None = field(default=None, repr=False)
    idempotency: str | None = field(default=None, repr=False)
    front_end: bool = False

    def of_conversation(self, conversation: str) -> Claim:
        """Return the same claim with a protocol's conversation id."""
        return replace(self, conversation=conversation)

    @property
    def names_a_session(self) -> bool:
        """Whether two requests with this claim may mean one session."""
        return self.token is not None or self.conversation is not None or self.idempotency is not None


@dataclass(frozen=True, slots=True)
class Opened:
    """The session of one request. `new` is still to be written; `token` is what its owner is to be given.

    `owner`: the request has shown that it may see restored pseudonyms and change consent.
    `before`: the session that had ended, if one was found.
    """

    id: UUID
    session: Session | None
    new: NewSession | None
    token: SessionToken | None
    owner: bool
    before: Session | None = None

    @property
    def language(self) -> str | None:
        """The language that the session's owner reads."""
        return (
            self.session.language if self.session is not None else self.new.language if self.new is not None else None
        )

    @property
    def consents(self) -> Mapping[str, ConsentState]:
        """The session's consent states."""
        return self.session.consents if self.session is not None else {}

    @property
    def disclosed(self) -> bool:
        """Whether the AI disclosure has been shown in this session."""
        return self.session is not None and self.session.disclosed_at is not None


class Sessions:
    """Finds and opens the sessions of one channel."""

    def __init__(self, loaded: Loaded, channel: str, idle: timedelta, store: SessionStore) -> None:
        """Remember where to look."""
        self._loaded = loaded
        self._channel = channel
        self._idle = idle
        self._store = store
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def one_at_a_time(self, claim: Claim) -> AsyncIterator[None]:
        """Keep requests that may mean one session apart while they look and write."""
        if not claim.names_a_session:
            yield
            return
        name = str(claim.token.id) if claim.token is not None else f"{claim.conversation}|{claim.idempotency}"
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            yield

    async def open(self, claim: Claim, now: datetime, *, language: str | None = None) -> Opened:
        """Return the session of a request, found or new (not written yet)."""
        found, owner = await self.find(claim, now)
        if found is not None and self._lives(found, now):
            return Opened(found.id, found, None, None, owner)
        token = new_token(now)
        new = NewSession(
            id=token.id,
            channel=self._channel,
            notice_version=self._loaded.notice.version,
            notice_digest=self._loaded.digest,
            started_at=now,
            token=token.secret,
            conversations=tuple(_conversations(claim)),
            language=language,
        )
        return Opened(token.id, None, new, token, owner=True, before=found)

    async def find(self, claim: Claim, now: datetime) -> tuple[Session | None, bool]:
        """Return the session that a claim names, live or ended, and whether the claim proves its owner."""
        if claim.token is not None:
            locator = Locator(self._channel, id=claim.token.id, token=claim.token.secret)
            found = await self._store.find(locator, now)
            if found is not None:
                return found, True
        for conversation in _conversations(claim):
            found = await self._store.find(Locator(self._channel, conversation=conversation), now)
            if found is not None:
                return found, claim.front_end
        return None, False

    async def live(self, claim: Claim, now: datetime) -> Session | None:
        """Return the live session whose owner shows this claim; None alike for what is not there and not theirs."""
        found, owner = await self.find(claim, now)
        return found if found is not None and owner and self._lives(found, now) else None

    def _lives(self, session: Session, now: datetime) -> bool:
        return session.ended_at is None and now - (session.last_turn_at or session.started_at) <= self._idle


def idempotency_of(key: str, body: bytes) -> str:
    """Return what identifies a repeated request: its key together with its body."""
    return f"{key}:{hashlib.sha256(body).hexdigest()}"


def _conversations(claim: Claim) -> list[str]:
    named = (("conversation", claim.conversation), ("idempotency", claim.idempotency))
    return [f"{kind}:{value}" for kind, value in named if value is not None]
