"""E-mail addresses as written (RFC 5321, 5322: the forms people use, not quoted local parts).

Shared mailboxes (RFC 2142 and the language files' ``mailboxes``) belong to a firm, not to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, folded_set
from redaction.recogniser import CERTAIN, LIKELY, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_AT = r"(?:@| ?[\[(](?:at|a|et)[\])] ?| @ )"
_DOT = r"(?:\.| ?[\[(](?:dot|punkt|punt|point|punto)[\])] ?)"
_ADDRESS = re2.compile(
    rf"[a-z0-9][a-z0-9._%+&'!#$=~^-]*{_AT}(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?{_DOT}){{1,5}}[a-z]{{2,}}".encode(),
)
_SHARED = folded_set(tuple(name for data in all_languages().values() for name in data.mailboxes))
_COUNTRY = 3
_ONE_LABEL = re2.compile(rb"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]{2,}")


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _ADDRESS.finditer(scan.data):
        start, end = match.span()
        local = scan.lower[start:end].split("@")[0].split(" ")[0].split("(")[0].split("[")[0]
        if not _shared(local):
            yield start, end, EntityType.EMAIL, CERTAIN
    if EntityType.EMAIL in scan.asked.types:
        for match in _ONE_LABEL.finditer(scan.data):
            if scan.lower[match.end() : match.end() + 1] != ".":
                yield match.start(), match.end(), EntityType.EMAIL, LIKELY


def _shared(local: str) -> bool:
    """Tells whether a local part is a role: ``info``, ``service.wien``, ``support-de``."""
    head = local.replace("-", ".").replace("_", ".").split(".")
    return local in _SHARED or (
        head[0] in _SHARED and all(part in _SHARED or len(part) <= _COUNTRY for part in head[1:2]) and not head[2:]
    )


RECOGNISER = Recogniser(
    name="email",
    gate=(_AT,),
    find=_find,
    examples=(
        Example("Bitte an ⟦EMAIL|lena.kraftbauer@beispielpost.example⟧ senden."),
        Example("mail: ⟦EMAIL|T.Wo-jik+shop@sub.mail-host.example⟧!"),
        Example("erreichbar unter ⟦EMAIL|jo.berg (at) webpost (dot) example⟧ bitte"),
        Example("⟦EMAIL|mia_77@posteo.example⟧,⟦EMAIL|mia_78@posteo.example⟧"),
        Example("Ich habe an info@moebelhaus.example und support@firma.example geschrieben."),
        Example("Treffen @ 5 Uhr?"),
    ),
)
