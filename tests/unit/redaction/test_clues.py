from __future__ import annotations

import pytest

from redaction.clues import asked, nearest
from redaction.findings import EntityType as T
from redaction.languages import all_languages, folded_set


@pytest.mark.parametrize(
    ("window", "kind"),
    [
        ("meine kundennummer lautet ", T.CUSTOMER_NO),
        ("kunden-nr.: ", T.CUSTOMER_NO),
        ("iban ", T.IBAN),
        ("order number ", T.CUSTOMER_NO),
        ("my national insurance number is ", T.NATIONAL_ID),
        ("seriennummer ", T.DEVICE_ID),
        ("mijn kenteken is ", T.PLATE),
        ("die kundennummer habe ich nicht, das modell ist ", None),
        ("artikelnummer ", None),
    ],
)
def test_the_last_clue_counts(window: str, kind: T | None) -> None:
    clue = nearest(window)
    assert clue is not None
    assert clue.type is kind


def test_no_clue() -> None:
    assert nearest("und dann ist es ") is None


@pytest.mark.parametrize("code", all_languages())
def test_no_everyday_word_of_a_language_is_a_clue_in_another(code: str) -> None:
    data = all_languages()[code]
    words = folded_set(tuple(data.stop)) | folded_set(data.fillers)
    assert [word for word in words if nearest(f"{word} ") is not None] == []


@pytest.mark.parametrize(
    ("previous", "kind"),
    [
        ("Wie lautet Ihre Kundennummer?", T.CUSTOMER_NO),
        ("Danke. Und wie heißen Sie?", T.PERSON),
        ("What's your date of birth?", T.DATE_OF_BIRTH),
        ("Onder welk nummer kunnen we u bereiken?", T.PHONE),
        ("Bitte nennen Sie Ihre IBAN.", T.IBAN),
        ("Quel est votre code postal ?", T.POSTCODE_CITY),
        ("PESEL poproszę", T.NATIONAL_ID),
        ("Telefon numaranız nedir?", T.PHONE),
    ],
)
def test_what_a_question_asks_for(previous: str, kind: T | None) -> None:
    assert kind in asked(previous).types


def test_only_the_last_question_counts() -> None:
    assert T.IBAN not in asked("Ihre IBAN habe ich. Wann passt es Ihnen?").types


def test_a_question_for_a_thing_asks_for_nothing_personal() -> None:
    assert asked("Welches Modell haben Sie?").other
    assert not asked("Welches Modell haben Sie?").types
