from __future__ import annotations

import pytest

from redaction import Known, Pseudonyms, Redactor
from redaction.context import Scan
from redaction.findings import EntityType as T
from redaction.known import again
from redaction.normalise import fold
from redaction.resolve import Candidate

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
        ("also 1715550199 stimmt", "1715550199", T.PHONE),
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


def test_among_thousands_of_known_values_only_those_that_stand_there_are_found() -> None:
    crowd = [(T.EMAIL, f"jo{i}@berg{i}.example") for i in range(3_000)]
    crowd += [(T.PHONE, f"0171 55{i:05d}") for i in range(3_000)]
    text = "jo77@berg77.example, 0171/5500123, jo3000@berg3000.example"
    found = Known(crowd).find(Scan(fold(text)))
    assert {(text[start:end], kind) for start, end, kind, _ in found} == {
        ("jo77@berg77.example", T.EMAIL),
        ("0171/5500123", T.PHONE),
    }


def names_again(text: str) -> list[str]:
    name = Candidate(0, text.index(","), T.PERSON, 0.9, "names")
    return [text[c.start : c.end] for c in again([name], Scan(fold(text)))]


def test_a_name_comes_back_in_its_own_message() -> None:
    assert names_again("Annegret Wolters, das paket ist annegrets und wolters") == ["annegrets", "wolters"]
    assert names_again("Will Ernst, es ist mein ernst und ich will das so") == []


def test_only_a_sure_name_is_looked_for_again_and_only_behind_itself() -> None:
    scan = Scan(fold("ole sagt ole brandt"))
    assert list(again([Candidate(9, 19, T.PERSON, 0.9, "names")], scan)) == []
    assert list(again([Candidate(0, 3, T.PERSON, 0.6, "names")], scan)) == []


def test_the_engine_covers_a_name_that_comes_back() -> None:
    text = "hier Frau Ohlendorf, das ist ohlendorfs Paket"
    assert [text[f.start : f.end] for f in RULES.find(text, language="de")][-1] == "ohlendorfs"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (T.PLATE, "DD-KW 774", "das war der @ddkw774@ dort"),
        (T.PLATE, "DDKW774", "das war der @DD-KW 774@ dort"),
        (T.DEVICE_ID, "PF3K7Q2M", "nochmal @pf3k-7q2m@ bitte"),
        (T.PERSON, "Jürgen Öztürk", "hat @juergen@ @oeztuerk@ gesagt"),
        (T.USERNAME, "tante.trude", "so heisst @tante.trude@ eben"),
        (T.PASSWORD, "Kräuterwind", "dann @kräuterwind@ eben"),
    ],
)
def test_what_is_known_comes_back_in_another_spelling(kind: T, value: str, text: str) -> None:
    plain, pieces = text.replace("@", ""), text.split("@")[1::2]
    found = RULES.find(plain, known=Known([(kind, value)]), language="de")
    assert " ".join(plain[f.start : f.end] for f in found) == " ".join(pieces)
    assert {f.type for f in found} == {kind}


def test_an_everyday_word_is_no_password_that_is_looked_for() -> None:
    known = Known([(T.PASSWORD, "nicht")])
    assert RULES.find("das geht so nicht", known=known, language="de") == ()
