"""The statistical model over the weights that ship."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaction.errors import RedactionError
from redaction.names import RIGHT_CONTEXT_WORDS, NamesModel
from redaction.names.digest import WEIGHTS_SHA256
from redaction.names.model import WEIGHTS_FILE, read_weights
from redaction.names.words import split_words

MODEL = NamesModel.load()
LONG_TEXT = (
    "Guten Tag, hier ist Annegret Pohlmann aus der Lindenstraße 14 in 31134 Hildesheim. Mein Drucker zeigt seit "
    "gestern den Fehler E-204, ich habe ihn am 3. Mai für 129,90 € gekauft. Meine Kundennummer ist KD-448213, "
    "erreichbar bin ich unter 05121 774 32 oder per Mail an a.pohlmann@web.de. Mein Mann Jürgen hat schon zweimal "
    "angerufen, niemand ging ran! Viele Grüße, Annegret Pohlmann "
)


@pytest.mark.parametrize(
    ("language", "channel", "previous", "text", "expected"),
    [
        ("de", "chat", "Wie ist Ihr Name?", "kowalski", ("kowalski", "PERSON")),
        ("de", "call", "", "ja hallo hier spricht sabine rademacher", ("sabine rademacher", "PERSON")),
        ("nl", "chat", "", "Hoi, ik ben Marieke de Boer en mijn pakket is kwijt", ("Marieke de Boer", "PERSON")),
        ("en", "chat", "", "Hi, my name is Tendai Chikwanha, where is my parcel?", ("Tendai Chikwanha", "PERSON")),
        ("fr", "chat", "", "Bonjour, je m'appelle Camille Lefebvre", ("Camille Lefebvre", "PERSON")),
        ("it", "chat", "", "Buongiorno, mi chiamo Giulia Marchetti", ("Giulia Marchetti", "PERSON")),
        ("pl", "chat", "", "Dzień dobry, nazywam się Agnieszka Wójcik", ("Agnieszka Wójcik", "PERSON")),
        ("tr", "chat", "", "Merhaba, adım Elif Yıldırım", ("Elif Yıldırım", "PERSON")),
        ("es", "chat", "", "Hola, me llamo Lucía Fernández", ("Lucía Fernández", "PERSON")),
        ("de", "call", "Und Ihre Telefonnummer?", "null eins sieben zwo drei drei acht neun vier", ("zwo", "PHONE")),
    ],
)
def test_finds_personal_data_in_every_language(
    language: str, channel: str, previous: str, text: str, expected: tuple[str, str]
) -> None:
    value, kind = expected
    found = MODEL.tag(text, previous=previous, language=language, channel=channel)
    at = text.index(value)
    assert any(c.start <= at and c.end >= at + len(value) and c.type == kind for c in found)


def test_the_question_decides() -> None:
    assert MODEL.tag("Kowalski", previous="Wie ist Ihr Nachname?", language="de")
    assert not MODEL.tag("ok danke", previous="Wie ist Ihr Nachname?", language="de")


def test_leaves_a_message_without_personal_data_whole() -> None:
    assert MODEL.tag("Der Drucker zieht kein Papier mehr ein, was kann ich tun?", language="de") == []


def test_more_caution_covers_more() -> None:
    def covered(caution: float) -> int:
        return sum(c.end - c.start for c in MODEL.tag(LONG_TEXT, language="de", caution=caution))

    amounts = [covered(caution) for caution in (-6.0, -1.0, 0.0, 1.0, 6.0)]
    assert amounts == sorted(amounts)
    assert amounts[0] < amounts[-1]


@settings(max_examples=200)
@given(st.text(st.characters(), max_size=80), st.text(max_size=40))
def test_spans_lie_in_the_text_in_order(text: str, previous: str) -> None:
    found = MODEL.tag(text, previous=previous)
    for candidate in found:
        assert 0 <= candidate.start < candidate.end <= len(text)
        assert not text[candidate.start].isspace()
        assert not text[candidate.end - 1].isspace()
        assert 0.0 <= candidate.probability <= 1.0
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t ",
        "\x00",
        "\ud800",
        "a\ud800b",
        "\u200b",
        "😀" * 40,
        "\u202eabc",
        "Mu\u0308ller",
        "０１７２",
        "ß",
        "İ",
    ],
)
def test_strange_texts_do_no_harm(text: str) -> None:
    for candidate in MODEL.tag(text, previous=text):
        assert 0 <= candidate.start < candidate.end <= len(text)


def test_later_words_change_nothing_beyond_the_right_context() -> None:
    words = split_words(LONG_TEXT.rstrip())
    whole = {(c.start, c.end, c.type) for c in MODEL.tag(LONG_TEXT, language="de")}
    for known in range(RIGHT_CONTEXT_WORDS + 1, len(words)):
        settled = len("".join(words[: known - RIGHT_CONTEXT_WORDS]))
        prefix = "".join(words[:known])
        early = {(c.start, c.end, c.type) for c in MODEL.tag(prefix, language="de")}
        assert {c for c in early if c[1] < settled} == {c for c in whole if c[1] < settled}


def test_a_long_text_is_tagged_as_its_windows_would_be() -> None:
    filler = "wort " * 20
    long = filler + (LONG_TEXT + filler) * 40
    found = [(c.start - len(filler), c.type) for c in MODEL.tag(long, language="de")]
    period = len(LONG_TEXT) + len(filler)
    per_copy = [{(s - i * period, t) for s, t in found if i * period <= s < (i + 1) * period} for i in range(40)]
    assert all(copy == per_copy[1] for copy in per_copy[1:])


def test_the_question_reaches_all_of_a_long_text() -> None:
    answer = "Kowalski " + "danke " * 40
    question = "Wie ist Ihr Nachname?"
    short = MODEL.tag(answer, previous=question, language="de")
    long = MODEL.tag(answer + "danke " * 3000, previous=question, language="de")
    assert [(c.start, c.end, c.type) for c in short] == [(c.start, c.end, c.type) for c in long]


def test_tagging_leaves_no_trace_of_unknown_words() -> None:
    model = NamesModel.load()
    model.tag("Mein Name ist Xyloquarz Brembeldorf, Kundennummer 88731204")
    kept = model._rows._kept
    assert not {w for w in kept if "Xylo" in w or "Brembel" in w or "88731204" in w}


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    content = WEIGHTS_FILE.read_bytes()
    changed = content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]
    path = tmp_path / "weights.npz"
    path.write_bytes(changed)
    with pytest.raises(RedactionError, match="not those of this version"):
        read_weights(path, WEIGHTS_SHA256)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    with pytest.raises(RedactionError, match="missing"):
        read_weights(path, WEIGHTS_SHA256)


def test_weights_and_gazetteer_stay_under_four_megabytes() -> None:
    assert WEIGHTS_FILE.stat().st_size < 4_000_000


def test_needs_no_torch() -> None:
    code = "import sys; from redaction.names import NamesModel; NamesModel.load(); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
