from __future__ import annotations

import pytest

from redaction.clues import asked
from redaction.context import Scan
from redaction.findings import EntityType as T
from redaction.normalise import fold


def scan(text: str, previous: str = "", left: str = "") -> Scan:
    return Scan(fold(text), left=left, asked=asked(previous))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Bestellung RE-2024/00917 fehlt", ["RE-2024/00917"]),
        ("RMA 88120-7 bitte", ["88120-7"]),
        ("KL 3052 bitte", ["KL 3052"]),
        ("4410 8827 0195", ["4410 8827 0195"]),
        ("12 Stück und 4711", ["12", "4711"]),
        ("Kunden-ID KX-4481-B", ["KX-4481-B"]),
        ("Device ID HX-DB2-88F01C", ["HX-DB2-88F01C"]),
    ],
)
def test_codes_are_whole(text: str, codes: list[str]) -> None:
    assert [code.text for code in scan(text).codes] == codes


@pytest.mark.parametrize("text", ["14 Euro", "3 Stück", "20 %", "5 kg.", "10 weeks", "8 uur"])
def test_measures(text: str) -> None:
    here = scan(text)
    assert here.measured(text.index(" "))


def test_a_value_is_what_the_nearest_word_or_the_question_says() -> None:
    assert scan("kundennummer 4711").says(13, T.CUSTOMER_NO)
    assert scan("4711", "Ihre Kundennummer?").says(0, T.CUSTOMER_NO)
    assert not scan("modell 4711", "Ihre Kundennummer?").says(7, T.CUSTOMER_NO)


def test_context_reaches_into_what_came_before_the_segment() -> None:
    assert scan("4711", left="meine kundennummer ist ").says(0, T.CUSTOMER_NO)
    assert not scan("4711", left="a").bordered(0, 4)


def test_what_follows_is_a_few_words() -> None:
    assert scan("4711 ist meine liebste nummer von allen").after(4) == " ist meine liebste"


def test_a_language_that_is_heard_later_changes_no_run_before_it() -> None:
    date = "der erste März war schön und warm und hell"
    assert Scan(fold(date)).runs == []
    assert [run.start for run in Scan(fold(f"{date} , null eins")).runs] == [len(f"{date} , ")]
    assert [run.start for run in Scan(fold(f"null eins , {date}")).runs] == [0, len("null eins , der ")]
