"""The API of tickets as data: its bodies and operations, and the OpenAPI document made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field

from gateway.handlers.schemas import PROBLEM, Sent, refused, schemas_of
from gateway.tokens import SECRET_HEADER, SESSION_HEADER

TICKET: Final = r"^[A-Za-z0-9._~:@-]{1,128}$"
_Id = Annotated[str, Field(pattern=TICKET)]
_Contact = Annotated[str, Field(min_length=1, max_length=320)]


class MessageBody(Sent):
    """One message."""

    text: str = Field(min_length=1, description="The words.")
    speaker: Literal["subject", "agent", "bot"] = Field(description="The customer, a person of the service, or a bot.")
    id: _Id | None = Field(None, description="An id that a repeated message has again.")
    time: AwareDatetime | None = Field(None, description="When it was written, with its zone; without it, now.")


class ContactBody(Sent):
    """Who writes."""

    name: _Contact | None = None
    email: _Contact | None = None
    phone: _Contact | None = None
    customer_number: _Contact | None = None


class TicketBody(Sent):
    """A ticket, or what is new of one: a title or messages are needed."""

    ticket: _Id = Field(description="The front end's own id of the ticket.")
    title: str | None = Field(None, min_length=1, description="What the customer has called it.")
    messages: Annotated[list[MessageBody], Field(max_length=200)] = Field([], description="What was written, in order.")
    contact: ContactBody | None = Field(None, description="Who writes; kept if the notice lists it.")
    language: str | None = Field(None, pattern=r"^[a-z]{2}$", description="The customer's language, two letters.")


class TakenDocument(BaseModel):
    """What became of a ticket that was handed over."""

    ticket: str
    session: str = Field(description="The id of its session.")
    stored: int = Field(description="How many messages were kept.")
    repeated: int = Field(description="How many were there already.")


class ResolvedDocument(BaseModel):
    """A matter that is resolved."""

    ticket: str
    session: str


class BlockedDocument(BaseModel):
    """A part that may not be erased, and why."""

    kind: str
    held: bool
    statutory: bool
    restricted: bool


class SaidDocument(BaseModel):
    """A message as it is kept."""

    speaker: str
    text: str
    time: str


class HeldDocument(BaseModel):
    """What is held of a ticket."""

    session: str
    started_at: str
    ended_at: str | None
    messages: list[SaidDocument]
    purposes: dict[str, str] = Field(description="The moment at which each purpose ends.")
    expires_at: str | None
    blocked: list[BlockedDocument]


class TicketsDocument(BaseModel):
    """The tickets of a customer."""

    tickets: list[HeldDocument]


class ReceiptDocument(BaseModel):
    """An erasure."""

    receipt: str
    kind: str


class ErasedDocument(BaseModel):
    """What was erased of a ticket, and what could not be."""

    erased: list[ReceiptDocument]
    blocked: list[BlockedDocument]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its path behind the channel, who may, its body, and its answers by status."""

    name: str
    method: Literal["GET", "POST", "DELETE"]
    path: str
    about: str
    by: Literal["channelSecret", "ticketTokens"]
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    statuses: tuple[int, ...] = (200,)
    problems: tuple[int, ...] = (404, 503)


OPERATIONS: Final = (
    Operation(
        "take", "POST", "/tickets", "Hand over a ticket, or what is new of one.", "channelSecret", TakenDocument,
        TicketBody, (200, 201), (400, 403, 413, 428, 503),
    ),
    Operation("show", "GET", "/tickets", "What is held of the tickets whose tokens are shown.", "ticketTokens",
              TicketsDocument, problems=(400, 404, 503)),
    Operation("resolve", "POST", "/tickets/{ticket}/resolved", "The matter is resolved.", "channelSecret",
              ResolvedDocument, problems=(403, 404, 503)),
    Operation("erase", "DELETE", "/tickets/{session}", "Erase a ticket at its customer's wish.", "ticketTokens",
              ErasedDocument, problems=(400, 404, 503)),
)  # fmt: skip
_PLACES: Final[dict[str, dict[str, str]]] = {
    "ticket": {"type": "string", "pattern": TICKET},
    "session": {"type": "string", "format": "uuid"},
}


def openapi(channel: str, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a channel's tickets."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/{channel}{operation.path}", {})[operation.method.lower()] = _described(operation)
    models = (each for operation in OPERATIONS for each in (operation.body, operation.answer) if each is not None)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Tickets of the channel {channel}", "version": version},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "channelSecret": {"type": "apiKey", "in": "header", "name": SECRET_HEADER},
                "ticketTokens": {"type": "apiKey", "in": "header", "name": SESSION_HEADER},
            },
            "schemas": schemas_of(*models) | {"Problem": PROBLEM},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    well = {
        "description": operation.about,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{operation.answer.__name__}"}}},
    }
    answers = {str(status): well for status in operation.statuses} | refused(operation.problems)
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.about,
        "security": [{operation.by: []}],
        "responses": answers,
    }
    places = [name for name in _PLACES if f"{{{name}}}" in operation.path]
    if places:
        described["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": _PLACES[name]} for name in places
        ]
    if operation.body is not None:
        reference = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    return described
