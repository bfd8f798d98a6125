"""Edges: a span ends where the value ends. The model sometimes takes an article or a title along; here it goes."""

# ruff: noqa: E501 - word lists read best in rows

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from redaction.brands import BRANDS
from redaction.findings import EntityType as T
from redaction.languages import all_languages, folded_map, folded_set, ordinary_words
from redaction.resolve import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redaction.context import Scan

_SPOKEN = frozenset(
    {T.PHONE, T.IBAN, T.CARD, T.NATIONAL_ID, T.CUSTOMER_NO, T.DEVICE_ID, T.DATE_OF_BIRTH, T.IP, T.MAC, T.PLATE, T.GEO}
)
_AFTER_NAMES = frozenset(("hanim", "bey", "und", "and", "et", "y", "e", "i", "en", "or", "oder"))
_DUTCH_TAIL = re.compile(r" van (?:d(?:er|en)|'t) [a-z]{3,}\b")
"""Old cases of the article, and its short form behind a name, live on in surnames."""
_URL_HEAD = re.compile(r"(?:https?://)?(?:www\.)?\Z")
_ON_BEHALF = re.compile(r"(?:i\. ?[av]|t\. ?n\. ?v|t\. ?a\. ?v)\. ?")
_LABELS = frozenset(
    ("sn", "s/n", "imei", "dhl", "dpd", "ups", "gls", "hermes", "postnl", "nr", "no", "seriennummer", "serial")
)
_LABELLED = frozenset({T.DEVICE_ID, T.CUSTOMER_NO})
_DITHERING = ("de", "en", "nl")
"""Languages in which a letter alone is seldom a word."""
_LETTER_BEFORE = re.compile(r"(?:\A| )([a-z]) \Z")
_LETTERED = frozenset({T.POSTCODE_CITY, T.PLATE, T.NATIONAL_ID, T.IBAN, T.CUSTOMER_NO, T.DEVICE_ID})
_NAMED_AFTER = re.compile(r"(?:de[rnm]|het|'t|la|the) ")
_PREPOSITION = re.compile(r"(?:\A|[^a-z])((?:unter|auf|an|hinter|vor|im|in|am|zu|onder|achter|op|aan|over) )\Z")
_BEFORE_NAMES = frozenset(
    (
        *(
            "hallo",
            "hi",
            "hello",
            "hey",
            "dear",
            "liebe",
            "lieber",
            "beste",
            "geachte",
            "sehr",
            "geehrte",
            "geehrter",
            "cara",
            "caro",
        ),
        *(
            "querido",
            "querida",
            "cher",
            "chere",
            "droga",
            "drogi",
            "gentile",
            "egregio",
            "fr",
            "name",
            "naam",
            "nome",
            "nom",
            "nombre",
        ),
        *(
            "heisse",
            "ist",
            "is",
            "my",
            "mein",
            "meine",
            "mijn",
            "the",
            "und",
            "and",
            "en",
            "der",
            "die",
            "das",
            "ich",
            "ik",
            "like",
        ),
        *("as", "also", "nein", "statt", "uf", "met", "mit", "wie"),
    ),
)
_BEFORE_PLACES = frozenset(
    (
        "in",
        "aus",
        "from",
        "uit",
        "wohnhaft",
        "wohne",
        "wohnt",
        "woon",
        "live",
        "living",
        "at",
        "to",
        "nach",
        "naar",
        "bei",
    ),
)
_POLITE = ("hanim", "bey")
_LOGINS = frozenset(("pw", "pwd", "psw", "pass", "password", "passwort", "kennwort", "wachtwoord", "haslo", "sifre", "parola", "mdp"))  # fmt: skip
_ENDLESS = frozenset(("van", "von", "vom", "del", "della", "di", "du", "zu", "ter"))
"""Particles that hardly a name ends with."""
_NEXT_WORD = re.compile(r" ([a-z'-]+)")
_WHOLE_DATE = re.compile(r"[0-3]?[0-9][./-][01]?[0-9][./-](?:19|20)[0-9]{2}(?= )")
_ABOUT_HEALTH = frozenset(
    ("ein", "eine", "einen", "einem", "die", "der", "das", "a", "an", "the", "een", "de", "het", "un", "una", "une", "la", "le", "el", "il",
     "mittlerweile", "inzwischen", "leider", "sehr"),
)  # fmt: skip
_DATE_ARTICLES = frozenset(("the",))
"""What belongs to a date as it is said: "the fourth of May"."""
_HOUSE = re.compile(r",? (?:nr\.? ?|no\.? ?)?[0-9]{1,4}(?: ?[a-h])?(?![a-z0-9.,:/-]*[0-9a-z])")
_HOUSE_LEAD = re.compile(r"(?:\A|[^a-z])(nr\.?|no\.) \Z")
_HOUSE_NUMBER = re.compile(r"[0-9]{1,4} ?[a-z]?\Z")
_BEFORE_FRENCH_NAMES = frozenset(("m", "hein", "euh", "bah"))
_COUNTED = re.compile(r"[0-9]{6}(,? [0-9]{1,2})\Z")
_DOSE = re.compile(r" [0-9]{1,4}(?:[.,][0-9]+)? ?(?:mg|mcg|µg|ug)\b")
"""Of a medicine, whose name goes on with it; a litre or a gram is more often of something else."""
_KEY = re.compile(r",? (?:hekje|raute|hash|sternchen|ster|star|pound)\b")
_LONGEST_NUMBER, _SHORTEST_SURNAME = 4, 3
_SCHEME = re.compile("mailto:")
_MARKS = " ,.;:!?-\"'()/"


@cache
def _stops(code: str | None) -> frozenset[str]:
    """Frequent words that are no part of a dictated value."""
    if code is None:
        return frozenset()
    data = all_languages()[code]
    numerals = data.numerals
    said = folded_map(numerals.digits).keys() | folded_map(numerals.numbers).keys() | folded_map(data.letters).keys()
    said |= folded_map(data.symbols).keys() | folded_map(numerals.ordinals).keys() | folded_map(numerals.months).keys()
    stops = folded_set(tuple(data.stop)) | folded_set(data.fillers)
    return frozenset(word for word in stops - said if len(word) > 1) - {"de", "no", "at"}


@cache
def title_words() -> frozenset[str]:
    """Returns the words of every language that stand before a surname."""
    return frozenset(word for data in all_languages().values() for word in folded_set(data.titles) if len(word) > 1)


@cache
def _before_names(code: str | None) -> frozenset[str]:
    return title_words() | _BEFORE_NAMES | (_BEFORE_FRENCH_NAMES if code == "fr" else frozenset())


def _without_elision(candidate: Candidate, scan: Scan) -> Candidate:
    """Returns a name without a letter behind it that belongs to the next word: "... k e j'habite"."""
    letter = candidate.end - 1
    if letter - 1 <= candidate.start or scan.lower[letter - 1] != " " or scan.lower[candidate.end : letter + 2] != "'":
        return candidate
    return Candidate(candidate.start, candidate.end - 2, candidate.type, candidate.score, candidate.recogniser)


def _without_measure(candidate: Candidate, scan: Scan) -> Candidate:
    """Returns a number without a short one behind it that counts something: "4471209983 5 days"."""
    counted = _COUNTED.search(scan.lower, candidate.start, candidate.end)
    if counted is None or not scan.measured(candidate.end):
        return candidate
    return Candidate(candidate.start, counted.start(1), candidate.type, candidate.score, candidate.recogniser)


def _without_particle(candidate: Candidate, scan: Scan) -> Candidate:
    """Returns a name without a particle behind it that begins what follows: "gerrit lind van beukenplein acht"."""
    space = scan.lower.rfind(" ", candidate.start, candidate.end)
    if space < 0 or scan.cased[space + 1 : candidate.end] not in _ENDLESS:
        return candidate
    follows = _NEXT_WORD.match(scan.lower, candidate.end)
    goes_on = follows is None or follows[1] in ordinary_words(scan.language)  # "anh van und ich": it is the surname
    return candidate if goes_on else ending(candidate, space)


def _without_more(candidate: Candidate, scan: Scan) -> Candidate:
    """Returns a date of birth that is written in figures without what stands behind it."""
    if candidate.type is not T.DATE_OF_BIRTH:
        return candidate
    date = _WHOLE_DATE.match(scan.lower, candidate.start, candidate.end)
    return candidate if date is None else ending(candidate, date.end())


def ending(candidate: Candidate, end: int) -> Candidate:
    """Returns a candidate that ends sooner."""
    return Candidate(candidate.start, end, candidate.type, candidate.score, candidate.recogniser)


def straightened(candidates: Iterable[Candidate], scan: Scan) -> Iterator[Candidate]:
    """Yields the candidates without words at their ends that belong to the sentence."""
    for candidate in candidates:
        if candidate.type is T.PERSON:
            value = _without_particle(_without_elision(candidate, scan), scan)
            yield _cut(value, scan, _before_names(scan.language), _AFTER_NAMES)
        elif candidate.type in _SPOKEN:
            stops = _stops(scan.language) | _LABELS if candidate.type in _LABELLED else _stops(scan.language)
            value = _without_measure(_without_more(candidate, scan), scan)
            yield _cut(value, scan, stops - _DATE_ARTICLES if candidate.type is T.DATE_OF_BIRTH else stops, stops)
        elif candidate.type is T.POSTCODE_CITY or candidate.type is T.STREET:
            yield _cut(candidate, scan, _BEFORE_PLACES, frozenset())
        elif candidate.type is T.HEALTH:
            yield _cut(candidate, scan, _ABOUT_HEALTH, frozenset())
        elif candidate.type is T.USERNAME:
            yield _cut(candidate, scan, frozenset(), _LOGINS)
        elif candidate.type is T.EMAIL and (scheme := _SCHEME.match(scan.lower, candidate.start, candidate.end - 1)):
            yield Candidate(scheme.end(), candidate.end, T.EMAIL, candidate.score, candidate.recogniser)
        else:
            yield candidate


def completed(candidates: Iterable[Candidate], scan: Scan) -> Iterator[Candidate]:
    """Yields the candidates widened to whole words: the rest of ``tante.trude_77``, of ``Berkel-Enschot``, a closing bracket."""
    for candidate in candidates:
        start, end = _whole_words(scan.lower, candidate.start, candidate.end, _INNER.get(candidate.type, "-'"))
        start, end = _with_brackets(scan.lower, start, end)
        start, end = _whole_value(scan, candidate.type, start, end)
        if candidate.type in _LETTERED and scan.channel == "call":
            start = _with_letters(scan, start)
        if (start, end) == (candidate.start, candidate.end):
            yield candidate
        else:
            yield Candidate(start, end, candidate.type, candidate.score, candidate.recogniser)


def _whole_value(scan: Scan, kind: T, start: int, end: int) -> tuple[int, int]:
    """Returns the span with what belongs to a value of its kind."""
    if kind is T.PERSON:
        return _whole_name(scan, start, end)
    if kind is T.STREET:
        return _with_number(scan, _with_preposition(scan, start), end)
    if kind is T.HEALTH and (dose := _DOSE.match(scan.lower, end)):
        end = dose.end()
    elif kind is T.URL and (head := _URL_HEAD.search(scan.lower, 0, start)):
        start = head.start()
    elif kind is T.USERNAME:
        while scan.lower.startswith("_", end):
            end += 1
        start -= start > 0 and scan.lower[start - 1] == "@" and not scan.character_before(start - 1).isalnum()
    elif kind is T.PASSWORD:
        end += scan.lower[end : end + 1] in _PASSWORD_ENDS and any(map(str.isdigit, scan.lower[start:end]))
        end = key.end() if (key := _KEY.match(scan.lower, end)) else end
    return start, end


def _whole_name(scan: Scan, start: int, end: int) -> tuple[int, int]:
    start, end = _with_initials(scan.lower, start, end)
    if scan.language == "pl" and scan.cased.startswith("p. ", start):
        start += len("p. ")  # it is "pan" or "pani", and no initial
    end = _with_surname(scan, start, end)
    tail = _DUTCH_TAIL.match(scan.lower, end) if scan.language == "nl" else None
    return start, end if tail is None else tail.end()


def _with_letters(scan: Scan, start: int) -> int:
    """Returns where a dictated code begins of which the first letters look like words ("i p four")."""
    text = scan.lower
    if scan.language in _DITHERING:
        while text[start + 1 : start + 2] == " " and (letter := _LETTER_BEFORE.search(text[:start])):
            start = letter.start(1)
    return start


def _with_preposition(scan: Scan, start: int) -> int:
    """Returns where a street begins that is named after where it lies ("Unter den Eichen"), the preposition in capitals."""
    if not _NAMED_AFTER.match(scan.lower, start):
        return start
    before = _PREPOSITION.search(scan.lower[:start])
    return before.start(1) if before and scan.cased[before.start(1)].isupper() else start


def _whole_words(text: str, start: int, end: int, inner: str) -> tuple[int, int]:
    while start > 1 and _goes_on(text[start - 1], text[start - 2], inner):
        start -= 1 if text[start - 1].isalnum() else 2
    while end + 1 < len(text) and _goes_on(text[end], text[end + 1], inner):
        end += 1 if text[end].isalnum() else 2
    if start == 1 and text[0].isalnum():
        start = 0
    if end + 1 == len(text) and text[end].isalnum():
        end += 1
    return start, end


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    inside = text[start:end]
    if text[end : end + 1] == ")" and "(" in inside and ")" not in inside:
        end += 1
    if start and text[start - 1] == "(" and ")" in inside and "(" not in inside:
        start -= 1
    return start, end


def _with_initials(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns the span of a name with the initials before it and the full stop of one at its end."""
    while start > 2 and text[start - 1] in " ." and text[start - 3 : start].strip(" ").endswith("."):  # noqa: PLR2004
        letter = start - 2 if text[start - 1] == "." else start - 3
        if not text[letter].isalpha() or (letter and text[letter - 1].isalnum()):
            break
        start = letter
    if behalf := _ON_BEHALF.match(text, start, end):
        start = behalf.end()
    if text[end : end + 1] == "." and end - start > 2 and text[end - 2] == " ":  # noqa: PLR2004
        end += 1
    return start, end


def _with_surname(scan: Scan, start: int, end: int) -> int:
    """Returns where a name of one word ends with the capitalised word behind it that is in no list of ordinary words."""
    text = scan.cased
    if " " in text[start:end] or not text[start].isupper() or text[end : end + 1] != " ":
        return end
    stop = end + 1
    while stop < len(text) and (text[stop].isalpha() or text[stop] in "'-"):
        stop += 1
    word = text[end + 1 : stop]
    if len(word) < _SHORTEST_SURNAME or not word[0].isupper() or not word[1:].islower():
        return end
    low = word.lower()
    return end if low in ordinary_words(scan.language) or low in BRANDS or low.startswith(_POLITE) else stop


def _with_number(scan: Scan, start: int, end: int) -> tuple[int, int]:
    """Returns a street with the house number behind it, a bare number with the ``Nr.`` before it."""
    text = scan.lower
    if not any(map(str.isdigit, text[start:end])):
        if number := _HOUSE.match(text, end):
            return (start, end) if scan.measured(number.end()) else (start, number.end())
        spoken = next((run for run in scan.runs if end < run.start <= end + 2 and run.said), None)
        said = any(start <= run.start < end for run in scan.runs)
        if spoken is not None and not said and spoken.digits <= _LONGEST_NUMBER and not spoken.dated:
            return start, spoken.end
    elif _HOUSE_NUMBER.match(text[start:end]) and (lead := _HOUSE_LEAD.search(text[:start])):
        return lead.start(1), end
    return start, end


def _goes_on(near: str, far: str, inner: str) -> bool:
    return near.isalnum() or (near in inner and far.isalnum())


_CODE_MARKS = "-_./#+"
_INNER = {
    T.USERNAME: "-_.@", T.EMAIL: "-_.@+", T.PASSWORD: "-_.!#*$%&+@", T.CUSTOMER_NO: _CODE_MARKS, T.DEVICE_ID: _CODE_MARKS, T.NATIONAL_ID: "-./", T.IBAN: "-.",
    T.CARD: "-", T.PHONE: "-/.", T.PLATE: "-", T.URL: "-_./?=&%@:#", T.IP: ".:", T.MAC: ":-.", T.GEO: ".,", T.DATE_OF_BIRTH: "-./",
    T.STREET: "-/'", T.PERSON: "-", T.POSTCODE_CITY: "-'", T.HEALTH: "-",
}  # fmt: skip
_PASSWORD_ENDS = frozenset("!#*$%&+")


def _cut(candidate: Candidate, scan: Scan, before: frozenset[str], after: frozenset[str]) -> Candidate:
    start, end = candidate.start, candidate.end
    text = scan.lower
    if " " not in text[start:end]:
        return candidate
    while (stop := text.find(" ", start, end)) > 0 and text[start:stop].strip(_MARKS) in before:
        start = stop + 1
    while (last := text.rfind(" ", start, end)) > 0 and text[last + 1 : end].strip(_MARKS) in after:
        end = last
    if (start, end) == (candidate.start, candidate.end) or start >= end:
        return candidate
    return Candidate(start, end, candidate.type, candidate.score, candidate.recogniser)
