"""Addresses of firms: what stands right behind the name of a shop, a branch or a firm is nobody's home.

"Retourcentrum, Havenweg 8, 5145 NJ Waalwijk", "Quillo Ltd, 40 Bermondsey Wharf", "our branch: 5 High Street".
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType as T
from redaction.languages import all_languages, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redaction.context import Scan
    from redaction.resolve import Candidate

_WINDOW = 96
_LEGAL_FORM = (
    r"[a-z)&] (?:(?:gmbh|ag|kg|ohg|limited|plc|llp|llc|sarl)\b|"
    r"(?:e\.? ?v|ltd|inc|b\.?v|n\.?v|s\.?a\.?s|s\.?r\.?l|s\.?p\.?a|s\.?a|sp\. ?z\.? ?o\.? ?o|s\.l|a\.s|sti|lda)\b\.?)"
)
_DIRECTLY = re.compile(
    r"(?: [^\s,.:;()!?]{1,24}){0,4} ?[,:(](?: ?(?:(?:str|ul|al|av|st|nr|no)\.|[^,.;:!?()]){1,40}[,(])? ?(?:ul\.? )?\Z"
)
"""From a word for premises to the address: a name, a comma and perhaps the street before the town, no sentence."""


@cache
def _premises(code: str | None) -> re2._Regexp:
    """Matches a word for premises, or a legal form; of all languages where it is not known which is spoken."""
    languages = all_languages()
    spoken = [languages[code]] if code is not None else languages.values()
    words = any_of([part for data in spoken for part in data.premises])
    return re2.compile(rf"(?:{words}\b|{_LEGAL_FORM})".encode())


@cache
def mine(code: str | None) -> re2._Regexp:
    """Matches where somebody speaks of themselves; of all languages where it is not known which is spoken."""
    languages = all_languages()
    spoken = [languages[code]] if code is not None else languages.values()
    return re2.compile((any_of([part for data in spoken for part in data.mine]) + r"\b").encode())


def of_a_firm(candidate: Candidate, candidates: Iterable[Candidate], scan: Scan) -> bool:
    """Tells whether an address is a firm's: its name or a word for its premises stands right before, and nobody's.

    Args:
        candidate: a street, or a postcode and a town.
        candidates: all of the segment, for whoever is named before the address lives there.
        scan: the segment.
    """
    if scan.asked.types & {T.STREET, T.POSTCODE_CITY}:
        return False
    before = scan.before(candidate.start, _WINDOW)
    shift = candidate.start - len(before)
    for match in _premises(scan.language).finditer(before.encode()):
        between = before[match.end() :]
        if _DIRECTLY.match(between) and mine(scan.language).search(between.encode()) is None:
            word, behind = match.start() + shift, match.end() + shift
            return not any(
                (other.type is T.PERSON and shift <= other.start < candidate.start)
                or (other.type is T.STREET and other.start < behind and word < other.end)
                for other in candidates
            )
    return False
