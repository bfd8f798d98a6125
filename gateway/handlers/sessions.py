"""`GET /sessions` and `GET /sessions/{id}?purpose=...` on the internal listener, behind a bearer token."""

from __future__ import annotations

from aiohttp import web

from gateway.channels import GATEWAY
from gateway.errors import RefusedError
from gateway.handlers.internal import answer, authorise, id_of, known_session, session_id
from gateway.handlers.paging import limit_of
from storage.records import SessionSummary, Transcript


async def list_sessions(request: web.Request) -> web.Response:
    """List sessions, newest first: `?channel=`, `?purpose=`, `?limit=` (1 to 1000), `?after=` an id."""
    authorise(request)
    gateway = request.app[GATEWAY]
    found = await gateway.store.sessions(
        gateway.clock.now(),
        channel=request.query.get("channel"),
        purpose=request.query.get("purpose"),
        limit=limit_of(request.query),
        after=id_of(request.query["after"]) if "after" in request.query else None,
    )
    return answer({"sessions": [summary_document(summary) for summary in found]})


async def read_session(request: web.Request) -> web.Response:
    """Show a session as far as the purpose allows."""
    authorise(request)
    gateway = request.app[GATEWAY]
    purpose = request.query.get("purpose")
    if not purpose:
        raise RefusedError("purpose_missing", 400, "Name the purpose of this read: ?purpose=...")
    with known_session():
        transcript = await gateway.store.read(session_id(request), purpose, gateway.clock.now())
    return answer(transcript_document(transcript))


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
