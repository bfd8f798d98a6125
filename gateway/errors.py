"""What can go wrong in the gateway, and how it is told.

    GatewayError
    ├── NoticeError             a privacy notice does not load; carries file, line and field of every problem
    ├── SettingsError           deployment settings are missing or wrong
    ├── BodyUnreadableError     a body that the channel's connector can't read: 400, nothing is forwarded
    ├── PartNotTextError        a message part that is not text and that the notice does not pass through: 415
    ├── PathNotHandledError     a path of the bot's API that the connector does not know: 404
    ├── RefusedError            a request that the notice or the protocol does not allow: its own status
    └── UpstreamError           the bot can't be reached (502) or is too slow (504)

Messages say what to do; none holds what a customer wrote, a key or a token.
"""

from __future__ import annotations

from dataclasses import dataclass


class GatewayError(Exception):
    """Root of all errors of this package."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a notice: where, and what to do."""

    line: int
    field: str
    message: str


class NoticeError(GatewayError):
    """A notice does not load."""

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        """Name the file and each problem by line and field."""
        self.path = path
        self.problems = problems
        super().__init__("\n".join(f"{path}:{p.line}: {p.field}: {p.message}" for p in problems))


class SettingsError(GatewayError):
    """The deployment settings can't be used."""


class BodyUnreadableError(GatewayError):
    """The connector can't read this body."""


class PartNotTextError(GatewayError):
    """A part of a message is not text."""

    def __init__(self, kind: str) -> None:
        """Name the kind of part, never its content."""
        self.kind = kind
        super().__init__(f"a message part of kind {kind!r} can't be redacted and is not passed through on this channel")


class PathNotHandledError(GatewayError):
    """The connector does not know this path, so nothing may pass through it."""


class RefusedError(GatewayError):
    """A request that can't be served as it is; `reason` is its code in metrics and answers."""

    def __init__(self, reason: str, status: int, title: str) -> None:
        """Keep the reason, the status and the sentence for the caller."""
        self.reason = reason
        self.status = status
        super().__init__(title)


class UpstreamError(GatewayError):
    """The bot did not answer as it should."""

    def __init__(self, reason: str, status: int) -> None:
        """Keep a reason code for the metrics and the status to answer with."""
        self.reason = reason
        self.status = status
        super().__init__(f"the bot behind this channel failed: {reason}")


class TunnelEndedError(ConnectionError):
    """A connection that was handed over has ended, as it should; nothing is answered any more."""
