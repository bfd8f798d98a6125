"""Texts that run over many events: what of each is decided, and what an event's piece of it becomes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from sys import maxsize

import orjson

from gateway.engine.json_text import Run
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

    def render(self, run: Run, escape: Callable[[str], str] | None) -> str:
        """Return what a run becomes, in order; a replacement lands where its first character stands."""
        while self._replacements and self._replacements[0].end <= run.start:
            self._replacements.popleft()
        new: list[str] = []
        at = run.start
        for replacement in self._replacements:
            if replacement.start >= run.end:
                break
            if run.literal:
                new.append(run.raw[at - run.start : max(at, replacement.start) - run.start])
            if replacement.start >= run.start and not run.goes_on:
                new.append(escape(replacement.text) if escape else replacement.text)
            at = min(replacement.end, run.end)
        if at == run.start:
            return run.raw
        return "".join(new) + (run.raw[at - run.start :] if run.literal else "")

    def _take(self, decided: Decided) -> None:
        self.upto = decided.upto
        self._replacements.extend(decided.replacements)


class Piece:
    """What one event has of a text: runs, each of a text or (None) of none."""

    __slots__ = ("_before", "_escape", "_runs", "original", "place")

    def __init__(
        self,
        place: Place,
        original: str,
        runs: Sequence[tuple[Run, Logical | None]],
        *,
        before: str = "",
        in_json: bool = False,
    ) -> None:
        """Put a piece together; `before` is put in front of it."""
        self.place = place
        self.original = original
        self._runs = runs
        self._before = before
        self._escape = _escape if in_json else None

    @property
    def decided(self) -> bool:
        """Whether all of its characters are."""
        return all(logical is None or run.end <= logical.upto for run, logical in self._runs)

    def render(self) -> str:
        """Return what it becomes."""
        parts = [run.raw if logical is None else logical.render(run, self._escape) for run, logical in self._runs]
        return self._before + "".join(parts)


def _escape(text: str) -> str:
    return orjson.dumps(text)[1:-1].decode()
