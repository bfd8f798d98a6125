"""What is to be silent in a call's recording: the stretches in which the words of findings were spoken.

They are known only if every turn says when its words were spoken, or holds nothing that was found. One that does
neither leaves all of them unknown: then nobody hears the copy until somebody has said what is silent in it. The same
goes for a turn that was never read, or that is still being read when the recording is closed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from redaction.findings import Finding
from storage.audio import Stretch

MARGIN_MS: Final = 100
"""How far a speech recognition may be wrong about where a word begins or ends."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it was spoken, in milliseconds of the platform's own count (that of `offset_ms`)."""

    text: str = field(repr=False)
    start_ms: int
    end_ms: int


class Spoken:
    """One turn as it is read: a `gateway.exchange.Reader`."""

    def __init__(self, words: Sequence[Word] = ()) -> None:
        """Take the words with their times; none where the platform gives none."""
        self._words = words
        self.stretches: list[Stretch] = []
        self.read = False
        self.untimed = False

    def found(self, text: str, findings: Sequence[Finding]) -> None:
        """Take what was found in the text of the turn."""
        self.read = True
        spans = aligned(text, self._words)
        for finding in findings:
            touched = [word for word, start, end in spans or () if start < finding.end and finding.start < end]
            self._add(touched or self._words)

    def answered(self, *, found: bool) -> None:
        """Take whether something was found in the bot's answer; when that is spoken, nobody says."""
        self.untimed |= found

    def all(self) -> None:
        """Have all of the turn silent: nobody has searched it, or what was found is not all that matters."""
        self.read = True
        self._add(self._words)

    def _add(self, words: Sequence[Word]) -> None:
        if not words:
            self.untimed = True
            return
        start, end = min(word.start_ms for word in words), max(word.end_ms for word in words)
        self.stretches.append(Stretch(start - MARGIN_MS, end + MARGIN_MS))


class Quiet:
    """What is to be silent in one call."""

    def __init__(self) -> None:
        """Begin with a call of which no turn has come."""
        self._stretches: list[Stretch] = []
        self._timed = self._unknown = False
        self._reading = 0

    @contextmanager
    def turn(self, words: Sequence[Word], *, recorded: bool) -> Iterator[Spoken]:
        """Follow a turn while it is read; `recorded`: some of it may be in the recording."""
        spoken = Spoken(words)
        self._reading += 1
        try:
            yield spoken
        finally:
            self._reading -= 1
            self._timed |= bool(words)
            self._stretches += spoken.stretches
            self._unknown |= recorded and (spoken.untimed or not spoken.read)

    def missed(self) -> None:
        """Note that a turn could not be taken."""
        self._unknown = True

    def stretches(self, began_ms: float | None) -> tuple[Stretch, ...] | None:
        """Return the stretches of a recording that began at this time of the platform's count; None if unknown.

        Where the sound came without times (None), words have no place in it.
        """
        if self._unknown or self._reading or not self._timed:
            return None
        if began_ms is None:
            return None if self._stretches else ()
        moved = [
            Stretch(max(0, math.floor(each.start_ms - began_ms)), math.ceil(each.end_ms - began_ms))
            for each in self._stretches
        ]
        return tuple(each for each in moved if each.end_ms > 0)


def aligned(text: str, words: Sequence[Word]) -> list[tuple[Word, int, int]] | None:
    """Return where in a text each word stands; None unless the words are all that the text says, in its order."""
    spans, behind = list[tuple[Word, int, int]](), 0
    for word in words:
        bare = _bare(word.text)
        if not bare:
            continue
        at = text.find(bare, behind)
        if at < 0 or _bare(text[behind:at]):
            return None
        behind = at + len(bare)
        spans.append((word, at, behind))
    return None if _bare(text[behind:]) else spans


def _bare(text: str) -> str:
    """Return a text without what is no letter and no figure at its ends."""
    spoken = [at for at, letter in enumerate(text) if letter.isalnum()]
    return text[spoken[0] : spoken[-1] + 1] if spoken else ""
