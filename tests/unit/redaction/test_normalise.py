from __future__ import annotations

import pytest

from redaction.normalise import fold, spellings


@pytest.mark.parametrize(
    ("text", "cased"),
    [
        ("Grüße Straße", "Gruse Strase"),
        ("Łódź Çelik ığdır", "Lodz Celik igdir"),
        ("０１７１ ٤٢", "0171 42"),
        ("so „ – ‚so‘", "so \" - 'so'"),
        ("0️⃣1️⃣", "01"),
        ("a\u200bb\u00adc\u0301", "abc"),
        ("01\x0071", "0171"),
        ("x\ud800y", "x y"),
        ("☎0171😀", " 0171 "),
        ("Иван", "Xxxx"),
    ],
)
def test_folds_to_ascii(text: str, cased: str) -> None:
    assert fold(text).cased == cased


def test_offsets_lead_back_over_what_was_removed() -> None:
    text = "ab\u200bcd\u00ade"
    folded = fold(text)
    assert folded.lower == "abcde"
    assert text[slice(*folded.span(1, 4))] == "b\u200bcd"
    assert folded.place(5) == len(text)
    assert folded.visible(text) == "abcde"


def test_the_head_of_a_folded_text_is_the_fold_of_its_head() -> None:
    folded = fold("a\u200bbcd").head(2)
    assert (folded.cased, folded.length, folded.offsets) == ("ab", 3, (0, 2))


def test_umlauts_are_found_however_they_are_typed() -> None:
    assert spellings("fünfunddreißig") == {"funfunddreisig", "fuenfunddreissig", "funfunddreissig"}
