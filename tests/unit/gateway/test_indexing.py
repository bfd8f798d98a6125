"""One person, one form: however an identifier was typed or said."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.indexing import Index
from gateway.notice.channel import Channel
from redaction.findings import EntityType
from storage import Identifier

PHONE, EMAIL, NUMBER, IBAN = EntityType.PHONE, EntityType.EMAIL, EntityType.CUSTOMER_NO, EntityType.IBAN


def index(**said: Any) -> Index:  # noqa: ANN401
    channel = {"kind": "chat", "connector": "openai", "upstream": "http://bot", "index": [PHONE, EMAIL, NUMBER, IBAN]}
    return Index(Channel.model_validate(channel | said))


def canonical(kind: EntityType, value: str, **said: object) -> str | None:
    found = index(**said).identifier(kind, value)
    return None if found is None else found.value


@pytest.mark.parametrize(
    "value",
    [
        "+49 351 4815 7720", "0351 48157720", "0351/4815 7720", "(0351) 4815-7720", "0049 351 48157720",
        "+49 (0)351 48157720", "０３５１ ４８１５７７２０",
        "null drei fünf eins vier acht eins fünf sieben sieben zwei null",
    ],
)  # fmt: skip
def test_a_phone_number_has_one_form(value: str) -> None:
    assert canonical(PHONE, value) == "+4935148157720"


def test_the_region_says_which_country_is_meant() -> None:
    assert canonical(PHONE, "0664 9240118", region="AT") == "+436649240118"
    assert canonical(PHONE, "+43 664 9240118") == "+436649240118"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("Erika@Example.ORG", "erika@example.org"),
        (" erika@example.org ", "erika@example.org"),
        ("erika@müller.example", "erika@xn--mller-kva.example"),
        ("erika@MÜLLER.example", "erika@xn--mller-kva.example"),
        ("erika@xn--mller-kva.example", "erika@xn--mller-kva.example"),
        ("müller@example.org", "müller@example.org"),
    ],
)
def test_an_address_has_one_form(value: str, form: str) -> None:
    assert canonical(EMAIL, value) == form


@pytest.mark.parametrize(
    ("form", "expected"), [({}, "KD471122"), ({NUMBER: "digits"}, "471122"), ({NUMBER: "exact"}, "kd-4711 22")]
)
def test_a_customer_number_is_normalised_as_the_notice_says(form: dict[EntityType, str], expected: str) -> None:
    assert canonical(NUMBER, " kd-4711 22", normalise=form) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [(PHONE, "12"), (PHONE, "hallo"), (PHONE, ""), (EMAIL, "erika"), (EMAIL, "@example.org"), (EMAIL, "a b@c.de"),
     (EMAIL, "erika@"), (EMAIL, "erika@" + "x" * 300), (NUMBER, " - "), (NUMBER, "")],
)  # fmt: skip
def test_what_has_no_form_is_not_indexed(kind: EntityType, value: str) -> None:
    assert canonical(kind, value) is None


def test_only_what_the_notice_lists_is_indexed() -> None:
    found = index(index=[EMAIL]).identifiers([(PHONE, "0351 48157720"), (EMAIL, "a@b.de"), (EMAIL, "A@b.de")])
    assert found == (Identifier("EMAIL", "a@b.de"),)
    assert index(index=[]).identifiers([(EMAIL, "a@b.de")]) == ()
