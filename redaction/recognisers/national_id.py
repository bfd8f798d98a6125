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

from redaction.findings import EntityType
from redaction.national_forms import ANY, PATTERNS
from redaction.recogniser import POSSIBLE, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_ID = EntityType.NATIONAL_ID


_FEWEST = 4


def _find(scan: Scan) -> Iterator[Hit]:
    patterns = PATTERNS if ANY.search(scan.data) else ()
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
