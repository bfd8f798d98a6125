"""How each of our errors is told: its reason in metrics and answers, its status, its sentence."""

from __future__ import annotations

from gateway.errors import BodyUnreadableError, PartNotTextError, PathNotHandledError, RefusedError, UpstreamError
from redaction.errors import RedactionError
from storage.errors import (
    AccessRefusedError,
    RequestRefusedError,
    RetentionRefusedError,
    StorageError,
    UnknownSessionError,
)


def refusal(error: Exception) -> tuple[str, int, str]:  # noqa: C901, PLR0911 - one row an error
    """Return reason, status and sentence of one of our errors; their messages hold nothing of the request."""
    match error:
        case RefusedError() | UpstreamError():
            return error.reason, error.status, str(error)
        case PartNotTextError():
            return "part_not_text", 415, str(error)
        case PathNotHandledError():
            return "unknown_path", 404, str(error)
        case BodyUnreadableError():
            return "unreadable", 400, str(error)
        case RedactionError():
            return "redaction_failed", 503, "Redaction failed, so the text did not go on"
        case RequestRefusedError():
            return "request_refused", 409, str(error)
        case UnknownSessionError():
            return "unknown_session", 404, "There is no such session"
        case RetentionRefusedError():
            return "retention_refused", 409, str(error)
        case AccessRefusedError():
            return "access_refused", 409, str(error)
        case StorageError():
            return "store_failed", 503, "The store can't be used now, so nothing was acknowledged"
        case _:
            return "failed", 500, "The gateway failed; nothing was acknowledged"
