"""What a process remembers of the last conversations: in memory only, bounded, never written.

Hints that spare work or help redaction; nothing depends on them being there.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from hashlib import blake2b
from uuid import UUID

from redaction.findings import Finding

_MOST_SESSIONS = 10_000
_MOST_CHARACTERS = 300
_MOST_TEXTS = 8192
_KEY_BYTES = 32


class Recent:
    """The bot's last words in each session, so that a bare answer is read with its question."""

    def __init__(self) -> None:
        """Start empty."""
        self._words: OrderedDict[UUID, str] = OrderedDict()

    def get(self, session: UUID) -> str:
        """Return the bot's last words, or nothing."""
        return self._words.get(session, "")

    def put(self, session: UUID, words: str) -> None:
        """Remember; the session seen longest ago is forgotten."""
        self._words[session] = words[-_MOST_CHARACTERS:]
        self._words.move_to_end(session)
        if len(self._words) > _MOST_SESSIONS:
            self._words.popitem(last=False)


class KnownFindings:
    """What was found in texts that came by lately; for each a keyed digest and offsets, never the text."""

    def __init__(self) -> None:
        """Start empty, with a key that this process alone has."""
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._found: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()

    def get(self, text: str, previous: str) -> tuple[Finding, ...] | None:
        """Return what was found in this text behind this previous turn; None if it is not known."""
        return self._found.get(self._digest(text, previous))

    def put(self, text: str, previous: str, findings: tuple[Finding, ...]) -> None:
        """Remember; the text put longest ago is forgotten."""
        self._found[self._digest(text, previous)] = findings
        if len(self._found) > _MOST_TEXTS:
            self._found.popitem(last=False)

    def _digest(self, text: str, previous: str) -> bytes:
        raw = text.encode(errors="surrogatepass")
        whole = b"%d:%b%b" % (len(raw), raw, previous.encode(errors="surrogatepass"))
        return blake2b(whole, key=self._key, digest_size=16).digest()
