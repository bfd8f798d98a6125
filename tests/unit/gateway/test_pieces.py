"""What a turn goes on from, and what of the whole lies in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pieces import gone_on_from, merged, open_end, piece_of, uncovered, within
from gateway.recent import Piece
from redaction.findings import EntityType, Finding


def finding(start: int, end: int, kind: EntityType = EntityType.PHONE) -> Finding:
    return Finding(start, end, kind, 0.9, "test")


def test_a_turn_that_ends_in_a_value_or_in_figures_may_be_gone_on_from() -> None:
    assert piece_of("meine Nummer ist 0151", [finding(17, 21)], "", "q") == Piece("meine Nummer ist 0151", "q")
    assert piece_of("und dann null acht.", [], "", "q").text == "und dann null acht."
    assert piece_of("0151 ist meine Nummer", [finding(0, 4)], "", "q") == Piece()
    assert piece_of("Danke", [], "0151", "q") == Piece()


def test_pieces_add_up_and_stay_short() -> None:
    assert piece_of("2398", [finding(0, 4)], "0151", "q").text == "0151 2398"
    assert len(piece_of("2398", [finding(0, 4)], "1 " * 400, "q").text) == 300


def test_another_question_begins_anew_and_a_nod_does_not() -> None:
    piece = Piece("meine Nummer ist 0151", "Was kann ich tun?")
    assert gone_on_from(piece, "mhm") == piece.text
    assert gone_on_from(piece, "Was kann ich tun?") == piece.text
    assert gone_on_from(piece, "Wie lautet Ihre IBAN?") == ""
    assert gone_on_from(Piece(), "mhm") == ""


def test_what_of_the_whole_lies_in_the_turn() -> None:
    whole = [finding(0, 4), finding(6, 12), finding(14, 16, EntityType.PERSON)]
    assert within(whole, 10) == [finding(0, 2), finding(4, 6, EntityType.PERSON)]
    assert merged([finding(1, 3, EntityType.PASSWORD), finding(8, 9)], within(whole, 10)) == (
        finding(0, 2), finding(4, 6, EntityType.PERSON), finding(8, 9),
    )  # fmt: skip


def test_no_words_are_in_what_is_shown() -> None:
    assert "0151" not in repr(Piece("0151", "q"))


@pytest.mark.parametrize(
    ("text", "previous", "language", "end"),
    [
        ("meine Nummer ist null eins fünf", "", "de", "null eins fünf"),
        ("meine Nummer ist null eins fünf, äh", "", "de", "null eins fünf, äh"),
        ("it is oh seven double four", "", "en", "oh seven double four"),
        ("het is nul zes twaalf", "", "nl", "nul zes twaalf"),
        ("Die Nummer: 0151 23", "", None, "0151 23"),
        ("N wie Nordpol O wie Otto W", "", "de", "N wie Nordpol O wie Otto W"),
        ("lena punkt kraft at", "", "de", "lena punkt kraft at"),
        ("also zwölf", "Wie lautet Ihre Kundennummer?", "de", "zwölf"),
        ("Ich hätte gern zwei", "", "de", None),
        ("dreihundertzwölf", "", "de", None),
        ("Das war 2019", "", "de", None),
        ("seit zweitausendneunzehn", "", "de", None),
        ("null eins fünf und dann nichts", "", "de", None),
        ("das finde ich gut.", "", "de", None),
        ("what are you looking at", "", "en", None),
        ("", "", "de", None),
    ],
)
def test_the_end_of_a_turn_that_may_be_the_first_piece_of_a_value(
    text: str, previous: str, language: str | None, end: str | None
) -> None:
    found = open_end(text, previous, language)
    assert (None if found is None else text[found[0] : found[1]]) == end


def opened(start: int, end: int) -> Finding:
    return Finding(start, end, EntityType.PHONE, 1.0, "open_end")


def test_of_an_open_end_only_what_nothing_covers_is_a_finding() -> None:
    def found(*findings: Finding) -> list[Finding]:
        return uncovered("abc 1234567 9", (4, 13), findings, EntityType.PHONE)

    assert found() == [opened(4, 13)]
    assert found(finding(0, 6)) == [opened(6, 13)]
    assert found(finding(6, 8)) == [opened(4, 6), opened(8, 13)]
    assert found(finding(2, 11)) == [opened(11, 13)]
    assert found(finding(2, 11), finding(12, 13)) == []
    assert found(finding(2, 13)) == []


@given(st.text(max_size=60), st.sampled_from(["de", "en", "nl", None]))
def test_an_open_end_lies_in_its_text(text: str, language: str | None) -> None:
    found = open_end(text, "Wie lautet Ihre Telefonnummer?", language)
    assert found is None or 0 <= found[0] < found[1] <= len(text)
