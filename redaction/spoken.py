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
_SHORTEST_MORPHEME = 4
_SHORTEST_COMPOUND = 7
_FIGURES = frozenset("0123456789")
_SOFT = frozenset(
    [
        "ah",
        "ahm",
        "aeh",
        "aehm",
        "oh",
        "em",
        "hm",
        "uh",
        "um",
        "er",
        "erm",
        "eh",
        "ehm",
        "uhm",
        "euh",
        "ee",
        "und",
        "en",
        "and",
        "e",
        "et",
        "y",
        "i",
        "si",
        "then",
        "dan",
        "dann",
        "de",
        "en",
        "a",
    ]
)


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
    words = {filler: Token("f", "") for filler in folded_set(data.fillers) & _SOFT}
    for kind, table in (
        ("l", data.letters),
        ("+", dict.fromkeys(numerals.link, "")),
        ("s", data.symbols),
        ("m", numerals.months),
        ("o", numerals.ordinals),
        ("n", numerals.numbers),
        ("x", numerals.times),
        ("h", dict.fromkeys(numerals.hundred, "")),
        ("t", dict.fromkeys(numerals.thousand, "")),
        ("d", numerals.digits),
    ):
        words.update((word, Token(kind, str(value))) for word, value in folded_map(table).items())
    return words


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """One language's words, ready to look up."""

    words: Mapping[str, Token]
    alphabet: Mapping[str, str]
    spelled_as: frozenset[str]
    hundreds: frozenset[str]
    thousands: frozenset[str]
    parts: frozenset[str]
    strong: frozenset[str]
    morphemes: tuple[str, ...]
    vigesimal: bool


@cache
def _lexicon(code: str) -> _Lexicon:
    data = all_languages()[code]
    words = vocabulary(code)
    hundreds, thousands = folded_set(data.numerals.hundred), folded_set(data.numerals.thousand)
    return _Lexicon(
        words,
        folded_map(data.alphabet),
        folded_set(data.spelled_as),
        hundreds,
        thousands,
        frozenset((*words, *folded_map(data.alphabet), *folded_set(data.spelled_as))),
        frozenset(word for word, token in words.items() if token.kind in "dnom") - folded_set(tuple(data.stop)),
        tuple(word for word in hundreds | thousands if len(word) >= _SHORTEST_MORPHEME),
        data.numerals.vigesimal,
    )


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


def meaning(word: str, lexicon: _Lexicon) -> Token | None:
    """Returns what ``word`` means in a dictated value; None where nothing."""
    token = lexicon.words.get(word)
    if token is not None:
        return token
    if len(word) == 1:
        return Token("l", word) if word.isalpha() else Token("d", word) if word.isdigit() else None
    if word.isdigit():
        return Token("n", word)
    return _compound(word, lexicon) if len(word) >= _SHORTEST_MORPHEME else None


def _compound(word: str, lexicon: _Lexicon) -> Token | None:
    """Returns the number behind ``zwohundertvierzehn`` or ``tweeduizendvier``."""
    for morphemes, width in ((lexicon.thousands, 3), (lexicon.hundreds, 2)):
        for morpheme in morphemes:
            if len(morpheme) < _SHORTEST_MORPHEME or morpheme not in word:
                continue
            head, tail = word.split(morpheme, 1)
            first = _simple(head, lexicon) if head else "1"
            last = _simple(tail, lexicon) if tail else "0"
            if first is not None and last is not None and len(last) <= width:
                return Token("n", first + last.zfill(width))
    return None


def _simple(word: str, lexicon: _Lexicon) -> str | None:
    for link in ("und", "en", ""):
        token = lexicon.words.get(word.removeprefix(link)) if word.startswith(link) else None
        if token is not None and token.kind in "dn":
            return token.value
    compound = _compound(word, lexicon)
    return compound.value if compound else None


class _Number:
    """A number as its words are said, part by part: "cento" "noventa" "e" "dois" is 192.

    Attributes:
        said: what it is so far.
        last: the part that was added last.
    """

    def __init__(self, part: int, *, vigesimal: bool) -> None:
        self.said = self.last = part
        self._vigesimal = vigesimal

    def add(self, part: int) -> bool:
        """Adds what follows, where one number can go on so: not so in "vier fünf"."""
        rest = self.said % 100
        if 0 < part < self._room() or (self._vigesimal and rest in {60, 80} and 10 <= part < 20):  # noqa: PLR2004
            self.said += part
        elif self._vigesimal and (rest, part) == (4, 20):
            self.said += 80 - 4
        else:
            return False
        self.last = part
        return True

    def loosened(self) -> int:
        """Takes off the digit added to a full hundred, where another follows ("achthundert fünf fünf"); else 0."""
        if not 0 < self.last < 10 or self.said % 100 != self.last or self.said < 100:  # noqa: PLR2004
            return 0
        digit, self.last = self.last, 0
        self.said -= digit
        return digit

    def _room(self) -> int:
        """Returns below what a part has to be to belong to the number."""
        for place in (1000, 100, 10):
            if self.said >= place and self.said % place == 0 and (self.said >= 2 * place or place > 10):  # noqa: PLR2004
                return place
        return 0

    def times(self, factor: int) -> bool:
        """Multiplies by a hundred or a thousand what was said last; false where another number begins."""
        few = self.said < factor and (factor > 100 or self.said < 100)  # noqa: PLR2004
        part = self.said if few else self.last
        if part >= factor or not (few or 0 < part < 10):  # noqa: PLR2004
            return False
        self.said += part * (factor - 1)
        self.last = part * factor
        return True


class _Reader:
    """Collects one run; reads numbers as they are said, in parts that add up."""

    def __init__(self, *, vigesimal: bool) -> None:
        self.parts: list[str] = []
        self.start = self.end = -1
        self.said = self.fillers = self.numbers = self.letters = self.repeats = 0
        self.dated = False
        self._number: _Number | None = None
        self._vigesimal = vigesimal

    def take(self, start: int, end: int, token: Token, *, written: bool = False) -> None:
        if self.start < 0:
            self.start = start
        kind, value = token.kind, token.value
        self.numbers += kind in "dnhtom"
        self.said += kind in "dnhtom" and not written
        self.letters += kind == "l"
        self.dated = self.dated or kind in "om"
        if kind in "f+":
            self.fillers += 1
            return
        self.fillers = 0
        if kind not in "sx":
            self.end = end
        if kind in "ht":
            self._multiplied(100 if kind == "h" else 1000)
        elif kind in "dn" and not written and not self.repeats and value[0] != "0":
            self._counted(int(value))
        elif kind != "x":
            self._settle()
            self.parts.append(value * max(self.repeats, 1))
        self.repeats = int(value) if kind == "x" else 0

    def _counted(self, part: int) -> None:
        if self._number is not None and self._number.add(part):
            return
        digit = self._number.loosened() if self._number is not None and part < 10 else 0  # noqa: PLR2004
        before = self._settle()
        if digit:
            self.parts.append(str(digit))
        self._number = _Number(part, vigesimal=self._vigesimal and before != "0")

    def _multiplied(self, factor: int) -> None:
        if self._number is not None and self._number.times(factor):
            return
        if self._number is None and self.parts[-1:] == ["o"]:  # "o suta": a hundred
            self.parts.pop()
            self.letters -= 1
        self._settle()
        self._number = _Number(factor, vigesimal=self._vigesimal)

    def _settle(self) -> str:
        """Ends the number that is being said; returns the last part."""
        if self._number is not None:
            self.parts.append(str(self._number.said))
            self._number = None
        return self.parts[-1] if self.parts else ""

    def close(self, found: list[Run]) -> None:
        self._settle()
        if self.end >= 0:
            text = "".join(self.parts)
            found.append(self._run(text))

    def _run(self, text: str) -> Run:
        return Run(
            self.start, self.end, text, sum(map(str.isdigit, text)), self.letters, self.numbers, self.dated, self.said
        )


def runs(words: Sequence[Word], code: str) -> list[Run]:
    """Returns the dictated values among ``words``, in the reading of one language."""
    lexicon = _lexicon(code)
    parts, strong = lexicon.parts, lexicon.strong
    found: list[Run] = []
    first = evidence = -1
    for place, (_, _, word) in enumerate(words):
        if word in parts or len(word) == 1 or _may_be_part(word, words, place, lexicon):
            if first < 0:
                first, evidence = place, 0
            evidence += 2 if word in strong or word not in parts else len(word) == 1
        elif first >= 0:
            if evidence > 1:
                _read(words[first:place], lexicon, found)
            first = -1
    if first >= 0 and evidence > 1:
        _read(words[first:], lexicon, found)
    return found


def _may_be_part(word: str, words: Sequence[Word], place: int, lexicon: _Lexicon) -> bool:
    """Tells whether a word that is in no list may be figures, a compound, or what a letter is spelled by."""
    if word[0] in _FIGURES:
        return word.isdigit()
    if len(word) > _SHORTEST_COMPOUND:
        for morpheme in lexicon.morphemes:
            if morpheme in word:
                return True
    return (
        place > 1
        and words[place - 1][2] in lexicon.spelled_as
        and len(words[place - 2][2]) == 1
        and word[0] == words[place - 2][2]
    )


def _read(words: Sequence[Word], lexicon: _Lexicon, found: list[Run]) -> None:
    """Appends the dictated values in a stretch of words that may all be parts of some."""
    reader: _Reader | None = None
    place = 0
    while place < len(words):
        start, end, word = words[place]
        token = meaning(word, lexicon)
        spelled = _spelled(words, place, token, lexicon)
        if spelled is not None and token is not None:
            reader = reader or _Reader(vigesimal=lexicon.vigesimal)
            reader.take(start, spelled, token)
            place += 3
            continue
        if token is None and word in lexicon.alphabet and (reader is not None or _dictated(words, place, lexicon)):
            token = Token("l", lexicon.alphabet[word])
        place += 1
        if reader is None:
            if token is not None and token.kind not in "f+s":
                reader = _Reader(vigesimal=lexicon.vigesimal)
                reader.take(start, end, token, written=word.isdigit())
        elif token is None or (token.kind in "f+" and reader.fillers >= _MOST_FILLERS):
            reader.close(found)
            reader = None
        else:
            reader.take(start, end, token, written=word.isdigit())
    if reader is not None:
        reader.close(found)


def _spelled(words: Sequence[Word], place: int, token: Token | None, lexicon: _Lexicon) -> int | None:
    """Returns where ``M wie Martha`` ends, if it begins at ``place``."""
    if token is None or token.kind != "l" or place + 2 >= len(words) or words[place + 1][2] not in lexicon.spelled_as:
        return None
    _, end, example = words[place + 2]
    return end if len(words[place][2]) == 1 or example[:1] == token.value[:1] else None


def _dictated(words: Sequence[Word], place: int, lexicon: _Lexicon) -> bool:
    """Tells whether a word of the spelling alphabet begins a dictated value: another part of one follows."""
    if place + 1 >= len(words):
        return False
    following = words[place + 1][2]
    token = meaning(following, lexicon)
    return following in lexicon.alphabet or (token is not None and token.kind in "dnl")
