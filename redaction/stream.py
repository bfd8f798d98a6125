"""Streams: text arrives in pieces and leaves as soon as nothing can change it any more.

``StreamRedactor`` decides as ``Redactor.find`` does for the whole text, however the text is cut, and
holds back a few words, or the run that may still grow into one value. ``StreamRestorer`` puts values
back for placeholders and holds back only what may be the beginning of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from redaction.engine import LEFT_CHARACTERS, Channel, Redactor, replaced
from redaction.errors import StreamClosedError
from redaction.findings import EntityType, Finding
from redaction.known import Known
from redaction.operators import Policy, Replacement
from redaction.pseudonyms import LONGEST_PLACEHOLDER, Pseudonyms
from redaction.segments import LONGEST, see_more

if TYPE_CHECKING:
    from collections.abc import Container

_WORDS_AT_ONCE = 3
_GROWTH = 2
"""A stream is looked at again when so many words have come and the open segment has grown by one part in so many.

A look costs as much as the whole open segment. With looks ever farther apart all of them together cost about three
times what the segment costs at once, however long it is, and at most a third of it waits for the next.
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a piece of stream settled.

    Attributes:
        upto: all characters of the logical text before it are final.
        replacements: newly decided, offsets in the logical text, each ending at or before ``upto``.
    """

    upto: int
    replacements: tuple[Replacement, ...]


class TextStream(Protocol):
    """A text that arrives in pieces."""

    def feed(self, text: str) -> Decided:
        """Takes the next piece; returns what it settled."""
        ...

    def finish(self) -> Decided:
        """Ends the text; returns the rest."""
        ...


class StreamRedactor:
    """Redacts one text that arrives in pieces."""

    def __init__(
        self,
        redactor: Redactor,
        policy: Policy,
        *,
        pseudonyms: Pseudonyms | None = None,
        previous: str = "",
        language: str | None = None,
        channel: Channel = "chat",
        known: Known | None = None,
    ) -> None:
        """Begin an empty text; the arguments are those of ``Redactor.redact``."""
        if known is None and pseudonyms is not None:
            known = Known(pseudonyms.values())
        self._redactor = redactor
        self._policy = policy
        self._pseudonyms = pseudonyms
        self._situation = redactor.situation(previous, language, channel, known)
        self._buffer = ""
        self._left = ""
        self._place = 0
        self._window = LONGEST
        self._upto = 0
        self._fresh = 0
        self._seen = 0
        self._closed = False

    def feed(self, text: str) -> Decided:
        """Takes the next piece of any length; returns what it settled.

        Raises:
            StreamClosedError: the text is finished already.
        """
        if self._closed:
            raise StreamClosedError("this stream is finished; begin another")
        self._buffer += text
        self._fresh += sum(map(str.isspace, text))
        replacements: list[Replacement] = []
        while self._is_full():
            replacements += self._segment(last=False, full=True)
        if self._fresh >= _WORDS_AT_ONCE and len(self._buffer) - self._seen >= self._seen // _GROWTH:
            self._fresh = 0
            replacements += self._segment(last=False, full=False)
        return Decided(self._upto, tuple(replacements))

    def finish(self) -> Decided:
        """Ends the text; returns the rest.

        Raises:
            StreamClosedError: the text is finished already.
        """
        if self._closed:
            raise StreamClosedError("this stream is finished; begin another")
        replacements: list[Replacement] = []
        while self._buffer:
            replacements += self._segment(last=not self._is_full(), full=True)
        self._closed = True
        return Decided(self._upto, tuple(replacements))

    def _is_full(self) -> bool:
        """Tells whether there is more text than the open segment can need."""
        while len(self._buffer) > self._window and see_more(self._buffer[: self._window]):
            self._window *= 2
        return len(self._buffer) > self._window

    def _segment(self, *, last: bool, full: bool) -> list[Replacement]:
        window = self._buffer[: self._window]
        segment = self._redactor.segment(
            window, self._left, self._situation, last=last, full=full, decided=self._upto - self._place
        )
        fresh = [
            Finding(max(f.start + self._place, self._upto), f.end + self._place, f.type, f.score, f.recogniser)
            for f in segment.findings
            if f.end + self._place > self._upto
        ]
        replacements = list(replaced(self._buffer, self._place, fresh, self._policy, self._pseudonyms))
        self._upto = max(self._upto, self._place + segment.upto)
        if segment.complete:
            self._left = (self._left + window[: segment.end])[-LEFT_CHARACTERS:]
            self._buffer = self._buffer[segment.end :]
            self._place += segment.end
            self._window = LONGEST
        self._seen = 0 if segment.complete else len(self._buffer)
        return replacements


class StreamRestorer:
    """Puts a session's values back into a text that arrives in pieces."""

    def __init__(self, pseudonyms: Pseudonyms, *, only: Container[str] | None = None) -> None:
        """Begin an empty text; ``only`` limits which placeholders are restored."""
        self._pseudonyms = pseudonyms
        self._only = only
        self._held = ""
        self._upto = 0
        self._closed = False

    def feed(self, text: str) -> Decided:
        """Takes the next piece; holds back at most one possible placeholder's beginning.

        Raises:
            StreamClosedError: the text is finished already.
        """
        if self._closed:
            raise StreamClosedError("this stream is finished; begin another")
        return self._decide(self._held + text, last=False)

    def finish(self) -> Decided:
        """Ends the text; returns the rest.

        Raises:
            StreamClosedError: the text is finished already.
        """
        if self._closed:
            raise StreamClosedError("this stream is finished; begin another")
        self._closed = True
        return self._decide(self._held, last=True)

    def _decide(self, text: str, *, last: bool) -> Decided:
        replacements = []
        place = 0
        begin = self._upto
        while (start := text.find("<", place)) >= 0:
            end = text.find(">", start, start + LONGEST_PLACEHOLDER)
            if end < 0:
                if not last and _may_grow(text[start:]):
                    break
                place = start + 1
                continue
            found = text[start : end + 1]
            value = self._pseudonyms.value(found) if self._only is None or found in self._only else None
            if value is None:
                place = start + 1
                continue
            kind = EntityType(found[1 : found.rindex("_")])
            replacements.append(Replacement(begin + start, begin + end + 1, value, kind))
            place = end + 1
        held = start if start >= 0 else len(text)
        self._held = text[held:]
        self._upto = begin + held
        return Decided(self._upto, tuple(replacements))


def _may_grow(text: str) -> bool:
    """Tells whether ``text``, from a ``<`` to the end of what arrived, may become a placeholder."""
    return len(text) < LONGEST_PLACEHOLDER and all(
        character.isupper() or character == "_" or character.isdigit() for character in text[1:]
    )
