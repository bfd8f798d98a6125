"""Which session a request belongs to: found by its owner's token or by the protocol's own id, or opened anew.

A request without any id gets a session of its own. A chat that was idle for longer than the channel's
`session_idle` has ended; what follows opens a new session.

Who owns a session, and so sees restored pseudonyms and changes consent: who shows its token, or a front end with
the channel's secret. An id that others may guess (a conversation, a message id) finds a session and owns nothing:
one that was opened by a conversation id alone gives its token to nobody, or whoever came first would own what
the customer says later. An Idempotency-Key with its body does own: only who opened the session knows both.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakValueDictionary

from gateway.notice.load import Loaded
from gateway.tokens import SessionToken, derived_token, new_token
from storage.records import ConsentState, Locator, NewSession, PartKind, Plan, Session
from storage.store import SessionStore

_MOST_MATTERS = 20
_LEAST_UNIQUE = 16  # characters of a key that two customers will not both have


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request shows of itself: the owner's token, a protocol's conversation id, what a repeat has again.

    `idempotency`: the idempotency key with the body. `message`: the protocol's message id with the text.
    `front_end`: the channel's secret was shown, so that ids are taken on that front end's word.
    """

    token: SessionToken | None = None
    conversation: str | None = field(default=None, repr=False)
    idempotency: str | None = field(default=None, repr=False)
    message: str | None = field(default=None, repr=False)
    front_end: bool = False

    def of_conversation(self, conversation: str) -> Claim:
        """Return the same claim with a protocol's conversation id."""
        return replace(self, conversation=conversation)

    @property
    def owns_what_it_opens(self) -> bool:
        """Whether a session that this request opens is its own: nobody else can have named it."""
        return self.conversation is None or self.front_end

    @property
    def own_key(self) -> str | None:
        """The idempotency key with the body, where the key is long enough to be nobody else's."""
        return _unique(self.idempotency)

    def names(self) -> list[str]:
        """Return by what else than a token a session can be found again.

        A key or message id does so only if it is long enough to be nobody else's: two customers whose front end
        counts its messages must not meet in one session because both say "hello" first.
        """
        if self.conversation is None and self.idempotency is None and self.message is None:
            return []
        named = [("conversation", self.conversation), ("idempotency", self.own_key)]
        if self.conversation is None:
            named.append(("message", _unique(self.message)))
        return [_named(kind, value) for kind, value in named if value is not None]


def _named(kind: str, value: str) -> str:
    """Return the name under which the store finds a session."""
    return f"{kind}:{value}"


def _unique(identifier: str | None) -> str | None:
    """Return an identifier that holds at least as much as a short random id before the digest behind its colon."""
    own = (identifier or "").rpartition(":")[0]
    return identifier if len(own) >= _LEAST_UNIQUE else None


@dataclass(frozen=True, slots=True)
class Opened:
    """The session of one request. `new` is still to be written; `token` is what its owner is to be given.

    `owner`: the request has shown that it may see restored pseudonyms and change consent.
    """

    id: UUID
    session: Session | None
    new: NewSession | None
    token: SessionToken | None
    owner: bool

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

    def answered(self, consent: str) -> datetime | None:
        """Return when a consent was last given, refused or withdrawn in this session."""
        return self.session.answered_at.get(consent) if self.session is not None else None

    def begun(self, at: datetime | None) -> Opened:
        """Return the same where a session that is new began at this time, if that is earlier."""
        if self.new is None or at is None or at >= self.new.started_at:
            return self
        return replace(self, new=replace(self.new, started_at=at))

    def keeps_map(self, plan: Plan) -> bool:
        """Tell whether its table of pseudonyms is kept: not in place of one that may not be read now (Art. 18(2))."""
        hidden = self.session is not None and self.session.map_hidden
        return self.owner and not hidden and PartKind.PSEUDONYMS in plan.assignments

    @property
    def disclosed(self) -> bool:
        """Whether the AI disclosure has been shown in this session."""
        return self.session is not None and self.session.disclosed_at is not None


@dataclass(frozen=True, slots=True)
class _Found:
    """A session that a claim names, whether the claim owns it, and its token if the claim is to be given it again."""

    session: Session | None = None
    owner: bool = False
    token: SessionToken | None = None


class _Gate:
    """Lets one request at a time to a session; `passed` counts them."""

    __slots__ = ("__weakref__", "lock", "passed")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.passed = 0


class Sessions:
    """Finds and opens the sessions of one channel."""

    def __init__(self, loaded: Loaded, channel: str, idle: timedelta, store: SessionStore) -> None:
        """Remember where to look."""
        self._loaded = loaded
        self._channel = channel
        self._idle = idle
        self._store = store
        self._gates: WeakValueDictionary[str, _Gate] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(
        self, claim: Claim, now: datetime, *, language: str | None = None, ended: bool = False
    ) -> AsyncIterator[Opened]:
        """Open the session of a request, found or new (not written yet), and keep other requests of it waiting.

        A session is waited for only by requests that have found it: a token that is not its own holds nobody up.
        `ended`: one that has ended serves as well, and none is opened in its place.
        """
        gate = None if claim.token is None else self._gate(str(claim.token.id))
        while True:
            passed = -1 if gate is None else gate.passed
            found = await self._find(claim, now)
            right = self._gate_of(claim, found)
            if right is None:
                yield self._open(claim, found, now, language, ended=ended)
                return
            async with right.lock:
                if right is not gate or right.passed != passed:
                    found = await self._find(claim, now)  # what was before it may have changed the session
                    gate = right
                    if self._gate_of(claim, found) is not right:
                        continue
                try:
                    yield self._open(claim, found, now, language, ended=ended)
                finally:
                    right.passed += 1
                return

    async def live(self, claim: Claim, now: datetime) -> Session | None:
        """Return the live session whose owner shows this claim; None alike for what is not there and not theirs."""
        found = await self._find(claim, now)
        return found.session if found.owner and self.lives(found.session, now) else None

    async def proven(self, claim: Claim, now: datetime) -> Session | None:
        """Return the session, live or ended, whose owner shows this claim; None as `live`."""
        found = await self._find(claim, now)
        return found.session if found.owner else None

    async def owned(self, claim: Claim, now: datetime) -> Session | None:
        """Return the session whose token is shown, live or ended; None alike for what is not there and not theirs."""
        return None if claim.token is None else await self._by_token(claim.token, now)

    async def latest(self, conversation: str, now: datetime) -> Session | None:
        """Return the latest session under a protocol's own id, live or ended; who asks has shown that they may."""
        return await self._store.find(Locator(self._channel, conversation=_named("conversation", conversation)), now)

    async def matters(self, conversation: str, now: datetime) -> AsyncIterator[Session]:
        """Yield the sessions under a protocol's own id, the latest first, then those before it, not without end."""
        locator = Locator(self._channel, conversation=_named("conversation", conversation))
        for _ in range(_MOST_MATTERS):
            session = await self._store.find(locator, now)
            if session is None:
                return
            yield session
            locator = replace(locator, before=session.id)

    async def _find(self, claim: Claim, now: datetime) -> _Found:
        """Return the session that a claim names, live or ended, and whether the claim proves its owner."""
        if claim.token is not None:
            session = await self._by_token(claim.token, now)
            if session is not None:
                return _Found(session, owner=True)
        for name in claim.names():
            session = await self._store.find(Locator(self._channel, conversation=name), now)
            if session is None:
                continue
            if claim.own_key is not None and claim.owns_what_it_opens:
                token = derived_token(session.id, claim.own_key)
                if await self._by_token(token, now) is not None:
                    return _Found(session, owner=True, token=token)
            return _Found(session, owner=claim.front_end)
        return _Found()

    async def _by_token(self, token: SessionToken, now: datetime) -> Session | None:
        return await self._store.find(Locator(self._channel, id=token.id, token=token.secret), now)

    def _open(self, claim: Claim, found: _Found, now: datetime, language: str | None, *, ended: bool = False) -> Opened:
        session = found.session
        if session is not None and (ended or self.lives(session, now)):
            return Opened(session.id, session, None, found.token, found.owner)
        token, owner = new_token(now), claim.owns_what_it_opens
        if claim.own_key is not None and owner:
            token = derived_token(token.id, claim.own_key)
        new = NewSession(
            id=token.id,
            channel=self._channel,
            notice_version=self._loaded.notice.version,
            notice_digest=self._loaded.digest,
            started_at=now,
            token=token.secret,
            conversations=tuple(claim.names()),
            language=language,
        )
        return Opened(token.id, None, new, token if owner else None, owner)

    def lives(self, session: Session | None, now: datetime) -> bool:
        """Tell whether a session has neither ended nor been idle for too long."""
        if session is None or session.ended_at is not None:
            return False
        return now - (session.last_turn_at or session.started_at) <= self._idle

    def _gate_of(self, claim: Claim, found: _Found) -> _Gate | None:
        """Return the gate of what was found or, of a session that is not there yet, of its first name."""
        if found.session is not None:
            return self._gate(str(found.session.id))
        return next((self._gate(name) for name in claim.names()), None)

    def _gate(self, name: str) -> _Gate:
        return self._gates.setdefault(name, _Gate())


def idempotency_of(key: str, body: bytes) -> str:
    """Return what identifies a repeated request: its key together with its body."""
    return f"{key}:{hashlib.sha256(body).hexdigest()}"


def message_of(identifier: str, texts: Iterable[str]) -> str:
    """Return what identifies a repeated message: the protocol's id together with its words."""
    digest = hashlib.sha256()
    for text in texts:
        raw = text.encode(errors="surrogatepass")
        digest.update(b"%d:%b" % (len(raw), raw))
    return f"{identifier}:{digest.hexdigest()}"
