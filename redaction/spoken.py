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

from redaction.dictated import Reader, Run, Token
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
    spelled_as = folded_set(data.spelled_as)
    hundreds, thousands = folded_set(data.numerals.hundred), folded_set(data.numerals.thousand)
    return _Lexicon(
        words,
        folded_map(data.alphabet),
        spelled_as,
        hundreds,
        thousands,
        frozenset((*words, *folded_map(data.alphabet), *" ".join(spelled_as).split())),
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


def first_numbers(words: Sequence[Word]) -> dict[str, int]:
    """Returns for each language in which one of ``words`` is a digit or a number where the first such word begins."""
    table = _number_words()
    found: dict[str, int] = {}
    for start, _, word in words:
        for code in table.get(word, ()):
            found.setdefault(code, start)
    return {code: found[code] for code in all_languages() if code in found}


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


def runs(words: Sequence[Word], code: str) -> list[Run]:
    """Returns the dictated values among ``words``, in the reading of one language."""
    lexicon = _lexicon(code)
    parts, strong = lexicon.parts, lexicon.strong
    spelled = any(len(word) == 1 and word not in _FIGURES for _, _, word in words)
    found: list[Run] = []
    first = evidence = -1
    for place, (_, _, word) in enumerate(words):
        if word in parts or len(word) == 1 or _may_be_part(words, place, lexicon, spelled=spelled):
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


def _may_be_part(words: Sequence[Word], place: int, lexicon: _Lexicon, *, spelled: bool) -> bool:
    """Tells whether a word that is in no list may be figures, a compound, or what a letter is spelled by."""
    word = words[place][2]
    if word[0] in _FIGURES:
        return word.isdigit()
    if len(word) > _SHORTEST_COMPOUND:
        for morpheme in lexicon.morphemes:
            if morpheme in word:
                return True
    if not spelled:
        return False
    # The letter is looked at first: it seldom stands there, and what is behind it takes longer to tell.
    letters = [at for at in (place - 2, place - 3) if at >= 0 and words[at][2] == word[0]]
    return any(_behind_like(words, at + 1, lexicon) == place for at in letters)


def _read(words: Sequence[Word], lexicon: _Lexicon, found: list[Run]) -> None:
    """Appends the dictated values in a stretch of words that may all be parts of some."""
    reader: Reader | None = None
    place = 0
    while place < len(words):
        start, end, word = words[place]
        token = meaning(word, lexicon)
        example = _spelled(words, place, token, lexicon)
        if example is not None and token is not None:
            reader = reader or Reader(vigesimal=lexicon.vigesimal)
            reader.take(start, words[example][1], token)
            place = example + 1
            continue
        if token is None and word in lexicon.alphabet and (reader is not None or _dictated(words, place, lexicon)):
            token = Token("l", lexicon.alphabet[word])
        place += 1
        if reader is None:
            if token is not None and token.kind not in "f+s":
                reader = Reader(vigesimal=lexicon.vigesimal)
                reader.take(start, end, token, written=word.isdigit())
        elif token is None or (token.kind in "f+" and reader.fillers >= _MOST_FILLERS):
            reader.close(found)
            reader = None
        else:
            reader.take(start, end, token, written=word.isdigit())
    if reader is not None:
        reader.close(found)


def _spelled(words: Sequence[Word], place: int, token: Token | None, lexicon: _Lexicon) -> int | None:
    """Returns which word is the example in ``M wie Martha``, if that begins at ``place``."""
    if token is None or token.kind != "l":
        return None
    example = _behind_like(words, place + 1, lexicon)
    if example is None:
        return None
    alike = len(words[place][2]) == 1 or words[example][2][:1] == token.value[:1]
    return example if alike else None


def _behind_like(words: Sequence[Word], place: int, lexicon: _Lexicon) -> int | None:
    """Returns which word follows a ``wie``, or ``de la``, at ``place``."""
    for size in (2, 1):
        like = " ".join(word for _, _, word in words[place : place + size])
        if place + size < len(words) and like in lexicon.spelled_as:
            return place + size
    return None


def _dictated(words: Sequence[Word], place: int, lexicon: _Lexicon) -> bool:
    """Tells whether a word of the spelling alphabet begins a dictated value: another part of one follows."""
    if place + 1 >= len(words):
        return False
    following = words[place + 1][2]
    token = meaning(following, lexicon)
    return following in lexicon.alphabet or (token is not None and token.kind in "dnl")
