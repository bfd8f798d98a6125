"""Keyed digests by which a repeat is recognised without keeping what was said.

The key is the session's own (`Session.digest_key`): it lies wrapped in the key database and is
destroyed with the session's last part, after which no guess at a message can be tried against a
digest. Both digests are HMAC-SHA256, cut to 16 bytes, over a label, a zero byte and the value, so
that neither can be taken for the other.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from storage.key_material import SecretBytes
from storage.records import Speaker, Turn

DIGEST_BYTES = 16


def turn_digest(key: SecretBytes, speaker: Speaker, text: str) -> bytes:
    """Return the digest of the words of a turn as a client would send them again, in 16 bytes."""
    return _digest(key, f"turn:{speaker}\0{text}")


def words_digest(key: SecretBytes, turn: Turn) -> bytes:
    """Return the digest of the words of a turn, in 16 bytes, also where they are gone already."""
    return turn_digest(key, turn.speaker, turn.match) if turn.marks is None else turn.marks.digest


def once_digest(key: SecretBytes, once: str) -> bytes:
    """Return the digest of what identifies a message within its session, in 16 bytes."""
    return _digest(key, f"once\0{once}")


def answer_to(sequence: int, once: str) -> str:
    """Return what identifies an answer within its session; `once` does so among those to the turn of this number."""
    return f"answer/{sequence}/{once}"


def identity(key: SecretBytes, turn: Turn, sequences: Sequence[int | None]) -> bytes | None:
    """Return the `once_digest` of a turn, None if nothing identifies it.

    Args:
        key: the session's digest key.
        turn: the turn.
        sequences: the numbers of the turns before it in its write; None for one that was not stored.
    """
    if turn.marks is not None:
        return turn.marks.once
    once = turn.once
    if once is not None and turn.answers is not None:
        answered = sequences[turn.answers]
        once = None if answered is None else answer_to(answered, once)
    return None if once is None else once_digest(key, once)


def _digest(key: SecretBytes, message: str) -> bytes:
    # A JSON string may hold half a surrogate pair; it has to have a digest like any other.
    return hmac.digest(key.reveal(), message.encode("utf-8", "surrogatepass"), "sha256")[:DIGEST_BYTES]
