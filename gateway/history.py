"""Alignment of a history that a client sends again with what is stored: only what is new is added.

A client may send everything, the last few messages, an edited or a summarised history. Nothing is assumed
to be append-only. Messages are compared by keyed digests (`storage.digests`), so that nothing has to be
opened. What the customer says now is the last message; it is a repeat only where its place shows it: the
message before it is the one that stands before it in the store, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_MOST_COMPARED = 128  # messages that are aligned in order; bounds the work for any input


@dataclass(frozen=True, slots=True)
class Alignment:
    """Indices of the messages that are new, and whether the last one is a repeat of a stored one.

    `from_start`: the history begins where the stored one begins, so that a message's place in it is its place
    in the session.
    """

    new: tuple[int, ...]
    repeat: bool
    from_start: bool


def align(stored: Sequence[bytes], sent: Sequence[bytes], *, retried: bool = False) -> Alignment:
    """Compare digests, oldest first, those sent ending with what is said now.

    `retried`: the client says itself that it tries again; then a single message can be a repeat, too.
    """
    earlier, last = sent[:-1], len(sent) - 1
    prefix = _common_prefix(stored, earlier)
    known = {index: index for index in range(prefix)} | _matches(stored, earlier, prefix)
    repeat = last >= 0 and (
        _stands_next(stored, known.get(last - 1), sent[last]) or (retried and last == 0 and sent[0] in stored)
    )
    new = tuple(i for i in range(last) if i not in known) + (() if repeat or last < 0 else (last,))
    return Alignment(new, repeat, from_start=prefix > 0 or not stored)


def _common_prefix(stored: Sequence[bytes], sent: Sequence[bytes]) -> int:
    length = 0
    for ours, theirs in zip(stored, sent, strict=False):
        if ours != theirs:
            break
        length += 1
    return length


def _matches(stored: Sequence[bytes], sent: Sequence[bytes], prefix: int) -> dict[int, int]:
    """Match what follows the common prefix: index sent -> index stored; in order for the last messages.

    Messages further back than are compared in order count as known where the store has their like anywhere.
    """
    left, right = max(prefix, len(stored) - _MOST_COMPARED), max(prefix, len(sent) - _MOST_COMPARED)
    anywhere = {digest: index for index, digest in enumerate(stored)} if right > prefix else {}
    known = {index: anywhere[sent[index]] for index in range(prefix, right) if sent[index] in anywhere}
    matcher = SequenceMatcher(None, stored[left:], sent[right:], autojunk=False)
    for block in matcher.get_matching_blocks():
        known.update((right + block.b + step, left + block.a + step) for step in range(block.size))
    return known


def _stands_next(stored: Sequence[bytes], before: int | None, digest: bytes) -> bool:
    """Whether the digest stands right behind that index in the store."""
    return before is not None and before + 1 < len(stored) and stored[before + 1] == digest
