from __future__ import annotations

import pytest
import re2

from redaction.errors import UnknownLanguageError
from redaction.findings import EntityType
from redaction.languages import all_languages, fragment, identify, language


@pytest.mark.parametrize("code", sorted(all_languages()))
def test_a_language_says_what_the_rules_need(code: str) -> None:
    data = language(code)
    assert data.code == code
    assert set(data.numerals.digits.values()) == set("0123456789")
    for kind in (
        EntityType.PHONE,
        EntityType.CUSTOMER_NO,
        EntityType.IBAN,
        EntityType.PASSWORD,
        EntityType.DATE_OF_BIRTH,
    ):
        assert data.clues[kind]
    assert EntityType.PERSON in data.asks
    assert data.units
    assert data.titles
    assert data.names_follow
    for part in (*data.other, *data.examples, *data.ours, *(p for parts in data.clues.values() for p in parts)):
        re2.compile(fragment(part))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ich habe das bei Ihnen bestellt und es ist nicht da", "de"),
        ("where is my order, I have been waiting for a week", "en"),
        ("ik heb het pakket nog niet van jullie ontvangen", "nl"),
        ("je ne sais pas pourquoi, vous avez mon adresse", "fr"),
        ("non ho ancora ricevuto il pacco, perché", "it"),
        ("nie wiem, co się stało z moją paczką, proszę", "pl"),
        ("bu ürün için ne yapabilirim, çok teşekkürler", "tr"),
        ("4711", None),
    ],
)
def test_identify(text: str, code: str | None) -> None:
    assert identify(text) == code


def test_a_region_is_ignored_and_an_unknown_code_refused() -> None:
    assert language("de-AT").code == "de"
    with pytest.raises(UnknownLanguageError):
        language("xx")


def test_fragments_are_bordered_one_by_one() -> None:
    pattern = re2.compile(fragment("~nummer|pin|(?:a|b)c"))
    assert pattern.search("kundennummer")
    assert pattern.search("pin")
    assert not pattern.search("spin")
    assert not pattern.search("xac")


def test_fragments_match_every_spelling_of_an_umlaut() -> None:
    pattern = re2.compile(fragment("für|straße"))
    for word in ("fur", "fuer", "strase", "strasse"):
        assert pattern.search(word)
