"""Scan: one segment of text with everything a recogniser may look at.

A segment is what is decided together (see ``segments``). What stands before it is known, what comes
after it is not; a recogniser looks at most ``RIGHT_WORDS`` words to the right of what it finds, so
that streams and whole texts decide alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import re2

from redaction.clues import NOTHING_ASKED, Asked, Clue, kinds_named, nearest
from redaction.dictated import Run
from redaction.languages import all_languages, folded_set
from redaction.spoken import first_numbers, runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.findings import EntityType
    from redaction.normalise import Folded

RIGHT_WORDS = 5
_CLUE_WINDOW = 64
_AFTER_WINDOW = 28
_WORD_WITH_DIGIT = re2.compile(
    rb"[a-z]*[0-9][a-z0-9]*(?:[-/._:+#*]{1,2}[a-z0-9]+)*|[a-z]+(?:[-/._:]{1,2}[a-z0-9]*)*[0-9][a-z0-9]*(?:[-/._:]{1,2}[a-z0-9]+)*"
)
_ANY_DIGIT = re.compile(r"[0-9]")
_UNITS = folded_set(tuple(unit for data in all_languages().values() for unit in data.units))
_EVERYDAY_UNITS = _UNITS & folded_set(tuple(word for data in all_languages().values() for word in data.stop))
"""Such as "am", "mal", "of": units here and everyday words there."""
_SPENT = re.compile(r"[0-9][^ ]* |[a-z][.!?] ")
"""What parts a value from the name of a thing before it: the thing's own number, the end of a sentence."""
_FIGURE_BEFORE = re.compile(r"[0-9][0-9 ./:-]*\Z")
_MEASURE_DIGITS, _EVERYDAY_DIGITS, _FIGURE_WINDOW = 6, 2, 24
"""A number of more digits measures nothing, whatever word follows."""
_SIGNS = ("$", "%", "'' ", '"')
# Python's own engine: anchored, and no part can match the same characters in two ways, so it is linear, and on a few
# characters it costs a third of RE2.
_ORDINARY = re.compile(
    r"(?:[0-3]?[0-9][./-][01]?[0-9](?:[./-](?:[0-9]{2}|(?:19|20)[0-9]{2})?)?|(?:19|20)[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]|[0-2]?[0-9][:h][0-5][0-9](?:uhr)?|"
    r"[0-9]{1,3}(?:[.,][0-9]{3})*[.,][0-9]{2}|[0-9]{1,2}|[0-9]+(?:x|h|st|nd|rd|th|kg|km|cm|mm|ml|gb|mb|kw|kwh|v|w|m|l|min|am|pm|er|ste|e)|(?:a[1-6]|[0-9]+x[0-9]+(?:x[0-9]+)?))\Z",
)
_RIGHT_BESIDE, _BESIDE, _NEAR, _FAR = 2, 3, 14, 34
_YEAR_DIGITS = 4
_JOINS = {" ", " - ", " / ", "-", "/", " -", "- ", "/ ", " /", ". ", "  "}
_LONGEST_PREFIX, _LONGEST_CLUE = 4, 24


class Code(NamedTuple):
    """A run of words with digits, such as a number dictated in groups.

    Attributes:
        start: offset in the segment.
        end: offset after it.
        text: what stands there, folded, case kept.
        digits: how many digits it has.
    """

    start: int
    end: int
    text: str
    digits: int


@dataclass
class Scan:
    """A folded segment in its context.

    Attributes:
        folded: the segment.
        left: folded, lower-case text before it.
        asked: what the other side's last turn asks for.
        channel: ``chat``, ``call``, ``mail`` or ``ticket``.
        language: the language that was given or inherited; None where unknown.
        first: the segment begins the message.
    """

    folded: Folded
    left: str = ""
    asked: Asked = NOTHING_ASKED
    channel: str = "chat"
    language: str | None = None
    first: bool = True
    lower: str = field(init=False)
    cased: str = field(init=False)
    data: bytes = field(init=False)
    _clues: dict[int, Clue | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Takes the folded forms apart, once."""
        self.lower = self.folded.lower
        self.cased = self.folded.cased
        self.data = self.lower.encode()

    def before(self, start: int, width: int = _CLUE_WINDOW) -> str:
        """Returns up to ``width`` characters before ``start``, reaching into what precedes the segment."""
        if start >= width:
            return self.lower[start - width : start]
        return self.left[-(width - start) :] + self.lower[:start]

    def after(self, end: int, words: int = 3) -> str:
        """Returns the next ``words`` words after ``end``, at most ``_AFTER_WINDOW`` characters."""
        return " ".join(self.lower[end : end + _AFTER_WINDOW].split(" ", words + 1)[: words + 1])

    def character_before(self, start: int) -> str:
        """Returns the character before ``start``; a space at the very beginning."""
        if start:
            return self.lower[start - 1]
        return self.left[-1:] or " "

    def bordered(self, start: int, end: int) -> bool:
        """Tells whether no letter or digit touches the span from outside."""
        return not self.character_before(start).isalnum() and not self.lower[end : end + 1].isalnum()

    def clue(self, start: int, width: int = _CLUE_WINDOW) -> Clue | None:
        """Returns the nearest clue word before ``start``; its offsets count back from ``start`` (negative)."""
        if start in self._clues:
            found = self._clues[start]
        else:
            window = self.before(start)
            found = nearest(window)
            if found is not None and found.type is None and _SPENT.search(window, found.end):
                found = None
            if found is not None:
                found = Clue(found.type, found.start - len(window), found.end - len(window), found.exact)
            self._clues[start] = found
        return None if found is None or found.start < -width else found

    def measured(self, end: int) -> bool:
        """Tells whether a unit, a currency or a time follows, so that the number before is a measure."""
        after = self.lower[end : end + 14]
        stripped = after.lstrip(" ")
        if stripped[:1] in {"$", "%"}:
            return True
        word = stripped.split(" ", 1)[0].rstrip(".,;:!?)")
        if word not in _UNITS:
            return False
        figure = _FIGURE_BEFORE.search(self.lower, max(end - _FIGURE_WINDOW, 0), end)
        if figure is None:  # a code that ends with a letter, or number words
            coded = _ANY_DIGIT.search(self.lower[max(end - _FIGURE_WINDOW, 0) : end].rsplit(" ", 1)[-1]) is not None
            return not coded and all(run.digits <= _MEASURE_DIGITS for run in self.runs if run.end == end)
        return sum(map(str.isdigit, figure.group())) <= (
            _EVERYDAY_DIGITS if word in _EVERYDAY_UNITS else _MEASURE_DIGITS
        )

    def told(self, kind: EntityType, fewest: int = 1) -> Iterator[tuple[Code, float]]:
        """Yields codes with at least ``fewest`` digits that a clue or the question calls ``kind``, each with a score.

        Dates, times, prices and measures are left out.
        """
        for code, clue in self._tellable:
            if code.digits < fewest:
                continue
            if clue is None:
                if kind in self.asked.types:
                    yield code, 0.75
            elif clue.type is kind:
                yield code, _told(clue)
            elif kind in self.asked.types and -clue.end > _NEAR and self.first:
                yield code, 0.6

    @cached_property
    def _tellable(self) -> list[tuple[Code, Clue | None]]:
        """Codes that are no dates, times, prices and measures, each with the nearest clue before it."""
        codes = [code for code in self.codes if not (self.measured(code.end) or _ORDINARY.match(code.text.lower()))]
        told = [(code, self.clue(code.start)) for code in codes]
        return [(code, clue) for code, clue in told if not _is_year(code.text) or (clue and -clue.end <= _RIGHT_BESIDE)]

    @cached_property
    def kinds(self) -> frozenset[EntityType]:
        """What the question asks for and what clue words in or before the segment speak for."""
        return self.asked.types | kinds_named(self.left[-_CLUE_WINDOW:] + self.lower)

    def says(self, start: int, kind: EntityType, width: int = _CLUE_WINDOW) -> bool:
        """Tells whether the nearest clue before ``start`` speaks for ``kind``, or the question did and no clue does."""
        found = self.clue(start, width)
        if found is not None:
            return found.type is kind
        return kind in self.asked.types

    @cached_property
    def words(self) -> list[tuple[int, int, str]]:
        """Words of letters, digits and apostrophes with their offsets."""
        found = []
        place = 0
        for word in self.data.translate(_BLANKS).decode().split(" "):
            end = place + len(word)
            if word:
                found.append((place, end, word))
            place = end + 1
        return found

    @cached_property
    def runs(self) -> list[Run]:
        """Dictated values, in order."""
        words = self.words
        if self.language is not None:
            return runs(words, self.language)
        found: list[Run] = []
        for code, first in first_numbers(words).items():  # what comes after a run may not change it: see ``settling``
            found += (run for run in runs(words, code) if run.numbers > 1 and run.said and first < run.end)
        found.sort(key=lambda run: (run.start, -run.end))
        kept: list[Run] = []
        for run in found:
            if not kept or run.start >= kept[-1].end:
                kept.append(run)
        return kept

    def spoken_digits(self, start: int, end: int) -> str:
        """Returns the digits that a span writes or says."""
        text = self.lower[start:end]
        if any(map(str.isdigit, text)):
            return "".join(filter(str.isdigit, text))
        return "".join(run.text for run in self.runs if run.start < end and start < run.end)

    @cached_property
    def units(self) -> list[tuple[int, int]]:
        """Spans that are one value or none: words with digits, dictated numbers."""
        units = list(self.figures)
        if self.channel == "call":
            units += [(run.start, run.end) for run in self.runs if (run.numbers > 1 and run.said) or run.letters > 2]  # noqa: PLR2004
        return units

    @cached_property
    def figures(self) -> list[tuple[int, int]]:
        """Spans of words with digits, marks inside; what a letter or digit beside a digit belongs to lies in one."""
        if not _ANY_DIGIT.search(self.lower):
            return []
        return [match.span() for match in _WORD_WITH_DIGIT.finditer(self.data)]

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """Runs of words with digits, groups joined."""
        spans: list[list[int]] = []
        for start, end in self.figures:
            if spans and self.lower[spans[-1][1] : start] in _JOINS and not self.measured(spans[-1][1]):
                spans[-1][1] = end
            else:
                spans.append([self._prefixed(start), end])
        return tuple(
            Code(start, end, self.cased[start:end], sum(map(str.isdigit, self.cased[start:end])))
            for start, end in spans
        )

    def _prefixed(self, start: int) -> int:
        """Returns where a code begins that has a short capital group before its first digit (``RMA 881``)."""
        head = self.cased[:start].rstrip(" -/")
        begin = len(head)
        while begin and head[begin - 1].isupper():
            begin -= 1
        size = len(head) - begin
        fits = 0 < size <= _LONGEST_PREFIX and start - len(head) <= 1 and not self.character_before(begin).isalnum()
        if not fits or self.lower[begin : len(head)] in _UNITS:
            return start
        window = self.lower[max(begin - _LONGEST_CLUE, 0) : len(head)]
        clue = nearest(window)
        return start if clue is not None and clue.end == len(window) else begin  # "Kunden-ID" is no part of the code


def _told(clue: Clue) -> float:
    """Returns how sure the clue before a code makes its kind."""
    gap = -clue.end
    if gap <= _BESIDE and clue.exact:
        return 0.92
    return 0.85 if gap <= _NEAR else 0.7 if gap <= _FAR else 0.5


def _is_year(text: str) -> bool:
    return len(text) == _YEAR_DIGITS and text.startswith(("19", "20")) and text.isdigit()


_BLANKS = bytes(code if chr(code).isalnum() or chr(code) == "'" else 32 for code in range(128)) + bytes([32]) * 128
