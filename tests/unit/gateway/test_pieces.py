"""What a turn goes on from, and what of the whole lies in it."""

from __future__ import annotations

from gateway.pieces import gone_on_from, merged, piece_of, within
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
