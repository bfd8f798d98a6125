"""A value ends where it ends: what a neighbour has added to it goes, and nothing else."""

from __future__ import annotations

import pytest

from redaction.context import Scan
from redaction.endings import shortened
from redaction.findings import EntityType as T
from redaction.normalise import fold
from redaction.resolve import Candidate


@pytest.mark.parametrize(
    ("text", "taken", "value", "kind"),
    [
        ("Nom : Lindqvist Prénom : Maja", "Lindqvist Prénom", "Lindqvist", T.PERSON),
        ("Naam: Lindqvist Geboortedatum: 1.2.1980", "Lindqvist Geboortedatum", "Lindqvist", T.PERSON),
        ("01099 Dresden / Konto: steht unten", "01099 Dresden / Konto", "01099 Dresden", T.POSTCODE_CITY),
        ("Maja Lindqvist: hallo", "Maja Lindqvist", "Maja Lindqvist", T.PERSON),
        ("Maja Lindqvist Adresse ist unten", "Maja Lindqvist Adresse", "Maja Lindqvist Adresse", T.PERSON),
        ("d w zeven zeven twee r een rode", "d w zeven zeven twee r een", "d w zeven zeven twee r", T.PLATE),
        ("g b een twee drie een en", "g b een twee drie een", "g b een twee drie een", T.PLATE),
        ("Klaus Ort: bitte", "Klaus Ort", "Klaus Ort", T.PERSON),
    ],
)
def test_end(text: str, taken: str, value: str, kind: T) -> None:
    start = text.index(taken)
    scan = Scan(fold(text), language="nl")
    (found,) = shortened([Candidate(start, start + len(taken), kind, 0.9, "names")], scan)
    assert (text[found.start : found.end], found.score) == (value, 0.9)
