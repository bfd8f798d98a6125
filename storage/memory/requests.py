"""`MemoryRequests`: the reference of `RequestStore`. Nothing is sealed here."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from storage.errors import RequestRefusedError, StorageError
from storage.ledger.events import Event
from storage.ledger.happened import request_was_read
from storage.records import Receipt
from storage.request_rules import attested, check_known, check_step, eraser_of, may_restrict, no_request, owed
from storage.requests import (
    DUE_SOON,
    LATE_COUNTS,
    MOST_CODE_ATTEMPTS,
    SENDER,
    TOLD_WITHIN,
    UNANSWERED,
    UNPROVEN,
    Deed,
    Matter,
    Message,
    MessageState,
    NewRequest,
    Place,
    Proof,
    Request,
    RequestEvent,
    RequestFigures,
    RequestState,
    RequestStep,
)

Do = Callable[[Deed, datetime, str], Awaitable[tuple[Receipt, ...]]]


@dataclass(slots=True)
class _Kept:
    request: Request
    secret: bytes
    matter: Matter
    events: list[RequestEvent]
    receipts: list[Receipt] = field(default_factory=list)
    code: tuple[str, datetime] | None = None
    attempts: int = 0


class MemoryRequests:
    """A `storage.requests.RequestStore` in memory."""

    def __init__(self, do: Do, log: Callable[[Event], None]) -> None:
        """Start empty; `do` does a deed to a session of the store for who erases, `log` writes to its ledger."""
        self._log = log
        self._do = do
        self._kept: dict[UUID, _Kept] = {}
        self._messages: dict[UUID, Message] = {}

    async def open(self, new: NewRequest, now: datetime) -> Request:
        """Keep a new request."""
        if new.id in self._kept:
            raise RequestRefusedError("a request is opened once")
        request = Request(
            new.id, new.right, new.channel, new.language, new.state, new.proof, now, new.due_at, new.delete_by
        )
        self._kept[new.id] = _Kept(request, new.secret, new.matter, [RequestEvent(now, "received", "subject")])
        return request

    async def enter(self, new: NewRequest, step: RequestStep, now: datetime) -> tuple[Receipt, ...]:
        """Keep a new request and take a step of it, all at once."""
        await self.open(new, now)
        try:
            return await self.take(new.id, step, now)
        except StorageError:
            del self._kept[new.id]
            raise

    async def get(self, request_id: UUID, secret: bytes | None = None) -> Request | None:
        """Return a request; with a secret None also where it is another's."""
        kept = self._kept.get(request_id)
        if kept is None or (secret is not None and not hmac.compare_digest(secret, kept.secret)):
            return None
        return kept.request

    async def matter(self, request_id: UUID) -> Matter:
        """Return what a request says of its subject."""
        return self._known(request_id).matter

    async def read(self, request_id: UUID, by: str, now: datetime) -> Matter:
        """Return what a request says, after the ledger has it."""
        matter = await self.matter(request_id)
        self._log(request_was_read(request_id, by, now))
        return matter

    async def requests(
        self,
        states: Collection[RequestState] = (),
        *,
        limit: int = 100,
        due_first: bool = False,
        after: Place | None = None,
    ) -> tuple[Request, ...]:
        """List requests."""
        found = [kept.request for kept in self._kept.values() if not states or kept.request.state in states]
        if due_first:
            found = [each for each in found if after is None or (each.due_at, each.id) > after]
            return tuple(sorted(found, key=lambda each: (each.due_at, each.id)))[:limit]
        found = [each for each in found if after is None or each.id < after.id]
        return tuple(sorted(found, key=lambda each: each.id, reverse=True))[:limit]

    async def restricting(self, since: datetime, *, limit: int = 100, after: UUID | None = None) -> tuple[Request, ...]:
        """List what may ask for a restriction that began at a moment."""
        untold = {each.request_id for each in self._messages.values() if _is_untold(each)}
        found = [
            kept.request
            for kept in self._kept.values()
            if may_restrict(kept.request, since, untold=kept.request.id in untold)
            and (after is None or kept.request.id < after)
        ]
        return tuple(sorted(found, key=lambda each: each.id, reverse=True))[:limit]

    async def take(self, request_id: UUID, step: RequestStep, now: datetime) -> tuple[Receipt, ...]:
        """Take a step; returns the receipts of what it has erased."""
        kept = self._known(request_id)
        check_step(kept.request, step)
        check_known(step, kept.matter, lambda what: any(event.what == what for event in kept.events))
        eraser = eraser_of(step, kept.matter)
        receipts = [receipt for deed in step.deeds for receipt in await self._do(deed, now, eraser)]
        over = step.state not in UNANSWERED
        kept.request = replace(
            kept.request,
            state=step.state,
            proof=step.proof or kept.request.proof,
            due_at=step.due_at or kept.request.due_at,
            delete_by=step.delete_by or kept.request.delete_by,
            answered_at=kept.request.answered_at or (now if over else None),
        )
        kept.matter = step.matter or kept.matter
        kept.events.append(RequestEvent(now, step.what, step.by))
        kept.receipts += receipts
        for new in step.messages:
            self._messages[new.id] = Message(
                new.id, request_id, new.recipient, new.kind, MessageState.WAITING, now, 0, new.waits_until or now,
                new.content,
            )  # fmt: skip
        return tuple(receipts)

    async def events(self, request_id: UUID) -> tuple[RequestEvent, ...]:
        """Return what happened to a request, in order."""
        return tuple(self._known(request_id).events)

    async def receipts(self, request_id: UUID) -> tuple[Receipt, ...]:
        """Return the receipts of all that steps of a request have erased so far."""
        return tuple(sorted(self._known(request_id).receipts, key=lambda each: each.part_id))

    async def put_code(self, request_id: UUID, code: str, until: datetime, now: datetime) -> None:
        """Keep a one-time code."""
        kept = self._known(request_id)
        if kept.request.state not in UNPROVEN:
            raise _proven()
        kept.code, kept.attempts = (code, until), 0
        kept.request = replace(kept.request, state=RequestState.IDENTITY_PENDING)
        kept.events.append(RequestEvent(now, "code-sent", "gateway"))

    async def check_code(self, request_id: UUID, code: str, now: datetime) -> bool:
        """Tell whether this is the code; it counts once, until its time and for five attempts."""
        kept = self._known(request_id)
        if kept.code is None or kept.request.state not in UNPROVEN or kept.attempts >= MOST_CODE_ATTEMPTS:
            return False
        kept.attempts += 1
        right, until = kept.code
        if now >= until or not hmac.compare_digest(right.encode(), code.encode()):
            kept.events.append(RequestEvent(now, "code-wrong", "subject"))
            return False
        kept.code = None
        kept.request = replace(kept.request, state=RequestState.OPEN, proof=Proof.CODE)
        kept.events.append(RequestEvent(now, "identity-proven", "subject"))
        return True

    async def attest(self, request_id: UUID, by: str, now: datetime) -> Request:
        """Say for the desk that the identity is proven; the second person opens the request."""
        kept = self._known(request_id)
        if attested(kept.request, by):
            kept.request = replace(kept.request, state=RequestState.OPEN, proof=Proof.DESK)
            kept.code = None
        else:
            kept.request = replace(kept.request, state=RequestState.IDENTITY_PENDING, attested_by=by)
        kept.events.append(RequestEvent(now, "attested", by))
        return kept.request

    async def expire(self, now: datetime) -> int:
        """Delete requests whose time is over."""
        over = [key for key, kept in self._kept.items() if kept.request.delete_by <= now]
        for key in over:
            del self._kept[key]
        self._messages = {key: each for key, each in self._messages.items() if each.request_id in self._kept}
        return len(over)

    async def waiting(self, now: datetime, limit: int = 100) -> tuple[Message, ...]:
        """Return messages whose time has come, with their content, the oldest first."""
        due = [m for m in self._messages.values() if m.state is MessageState.WAITING and m.next_at <= now]
        return tuple(sorted(due, key=lambda each: (each.next_at, each.id))[:limit])

    async def messages(self, request_id: UUID) -> tuple[Message, ...]:
        """List the messages of a request."""
        found = [replace(each, content="") for each in self._messages.values() if each.request_id == request_id]
        return tuple(sorted(found, key=lambda each: each.id))

    async def settle(self, message_id: UUID, state: MessageState, *, retry_at: datetime | None = None) -> None:
        """Write down what became of an attempt, or an acknowledgement."""
        message = self._messages.get(message_id)
        if message is None:
            raise no_request()
        tried = message.attempts + (message.state is MessageState.WAITING)
        self._messages[message_id] = replace(message, state=state, attempts=tried, next_at=retry_at or message.next_at)

    async def figures(self, now: datetime) -> RequestFigures:
        """Count requests and messages."""
        requests = [kept.request for kept in self._kept.values()]
        told = [each for each in self._messages.values() if each.recipient != SENDER]
        days = [each.due_at for each in requests if each.state in UNANSWERED]
        return RequestFigures(
            states=Counter(each.state for each in requests),
            due_soon=sum(now <= each < now + DUE_SOON for each in days),
            overdue=sum(owed(each) and each.due_at < now for each in requests),
            late=sum(
                each.answered_at is not None and max(each.due_at, now - LATE_COUNTS) < each.answered_at
                for each in requests
            ),
            next_due_at=min(days, default=None),
            messages=Counter(each.state for each in told),
            letters=Counter(each.state for each in self._messages.values() if each.recipient == SENDER),
            stuck=sum(
                each.state is MessageState.GIVEN_UP
                or (each.state is MessageState.WAITING and each.made_at < now - TOLD_WITHIN)
                for each in told
            ),
        )

    def _known(self, request_id: UUID) -> _Kept:
        kept = self._kept.get(request_id)
        if kept is None:
            raise no_request()
        return kept


def _proven() -> RequestRefusedError:
    return RequestRefusedError("the identity behind this request is not looked at any more")


def _is_untold(message: Message) -> bool:
    return message.recipient == SENDER and message.state is MessageState.WAITING
