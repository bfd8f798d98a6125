"""Alignment of a history that a client sends again with what is stored: only what is new is added.

A client may send everything, the last few messages, an edited or a summarised history. Nothing is assumed
to be append-only. Messages are compared by keyed digests (`storage.digests`) of their words in one form
(`matched`), so that nothing has to be opened. A history that begins as the stored one is at its place; any
other is laid against the end of what is stored, as a window of the last messages is. What the customer says
now is a repeat only where its place shows it: the message before it is the one that stands before it in the
store, too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_MOST_COMPARED = 128  # messages that are aligned in order; bounds the work for any input


@dataclass(frozen=True, slots=True)
class Alignment:
    """What of a history is stored, and where.

    `new`: indices of messages that are said now or got lost: they stand behind the last stored one. `known`: for
    each message that is stored its index in the store. `from_start`: the history begins where the stored one begins,
    so that a message's place in it is its place in the session.
    """

    new: tuple[int, ...]
    known: dict[int, int]
    from_start: bool


def matched(text: str) -> str:
    """Return the form in which words are compared: a client may trim them, or compose their letters anew."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def align(stored: Sequence[bytes], sent: Sequence[bytes], now: int, *, retried: bool = False) -> Alignment:
    """Compare digests, oldest first; those sent from index `now` on are said now (none, where it is their number).

    `retried`: the client says itself that it tries again; then a message can be a repeat without its place.
    """
    last = len(sent) - 1 if now < len(sent) else None
    earlier = sent if last is None else sent[:last]
    prefix = _common_prefix(stored, earlier)
    known = {index: index for index in range(prefix)} | _matches(stored, earlier, prefix)
    end = max(known, default=len(sent))
    new = [index for index in range(len(earlier)) if index not in known and (index >= now or index > end)]
    if last is not None:
        place = _place(
            stored, known.get(last - 1), sent[last], before=sent[last - 1] if last else None, retried=retried
        )
        if place is None:
            new.append(last)
        else:
            known[last] = place
    return Alignment(tuple(new), known, from_start=prefix > 0 or not stored)


def _common_prefix(stored: Sequence[bytes], sent: Sequence[bytes]) -> int:
    length = 0
    for ours, theirs in zip(stored, sent, strict=False):
        if ours != theirs:
            break
        length += 1
    return length


def _matches(stored: Sequence[bytes], sent: Sequence[bytes], prefix: int) -> dict[int, int]:
    """Match what follows the common prefix: index sent -> index stored; in order for the last messages.

    Of several places the latest is taken. Messages further back than are compared in order count as known where
    the store has their like anywhere.
    """
    left, right = max(prefix, len(stored) - _MOST_COMPARED), max(prefix, len(sent) - _MOST_COMPARED)
    anywhere = {digest: index for index, digest in enumerate(stored)} if right > prefix else {}
    known = {index: anywhere[sent[index]] for index in range(prefix, right) if sent[index] in anywhere}
    # Both reversed: of equal blocks the matcher takes the first.
    matcher = SequenceMatcher(None, stored[left:][::-1], sent[right:][::-1], autojunk=False)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            known[len(sent) - 1 - block.b - step] = len(stored) - 1 - block.a - step
    return known


def _place(
    stored: Sequence[bytes], place_before: int | None, digest: bytes, *, before: bytes | None, retried: bool
) -> int | None:
    """Return where the last message is stored already, or None if it is new."""
    if place_before is not None and place_before + 1 < len(stored) and stored[place_before + 1] == digest:
        return place_before + 1
    if retried:
        for index in range(len(stored) - 1, -1, -1):
            if stored[index] == digest and (before is None or (index > 0 and stored[index - 1] == before)):
                return index
    return None
