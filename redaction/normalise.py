"""Folding: one ASCII character for one visible code point, and the way back to the original.

Patterns and word lists see text in this form only:

- NFKC-like, character by character: full-width, circled and other scripts' digits become 0-9, letters
  lose their accents (ü -> u, ß -> s, ł -> l), Greek and Cyrillic letters that look like Latin ones become
  these, other letters without a Latin base become ``x``;
- dashes, dots, quotes, blanks of every kind become ``-``, ``.``, ``'``, ``"`` and a space; emoji and lone
  surrogates become a space;
- what has no width (zero-width characters, soft hyphens, direction marks, combining marks,
  variation selectors, keycaps, fillers) is removed, so that it can't hide a value.

Before all that, tags, entities and emphasis go (see ``markup``): a folded text is what a reader sees.

A folded text is ASCII, so one code point is one byte and RE2's byte offsets are character offsets.
Only where something was removed is an offset table needed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from redaction.markup import Plain, Tag, read

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u2043"
_SINGLE = "\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc`"
_DOUBLE = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_DOTS = "\u00b7\u2026\u2027\u2219\u22c5\u3002\u30fb\uff65\u06d4"
_SLASHES = "\u2044\u2215\u29f8"
_COLONS = "\u2236\ua789\u02d0"
_LETTERS_ALIKE = (
    ("АВЕЅІЈКМНОРСТХҮаеорсухѕіјһԁԛԝ", "ABESIJKMHOPCTXYaeopcyxsijhdqw"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳ", "ABEZHIKMNOPTYXocj"),
)
"""Cyrillic and Greek letters that no reader tells from Latin ones.

Source: https://www.unicode.org/Public/security/latest/confusables.txt
"""
_ALIKE = {letter: latin for letters, latins in _LETTERS_ALIKE for letter, latin in zip(letters, latins, strict=True)}
_FIXED = {
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_DOTS, "."),
    **dict.fromkeys(_SLASHES, "/"),
    **dict.fromkeys(_COLONS, ":"),
    **_ALIKE,
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", ""),
    **dict.fromkeys(_SINGLE, "'"),
    **dict.fromkeys(_DOUBLE, '"'),
    "ß": "s", "ẞ": "S", "ø": "o", "Ø": "O", "æ": "a", "Æ": "A", "œ": "o", "Œ": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "t", "Þ": "T", "ı": "i", "ħ": "h", "Ħ": "H",
    "•": "*", "€": "$", "°": "o", "º": "o", "ª": "a", "×": "x", "¿": "?", "¡": "!",
    "\u20e3": "", "\u00ad": "", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
}  # fmt: skip
_REMOVED = {"Cf", "Mn", "Me", "Mc"}
_BLANKS = "\t\n\v\f\r"
_TABLE_LIMIT = 20_000
_DIGITS = frozenset(map(float, range(10)))
_UNASSIGNED = ((0x2065, 0x2065), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))
"""Code points without a character that are shown as nothing all the same.

Source: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt (Default_Ignorable_Code_Point)
"""
_ENCLOSED = re.compile(r"NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])")


def _fold_character(character: str) -> str:  # noqa: PLR0911 - one answer for each rule of the module's text
    """Returns the ASCII character that stands for ``character``; empty where it has no width."""
    if character in _FIXED:
        return _FIXED[character]
    category = unicodedata.category(character)
    if category in _REMOVED or (category == "Cc" and character not in _BLANKS):
        return ""
    if character.isascii():
        return character
    if category in {"Nd", "No"} and (digit := unicodedata.numeric(character, None)) in _DIGITS:
        return str(int(digit or 0))
    if category == "Cn" and any(first <= ord(character) <= last for first, last in _UNASSIGNED):
        return ""
    if category == "Pd":
        return "-"
    if category == "So" and (enclosed := _ENCLOSED.fullmatch(unicodedata.name(character, ""))):
        return enclosed[1]
    base = _base(character)
    if base.isascii() and base.isprintable():
        return base
    if base in _FIXED:
        return _FIXED[base] or " "
    return {"L": "X" if character.isupper() else "x", "P": "'"}.get(category[0], " ")


def _base(character: str) -> str:
    """Returns what is left of ``character`` without accent, width, circle or brackets."""
    parts = unicodedata.normalize("NFKD", character)
    return parts[1] if parts[0] == "(" and len(parts) > 1 else parts[0]


class _Table(dict[int, str]):
    """Folds on demand; remembers characters (never text), up to a bound."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


_TABLE = _Table({code: _fold_character(chr(code)) for code in range(128)})
_CP1252 = bytes(ord(_fold_character(bytes([code]).decode("cp1252", "replace")) or "\x7f") for code in range(256))
_UNSEEN = bytes(code for code in range(128) if not _fold_character(chr(code))) + b"\xad"


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in folded form.

    Attributes:
        cased: ASCII, case kept.
        lower: ASCII, lower case.
        offsets: for each folded character its place in the original; None where they are the same.
        length: code points of the original.
        ends: for each folded character where its original ends; None where that is one code point each.
        shown: the folded characters as they were; None where the original has no markup.
        tags: the tags of the original.
    """

    cased: str
    lower: str
    offsets: tuple[int, ...] | None
    length: int
    ends: tuple[int, ...] | None = None
    shown: str | None = None
    tags: tuple[Tag, ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Returns the span of the original that a non-empty folded span came from."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1 if self.ends is None else self.ends[end - 1]

    def place(self, offset: int) -> int:
        """Returns where in the original the folded character at ``offset`` begins (the end for the end).

        Markup right before a character belongs to it.
        """
        if self.offsets is None:
            return offset
        if self.ends is not None and offset < len(self.ends):
            return self.ends[offset - 1] if offset else 0
        return self.offsets[offset] if offset < len(self.offsets) else self.length

    def visible(self, text: str) -> str:
        """Returns what of the original ``text`` was kept: its offsets are the folded ones."""
        if self.shown is not None:
            return self.shown
        if self.offsets is None:
            return text[: self.length]
        return "".join([text[place] for place in self.offsets])

    def head(self, end: int) -> Folded:
        """Returns the folded form of what stands before the folded offset ``end``."""
        if end >= len(self.cased):
            return self
        length = self.place(end)
        return Folded(
            self.cased[:end],
            self.lower[:end],
            None if self.offsets is None else self.offsets[:end],
            length,
            None if self.ends is None else self.ends[:end],
            None if self.shown is None else self.shown[:end],
            tuple(tag for tag in self.tags if tag.end <= length),
        )


_EMPTY = Folded("", "", None, 0)


def fold(text: str) -> Folded:
    """Folds ``text``; see the module's text for the rules. Never raises, whatever the text holds."""
    if not text:
        return _EMPTY
    plain = read(text)
    return _fold(text) if plain is None else _led_back(_fold(plain.text), plain, len(text))


def _led_back(folded: Folded, plain: Plain, length: int) -> Folded:
    """Returns a plain text's folded form as that of the text with markup."""
    kept = range(len(plain.text)) if folded.offsets is None else folded.offsets
    return Folded(
        folded.cased,
        folded.lower,
        tuple([plain.starts[place] for place in kept]),
        length,
        tuple([plain.ends[place] for place in kept]),
        folded.visible(plain.text),
        plain.tags,
    )


def _fold(text: str) -> Folded:
    """Folds a text without markup."""
    try:
        data = text.encode("ascii" if text.isascii() else "cp1252")
    except UnicodeEncodeError:
        return _fold_slowly(text)
    if len(data.translate(None, _UNSEEN)) != len(data):
        return _fold_slowly(text)
    cased = data.translate(_CP1252).decode("ascii")
    return Folded(cased, cased.lower(), None, len(text))


def _fold_slowly(text: str) -> Folded:
    """Folds a text that holds more than the usual characters, or characters that are removed."""
    cased = text.translate(_TABLE)
    offsets = None
    if len(cased) != len(text):
        offsets = tuple(place for place, character in enumerate(text) if _TABLE[ord(character)])
    return Folded(cased, cased.lower(), offsets, len(text))


def identity(text: str) -> str:
    """Returns the form in which values are compared: the folded one in lower case, but foreign letters stay apart.

    A folded text has one letter for all that have no Latin base: it finds, but it does not tell two names apart.
    """
    if text.isascii():
        return fold(text).lower
    plain = read(text)
    pieces: list[str] = []
    foreign = False
    for character in text if plain is None else plain.text:
        folded = _TABLE[ord(character)]
        if _is_foreign(character, folded):
            foreign = True
            pieces.append(unicodedata.normalize("NFKC", character).casefold())
        elif foreign and not folded and unicodedata.category(character)[0] == "M":
            pieces.append(character)
        else:
            foreign = False
            pieces.append(folded.lower())
    return "".join(pieces)


def _is_foreign(character: str, folded: str) -> bool:
    """Tells whether a letter that folds to ``folded`` has no Latin base."""
    return character in _ALIKE or (folded in {"x", "X"} and character not in _FIXED and not _base(character).isascii())


def is_part(character: str) -> bool:
    """Tells whether a character of an ``identity`` belongs to a word: a letter, a digit, a foreign letter's mark."""
    return character.isalnum() or not character.isascii()


def spellings(word: str) -> frozenset[str]:
    """Returns the folded forms in which a word of a language file may be typed (ü, u, ue; ß, s, ss)."""
    written = word.lower()
    wide = written
    for narrow, broad in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ø", "oe"), ("å", "aa")):
        wide = wide.replace(narrow, broad)
    return frozenset({fold(written).lower, fold(wide).lower, fold(written.replace("ß", "ss")).lower})
