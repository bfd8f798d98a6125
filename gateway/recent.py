"""The bot's last words in each session of this process, so that a bare answer is read with its question.

Held in memory only, bounded, never written: a hint for redaction, not a record.
"""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

_MOST_SESSIONS = 10_000
_MOST_CHARACTERS = 300


class Recent:
    """A bounded memory: session -> the end of what the bot said last."""

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
