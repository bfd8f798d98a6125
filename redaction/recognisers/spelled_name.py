"""Names that are spelled: a run of letters beside the name it spells, or after the question how it is spelled.

A letter may be said with a word that begins with it ("M wie Martha", "n as in November"); which alphabet that is from
does not matter, an improvised one has the same form.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType as T
from redaction.languages import ordinary_words
from redaction.recogniser import STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_FEWEST, _LIKE, _NEAR = 3, 3, 40
_SCORE = STRONG + 0.07
_LIKE_IN = r"(?:wie|fur|fuer|for|as in|as|like|van|von|come|jak|gibi|como|comme|de la|de)"
_AS = rf"(?: {_LIKE_IN} [a-z]+)"
_SIZE = r"(?:capital|little|small|big|upper ?case|lower ?case|gross(?:es)?|kleine?s?|hoofdletter)"
_MARK = (
    r"(?: (?:mit (?:zwei )?(?:punkt|punkten|punktchen|puenktchen|strichen)|mit (?:einem )?(?:akzent|haken|strich)|met (?:een )?(?:trema|puntjes|umlaut|streepje)|"
    r"avec (?:un |une )?(?:accent|trema|cedille)(?: aigu| grave)?|con (?:la |el )?(?:tilde|dieresi|dieresis|accento)|with (?:an? )?(?:umlaut|accent|dots)))"
)
"""How the sign on a letter is said: "o mit pünktchen"."""
_LETTER = rf"(?:(?:double|doppel|dubbel|doppelt|{_SIZE}) )?[a-z]\b(?:{_AS}|{_MARK})?"
_SPELLED = re2.compile(rf"(?:^|[^a-z0-9'])({_LETTER}(?:[ .,-]{{1,2}}\b{_LETTER}){{2,}})".encode())
_LAST = re.compile(rf"\b([a-z])( {_LIKE_IN} ([a-z]+))\Z")
_TWICE = ("double", "doppel", "dubbel")
_ASKS = re2.compile(
    rb"buchstab|wie schreib|schreibt man|spell|spelt|\bspel|schrijf|liter|epel|compita|come si scrive|deletre|soletr|hecele|se scrie|se escri|se escreve|comment (?:ca )?s.ecri|kodla"
)
_OTHER = frozenset(
    {T.STREET, T.EMAIL, T.USERNAME, T.PASSWORD, T.CUSTOMER_NO, T.DEVICE_ID, T.PLATE, T.IBAN, T.MAC, T.NATIONAL_ID}
)


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _SPELLED.finditer(scan.data):
        start, end = match.span(1)
        if scan.lower[end : end + 1] == "'":  # "... y i'm"
            end = start + len(scan.lower[start : end - 1].rstrip(" .,-"))
        if (last := _LAST.search(scan.lower, start, end)) and not last[3].startswith(
            last[1]
        ):  # "... y wie der Torwart"
            end = last.start(2)
        letters = _letters(scan.lower[start:end])
        if scan.lower[end - 2 : end - 1] == " " and _stands_beside(scan, start, end, letters[:-1]):
            # The name is spelled, and a word of one letter follows: "... e n a imię".
            end, letters = end - 2, letters[:-1]
        if _spells_a_neighbour(scan, start, end, letters) or (len(letters) >= _FEWEST and _asked(scan)):
            kind = _kind(scan, start)
            yield start, end, kind, _SCORE
            if len(letters) > _FEWEST and letters not in ordinary_words(scan.language):
                yield from (
                    (first, last, kind, _SCORE) for first, last, word in _near(scan, start, end) if word == letters
                )


def _letters(text: str) -> str:
    """Returns what a run spells."""
    found, times = "", 1
    for word in text.replace(",", " ").replace(".", " ").replace("-", " ").split():
        found += word * times if len(word) == 1 else ""
        times = 2 if word.startswith(_TWICE) else 1
    return found


def _near(scan: Scan, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yields the words of the segment before and behind a spelling, with their offsets."""
    return (
        (first, last, word)
        for first, last, word in scan.words
        if start - _NEAR < first < start or end < first < end + _NEAR
    )


def _stands_beside(scan: Scan, start: int, end: int, name: str) -> bool:
    """Tells whether a name of some length stands nearby, whole."""
    return len(name) > _FEWEST and name in _beside(scan, start, end)


def _beside(scan: Scan, start: int, end: int) -> list[str]:
    return f"{scan.before(start, _NEAR)} {scan.after(end)}".replace(",", " ").replace(".", " ").split()


def _spells_a_neighbour(scan: Scan, start: int, end: int, letters: str) -> bool:
    """Tells whether a word of some length nearby begins as the letters do, and is about as long."""
    return any(
        len(word) > _LIKE and word[:_LIKE] == letters[:_LIKE] and abs(len(word) - len(letters)) <= 1
        for word in _beside(scan, start, end)
    )


def _asked(scan: Scan) -> bool:
    asked = scan.asked.types
    return scan.first and T.PERSON in asked and not asked & _OTHER and bool(_ASKS.search(scan.asked.words.encode()))


def _kind(scan: Scan, start: int) -> T:
    """Returns what is spelled: a street or a place where that is spoken of, else a name."""
    clue = scan.clue(start, _NEAR)
    if clue is None:
        return T.STREET if T.STREET in scan.asked.types else T.PERSON
    return clue.type if clue.type is T.STREET or clue.type is T.POSTCODE_CITY else T.PERSON


RECOGNISER = Recogniser(
    name="spelled_name",
    gate=(
        r"\b[a-z][ .,-]{1,2}[a-z][ .,-]{1,2}[a-z]\b",
        r"\b[a-z] (?:wie|fur|for|as in|like|van|von|come|jak|gibi|como|comme|de|de la) [a-z]",
    ),
    find=_find,
    answers=frozenset(),
    examples=(
        Example("⟦PERSON|lindqvist l i n d q v i s t⟧ danke", channel="call"),
        Example("ja ⟦PERSON|torvald⟧ hier ⟦PERSON|t o mit pünktchen r v a l d⟧", channel="call"),
        Example("⟦PERSON|T wie Tapete O R B E R G⟧", "Können Sie Ihren Namen buchstabieren?", "call"),
        Example("it's ⟦PERSON|b for biscuit r o w⟧", "How do you spell your name?", "call"),
        Example("⟦PERSON|sczepanski⟧ also ⟦PERSON|s c z e p a n s k i⟧ wie der maler", channel="call"),
        Example("⟦PERSON|macsorley⟧ yes ⟦PERSON|capital m a c capital s o r l e y⟧", channel="call"),
        Example("nazwisko ⟦PERSON|malewicz m a l e w i c z⟧ a imię pan zna", channel="call"),
        Example("torberg mit t wie tante", channel="call"),
        Example("der i c e nach ulm und das h d m i kabel", channel="call"),
    ),
)
