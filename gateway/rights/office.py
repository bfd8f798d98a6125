"""Takes requests of data subjects, proves who asks, and shows answers to those who asked.

Nothing that is answered before the proof depends on whether anything is stored: it is looked for only afterwards.
The proof is the session's token, a code that reached the contact that stands in the conversation, or two people of the
desk.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.addresses import of_one
from gateway.clock import Clock
from gateway.errors import RefusedError
from gateway.metrics import Metrics
from gateway.notice.load import Loaded
from gateway.recent import Recent
from gateway.redacting import ChannelRedaction
from gateway.rights import decisions
from gateway.rights.acts import Acts
from gateway.rights.attempts import Attempts
from gateway.rights.carrying import Carrier
from gateway.rights.casework import Casework
from gateway.rights.copying import Held, copied
from gateway.rights.correcting import Corrections
from gateway.rights.correspondence import Correspondence
from gateway.rights.informing import asked as asked_of
from gateway.rights.kit import OfficeKit
from gateway.rights.letters import Courier
from gateway.rights.standing import GROUNDS
from gateway.tokens import SessionToken, new_token
from storage.records import Receipt
from storage.requests import RUNNING, UNPROVEN, Matter, NewRequest, Proof, Request, RequestState, Right
from storage.store import SessionStore

CODE_MINUTES: Final = 10
_CODE_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. `session`: one whose token is shown. `address`: the client's, for limits only."""

    right: Right
    language: str
    channel: str | None = None
    session: UUID | None = None
    contact: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    customer_no: str = field(default="", repr=False)
    statement: str = field(default="", repr=False)
    scope: str = ""
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class View:
    """What the sender of a request sees of it.

    `withdrew`: some consent is withdrawn. `restricted`: some of it is under a restriction now.
    """

    request: Request
    answer: str = field(repr=False)
    facts: tuple[decisions.Fact, ...]
    erasure: decisions.ErasureAnswer
    receipts: tuple[Receipt, ...]
    linked: bool
    found: bool
    withdrew: bool
    restricted: bool
    downloadable_until: datetime | None


class Office:
    """The office of one controller; `casework` is the desk's part of it, `acts` what is done without a request."""

    def __init__(
        self,
        loaded: Loaded,
        store: SessionStore,
        courier: Courier | None,
        texts: Callable[[str], ChannelRedaction],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        """Take the notice, the store, what brings codes and letters, if anything does, and the channels' redaction."""
        kit = OfficeKit(loaded, store, Correspondence(loaded.notice, courier), metrics, clock)
        self._kit = kit
        self._carrier = Carrier(kit)
        self.acts = Acts(kit, self._carrier)
        self.casework = Casework(kit, self._carrier, Corrections(kit.notice, store, texts, clock))
        hour = timedelta(hours=1)
        self._asking, self._codes, self._checking = Attempts(20, hour), Attempts(3, hour), Attempts(60, hour)

    @property
    def open(self) -> bool:
        """Whether the notice lets the gateway take requests."""
        return self._kit.notice.rights.keep is not None

    def forgets_in(self, recent: Recent) -> None:
        """Let what a channel remembers of a session go with what is erased of it."""
        self._kit.recent.append(recent)

    def writes_to(self, contact: str) -> bool:
        """Tell whether codes can go to a contact, whether or not one has gone."""
        return self._kit.post.reaches(contact)

    async def ask(self, asked: Asked) -> tuple[Request, SessionToken]:
        """Take a request; returns it with the reference that its sender keeps.

        Raises RefusedError: `too_many` (429), `contact_missing`, `country_missing`, `scope_unknown` (400),
        `letter_not_sent` (503).
        """
        now = self._kit.clock.now()
        self._check(asked)
        asked = replace(asked, contact=self._reached_at(asked.contact))
        # Whose session proves who asks is counted by it: a shop's front end has one address for all customers.
        if not self._asking.allow(of_one(asked.address) if asked.session is None else str(asked.session), now):
            raise _too_many()
        reference = new_token(now)
        proven = asked.session is not None
        waits = RequestState.IDENTITY_PENDING if self.writes_to(asked.contact) else RequestState.RECEIVED
        new = NewRequest(
            id=reference.id,
            right=asked.right,
            language=asked.language,
            due_at=decisions.due(now, self._kit.notice.time_zone),
            delete_by=decisions.kept_until(self._kit.notice, now, None),
            secret=reference.secret,
            matter=Matter(
                contact=asked.contact,
                identifiers=self._carrier.canonical(asked.contact, asked.phone, asked.customer_no),
                sessions=(asked.session,) if asked.session is not None else (),
                statement=asked.statement,
                scope=asked.scope,
            ),
            state=RequestState.OPEN if proven else waits,
            channel=asked.channel,
            proof=Proof.TOKEN if proven else None,
        )
        await self._kit.store.requests.open(new, now)
        self._kit.metrics.rights_requests.labels(asked.right.value).inc()
        if proven:
            await self._carrier.carry_out(reference.id, seen=True)
        elif self._kit.post.reaches(asked.contact):
            await self._send_code(reference.id, asked, now)
        return await self._carrier.known(reference.id), reference

    async def check_code(self, reference: SessionToken | None, code: str, address: str) -> Request:
        """Take a code. Raises RefusedError: `code_wrong` (403), for an unknown reference alike; `too_many` (429)."""
        now = self._kit.clock.now()
        if not self._checking.allow(of_one(address), now):
            raise _too_many()
        request = await self._theirs(reference)
        said = "".join(filter(str.isdigit, code))
        if request is None or not await self._kit.store.requests.check_code(request.id, said, now):
            self._kit.metrics.identity_failures.inc()
            raise RefusedError("code_wrong", 403, "This code or reference is wrong, or its time is over")
        await self._carrier.carry_out(request.id, seen=True)
        return await self._carrier.known(request.id)

    async def view(self, reference: SessionToken | None) -> View:
        """Return a request and its answer to its sender. Raises RefusedError `reference_wrong` (404)."""
        request = await self._theirs(reference)
        if request is None:
            raise RefusedError("reference_wrong", 404, "There is no request with this reference")
        matter = await self._kit.store.requests.matter(request.id)
        until = self._downloadable(request)
        shows = request.proof is not None and request.state not in UNPROVEN
        copies = await self._carrier.copies(matter.sessions, content=False) if shows else []
        receipts = await self._kit.store.requests.receipts(request.id)
        erased = request.right in {Right.ERASURE, Right.WITHDRAWAL, Right.OBJECTION}
        return View(
            request=request,
            answer=matter.answer,
            facts=decisions.facts(self._kit.notice, copies, self._kit.clock.now()) if until is not None else (),
            erasure=decisions.erasure_answer(receipts, copies if request.right is Right.ERASURE else ()),
            receipts=receipts if erased else (),
            linked=bool(matter.linked),
            found=bool(matter.sessions),
            withdrew=bool(receipts) or await self._carrier.withdrew(matter.sessions),
            restricted=any(copy.restricted for copy in copies),
            downloadable_until=until,
        )

    async def copy(self, reference: SessionToken | None) -> AsyncGenerator[bytes]:
        """Return the copy of a person's data, in pieces. Raises RefusedError `copy_gone` (410).

        The pieces raise StorageError where something of it can't be read.
        """
        request = await self._theirs(reference)
        until = self._downloadable(request) if request is not None else None
        if request is None or until is None:
            raise RefusedError("copy_gone", 410, "There is no copy to download under this reference, or no longer")
        matter = await self._kit.store.requests.matter(request.id)
        sessions = self._carrier.each(matter.sessions, content=True)
        held = Held(self._kit.notice, asked_of(request, matter), request.language)
        return copied(self._kit.store, held, sessions, self._kit.clock.now())

    def _check(self, asked: Asked) -> None:
        if not self.open:
            raise RefusedError("rights_elsewhere", 404, "Requests are not taken here; the notice says where")
        if asked.session is None and not asked.contact:
            raise RefusedError("contact_missing", 400, "Give an address to which a code can be sent")
        known: dict[Right, Collection[str]] = {
            Right.OBJECTION: self._kit.notice.purposes,
            Right.WITHDRAWAL: self._kit.notice.consents,
            Right.RESTRICTION: GROUNDS,
        }
        if asked.scope and asked.scope not in known.get(asked.right, ()):
            raise RefusedError("scope_unknown", 400, "The notice has no such purpose or consent")

    def _reached_at(self, contact: str) -> str:
        """Return a contact as letters go there: a telephone number with the country with which it is looked for."""
        if "@" in contact:
            return contact
        numbers = {each.value for each in self._carrier.canonical(contact)}
        if len(numbers) > 1:
            raise RefusedError("country_missing", 400, "Give the telephone number with its country, as +49 351 ...")
        return next(iter(numbers), contact)

    async def _send_code(self, request_id: UUID, asked: Asked, now: datetime) -> None:
        """Send a code; one that was sent too often is not sent, and nothing shows that."""
        if not self._codes.allow(asked.contact.strip().lower(), now):
            return
        code = f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"
        await self._kit.store.requests.put_code(request_id, code, now + timedelta(minutes=CODE_MINUTES), now)
        await self._kit.post.code(asked.contact, code, asked.language)

    def _downloadable(self, request: Request) -> datetime | None:
        """Return until when a copy can be fetched; None if there is none, or no longer."""
        ends = {*RUNNING, RequestState.ANSWERED}
        if request.right not in decisions.COPIED or request.proof is None or request.state not in ends:
            return None
        until = decisions.downloadable_until(request.answered_at or request.due_at, self._kit.notice.time_zone)
        return until if self._kit.clock.now() < until else None

    async def _theirs(self, reference: SessionToken | None) -> Request | None:
        if reference is None:
            return None
        return await self._kit.store.requests.get(reference.id, reference.secret)


def _too_many() -> RefusedError:
    return RefusedError("too_many", 429, "Too many attempts; try again in an hour")
