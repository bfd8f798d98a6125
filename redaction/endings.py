"""Endings: what a value has taken along of its neighbours goes: a form's next field, an article."""

# ruff: noqa: E501 - word lists read best in rows

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from redaction.edges import ending
from redaction.findings import EntityType as T

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from redaction.context import Scan
    from redaction.resolve import Candidate

_FIELD = re.compile(
    r"[ ,/]+(?:nom|prenom|name|vorname|nachname|voornaam|achternaam|surname|cognome|nome|apellidos?|nombre|imie|nazwisko|soyad|ad|"
    r"tel|telephone|telefon|telefoon|telefono|phone|mobile?|portable|handy|gsm|cep|e-?mail|mail|courriel|e-posta|"
    r"adresse|adres|address|indirizzo|direccion|ort|plz|postcode|commune|stadt|woonplaats|city|konto|iban|rekening|"
    r"geb|geburtsdatum|geboortedatum|geboren|dob|nato|nata|data ur|datum|date|data|fecha|tarih|objet|betreff|onderwerp|subject|oggetto|asunto|temat|konu|"
    r"message|nachricht|bericht|messaggio|mensaje|wiadomosc|mesaj|kundennummer|klantnummer|bemerkung|opmerking|remarque|anschrift)\Z"
)
_COLON = re.compile(r"\.? ?:")
"""A form in one line: the name of the next field and its colon follow the value."""
_COUNTS_ON = frozenset(("een", "une", "un", "una", "ein", "eine", "a"))
"""Articles that are numbers or letters as well; behind a whole plate they begin what follows."""
_PLATE_WORDS, _LONGEST_PLATE = {"nl": 6}, 7


def shortened(candidates: Iterable[Candidate], scan: Scan) -> Iterator[Candidate]:
    """Yields the candidates without what a neighbour has added to them: the next field of a form, an article."""
    for candidate in candidates:
        end = _end(candidate, scan)
        yield ending(candidate, end) if candidate.start < end < candidate.end else candidate


def _end(candidate: Candidate, scan: Scan) -> int:
    """Returns where a value ends: before "Prénom :", before the article behind a plate."""
    text, start, end = scan.lower, candidate.start, candidate.end
    if _COLON.match(text, end) and (label := _FIELD.search(text, start, end)):
        # "Klaus Ort: bitte" is who speaks: a name is a field's value where a colon stands before it as well.
        return label.start() if candidate.type is not T.PERSON or scan.before(start, 3).rstrip().endswith(":") else end
    if candidate.type is T.PLATE:
        words = text[start:end].split(" ")
        most = _PLATE_WORDS.get(scan.language or "", _LONGEST_PLATE)
        if len(words) > most and words[-1] in _COUNTS_ON and text[end : end + 1] == " ":
            return end - len(words[-1]) - 1
    return end
