from __future__ import annotations

import pytest

from redaction.errors import PseudonymTableError
from redaction.findings import EntityType as T
from redaction.pseudonyms import LONGEST_PLACEHOLDER, Pseudonyms


def test_one_value_one_number() -> None:
    table = Pseudonyms()
    assert table.stand_in(T.PHONE, "0171 5550199") == "<PHONE_1>"
    assert table.stand_in(T.PHONE, "0171/555 01 99") == "<PHONE_1>"
    assert table.stand_in(T.PHONE, "+49 171 5550199") == "<PHONE_1>"
    assert table.stand_in(T.PHONE, "0351 4815772") == "<PHONE_2>"
    assert table.stand_in(T.EMAIL, "A@b.example") == table.stand_in(T.EMAIL, "a@B.example") == "<EMAIL_1>"
    assert len(table) == 3


@pytest.mark.parametrize(
    "name", ["jasper", "Lindqvist", "Lindqvists", "JASPER LINDQVIST", "Lindqvist, Jasper", "Jasper Lindqvist's"]
)
def test_one_person_one_number(name: str) -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Jasper Lindqvist")
    assert table.stand_in(T.PERSON, name) == "<PERSON_1>"


def test_given_and_family_name_are_joined_when_both_are_said() -> None:
    table = Pseudonyms()
    assert table.stand_in(T.PERSON, "Lindqvist") == "<PERSON_1>"
    assert table.stand_in(T.PERSON, "Jasper Lindqvist") == "<PERSON_1>"
    assert table.stand_in(T.PERSON, "Jasper") == "<PERSON_1>"
    assert table.restore("Hallo <PERSON_1>") == "Hallo Jasper Lindqvist"


def test_two_of_one_family_are_two() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Jasper Lindqvist")
    assert table.stand_in(T.PERSON, "Marit Lindqvist") == "<PERSON_2>"
    assert table.stand_in(T.PERSON, "Marit Lindqvist") == "<PERSON_2>"


def test_a_third_name_is_given_to_the_one_who_has_the_other_two() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Marit Lindqvist")
    table.stand_in(T.PERSON, "Marit Sommer")
    assert table.stand_in(T.PERSON, "Marit Ines Sommer") == "<PERSON_2>"


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (T.PERSON, "Иван", "Олег"),
        (T.PERSON, "王伟", "李娜"),
        (T.STREET, "улица Мира 5", "улица Лета 5"),
        (T.PLATE, "УЩ 123", "ЖЯ 123"),
        (T.PASSWORD, "Geheim1", "geheim1"),
        (T.PASSWORD, "*ab*c1", "abc1"),
    ],
)
def test_two_values_are_two_and_each_comes_back(kind: T, one: str, other: str) -> None:
    table = Pseudonyms()
    placeholders = [table.stand_in(kind, one), table.stand_in(kind, other)]
    assert [table.restore(placeholder) for placeholder in placeholders] == [one, other]


def test_restores_only_what_is_the_sessions_and_allowed() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Ada")
    table.stand_in(T.PHONE, "0171 5550199")
    text = "<PERSON_1> <PHONE_1> <PERSON_2> <b> <"
    assert table.restore(text) == "Ada 0171 5550199 <PERSON_2> <b> <"
    assert table.restore(text, only={"<PERSON_1>"}) == "Ada <PHONE_1> <PERSON_2> <b> <"


def test_the_version_tells_whether_the_table_changed() -> None:
    table = Pseudonyms()
    before = table.version
    table.stand_in(T.PERSON, "Ada")
    grown = table.version
    assert grown > before
    table.stand_in(T.PERSON, "ada")
    assert table.version == grown


def test_a_table_survives_its_text_form() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Jasper Lindqvist")
    table.stand_in(T.PHONE, "0171 5550199")
    again = Pseudonyms.from_json(table.to_json())
    assert again.version == table.version
    assert again.placeholders() == table.placeholders()
    assert again.stand_in(T.PERSON, "lindqvist") == "<PERSON_1>"
    assert again.stand_in(T.PERSON, "Ada") == "<PERSON_2>"


def test_a_number_is_known_again_in_the_field_that_it_stood_in() -> None:
    table = Pseudonyms()
    placeholder = table.stand_in(T.CUSTOMER_NO, "4711009")
    assert not table.has_numbers
    before = table.version
    table.note_number(placeholder, "customer_no", "-4711009.0")
    table.note_number(placeholder, "customer_no", "4711009")
    assert table.version == before + 1
    again = Pseudonyms.from_json(table.to_json())
    assert again.has_numbers
    assert again.version == table.version
    assert again.number(placeholder, "customer_no") == "-4711009.0"
    assert again.number(placeholder, "note") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format":9,"version":1,"entries":[]}',
        b'{"format":1,"version":1,"entries":[["X","secret",[]]]}',
        b"\xff",
    ],
)
def test_other_bytes_are_refused_without_showing_them(data: bytes) -> None:
    with pytest.raises(PseudonymTableError) as refused:
        Pseudonyms.from_json(data)
    assert "secret" not in str(refused.value)


def test_a_table_is_not_printed() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Ada")
    assert "Ada" not in repr(table)


def test_no_placeholder_is_longer_than_streams_hold_back() -> None:
    assert all(len(f"<{kind}_999999>") <= LONGEST_PLACEHOLDER for kind in T)
