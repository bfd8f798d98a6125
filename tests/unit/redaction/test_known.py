from __future__ import annotations

import pytest

from redaction import Known, Pseudonyms, Redactor
from redaction.findings import EntityType as T

RULES = Redactor(names=None)
KNOWN = Known(
    [
        (T.PERSON, "Jasper Lindqvist"),
        (T.CUSTOMER_NO, "RE-2024/00917"),
        (T.PHONE, "0171 5550199"),
        (T.EMAIL, "jo@berg.example"),
        (T.STREET, "Ahornstraße 12b"),
    ]
)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("das ist lindqvists paket", "lindqvists", T.PERSON),
        ("der jasper war da", "jasper", T.PERSON),
        ("also 01715550199 stimmt", "01715550199", T.PHONE),
        (
            "null eins sieben eins fünf fünf fünf null eins neun neun",
            "null eins sieben eins fünf fünf fünf null eins neun neun",
            T.PHONE,
        ),
        ("re 2024 00917", "2024 00917", T.CUSTOMER_NO),
        ("ahornstrasse 12B", None, None),
        ("AHORNSTRASE 12B", "AHORNSTRASE 12B", T.STREET),
    ],
)
def test_a_known_value_is_found_in_another_form(text: str, value: str | None, kind: T | None) -> None:
    found = [f for f in RULES.find(text, known=KNOWN, language="de") if f.recogniser == "known"]
    assert [(text[f.start : f.end], f.type) for f in found] == ([(value, kind)] if value else [])


def test_ordinary_words_are_not_looked_for() -> None:
    assert RULES.find("das will ich und im mai auch", known=Known([(T.PERSON, "Will May Und")])) == ()


def test_a_sessions_table_is_what_is_known() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Jasper Lindqvist")
    known = Known(table.values())
    assert known
    assert [f.type for f in RULES.find("jasper", known=known)] == [T.PERSON]
    assert not Known()
