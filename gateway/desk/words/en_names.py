"""English names of what is kept as words of this program, by group."""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    "right": {
        "access": "access",
        "rectification": "rectification",
        "erasure": "erasure",
        "restriction": "restriction",
        "portability": "portability",
        "objection": "objection",
        "withdrawal": "withdrawal of a consent",
    },
    "request": {
        "received": "received",
        "identity-pending": "waits for the proof of identity",
        "open": "open",
        "extended": "extended",
        "answered": "answered",
        "refused": "refused",
    },
    "proof": {"token": "from their own session", "code": "by a code", "desk": "checked by two people"},
    "event": {
        "received": "received",
        "code-sent": "code sent",
        "code-wrong": "wrong code",
        "identity-proven": "identity proven by the code",
        "attested": "identity found to be proven",
        "announced": "recipients are told",
        "carried-out": "carried out",
        "lifted": "restriction lifted",
        "linked-decided": "linked sessions decided",
        "answered": "answered",
        "extended": "extended",
        "refused": "refused",
    },
    "message": {
        "waiting": "waits for delivery",
        "told": "delivered",
        "acknowledged": "acknowledged",
        "given-up": "can't be delivered",
    },
    "part": {
        "transcript": "transcript",
        "original": "original words",
        "recording": "recording",
        "pseudonyms": "stand-ins",
        "connection": "connection data",
        "consent": "proof of consent",
        "facts": "figures",
    },
    "consent": {
        "requested": "asked",
        "given": "given",
        "refused": "refused",
        "withdrawn": "withdrawn",
    },
    "erasure": {
        "expired": "expired",
        "withdrawn": "consent withdrawn",
        "requested": "requested",
        "objected": "objection",
        "ended": "purpose ended",
        "admin": "by instruction",
    },
    "ground": {
        "18-1-a": "accuracy is contested (a)",
        "18-1-b": "unlawful, erasure is not wanted (b)",
        "18-1-c": "needed for legal claims (c)",
        "18-1-d": "objection (d)",
    },
    "role": {"agent": "agent", "auditor": "auditor", "admin": "admin", "dpo": "dpo"},
    "fact": {
        "session": "session",
        "hold": "hold",
        "restriction": "restriction",
        "purpose": "purpose",
        "plan": "plan",
        "version": "version",
        "digest": "SHA-256",
    },
}
