"""Numbers that a state or a social insurance gives to a person.

Checked forms, found without a clue where their shape is rare enough: Austrian and German social
insurance (VSNR, RVNR), Swiss AHV (EAN-13 with 756), German health insurance (KVNR), Italian codice
fiscale, Spanish DNI/NIE, British National Insurance number (HMRC NIM39110), Irish PPS, US SSN,
French NIR, Belgian national register number, Polish PESEL, Turkish TC Kimlik, Romanian CNP,
Portuguese NIF, Dutch BSN, German tax id. The last few are plain digit runs and need a clue or a
question. Passports, identity cards and driving licences (ICAO 9303 and national forms) need one too.
Check digits by python-stdnum; a number that a clue names is found even if its check fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2
from stdnum.at import vnr
from stdnum.be import nn
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.tr import tckimlik

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, LIKELY, POSSIBLE, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redaction.context import Scan

_ID = EntityType.NATIONAL_ID


def _always(_: str) -> bool:
    return True


_FORMS: tuple[tuple[bytes, Callable[[str], bool], float], ...] = (
    (rb"756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}", ahv.is_valid, CERTAIN),
    (rb"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}", _always, STRONG),
    (rb"[0-9]{2}[ ]?(?:[0-3][0-9]|[5-8][0-9])[ ]?[01][0-9][ ]?[0-9]{2}[ ]?[a-z][ ]?[0-9]{3}", _always, STRONG),
    (rb"[a-z]{6}[0-9][0-9lmnpqrstuv][abcdehlmprst][0-9lmnpqrstuv]{2}[a-z][0-9lmnpqrstuv]{3}[a-z]", _always, CERTAIN),
    (rb"[a-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]", _always, STRONG),
    (rb"[0-9]{7}[a-w][a-iw]?", _always, POSSIBLE),
    (rb"[0-9]{8}-?[a-z]", dni.is_valid, STRONG),
    (rb"[xyz]-?[0-9]{7}-?[a-z]", nie.is_valid, STRONG),
    (rb"[12][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{2}", nir.is_valid, CERTAIN),
    (rb"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", _always, STRONG),
    (rb"[0-9]{4} ?[0-3][0-9][01][0-9][0-9]{2}", vnr.is_valid, LIKELY),
    (rb"[0-9]{3}-[0-9]{2}-[0-9]{4}", _always, LIKELY),
    (rb"[0-9]{11}", pesel.is_valid, LIKELY),
    (rb"[0-9]{11}", nn.is_valid, LIKELY),
    (rb"[1-9][0-9]{10}", tckimlik.is_valid, LIKELY),
    (rb"[1-9][0-9]{12}", cnp.is_valid, LIKELY),
    (rb"[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", idnr.is_valid, LIKELY),
    (rb"[0-9]{9}", bsn.is_valid, POSSIBLE - 0.1),
    (rb"[a-z][0-9]{9}", _always, POSSIBLE),
)
_PATTERNS = tuple((re2.compile(rb"\b" + form + rb"\b"), check, score) for form, check, score in _FORMS)
_ANY = re2.compile(rb"\b(?:" + b"|".join(dict.fromkeys(form for form, _, _ in _FORMS)) + rb")\b")
_FEWEST = 4


def _find(scan: Scan) -> Iterator[Hit]:
    patterns = _PATTERNS if _ANY.search(scan.data) else ()
    for pattern, check, score in patterns:
        for match in pattern.finditer(scan.data):
            start, end = match.span()
            if scan.character_before(start) in "-/._" or scan.lower[end : end + 1] in {"-", "/", "_"}:
                continue
            if not check("".join(filter(str.isalnum, scan.lower[start:end]))):
                continue
            clue = scan.clue(start)
            if clue is not None and clue.type is not _ID:
                yield start, end, _ID, score if score >= STRONG else POSSIBLE - 0.1
            else:
                yield (
                    start,
                    end,
                    _ID,
                    score if clue is None and _ID not in scan.asked.types else max(score, STRONG + 0.07),
                )
    for code, score in scan.told(_ID, _FEWEST):
        yield code.start, code.end, _ID, score


RECOGNISER = Recogniser(
    name="national_id",
    gate=(
        r"[0-9]{3}|[0-9]{2} ?[0-9]{2} ?[0-9]{2}|[0-9][a-z][0-9]",
        r"[a-z]{6}[0-9]",
    ),
    find=_find,
    answers=frozenset({_ID}),
    examples=(
        Example("AHV-Nr. ⟦NATIONAL_ID|756.9217.0769.85⟧"),
        Example("Rentenversicherungsnummer ⟦NATIONAL_ID|15 070649 C 103⟧"),
        Example("my NI number is ⟦NATIONAL_ID|QQ 12 34 56 C⟧"),
        Example("bsn ⟦NATIONAL_ID|111222333⟧"),
        Example("PESEL ⟦NATIONAL_ID|44051401359⟧"),
        Example("Ausweisnummer ⟦NATIONAL_ID|L01X00T471⟧"),
        Example("Artikel 111222334 und Lieferschein 2024-11-30"),
    ),
)
