"""Spoken values: runs of number words, spelled letters and spoken signs, turned into what they say.

A run holds together what a caller dictates as one value: "null eins sieben zwo achtundzwanzig",
"double four six", "d e neunundachtzig", "M wie Martha Ü L L E R". Fillers ("äh", "and") may stand
inside, never at its ends; a word that corrects or comments ends it, so an aborted attempt is a run of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from redaction.languages import all_languages, folded_map, folded_set

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Word = tuple[int, int, str]
"""Start, end and text of a word of folded lower-case text."""

_MOST_FILLERS = 2
_SOFT = frozenset("ah ahm aeh aehm oh em hm uh um er erm eh ehm uhm euh ee und en and e et y i si then dan dann de en a".split())


@dataclass(frozen=True, slots=True)
class Token:
    """What a word means in a dictated value.

    Attributes:
        kind: ``d`` digits, ``n`` a number of several digits, ``h`` hundred, ``t`` thousand, ``x`` repeats the next,
            ``l`` letter, ``s`` sign, ``o`` ordinal, ``m`` month, ``f`` filler, ``+`` link.
        value: digits, letter, sign or number.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Run:
    """A dictated value.

    Attributes:
        start: offset in the segment.
        end: offset after it.
        text: what it says: digits, letters, signs.
        digits: number of digits in ``text``.
        letters: number of letters in ``text``.
        numbers: how many number words it has.
        dated: it has an ordinal or a month, as dates do.
    said: how many of its parts are words, not figures.
    """

    start: int
    end: int
    text: str
    digits: int
    letters: int
    numbers: int
    dated: bool
    said: int


@cache
def vocabulary(code: str) -> Mapping[str, Token]:
    """Returns the meaning of every word that a dictated value may hold in one language."""
    data = all_languages()[code]
    numerals = data.numerals
    words: dict[str, Token] = {}
    for filler in folded_set(data.fillers):
        if filler in _SOFT:
            words[filler] = Token("f", "")
    for word, letter in folded_map(data.letters).items():
        words[word] = Token("l", letter)
    for link in folded_set(numerals.link):
        words[link] = Token("+", "")
    for word, sign in folded_map(data.symbols).items():
        words[word] = Token("s", sign)
    for word, month in folded_map(numerals.months).items():
        words[word] = Token("m", str(month))
    for word, number in folded_map(numerals.ordinals).items():
        words[word] = Token("o", str(number))
    for word, number in folded_map(numerals.below_hundred).items():
        words[word] = Token("n", str(number))
    for word, count in folded_map(numerals.times).items():
        words[word] = Token("x", str(count))
    for word in folded_set(numerals.hundred):
        words[word] = Token("h", "")
    for word in folded_set(numerals.thousand):
        words[word] = Token("t", "")
    for word, digit in folded_map(numerals.digits).items():
        words[word] = Token("d", digit)
    return words


@cache
def _morphemes(code: str) -> tuple[frozenset[str], frozenset[str]]:
    numerals = all_languages()[code].numerals
    return folded_set(numerals.hundred), folded_set(numerals.thousand)


@cache
def _alphabet(code: str) -> Mapping[str, str]:
    return folded_map(all_languages()[code].alphabet)


@cache
def _number_words() -> Mapping[str, tuple[str, ...]]:
    """Returns for each word that is a digit or number the languages it is one in."""
    found: dict[str, list[str]] = {}
    for code in all_languages():
        for word, token in vocabulary(code).items():
            if token.kind in "dn":
                found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}


def spoken_languages(words: Sequence[str]) -> list[str]:
    """Returns the languages in which one of ``words`` is a digit or a number."""
    table = _number_words()
    codes = {code for word in words for code in table.get(word, ())}
    return [code for code in all_languages() if code in codes]


def meaning(word: str, code: str) -> Token | None:
    """Returns what ``word`` means in a dictated value of language ``code``; None where nothing."""
    token = vocabulary(code).get(word)
    if token is not None:
        return token
    if len(word) == 1 and word.isalpha():
        return Token("l", word)
    if word.isdigit():
        return Token("d" if len(word) == 1 else "n", word)
    return _compound(word, code)


def _compound(word: str, code: str) -> Token | None:
    """Returns the number behind ``zwohundertvierzehn`` or ``tweeduizendvier``."""
    hundreds, thousands = _morphemes(code)
    for morphemes, width in ((thousands, 3), (hundreds, 2)):
        for morpheme in morphemes:
            if len(morpheme) < 4 or morpheme not in word:  # noqa: PLR2004
                continue
            head, tail = word.split(morpheme, 1)
            first = _simple(head, code) if head else "1"
            last = _simple(tail, code) if tail else "0"
            if first is not None and last is not None and len(last) <= width:
                return Token("n", first + last.zfill(width))
    return None


def _simple(word: str, code: str) -> str | None:
    for link in ("und", "en", ""):
        token = vocabulary(code).get(word.removeprefix(link)) if word.startswith(link) else None
        if token is not None and token.kind in "dn":
            return token.value
    compound = _compound(word, code)
    return compound.value if compound else None


class _Reader:
    """Collects one run; reads numbers as they are said, in parts that add up."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.start = self.end = -1
        self.said = self.fillers = self.numbers = self.digits = self.letters = self.times = 0
        self.dated = False
        self.previous = ""

    def take(self, start: int, end: int, token: Token, *, written: bool = False) -> None:
        if self.start < 0:
            self.start = start
        kind, value = token.kind, token.value
        if kind == "d" and self.previous == "n" and len(self.parts[-1]) == 2 and self.parts[-1].endswith("0") and self.parts[-1] != "10":  # noqa: PLR2004
            self.parts[-1] = self.parts[-1][0] + value
        elif kind == "d":
            self.parts.append(value * max(self.times, 1))
        elif kind in "nom":
            self.parts.append(value * max(self.times, 1))
        elif kind == "h":
            self.parts.append("00")
        elif kind == "t":
            self.parts.append("000")
        elif kind in "ls":
            self.parts.append(value * max(self.times, 1))
        self.times = int(value) if kind == "x" else 0
        self.numbers += kind in "dnhtom"
        self.said += kind in "dnhtom" and not written
        self.letters += kind == "l"
        self.dated = self.dated or kind in "om"
        if kind not in "f+":
            self.fillers = 0
            self.previous = kind
            if kind not in "sx":
                self.end = end
        else:
            self.fillers += 1

    def run(self) -> Run | None:
        if self.end < 0:
            return None
        text = "".join(self.parts)
        return Run(self.start, self.end, text, sum(map(str.isdigit, text)), self.letters, self.numbers, self.dated, self.said)


def runs(words: Sequence[Word], code: str) -> list[Run]:
    """Returns the dictated values among ``words``, in the reading of one language."""
    data = all_languages()[code]
    alphabet, spelled_as = _alphabet(code), folded_set(data.spelled_as)
    found: list[Run] = []
    reader = _Reader()
    place = 0
    while place < len(words):
        start, end, word = words[place]
        token = meaning(word, code)
        if token is not None and token.kind == "l" and place + 2 < len(words) and words[place + 1][2] in spelled_as:
            spelled = words[place + 2]
            if len(word) == 1 or spelled[2][:1] == token.value[:1]:
                reader.take(start, spelled[1], token)
                place += 3
                continue
        if token is None and word in alphabet:
            token = Token("l", alphabet[word])
            if reader.start < 0 and not _dictated(words, place, code, alphabet):
                token = None
        if token is None or (token.kind in "f+x" and reader.start < 0 and token.kind != "x") or (token.kind in "f+" and reader.fillers >= _MOST_FILLERS):
            _close(reader, found)
            reader = _Reader()
        elif token.kind == "s" and reader.start < 0:
            pass
        else:
            reader.take(start, end, token, written=word.isdigit())
        place += 1
    _close(reader, found)
    return found


def _dictated(words: Sequence[Word], place: int, code: str, alphabet: Mapping[str, str]) -> bool:
    """Tells whether a word of the spelling alphabet begins a dictated value: another part of one follows."""
    if place + 1 >= len(words):
        return False
    following = words[place + 1][2]
    token = meaning(following, code)
    return following in alphabet or (token is not None and token.kind in "dnl")


def _close(reader: _Reader, found: list[Run]) -> None:
    run = reader.run()
    if run is not None:
        found.append(run)

