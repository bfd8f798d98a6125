"""What the desk does with requests of data subjects: the one way for the API and the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from gateway.access import Person
from gateway.desk.acting import same_eyes
from gateway.desk.state import Desk
from gateway.desk.views import Shown, request_document
from gateway.errors import RefusedError
from gateway.rights.casework import Casework
from storage.errors import RequestRefusedError
from storage.holds import Verdict
from storage.requests import (
    RUNNING,
    SENDER,
    UNANSWERED,
    UNPROVEN,
    Message,
    MessageState,
    Request,
    RequestState,
    Right,
)

_CONFIRMABLE: Final = frozenset({MessageState.TOLD, MessageState.GIVEN_UP})


async def shown(desk: Desk, person: Person, of: UUID) -> Shown:
    """Return a request with what it says, what may be done with it, and who was told. Raises RefusedError (404).

    Who reads it stands in the ledger before they do.
    """
    request, its, now = await _known(desk, of), desk.gateway.store.requests, desk.gateway.clock.now()
    matter = await its.read(of, person.reference, now)
    return {
        **request_document(request, now),
        "language": request.language,
        "attested_by": request.attested_by,
        "contact": matter.contact,
        "statement": matter.statement,
        "scope": matter.scope,
        "answer": matter.answer,
        "sessions": [str(each) for each in matter.sessions],
        "linked": [str(each) for each in matter.linked],
        "may": {
            "attest": request.state in UNPROVEN,
            "include": request.state in RUNNING and bool(matter.linked),
            "answer": request.state in RUNNING,
            "verdict": request.right is Right.OBJECTION,
            "extend": request.state is RequestState.OPEN and now < request.due_at,
            "refuse": request.state in UNANSWERED,
        },
        "doubt": doubt(desk, request.language),
        "messages": [
            {
                "id": str(each.id),
                "recipient": each.recipient or None,  # None: a letter to who sent the request
                "kind": each.kind.value,
                "state": each.state.value,
                "made_at": each.made_at.isoformat(),
                "confirmable": _confirmable(each),
            }
            for each in await its.messages(of)
        ],
        "events": [{"at": e.at.isoformat(), "what": e.what, "by": e.by} for e in await its.events(of)],
    }


def doubt(desk: Desk, language: str) -> str:
    """Return the notice's sentence for a doubt who asks; empty if it has none."""
    notice = desk.gateway.loaded.notice
    return notice.wording(notice.rights.doubt, language) if notice.rights.doubt else ""


async def attest(desk: Desk, person: Person, of: UUID) -> None:
    """Say that the identity is proven. Raises RefusedError (403) if the first to say so is no other person."""
    request = await _known(desk, of)
    if request.attested_by is not None and await same_eyes(desk, person, request.attested_by):
        raise RefusedError("same_person", 403, "Two different people look at the identity: another has to confirm it")
    await _casework(desk).attest(of, person.reference)


async def include(desk: Desk, person: Person, of: UUID, sessions: Sequence[UUID]) -> None:
    """Count those of the linked sessions as the person's; the others are let go."""
    await _known(desk, of)
    # Once it is decided nothing is linked any more; another decision would answer a request that waits for its answer.
    if not (await desk.gateway.store.requests.matter(of)).linked:
        raise RequestRefusedError("no linked sessions wait for a decision")
    await _casework(desk).include(of, person.reference, tuple(dict.fromkeys(sessions)))


async def answer(desk: Desk, person: Person, of: UUID, text: str, verdict: Verdict | None) -> None:
    """Answer a request; an objection takes a verdict. Raises RefusedError (400) for an answer without words."""
    await _known(desk, of)
    if not text.strip():
        raise RefusedError("bad_form", 400, "answer_text")
    await _casework(desk).answer(of, person.reference, text, verdict)


async def extend(desk: Desk, person: Person, of: UUID, reason: str) -> None:
    """Extend the time of a request."""
    await _known(desk, of)
    await _casework(desk).extend(of, person.reference, reason)


async def refuse(desk: Desk, person: Person, of: UUID, reason: str) -> None:
    """Refuse a request. Raises RefusedError (400) without a reason if the notice has no sentence."""
    request, said = await _known(desk, of), reason.strip()
    if not said and not doubt(desk, request.language):
        raise RefusedError("bad_form", 400, "reason")
    await _casework(desk).refuse(of, person.reference, said)


async def acknowledge(desk: Desk, of: UUID, message: UUID) -> None:
    """Note that a recipient has confirmed a message of this request that was sent, or was given up."""
    await _known(desk, of)
    its = desk.gateway.store.requests
    if all(each.id != message or not _confirmable(each) for each in await its.messages(of)):
        raise RequestRefusedError("this request has no such message to be confirmed")
    await its.settle(message, MessageState.ACKNOWLEDGED)


def _confirmable(message: Message) -> bool:
    return message.recipient != SENDER and message.state in _CONFIRMABLE


async def _known(desk: Desk, of: UUID) -> Request:
    found = await desk.gateway.store.requests.get(of)
    if found is None:
        raise RefusedError("unknown_request", 404, "There is no such request, or it has expired")
    return found


def _casework(desk: Desk) -> Casework:
    office = desk.gateway.office
    if not office.open:
        raise RefusedError("rights_elsewhere", 404, "Requests are not taken here; the notice says where")
    return office.casework
