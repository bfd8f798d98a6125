"""What is to be silent in a call's recording: the stretches in which the words of findings were spoken.

They are known only if every turn says when its words were spoken, or holds nothing that was found. One that does
neither leaves all of them unknown: then nobody hears the copy until somebody has said what is silent in it. The same
goes for a turn that was never read, or that is still being read when the recording is closed, and for an answer of the
bot in which something was found until the platform has said when it spoke it.
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
        self.unspoken: list[tuple[str, tuple[Finding, ...]]] = []
        self.kept: str | None = None
        self.read = False
        self.untimed = False

    def found(self, text: str, findings: Sequence[Finding], kept: str) -> None:
        """Take what was found in the text of the turn, and how it is kept."""
        self.read = True
        self.kept = kept
        spans = aligned(text, self._words)
        for finding in findings:
            self._add(_touched(spans or (), finding) or self._words)

    def answered(self, text: str, findings: Sequence[Finding]) -> None:
        """Take what was found in the bot's answer; when that is spoken, the platform may still say."""
        if findings:
            self.unspoken.append((text, tuple(findings)))

    def lost(self) -> None:
        """Take that something was found in an answer of which nobody knows when it is spoken."""
        self.untimed = True

    def all(self) -> None:
        """Have all of the turn silent: nobody has searched it, or what was found is not all that matters."""
        self.read = True
        self._add(self._words)

    def _add(self, words: Sequence[Word]) -> None:
        if not words:
            self.untimed = True
            return
        self.stretches.append(stretch_of(words))


class Quiet:
    """What is to be silent in one call."""

    def __init__(self) -> None:
        """Begin with a call of which no turn has come."""
        self._stretches: list[Stretch] = []
        self._unspoken: list[tuple[str, tuple[Finding, ...]]] = []
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
            if recorded:
                self._unspoken += spoken.unspoken
            self._unknown |= recorded and (spoken.untimed or not spoken.read)

    def spoken(self, text: str, words: Sequence[Word], *, broken_off: bool) -> None:
        """Take when an answer of the bot was spoken; one in which nothing was found changes nothing.

        `broken_off`: the words are those that were spoken of it, up to where the caller spoke. Words that are not those
        of the answer leave unknown when it was spoken.
        """
        at = next((at for at, (one, _) in enumerate(self._unspoken) if one.strip() == text.strip()), None)
        if at is None:
            return
        whole, findings = self._unspoken[at]
        spans = aligned(whole, words, broken_off=broken_off)
        if spans is None:
            return
        self._timed = True
        touched = [_touched(spans, finding) for finding in findings]
        self._stretches += [stretch_of(found) for found in touched if found]
        del self._unspoken[at]

    def missed(self) -> None:
        """Note that a turn could not be taken."""
        self._unknown = True

    def stretches(self, began_ms: float | None) -> tuple[Stretch, ...] | None:
        """Return the stretches of a recording that began at this time of the platform's count; None if unknown.

        Where the sound came without times (None), words have no place in it.
        """
        if self._unknown or self._unspoken or self._reading or not self._timed:
            return None
        if began_ms is None:
            return None if self._stretches else ()
        moved = [
            Stretch(max(0, math.floor(each.start_ms - began_ms)), math.ceil(each.end_ms - began_ms))
            for each in self._stretches
        ]
        return tuple(each for each in moved if each.end_ms > 0)


def stretch_of(words: Sequence[Word]) -> Stretch:
    """Return the stretch in which words were spoken, with its margins."""
    return Stretch(min(word.start_ms for word in words) - MARGIN_MS, max(word.end_ms for word in words) + MARGIN_MS)


def aligned(text: str, words: Sequence[Word], *, broken_off: bool = False) -> list[tuple[Word, int, int]] | None:
    """Return where in a text each word stands; None unless the words are all that the text says, in its order.

    `broken_off`: the text may go on behind them.
    """
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
    return None if _bare(text[behind:]) and not broken_off else spans


def _touched(spans: Sequence[tuple[Word, int, int]], finding: Finding) -> list[Word]:
    return [word for word, start, end in spans if start < finding.end and finding.start < end]


def _bare(text: str) -> str:
    """Return a text without what is no letter and no figure at its ends."""
    spoken = [at for at, letter in enumerate(text) if letter.isalnum()]
    return text[spoken[0] : spoken[-1] + 1] if spoken else ""
