from __future__ import annotations

import pytest

from redaction.context import Scan
from redaction.normalise import fold
from redaction.spoken import runs


def said(text: str, language: str) -> list[tuple[str, str]]:
    scan = Scan(fold(text))
    return [(text[slice(*scan.folded.span(run.start, run.end))], run.text) for run in runs(scan.words, language)]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("de", "null eins sieben zwo achtundzwanzig", "017228"),
        ("de", "doppel drei dreimal null", "33000"),
        ("de", "zwohundertvierzehn", "214"),
        ("de", "neunzehnhundertsiebenundvierzig", "1947"),
        ("de", "d e neunundachtzig", "de89"),
        ("de", "vier äh vier", "44"),
        ("en", "oh seven double four six", "07446"),
        ("en", "twenty eight triple one", "28111"),
        ("nl", "nul zes drieënveertig honderdtwaalf", "0643112"),
        ("fr", "zéro six trente douze", "063012"),
        ("it", "zero ottantadue tre", "0823"),
        ("pl", "zero dwadzieścia dwa", "022"),
        ("tr", "sıfır beş otuz iki", "0532"),
        ("es", "seis veintinueve cuarenta y cuatro", "62944"),
    ],
)
def test_number_words_become_digits(language: str, text: str, value: str) -> None:
    assert said(text, language) == [(text, value)]


def test_letters_by_a_spelling_alphabet() -> None:
    assert said("m wie martha u doppel l e r", "de") == [("m wie martha u doppel l e r", "muller")]
    assert said("b for bravo four", "en") == [("b for bravo four", "b4")]


def test_a_correction_ends_a_run() -> None:
    assert [value for _, value in said("eins zwei drei quatsch eins zwei vier", "de")] == ["123", "124"]


def test_fillers_are_not_at_the_ends() -> None:
    assert said("also äh vier fünf äh danke", "de") == [("vier fünf", "45")]


def test_plain_words_are_no_runs() -> None:
    assert said("guten tag wie geht es ihnen", "de") == []
