"""What a language's data file holds, and how number words are put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from redaction.normalise import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redaction.findings import EntityType

Fragments = tuple[str, ...]
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Numerals:
    """Number words of a language.

    Attributes:
        digits: words for 0 to 9 and their variants, each with its digit.
        numbers: words for 10 to 99 and for full hundreds in one word, each with its value.
        unit_joiner: what stands between unit and ten in one word (``und``, ``en``); empty if nothing does.
        hundred: the morpheme for 100, ``thousand`` the one for 1000; compounds are split there.
        ordinals: words for first to thirty-first in dates, with their number.
        months: month names with their number.
        times: words that repeat the next digit (``doppel`` -> 2).
        vigesimal: sixty takes ten to nineteen, and four before twenty is eighty (French).
        link: words that join parts of one number and mean nothing (``and`` in "one hundred and five").
    """

    digits: Mapping[str, str]
    numbers: Mapping[str, int]
    hundred: Fragments = ()
    thousand: Fragments = ()
    vigesimal: bool = False
    link: Fragments = ()
    times: Mapping[str, int] = field(default_factory=dict)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    """One language; word lists as people write them, fragments as RE2 on folded lower-case text.

    Fragments may hold umlauts (they match every spelling) and ``~`` in front, which lets the
    fragment begin inside a compound word.

    Attributes:
        code: ISO 639-1.
        stop: frequent words by which the language is known.
        clues: words that say which kind of value stands beside them or is asked for.
        exact: endings by which a clue names the value itself ("serial number"), not only its subject ("order").
        secrets: what names a password, a PIN or a code that opens something, so clearly that what follows is one.
        other: words after which a value is not personal (model, article, price, version).
        asks: questions that ask for a kind without naming it.
        units: words after a number that make it a measure, a price or a time.
        numerals: number words.
        alphabet: spelling alphabets, word to letter.
        letters: names of single letters as an ASR writes them (``ha``, ``jot``).
        spelled_as: words between a letter and its spelling word (``wie``, ``for``).
        symbols: spoken signs (``punkt`` -> ``.``).
        fillers: words that may stand inside a dictated value.
        titles: words before a surname.
        names_follow: phrases after which the speaker's name stands.
        farewells: phrases before the name at the end of a message.
        not_names: capitalised words that follow a title or greeting and are no names.
        mailboxes: local parts of shared mailboxes.
        examples: words after which a value is an example of its form.
        samples: words that say so only of what stands right behind them ("format 12345", not "in the format to").
        ours: words by which a firm gives its own number.
        premises: what a firm's address follows and no home does: a head office, a returns centre, "our shop".
        homes: what makes it somebody's all the same: a flat above the shop, not there but here, a customer of the firm.
        mine: words of somebody who speaks of themselves, or asks to be called.
        lives_in: phrases after which the place stands where somebody lives.
        health: illnesses, disabilities, aids, faiths, orientations, unions: said of a person they are Article 9 data.
        people: words that say that a person is spoken of: pronouns, kin, "has", "suffers".
    """

    code: str
    stop: frozenset[str]
    clues: Mapping[EntityType, Fragments]
    exact: Fragments
    secrets: Fragments
    other: Fragments
    asks: Mapping[EntityType, Fragments]
    units: Fragments
    numerals: Numerals
    alphabet: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    spelled_as: Fragments = ()
    symbols: Mapping[str, str] = field(default_factory=dict)
    fillers: Fragments = ()
    titles: Fragments = ()
    names_follow: Fragments = ()
    farewells: Fragments = ()
    not_names: Fragments = ()
    mailboxes: Fragments = ()
    examples: Fragments = ()
    samples: Fragments = ()
    ours: Fragments = ()
    premises: Fragments = ()
    homes: Fragments = ()
    mine: Fragments = ()
    lives_in: Fragments = ()
    health: Fragments = ()
    people: Fragments = ()


def fragment(text: str) -> str:
    """Returns a data file's fragment as RE2 on folded text.

    Umlauts match every spelling; each alternative is bordered on its left unless it begins with ``~``.
    """
    pieces = (piece[1:] if piece.startswith("~") else rf"\b{piece}" for piece in _alternatives(_spelled(text)))
    return "(?:" + "|".join(pieces) + ")"


def any_of(fragments: Iterable[str]) -> str:
    """Returns RE2 that matches where one of ``fragments`` does, for searches that ask whether and not how far.

    Its alternatives are sorted: RE2 shares what neighbours have in common, and so builds an automaton in half the time.
    """
    pieces = sorted({piece for text in fragments for piece in _alternatives(_spelled(text))})
    inside = [piece[1:] for piece in pieces if piece.startswith("~")]
    bordered = [piece for piece in pieces if not piece.startswith("~")]
    bodies = [rf"\b(?:{'|'.join(bordered)})"] if bordered else []
    bodies += [f"(?:{'|'.join(inside)})"] if inside else []
    return f"(?:{'|'.join(bodies)})"


def _spelled(text: str) -> str:
    """Returns a fragment with umlauts in every spelling."""
    for letter, pattern in (("ä", "ae?"), ("ö", "oe?"), ("ü", "ue?"), ("ß", "ss?")):
        text = text.replace(letter, pattern)
    return text


def _alternatives(text: str) -> list[str]:
    """Returns the alternatives of a fragment, cut at the bars outside of groups."""
    pieces, depth, begin = [], 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            pieces.append(text[begin:place])
            begin = place + 1
    return [*pieces, text[begin:]]


def folded_map(words: Mapping[str, _V]) -> dict[str, _V]:
    """Returns ``words`` keyed by every folded spelling."""
    return {form: value for word, value in words.items() for form in spellings(word)}


def folded_set(words: Fragments) -> frozenset[str]:
    """Returns every folded spelling of ``words``."""
    return frozenset(form for word in words for form in spellings(word))
