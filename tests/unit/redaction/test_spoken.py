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
        ("es", "seiscientos doce trescientas cuarenta", "612340"),
        ("es", "mil novecientos ochenta", "1980"),
        ("pt", "novecentos e doze trezentos e quarenta e cinco", "912345"),
        ("pl", "sto dziewięćdziesiąt dwa", "192"),
        ("ro", "o sută nouăzeci și doi două mii paisprezece", "1922014"),
        ("tr", "beş yüz otuz iki", "532"),
        ("fr", "cent quatre-vingt-douze", "192"),
        ("fr", "soixante dix sept quatre-vingt-dix-neuf soixante et onze", "779971"),
        ("fr", "zéro quatre vingt-trois", "0423"),
        ("fr", "mille neuf cent quarante et un", "1941"),
        ("it", "milleottocento duecentocinquanta", "1800250"),
        ("en", "two hundred and five nineteen hundred", "2051900"),
        ("en", "oh hundred", "0100"),
        ("de", "achtzig null fünf", "8005"),
        ("de", "null achthundert fünf fünf fünf eins eins eins", "0800555111"),
        ("de", "zweitausend vier null", "20040"),
        ("nl", "negentien honderd tachtig", "1980"),
    ],
)
def test_number_words_become_digits(language: str, text: str, value: str) -> None:
    assert said(text, language) == [(text, value)]


def test_letters_by_a_spelling_alphabet() -> None:
    assert said("m wie martha u doppel l e r", "de") == [("m wie martha u doppel l e r", "muller")]
    assert said("t de la tapet o ur", "ro")[0] == ("t de la tapet o", "to")
    assert said("b for bravo four", "en") == [("b for bravo four", "b4")]


def test_a_correction_ends_a_run() -> None:
    assert [value for _, value in said("eins zwei drei quatsch eins zwei vier", "de")] == ["123", "124"]


def test_fillers_are_not_at_the_ends() -> None:
    assert said("also äh vier fünf äh danke", "de") == [("vier fünf", "45")]


def test_plain_words_are_no_runs() -> None:
    assert said("guten tag wie geht es ihnen", "de") == []
