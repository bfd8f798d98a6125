"""The JSON API of the internal listener as an OpenAPI 3.1 document, made from the table of endpoints and the bodies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from gateway.access import TABLE, Entry
from gateway.desk.bodies import (
    AnswerBody,
    ApprovalBody,
    DestructionBody,
    ExportBody,
    ExtensionBody,
    InclusionBody,
    NoticeBody,
    ReasonBody,
    RefusalBody,
    ShorteningBody,
    TokenBody,
)
from gateway.handlers import retention
from gateway.handlers.recording import Silences
from gateway.handlers.schemas import PROBLEM, schemas_of

_BODIES: Final[Mapping[tuple[str, str], type[BaseModel]]] = {
    ("PUT", "/sessions/{id}/recording/silence"): Silences,
    ("POST", "/sessions/{id}/events"): retention.EventBody,
    ("POST", "/sessions/{id}/holds"): retention.HoldBody,
    ("POST", "/sessions/{id}/holds/{item}"): retention.ReviewBody,
    ("POST", "/sessions/{id}/holds/{item}/releases"): ReasonBody,
    ("POST", "/sessions/{id}/restrictions"): retention.RestrictionBody,
    ("POST", "/sessions/{id}/restrictions/{item}/liftings"): ReasonBody,
    ("POST", "/sessions/{id}/objections"): retention.ObjectionBody,
    ("POST", "/sessions/{id}/objections/{item}"): retention.DecisionBody,
    ("POST", "/sessions/{id}/ended-purposes"): retention.PurposeBody,
    ("POST", "/sessions/{id}/exports"): ExportBody,
    ("POST", "/requests/{id}/sessions"): InclusionBody,
    ("POST", "/requests/{id}/answer"): AnswerBody,
    ("POST", "/requests/{id}/extension"): ExtensionBody,
    ("POST", "/requests/{id}/refusal"): RefusalBody,
    ("POST", "/notice/plan"): NoticeBody,
    ("POST", "/notice/shortenings"): ShorteningBody,
    ("POST", "/keys/destructions"): DestructionBody,
    ("POST", "/tokens"): TokenBody,
    ("POST", "/approvals/{item}"): ApprovalBody,
}
_PAGE: Final[Mapping[str, Mapping[str, Any]]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
    "after": {"type": "string"},
}
_QUERY: Final[Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]]] = {
    ("GET", "/sessions"): {
        "channel": {"type": "string"},
        "purpose": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
        "after": {"type": "string", "format": "uuid"},
    },
    ("GET", "/requests"): _PAGE,
    ("GET", "/sessions/{id}"): {"purpose": {"type": "string"}},
    ("GET", "/sessions/{id}/recording"): {"purpose": {"type": "string"}, "number": {"type": "integer", "minimum": 1}},
    ("PUT", "/sessions/{id}/recording/silence"): {
        "purpose": {"type": "string"},
        "number": {"type": "integer", "minimum": 1},
    },
    ("GET", "/holds"): {"overdue": {"type": "boolean"}, **_PAGE},
    ("GET", "/restrictions"): _PAGE,
    ("GET", "/approvals"): _PAGE,
}
_REQUIRED: Final = frozenset(
    {
        ("GET", "/sessions/{id}", "purpose"),
        ("GET", "/sessions/{id}/recording", "purpose"),
        ("PUT", "/sessions/{id}/recording/silence", "purpose"),
    }
)
_CREATES: Final = frozenset(
    {"/sessions/{id}/holds", "/sessions/{id}/restrictions", "/sessions/{id}/objections", "/tokens"}
)
_WAITS: Final = frozenset(
    {
        "/sessions/{id}/holds/{item}/releases",
        "/sessions/{id}/restrictions/{item}/liftings",
        "/sessions/{id}/exports",
        "/notice/plan",
        "/notice/shortenings",
        "/keys/destructions",
    }
)
_NO_CONTENT: Final = frozenset({("PUT", "/sessions/{id}/recording/silence"), ("DELETE", "/tokens/{item}")})
_MEDIA: Final = {"/metrics": "text/plain", "/sessions/{id}/recording": "audio/wav"}
_PROBLEMS: Final = {
    "400": "what was sent does not fit",
    "401": "no token, or one that opens nothing",
    "403": "the role or the purpose does not allow it",
    "404": "there is no such thing, or it has been erased",
    "409": "it can't be as it was asked for; nothing has changed",
    "413": "the body is too large",
    "503": "the store, or what holds the root key, can't be used now",
}
_UUID: Final = {"format": "uuid"}
_IDS: Final = {"plan": {"pattern": "^[0-9a-f]{32}$"}}
_NAME: Final = re.compile(r"{(\w+)}")
_REF: Final = "#/components/schemas/"


def document() -> dict[str, Any]:
    """Return the document."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for entry in TABLE:
        if not entry.is_page and entry.path != "/":
            paths.setdefault(entry.path, {})[entry.method.lower()] = _operation(entry, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sordino, internal listener", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(entry: Entry, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", **_IDS.get(name, _UUID)}}
        for name in _NAME.findall(entry.path)
    ]
    parameters += [
        {"name": name, "in": "query", "required": (entry.method, entry.path, name) in _REQUIRED, "schema": dict(kind)}
        for name, kind in _QUERY.get((entry.method, entry.path), {}).items()
    ]
    problem = {"application/problem+json": {"schema": {"$ref": _REF + "Problem"}}}
    answers: dict[str, Any] = {code: {"description": said, "content": problem} for code, said in _PROBLEMS.items()}
    operation: dict[str, Any] = {
        "summary": entry.what,
        "operationId": f"{entry.method.lower()}{_NAME.sub('', entry.path).replace('/', '_').replace('-', '_')}",
        "responses": {_success(entry): _good(entry), **answers},
    }
    if parameters:
        operation["parameters"] = parameters
    if entry.roles is not None:
        operation["security"] = [{"token": []}]
        operation["x-roles"] = sorted(entry.roles)
    body = _BODIES.get((entry.method, entry.path))
    if body is not None:
        schemas.update(schemas_of(body))
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF + body.__name__}}},
        }
    return operation


def _success(entry: Entry) -> str:
    if (entry.method, entry.path) in _NO_CONTENT:
        return "204"
    if entry.method == "POST" and entry.path in _CREATES:
        return "201"
    return "202" if entry.path in _WAITS else "200"


def _good(entry: Entry) -> dict[str, Any]:
    if (entry.method, entry.path) in _NO_CONTENT:
        return {"description": "done"}
    media = _MEDIA.get(entry.path, "application/json")
    schema: dict[str, Any] = {"type": "object"} if media == "application/json" else {"type": "string"}
    return {"description": "done", "content": {media: {"schema": schema}}}
