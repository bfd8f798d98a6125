"""Addresses of firms: what stands right behind the name of a shop, a branch or a firm is nobody's home.

"Retourcentrum, Havenweg 8, 5145 NJ Waalwijk", "Quillo Ltd, 40 Bermondsey Wharf", "our branch: 5 High Street".

A customer writes to a shop, lives above one, has a contract with one or fetches a parcel there, and then tells where
they live. So a word that may stand in such a sentence counts only with "our" or "your", and nothing in the sentence may
speak of a home, of a customer or of "me", greet, or say "not there".
"""

# ruff: noqa: E501 - patterns and sets read best in rows

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType as T
from redaction.languages import all_languages, any_of, ordinary_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redaction.context import Scan
    from redaction.languages import Language
    from redaction.resolve import Candidate

SENTENCE_END = re.compile(r"[a-z]{4}[.!?]+ ")
PLACES = frozenset({T.STREET, T.POSTCODE_CITY})
_WINDOW, _BESIDE = 96, 4
_FORM = (
    r"[a-z)&] (((?:ag|inc|limited|b\.?v|n\.?v|sa|sas|spa|lda|sti|plc|llc)\b\.?)|"
    r"(?:gmbh(?: ?& ?co\.? ?kg)?|ag ?& ?co\.? ?kg|ohg|llp|sarl|ltd)\b\.?|"
    r"(?:e\. ?v|s\. ?a(?:\. ?s)?|s\.?r\.?l|s\. ?p\. ?a|sp\. ?z\.? ?o\.? ?o|s\.l|a\.s)\b\.?)"
)
"""Those in the first row are words too ("sa mere", "las sa vina") and count with a capital letter."""
_NAME = r"(?: [^\s,.:;()!?]{1,24}){0,4}"
_TO_THE_ADDRESS = r" ?[,:(](?: ?(?:(?:str|ul|al|av|st|nr|no)\.|[^,.;:!?()]){1,40}[,(])? ?(?:ul\.? )?\Z"
_BEHIND_A_WORD = re.compile(_NAME + _TO_THE_ADDRESS)
_BEHIND_A_FORM = re.compile(_TO_THE_ADDRESS)
"""From a word for premises to the address: a name, a comma and perhaps the street before the town, no sentence."""
_ADDRESSED = re.compile(
    r"\b(?:hallo|hi|hey|hello|moin|servus|gru(?:ss?|z) \w+|guten (?:tag|morgen|abend)|lieb(?:e[rs]?)?|geehrt\w*|dank\w*|"
    r"good (?:morning|afternoon|evening)|dear|thanks|thank you|beste|geachte|goede\w+|"
    r"bonjour|bonsoir|salut|cher|chere|merci|buongiorno|buonasera|salve|ciao|gentil\w+|spett\w*|grazie|"
    r"hola|buen[oa]s \w+|estimad\w+|gracias|ola|bo[ma] (?:dia|tarde|noite)|car[oa]s?|exm\w*|obrigad\w|"
    r"dzien dobry|witam|czesc|drog\w+|szanown\w+|dziekuj\w+|merhaba\w*|selam\w*|sayin|iyi \w+|tesekkur\w*|"
    r"von|vom|bei|beim|durch|aus|mit|from|by|with|through|door|bij|met|uit|par|depuis|avec|dal?|dalla|con|por|desde|com|"
    r"ze?|od|przez|din|cu|prin|buna(?: ziua| seara)?|stimat\w*|drag\w+|multumesc)(?: [^\s,:;!?]+){0,4} ?\Z"
)
"""Who is greeted, or whom a parcel or a visit comes from: what follows is where the customer is."""
_JOINING = frozenset(
    ("der", "die", "das", "den", "dem", "des", "in", "im", "am", "zum", "zur", "und", "of", "the", "at", "and", "van", "het", "en",
     "de", "le", "les", "du", "et", "la", "del", "di", "dell'", "e", "el", "y", "mas", "cercana", "da", "do", "w", "na", "i")
)  # fmt: skip
"""Ordinary words that stand within the name of a firm, or before its place."""
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")


def _any_in(code: str | None, parts: Callable[[Language], Iterable[str]]) -> str:
    """Returns what matches a language's words of one kind; those of all languages where it is not known which is spoken."""
    languages = all_languages()
    spoken = [languages[code]] if code is not None else languages.values()
    return any_of([part for data in spoken for part in parts(data)]) + r"\b"


@cache
def _premises(code: str | None) -> re2._Regexp:
    """Matches a word for premises, or a legal form."""
    return re2.compile(rf"(?:{_any_in(code, lambda data: data.premises)}|{_FORM})".encode())


@cache
def mine(code: str | None) -> re2._Regexp:
    """Matches where somebody speaks of themselves."""
    return re2.compile(_any_in(code, lambda data: data.mine).encode())


@cache
def _homes(code: str | None) -> re2._Regexp:
    """Matches what makes an address somebody's though premises are named before it."""
    return re2.compile(_any_in(code, lambda data: (*data.mine, *data.homes)).encode())


def of_a_firm(candidate: Candidate, candidates: Sequence[Candidate], scan: Scan) -> bool:
    """Tells whether an address is a firm's: its name or a word for its premises stands right before, and nobody's.

    Args:
        candidate: a street, or a postcode and a town.
        candidates: all of the segment, for whoever is named before the address lives there.
        scan: the segment.
    """
    if scan.asked.types & PLACES:
        return False
    streets = [other for other in candidates if candidate.type is T.POSTCODE_CITY and _stands_before(other, candidate)]
    return all(_behind_a_firm(place, candidates, scan) for place in streets or [candidate])


def _stands_before(street: Candidate, town: Candidate) -> bool:
    return street.type is T.STREET and 0 <= town.start - street.end <= _BESIDE


def _behind_a_firm(candidate: Candidate, candidates: Sequence[Candidate], scan: Scan) -> bool:
    before = scan.before(candidate.start, _WINDOW)
    shift = candidate.start - len(before)
    for match in _premises(scan.language).finditer(before.encode()):
        word, behind = max(match.start(), match.start(1)) + shift, match.end() + shift
        if word >= 0 and _leads_to_it(match, before, candidate, scan):
            return not any(
                (other.type is T.PERSON and shift <= other.start < candidate.start)
                or (other.type in PLACES and other.start < behind and word < other.end)
                for other in candidates
            )
    return False


def _leads_to_it(match: re2._Match, before: str, candidate: Candidate, scan: Scan) -> bool:
    """Tells whether nothing but a name stands between the premises and the address, and nobody's home beside them."""
    shift = candidate.start - len(before)
    between, form, capital = before[match.end() :], match.start(1), match.start(2)
    if not (_BEHIND_A_WORD if form < 0 else _BEHIND_A_FORM).match(between):
        return False
    if capital >= 0 and not scan.cased[capital + shift].isupper():
        return False
    if not _is_a_name(scan.cased[match.end() + shift : candidate.start], scan.language):
        return False
    begin = max((end.end() for end in SENTENCE_END.finditer(before, 0, match.start())), default=0)
    said = before[begin:] + scan.lower[candidate.start : candidate.end]
    return (
        _homes(scan.language).search(said.encode()) is None and _ADDRESSED.search(before, begin, match.start()) is None
    )


def _is_a_name(between: str, language: str | None) -> bool:
    """Tells whether the words behind one for premises are a name's and an address', and no sentence's."""
    words = [word for word in _WORD.findall(between) if word.lower() not in _JOINING]
    return all(word[0].isupper() and word.lower() not in ordinary_words(language) for word in words)
