from __future__ import annotations

import pytest

from redaction import Redactor
from redaction.findings import EntityType as T
from redaction.names import Candidate
from redaction.national_forms import proof


class Silent:
    """A names model that sees nothing."""

    def tag(self, text: str, **situation: object) -> list[Candidate]:  # noqa: ARG002 - nothing in any text
        return []


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("btrlvi58c52l407i", 0.9, 1.0),  # codice fiscale, whatever its check letter
        ("7569217076985", 0.9, 1.0),  # AHV
        ("7569217076984", 0.0, 0.0),
        ("44051401359", 0.6, 0.7),  # PESEL
        ("44051401358", 0.0, 0.0),
        ("ab123456c", 0.8, 0.9),
        ("kundennummer", 0.0, 0.0),
    ],
)
def test_what_a_form_proves(value: str, least: float, most: float) -> None:
    assert least <= proof(value) <= most


@pytest.mark.parametrize(
    ("language", "text", "previous", "value"),
    [
        (
            "it",
            "dunque ancona bologna como domodossola empoli firenze ottanta ancona zero uno bologna due zero tre como",
            "",
            "ancona bologna como domodossola empoli firenze ottanta ancona zero uno bologna due zero tre como",
        ),
        (
            "pl",
            "czterdzieści cztery zero pięć czternaście zero jeden trzysta pięćdziesiąt dziewięć",
            "Proszę podać PESEL",
            "czterdzieści cztery zero pięć czternaście zero jeden trzysta pięćdziesiąt dziewięć",
        ),
    ],
)
def test_a_dictated_number_of_a_states_form_stands_though_the_model_is_silent(
    language: str, text: str, previous: str, value: str
) -> None:
    (found,) = Redactor(names=Silent()).find(text, language=language, previous=previous, channel="call")
    assert (text[found.start : found.end], found.type) == (value, T.NATIONAL_ID)
