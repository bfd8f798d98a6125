"""Variants of a message: other people, other numbers, and what keyboards and speech recognisers do to a text.

Every variant keeps the marks. Values are invented anew in the form of the old one; a validation of checksums is the
rules' business, not the network's, so digits are free.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from random import Random

from redaction.names.words import fold
from training import lexicon
from training.gazetteer import BIT
from training.messages import Message

Piece = tuple[str, str | None]
_NUMBERED = ("PHONE", "CUSTOMER_NO", "DATE_OF_BIRTH", "IBAN", "CARD", "NATIONAL_ID", "IP", "MAC", "DEVICE_ID", "PLATE")
_NUMERIC = frozenset([*_NUMBERED, "PASSWORD", "GEO", "POSTCODE_CITY", "STREET", "USERNAME", "EMAIL"])
_LETTERED = frozenset(["CUSTOMER_NO", "NATIONAL_ID", "DEVICE_ID", "PLATE", "PASSWORD", "MAC"])
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_CODE = re.compile(r"(?=[A-Z0-9]*\d)[A-Z0-9]{4,}|\b[A-Z]{1,3}\b")
_STREET_ENDING = re.compile(
    r"(?i)(straße|strasse|str|weg|gasse|allee|platz|ring|damm|ufer|straat|laan|plein|gracht|kade|dreef|hof|steig)$"
)
_SMALL_WORD = 4
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_BARE = str.maketrans("äöüÄÖÜßéèêëçñóòáàíúışğŞİłąęśćńżźółôîï", "aouAOUseeeecnooaaiuisgSIlaescnzzoloii")
_SENTENCE_END = re.compile(r"[.!?](?=\s)")
_NOUN = re.compile(r"(?<=[a-zäöüß] )[A-ZÄÖÜ][a-zäöüß]{3,10}\b")
_LOOSE_MARKS = re.compile(r"[,;!?]|\.(?=\s|$)")
_TYPED_LOOSELY = (None, "PERSON", "STREET")
_MARKS = re.compile(r"[.,;:!?\"„“”()]")


@dataclass(frozen=True, slots=True)
class Stock:
    """What new values are drawn from."""

    given: list[str]
    surname: list[str]
    place: list[str]
    gazetteer: dict[str, int]
    nouns: list[str] = field(default_factory=list)
    values: dict[tuple[str, ...], list[str]] = field(default_factory=dict)

    def collect(self, messages: list[Message]) -> None:
        """Remember every marked value, by what it may stand for in another message, and words that are no names."""
        ordinary = BIT["ordinary"] | BIT["ordinary-common"]
        seen = {
            w for m in messages if m.language == "de" for t, kind in m.pieces if kind is None for w in _NOUN.findall(t)
        }
        self.nouns.extend(sorted(w for w in seen if self.gazetteer.get(fold(w), 0) & ordinary))
        for message in messages:
            for text, kind in message.pieces:
                if kind is not None:
                    self.values.setdefault(_likeness(text, kind, message), []).append(text)


def _likeness(text: str, kind: str, message: Message) -> tuple[str, ...]:
    words = len(text.split())
    form = "digits" if any(map(str.isdigit, text)) else "spelled" if text.count(" ") > len(text) / 3 else "words"
    length = "one" if words == 1 else "few" if words < 5 else "many"
    return kind, message.language, "call" if message.channel == "call" else "", form, length


def vary(message: Message, stock: Stock, rng: Random) -> Message:
    """Return a variant of `message`; one in five stays as it is."""
    if rng.random() < 0.15:
        return message
    pieces = list(message.pieces)
    if rng.random() < 0.7:
        pieces = [_new_value(_value_of_another(p, message, stock, rng), message.language, stock, rng) for p in pieces]
    if rng.random() < 0.12:
        pieces = cut(pieces, rng)
    previous = message.previous
    pieces, previous = _as_typed(pieces, previous, message.channel == "call", rng)
    if previous and rng.random() < 0.06:
        previous = ""
    kept = tuple(p for p in pieces if p[0])
    return replace(message, pieces=kept or message.pieces, previous=previous)


def _as_typed(pieces: list[Piece], previous: str, call: bool, rng: Random) -> tuple[list[Piece], str]:  # noqa: FBT001
    style = rng.random()
    if style < (0.3 if call else 0.25):
        pieces = [(text.lower(), kind) for text, kind in pieces]
        if rng.random() < 0.5:
            previous = previous.lower()
    elif style < 0.27 and not call:
        pieces = [(text.upper(), kind) for text, kind in pieces]
    if call and rng.random() < 0.4:
        pieces = [(text if _is_code(kind) else _MARKS.sub("", text), kind) for text, kind in pieces]
    elif rng.random() < 0.12:
        pieces = [(_LOOSE_MARKS.sub("", text) if kind is None else text, kind) for text, kind in pieces]
    spelling = rng.random()
    if spelling < 0.12:
        pieces = [(text.translate(_UMLAUTS if spelling < 0.07 else _BARE), kind) for text, kind in pieces]
    if rng.random() < 0.25 and not call:
        pieces = [(_typo(text, rng) if kind in _TYPED_LOOSELY else text, kind) for text, kind in pieces]
    return pieces, previous


def cut(pieces: list[Piece], rng: Random) -> list[Piece]:
    """Return the pieces up to the end of a sentence, as a text looks of which the rest is still to come."""
    ends = [
        (i, match.end())
        for i, (text, kind) in enumerate(pieces)
        if kind is None
        for match in _SENTENCE_END.finditer(text)
    ]
    if not ends:
        return pieces
    at, end = rng.choice(ends)
    return [*pieces[:at], (pieces[at][0][:end], None)]


def _value_of_another(piece: Piece, message: Message, stock: Stock, rng: Random) -> Piece:
    text, kind = piece
    if kind is None or rng.random() > 0.3:
        return piece
    others = stock.values.get(_likeness(text, kind, message))
    return (like(text, rng.choice(others)), kind) if others else piece


def join(first: Message, second: Message, rng: Random) -> Message:
    """Return one message that says both, as in a long mail."""
    gap = rng.choice((" ", " ", "\n", ". "))
    return replace(first, pieces=(*first.pieces, (gap, None), *second.pieces))


def _is_code(kind: str | None) -> bool:
    return kind is not None and kind not in ("PERSON", "STREET", "POSTCODE_CITY")


def _new_value(piece: Piece, language: str, stock: Stock, rng: Random) -> Piece:
    text, kind = piece
    if kind is None:
        return (_other_plain_digits(text, rng), None) if rng.random() < 0.5 else piece
    if rng.random() < 0.25:
        return piece
    if kind == "PERSON":
        return _person(text, stock, rng), kind
    if kind == "POSTCODE_CITY":
        text = _WORD.sub(lambda m: _place(m.group(), stock, rng), text)
    elif kind == "STREET":
        text = _WORD.sub(lambda m: _street_word(m.group(), stock, rng), text)
    elif kind in ("EMAIL", "USERNAME", "URL") and rng.random() < 0.6:
        text = _WORD.sub(lambda m: _handle_word(m.group(), stock, rng), text)
    if kind in _NUMERIC:
        text = _number_words(text, language, rng)
        text = _DIGITS.sub(lambda m: _digits(m.group(), rng), text)
    if kind in _LETTERED and rng.random() < 0.7:
        alphabet = _ALPHABET[:6] if kind == "MAC" else _ALPHABET
        text = _CODE.sub(lambda m: _letters(m.group(), alphabet, rng), text)
    return text, kind


def like(pattern: str, word: str) -> str:
    """Return `word` in the case of `pattern`."""
    if pattern.islower():
        return word.lower()
    if pattern.isupper() and len(pattern) > 1:
        return word.upper()
    return word


def _person(text: str, stock: Stock, rng: Random) -> str:
    words = _WORD.findall(text)
    single = sum(len(w) == 1 for w in words)
    if single >= 3 or any(fold(w) in _SPELL_WORDS for w in words):
        return _WORD.sub(lambda m: like(m.group(), rng.choice(_ALPHABET).upper()) if len(m.group()) == 1 else m.group(),
                         text)  # fmt: skip
    last = words[-1] if words else ""

    def other(match: re.Match[str]) -> str:
        word = match.group()
        if len(word) == 1:
            return like(word, rng.choice(_ALPHABET).upper())
        if len(word) < _SMALL_WORD and word.islower():
            return word
        bits = stock.gazetteer.get(fold(word), 0)
        is_given = bool(bits & BIT["given"]) and (not bits & BIT["surname"] or word != last or len(words) == 1)
        return like(word, rng.choice(stock.given) if is_given else _surname(stock, rng))

    return _WORD.sub(other, text)


def _surname(stock: Stock, rng: Random) -> str:
    """Return a surname: from the lists, or one that stands in no list, in part an ordinary word."""
    way = rng.random()
    if way < 0.78:
        return rng.choice(stock.surname)
    if way < 0.82 and stock.nouns:
        return rng.choice(stock.nouns)
    first, second = (rng.choice(stock.surname).split(" ")[-1] for _ in range(2))
    return first[: max(2, len(first) // 2 + rng.randrange(-1, 2))] + second[len(second) // 2 :].lower()


_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SPELL_WORDS = frozenset(["wie", "for", "van", "jak", "gibi", "doppel", "double", "dubbel", "umlaut"])


def _place(word: str, stock: Stock, rng: Random) -> str:
    bits = stock.gazetteer.get(fold(word), 0)
    number = BIT["digit"] | BIT["teen"] | BIT["ten"] | BIT["big-number"] | BIT["ordinary-frequent"]
    if len(word) < _SMALL_WORD or bits & number or not bits & BIT["place"] or rng.random() < 0.4:
        return word
    return like(word, rng.choice(stock.place))


def _street_word(word: str, stock: Stock, rng: Random) -> str:
    bits = stock.gazetteer.get(fold(word), 0)
    if len(word) < _SMALL_WORD or bits & (BIT["digit"] | BIT["teen"] | BIT["ten"] | BIT["big-number"]):
        return word
    ending = _STREET_ENDING.search(word)
    if ending and ending.start() > 1 and rng.random() < 0.5:
        stem = rng.choice(rng.choice((stock.given, stock.surname, stock.place))).split(" ")[0]
        return like(word, stem + ending.group().lower())
    if not ending and not bits & (BIT["ordinary"] | BIT["ordinary-common"] | BIT["ordinary-frequent"]):
        if word.endswith("er") and rng.random() < 0.5:
            return like(word, rng.choice(stock.place).split(" ")[0] + "er")
        if rng.random() < 0.4:
            return like(word, rng.choice(rng.choice((stock.given, stock.surname, stock.place))))
    return word


def _handle_word(word: str, stock: Stock, rng: Random) -> str:
    bits = stock.gazetteer.get(fold(word), 0)
    if len(word) < _SMALL_WORD or bits & BIT["mail-word"] or not bits & (BIT["given"] | BIT["surname"]):
        return word
    name = rng.choice(stock.given if bits & BIT["given"] else stock.surname).split(" ")[0]
    return like(word, fold(name))


def _table(language: str, source: dict[str, str]) -> list[str]:
    return source.get(language, "").split()


_NUMBER_CLASSES = {
    language: [
        _table(language, lexicon.DIGITS),
        _table(language, lexicon.TEENS),
        _table(language, lexicon.TENS),
        lexicon.compounds(language),
        _table(language, lexicon.BIG_NUMBERS),
    ]
    for language in lexicon.DIGITS
}
_CLASS_OF = {language: {w: words for words in classes for w in words} for language, classes in _NUMBER_CLASSES.items()}


def _number_words(text: str, language: str, rng: Random) -> str:
    classes = _CLASS_OF.get(language, {})

    def other(match: re.Match[str]) -> str:
        word = match.group()
        same = classes.get(word.lower())
        if not same or word.lower() in ("hundred", "thousand", "honderd", "hundert", "cent", "mille", "mil", "un"):
            return word
        return like(word, rng.choice(same))

    return _WORD.sub(other, text)


def _digits(run: str, rng: Random) -> str:
    if len(run) == 1:
        return str(rng.randrange(10)) if rng.random() < 0.7 else run
    first = run[0] if run[0] == "0" or rng.random() < 0.5 else str(rng.randrange(1, 10))
    head = run[:2] if run[:2] in ("19", "20", "49", "31", "44", "01", "06", "07", "02") else first
    return head + "".join(str(rng.randrange(10)) for _ in run[len(head) :])


def _other_plain_digits(text: str, rng: Random) -> str:
    def other(match: re.Match[str]) -> str:
        run = match.group()
        if len(run) < 3 or run in ("192", "168", "127", "000", "0000", "112", "110", "999") or run[:2] in ("19", "20"):
            return run
        return run[0] + "".join(str(rng.randrange(10)) for _ in run[1:])

    return _DIGITS.sub(other, text)


def _letters(code: str, alphabet: str, rng: Random) -> str:
    return "".join(rng.choice(alphabet).upper() if c.isalpha() else c for c in code)


def _typo(text: str, rng: Random) -> str:
    def slip(match: re.Match[str]) -> str:
        word = match.group()
        if len(word) < _SMALL_WORD or rng.random() > 0.08:
            return word
        at = rng.randrange(1, len(word) - 1)
        way = rng.randrange(4)
        if way == 0:
            return word[:at] + word[at + 1 :]
        if way == 1:
            return word[:at] + word[at] + word[at:]
        if way == 2:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + rng.choice(_ALPHABET) + word[at + 1 :]

    return _WORD.sub(slip, text)
