"""What a process remembers of the last conversations: in memory only, bounded, never written.

Hints that spare work or help redaction; nothing depends on them being there.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from redaction.findings import EntityType, Finding

_MOST_SESSIONS = 10_000
_MOST_CHARACTERS = 300
_MOST_VALUES = 40
_MOST_TEXTS = 8192
_KEY_BYTES = 32

Value = tuple[EntityType, str]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a text is read with: the other side's last words, the values and the language of the conversation."""

    previous: str = field(default="", repr=False)
    values: tuple[Value, ...] = field(default=(), repr=False)
    language: str | None = None

    def after(self, previous: str, found: Iterable[Value]) -> Heard:
        """Return what the next text is read with."""
        learned = self.learned(found)
        return Heard(previous[-_MOST_CHARACTERS:], learned.values, learned.language)

    def learned(self, found: Iterable[Value]) -> Heard:
        """Return the same with further values, the oldest forgotten where there are too many."""
        fresh = tuple(value for value in dict.fromkeys(found) if value not in self.values)
        return Heard(self.previous, (self.values + fresh)[-_MOST_VALUES:], self.language) if fresh else self


@dataclass(frozen=True, slots=True)
class Piece:
    """A caller's last words, where a value may go on in their next turn, and what they were asked before."""

    text: str = field(default="", repr=False)
    asked: str = field(default="", repr=False)


class Recent:
    """What was heard in each session: a bare answer is read with its question, a name once found is found again.

    These are words and values that people said, so they go when their session has been silent for its time, and with
    what is erased of it.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._heard: OrderedDict[UUID, tuple[Heard, datetime]] = OrderedDict()
        self._pieces: OrderedDict[UUID, tuple[Piece, datetime]] = OrderedDict()

    def piece(self, session: UUID) -> Piece:
        """Return what the caller's next turn may go on from."""
        piece, _ = self._pieces.get(session, (Piece(), None))
        return piece

    def put_piece(self, session: UUID, piece: Piece, now: datetime) -> None:
        """Remember it; an empty one is forgotten."""
        self._pieces.pop(session, None)
        if piece.text:
            self._pieces[session] = piece, now
        if len(self._pieces) > _MOST_SESSIONS:
            self._pieces.popitem(last=False)

    def get(self, session: UUID) -> Heard:
        """Return what was heard, or nothing."""
        heard, _ = self._heard.get(session, (Heard(), None))
        return heard

    def put(self, session: UUID, heard: Heard, now: datetime) -> None:
        """Remember; of too many, the session heard longest ago is forgotten."""
        self._heard[session] = heard, now
        self._heard.move_to_end(session)
        if len(self._heard) > _MOST_SESSIONS:
            self._pieces.pop(self._heard.popitem(last=False)[0], None)

    def drop(self, session: UUID) -> None:
        """Forget what was heard in a session."""
        self._heard.pop(session, None)
        self._pieces.pop(session, None)

    def forget(self, before: datetime) -> None:
        """Forget the sessions that were last heard before this moment."""
        while self._heard and next(iter(self._heard.values()))[1] < before:
            self._heard.popitem(last=False)
        while self._pieces and next(iter(self._pieces.values()))[1] < before:
            self._pieces.popitem(last=False)


class KnownFindings:
    """What was found in texts that came by lately; for each a keyed digest and offsets, never the text."""

    def __init__(self) -> None:
        """Start empty, with a key that this process alone has."""
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._found: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()

    def get(self, key: bytes) -> tuple[Finding, ...] | None:
        """Return what was found in a text, read with the same; None if it is not known."""
        return self._found.get(key)

    def put(self, key: bytes, findings: tuple[Finding, ...]) -> None:
        """Remember; the text put longest ago is forgotten."""
        self._found[key] = findings
        if len(self._found) > _MOST_TEXTS:
            self._found.popitem(last=False)

    def key(self, text: str, heard: Heard) -> bytes:
        """Return the keyed digest under which a text, read with this, is remembered."""
        parts = [text, heard.previous, heard.language or "", *(part for value in heard.values for part in value)]
        raw = [part.encode(errors="surrogatepass") for part in parts]
        whole = b"".join(b"%d:%b" % (len(part), part) for part in raw)
        return blake2b(whole, key=self._key, digest_size=16).digest()
