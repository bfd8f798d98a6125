"""Texts that run over many events: what of each is decided, and what an event's piece of it becomes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from sys import maxsize

from gateway.engine.walk import Place
from redaction.operators import Replacement
from redaction.stream import Decided, TextStream


class Logical:
    """One text of a stream, over all of its events. Without a `stream` nothing in it changes, and nothing waits.

    Attributes:
        upto: offset up to which it is decided.
        kept: whether it becomes a turn.
    """

    __slots__ = ("_ended", "_heard", "_replacements", "_stream", "kept", "length", "upto")

    def __init__(self, stream: TextStream | None, *, kept: bool) -> None:
        """Begin an empty text."""
        self._stream = stream
        self._heard: list[str] = []
        self._replacements: deque[Replacement] = deque()
        self._ended = False
        self.kept = kept
        self.length = 0
        self.upto = 0 if stream is not None else maxsize

    def feed(self, text: str) -> None:
        """Add what comes next."""
        if self.kept:
            self._heard.append(text)
        self.length += len(text)
        if self._stream is not None and text and not self._ended:
            self._take(self._stream.feed(text))

    def finish(self) -> None:
        """End the text: all of it is decided now."""
        if self._stream is not None and not self._ended:
            self._take(self._stream.finish())
        self._ended = True
        self.upto = maxsize

    def heard(self) -> str:
        """Return the text so far, as it came."""
        return "".join(self._heard)

    def changes(self, start: int, end: int) -> list[Replacement]:
        """Return the replacements that touch this span; spans are asked for in order."""
        waiting = self._replacements
        while waiting and waiting[0].end <= start:
            waiting.popleft()
        return [one for one in waiting if one.start < end] if waiting else []

    def _take(self, decided: Decided) -> None:
        self.upto = decided.upto
        self._replacements.extend(decided.replacements)


class TextPiece:
    """What one event has of a text."""

    __slots__ = ("_before", "_end", "_logical", "_start", "place")

    def __init__(self, place: Place, logical: Logical, start: int, before: str) -> None:
        """Take a piece of `logical` that begins at the offset `start`; `before` is put in front of it."""
        self.place = place
        self._logical = logical
        self._start = start
        self._end = start + len(place.text)
        self._before = before

    @property
    def decided(self) -> bool:
        """Whether all of its characters are."""
        return self._end <= self._logical.upto

    def render(self) -> str:
        """Return what it becomes."""
        changes = self._logical.changes(self._start, self._end)
        if not changes:
            return self._before + self.place.text
        return self._before + replaced(self.place.text, self._start, changes)


def replaced(text: str, start: int, changes: Sequence[Replacement]) -> str:
    """Apply replacements to a text that begins at the offset `start`; each lands where its first character stands."""
    new: list[str] = []
    at = start
    for change in changes:
        new.append(text[at - start : max(at, change.start) - start])
        if change.start >= start:
            new.append(change.text)
        at = min(change.end, start + len(text))
    return "".join(new) + text[at - start :]
