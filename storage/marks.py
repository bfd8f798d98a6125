"""What is derived of a turn's words before they are let go, so that it can be stored without them later."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnMarks:
    """What a turn that waited in the spool brings in place of `Turn.match`, `once` and `identifiers`.

    Attributes:
        digest: the keyed digest of its words (`storage.digests.turn_digest`).
        once: the keyed digest of what identifies it.
        tokens: blind tokens of its identifiers, for the part that keeps the transcript.
        original_tokens: the same for the part that keeps the original.
    """

    digest: bytes
    once: bytes | None
    tokens: frozenset[bytes] = frozenset()
    original_tokens: frozenset[bytes] = frozenset()
