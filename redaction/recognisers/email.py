"""E-mail addresses as written (RFC 5321, 5322: the forms people use, not quoted local parts), and as they are dictated.

A dictated one is known by the word for its sign, and a word for a dot before a top-level domain (``at g m x punkt de``).
Its beginning is found backwards: words that a spoken sign joins, and spelled letters.

Shared mailboxes (RFC 2142 and the language files' ``mailboxes``) belong to a firm, not to a person.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, folded_map, folded_set, ordinary_words
from redaction.recogniser import CERTAIN, LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_AT = r"(?:@| ?[\[(](?:at|a|et)[\])] ?| @ )"
_DOT = r"(?:\.| ?[\[(](?:dot|punkt|punt|point|punto)[\])] ?)"
_ADDRESS = re2.compile(
    rf"[a-z0-9][a-z0-9._%+&'!#$=~^-]*{_AT}(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?{_DOT}){{1,5}}[a-z]{{2,}}".encode(),
)
_SHARED = folded_set(tuple(name for data in all_languages().values() for name in data.mailboxes))
_OF_PEOPLE = re.compile(
    r"(?:@|[ )\]])(?:gmail|googlemail|(?:o2|wp)(?=\.pl)|orange(?=\.fr)|free(?=\.fr)|sfr(?=\.fr)|gmx|web|freenet|t-online|hotmail|outlook|live|msn|yahoo|ymail|icloud|aol|posteo|proton|protonmail|btinternet|"
    r"ziggo|kpnmail|planet|wanadoo|laposte|libero|virgilio|tiscali|alice|onet|interia|mynet|sapo)(?:\.| (?:punkt|dot|punt|point|punto|kropka|nokta|ponto|punct) )"
)
"""Where people have their mailboxes: what is a role at a firm is a name that somebody chose here."""
_COUNTRY = 3
_AFTER_LOCAL = re.compile(r"[@(\[ ]")
_SIGNS = {word: sign for data in all_languages().values() for word, sign in folded_map(data.symbols).items()}
AT_WORDS = frozenset(word for word, sign in _SIGNS.items() if sign == "@") - {"et", "a", "ett"}
_SPOKEN_AT = "|".join(sorted(AT_WORDS))
_SPOKEN_DOT = "|".join(sorted(word for word, sign in _SIGNS.items() if sign == "."))
_TOP = r"(?:d ?e|a ?t|c ?h|n ?l|b ?e|u ?k|i ?e|i ?t|p ?l|t ?r|e ?s|p ?t|r ?o|f ?r|e ?u|com|c o m|net|n e t|org|info|co (?:dot )?uk|com tr)"
_DICTATED = re2.compile(
    rf"\b(?:{_SPOKEN_AT}),? (?:[a-z0-9']+[ ,.-]{{1,2}}){{1,7}}?(?:{_SPOKEN_DOT})[ ,]{{1,2}}{_TOP}\b(?: (?:{_SPOKEN_DOT}) u ?k\b)?".encode()
)
_FARTHEST = 14
_FIGURES = frozenset(
    word for data in all_languages().values() for word in folded_map(data.numerals.digits)
) | frozenset(word for data in all_languages().values() for word in folded_map(data.numerals.numbers))
_ONE_LABEL = re2.compile(rb"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]{2,}")


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _ADDRESS.finditer(scan.data):
        start, end = match.span()
        if not shared_mailbox(scan.lower[start:end]):
            yield start, end, EntityType.EMAIL, CERTAIN
    for match in _DICTATED.finditer(scan.data):
        signs = [start for start, _, word in scan.words if match.start() <= start < match.end() and word in AT_WORDS]
        start = _beginning(scan, signs[-1] if signs else match.start())
        if start < match.end() and start not in signs and not shared_mailbox(scan.lower[start : match.end()]):
            yield start, match.end(), EntityType.EMAIL, STRONG
    if EntityType.EMAIL in scan.asked.types:
        for match in _ONE_LABEL.finditer(scan.data):
            if scan.lower[match.end() : match.end() + 1] != ".":
                yield match.start(), match.end(), EntityType.EMAIL, LIKELY


def _beginning(scan: Scan, at: int) -> int:
    """Returns where the dictated local part begins that ends before ``at``: one word, or more that belong together."""
    words = [word for word in scan.words if word[1] <= at][-_FARTHEST:]
    start, expected = at, True
    for first, _, word in reversed(words):
        if word in _SIGNS and _SIGNS[word] not in "@ ":
            expected = True
            continue
        figure = is_figure(word)
        if figure or len(word) == 1:
            start, expected = first, figure
        elif expected and (start == at or word not in ordinary_words(scan.language)):
            start, expected = first, False
        else:
            break
    return start


def is_figure(word: str) -> bool:
    """Tells whether a word is a figure: in an address the word before it belongs to the same part (``lena four at``)."""
    return word.isdigit() or word in _FIGURES


def shared_mailbox(address: str) -> bool:
    """Tells whether an address, written or dictated (folded, lower case), is a firm's: ``info@``, ``service punkt wien at``."""
    local = _AFTER_LOCAL.split(address, maxsplit=1)[0]
    if "@" not in address and " " in address:
        said = address.split(" ")
        until = next((place for place, word in enumerate(said) if _SIGNS.get(word) == "@"), 1)
        local = "".join(_SIGNS.get(word, word) for word in said[:until])
    return _shared(local) and not _OF_PEOPLE.search(address)


def _shared(local: str) -> bool:
    """Tells whether a local part is a role: ``info``, ``service.wien``, ``support-de``."""
    head = local.replace("-", ".").replace("_", ".").split(".")
    return local in _SHARED or (
        head[0] in _SHARED and all(part in _SHARED or len(part) <= _COUNTRY for part in head[1:2]) and not head[2:]
    )


RECOGNISER = Recogniser(
    name="email",
    gate=(_AT, rf"\b(?:{_SPOKEN_AT}),? [a-z0-9]"),
    find=_find,
    examples=(
        Example("Bitte an ⟦EMAIL|lena.kraftbauer@beispielpost.example⟧ senden."),
        Example("mail: ⟦EMAIL|T.Wo-jik+shop@sub.mail-host.example⟧!"),
        Example("erreichbar unter ⟦EMAIL|jo.berg (at) webpost (dot) example⟧ bitte"),
        Example("⟦EMAIL|mia_77@posteo.example⟧,⟦EMAIL|mia_78@posteo.example⟧"),
        Example("Ich habe an info@moebelhaus.example und support@firma.example geschrieben."),
        Example("Treffen @ 5 Uhr?"),
        Example("ja das ist ⟦EMAIL|selma punkt ode at g m x punkt de⟧", channel="call"),
        Example("it's ⟦EMAIL|t underscore hale four at webpost dot co dot uk⟧", channel="call"),
        Example("stuur maar naar ⟦EMAIL|wimke apenstaartje posteo punt nl⟧", channel="call"),
        Example("schreiben Sie an info at beispielhaus punkt de", channel="call"),
        Example("i was at the shop dot and com are words", channel="call"),
    ),
)
