"""`GET /sessions` and `GET /sessions/{id}?purpose=...` on the internal listener, behind a bearer token."""

from __future__ import annotations

import hmac
from uuid import UUID

import orjson
from aiohttp import web

from gateway.channels import GATEWAY
from gateway.errors import RefusedError
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.records import SessionSummary, Transcript

_MOST_LISTED = 1000


async def list_sessions(request: web.Request) -> web.Response:
    """List sessions, newest first: `?channel=`, `?purpose=`, `?limit=` (1 to 1000), `?after=` an id."""
    authorise(request)
    gateway = request.app[GATEWAY]
    found = await gateway.store.sessions(
        gateway.clock.now(),
        channel=request.query.get("channel"),
        purpose=request.query.get("purpose"),
        limit=_limit(request.query.get("limit", "100")),
        after=_uuid(request.query["after"]) if "after" in request.query else None,
    )
    return _json({"sessions": [summary_document(summary) for summary in found]})


async def read_session(request: web.Request) -> web.Response:
    """Show a session as far as the purpose allows."""
    authorise(request)
    gateway = request.app[GATEWAY]
    purpose = request.query.get("purpose")
    if not purpose:
        raise RefusedError("purpose_missing", 400, "Name the purpose of this read: ?purpose=...")
    try:
        transcript = await gateway.store.read(session_id(request), purpose, gateway.clock.now())
    except UnknownSessionError:
        raise RefusedError("unknown_session", 404, "There is no such session") from None
    except PurposeRefusedError:
        raise RefusedError("purpose_refused", 403, "This purpose does not allow it, or no longer") from None
    return _json(transcript_document(transcript))


def summary_document(summary: SessionSummary) -> dict[str, object]:
    """Return a session's figures as JSON: purposes with the moment each ends, expiry, facts."""
    facts = summary.facts
    return {
        "id": str(summary.id),
        "channel": summary.channel,
        "started_at": summary.started_at.isoformat(),
        "purposes": {purpose: ends.isoformat() for purpose, ends in summary.purposes.items()},
        "parts": [kind.value for kind in summary.parts],
        "expires_at": summary.expires_at.isoformat() if summary.expires_at else None,
        "facts": {
            "started_at": facts.started_at.isoformat(),
            "last_turn_at": facts.last_turn_at.isoformat() if facts.last_turn_at else None,
            "messages": facts.messages,
            "ratings_positive": facts.ratings_positive,
            "ratings_negative": facts.ratings_negative,
            "recorded_ms": facts.recordings.duration_ms,
            "recorded_bytes": facts.recordings.sealed_bytes,
            "recording_gaps": facts.recordings.gaps,
            "recording_gap_ms": facts.recordings.gap_ms,
        }
        if facts
        else None,
    }


def transcript_document(transcript: Transcript) -> dict[str, object]:
    """Return what a purpose may see as JSON."""
    turns = [
        {"speaker": turn.speaker.value, "text": turn.text, "time": turn.at.isoformat()} for turn in transcript.turns
    ]
    consents = [
        {
            "consent": record.consent,
            "state": record.state.value,
            "time": record.at.isoformat(),
            "notice": record.notice,
            "notice_version": record.notice_version,
            "notice_digest": record.notice_digest,
            "language": record.language,
            "wording": record.wording,
            "method": record.method,
            "purposes": record.purposes,
            "evidence": dict(record.evidence),
        }
        for record in transcript.consents
    ]
    return summary_document(transcript.summary) | {"purpose": transcript.purpose, "turns": turns, "consents": consents}


def authorise(request: web.Request) -> None:
    """Raise RefusedError unless the request has the internal token."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = request.app[GATEWAY].internal_token
    if kind.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(errors="replace"), expected.encode()):
        raise RefusedError("unauthorised", 401, "Send the internal token: Authorization: Bearer ...")


def session_id(request: web.Request) -> UUID:
    """Return the session that the path names. Raises RefusedError if it can be none."""
    return _uuid(request.match_info["id"])


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise RefusedError("unknown_session", 404, "There is no such session") from None


def _limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= _MOST_LISTED:
        raise RefusedError("bad_query", 400, "limit must be a number from 1 to 1000")
    return int(value)


def _json(document: object) -> web.Response:
    return web.Response(
        body=orjson.dumps(document), content_type="application/json", headers={"Cache-Control": "no-store"}
    )
