from __future__ import annotations

import json
import re
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.notice.load import load_notice
from gateway.rendering import all_words, as_html, as_json, as_markdown, information, missing_wordings, register
from gateway.rendering.documents import Document, Items, Paragraph, Section, Table
from gateway.rendering.phrases import length
from redaction.findings import EntityType
from storage.records import PartKind, StartEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.notice.load import Loaded
    from gateway.rendering.words.model import NoticeWords

NOTICES = sorted(Path("notices").glob("*.yaml"))
LANGUAGES = sorted(all_words())
HOSTILE = "a|b *c* <script>alert(1)</script> [x](y) `z` & #1"


@pytest.fixture(params=NOTICES, ids=lambda path: path.stem)
def loaded(request: pytest.FixtureRequest) -> Loaded:
    return load_notice(request.param)


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> NoticeWords:
    return all_words()[request.param]


def test_every_language_has_a_word_for_everything_that_a_notice_can_say(words: NoticeWords) -> None:
    assert set(words.parts) == set(PartKind)
    assert set(words.types) == {kind.value for kind in EntityType}
    assert set(words.starts) == set(StartEvent)
    assert set(words.information.channel) == {"chat", "call", "ticket"}
    assert set(words.connections) == {"chat", "call", "ticket"}
    assert set(words.information.forward) == {"original", "redacted", "pseudonyms"}
    assert {f"A6-1-{letter}" for letter in "abcdef"} <= set(words.bases)


def test_languages_fill_in_the_same_places() -> None:
    english = all_words()["en"]
    for words in all_words().values():
        for block in ("information", "register", "changes"):
            for field in fields(getattr(words, block)):
                said, told = getattr(getattr(english, block), field.name), getattr(getattr(words, block), field.name)
                places = [sorted(re.findall(r"\{\w*\}", str(text))) for text in (said, told)]
                assert places[0] == places[1], f"{words.language}.{block}.{field.name}"


@pytest.mark.parametrize("make", [information, register])
def test_a_document_has_no_place_left_unfilled(
    loaded: Loaded, words: NoticeWords, make: Callable[[Loaded, NoticeWords], Document]
) -> None:
    text = as_markdown(make(loaded, words))
    assert not re.search(r"\{\w*\}", text)
    assert loaded.digest in text
    assert loaded.notice.controller.name in text


@pytest.mark.parametrize("make", [information, register])
def test_wordings_stand_word_for_word(
    loaded: Loaded, words: NoticeWords, make: Callable[[Loaded, NoticeWords], Document]
) -> None:
    notice, page = loaded.notice, _text_of(as_html(make(loaded, words)))
    for channel in notice.channels.values():
        if channel.tell is not None:
            assert notice.wording(channel.tell.ai_disclosure, words.language) in page
    for consent in notice.consents.values():
        assert notice.wording(consent.ask, words.language) in page


def test_what_article_13_asks_besides_is_told(loaded: Loaded, words: NoticeWords) -> None:
    notice, page = loaded.notice, _text_of(as_html(information(loaded, words)))
    for text in (notice.provision, notice.automated_decisions):
        assert text is None or notice.wording(text, words.language) in page


def test_recipients_are_told_in_the_language_of_the_reader(loaded: Loaded, words: NoticeWords) -> None:
    notice, said = loaded.notice, words.language
    for make in (information, register):
        page = _text_of(as_html(make(loaded, words)))
        for each in notice.recipients:
            for text in (each.name, each.categories, each.country, each.safeguard):
                assert text is None or notice.wording(text, said) in page


def test_the_register_has_the_fields_of_article_30(loaded: Loaded, words: NoticeWords) -> None:
    keys = [section.key for section in register(loaded, words).sections]
    assert keys == [
        "controller", "activities", "wordings", "subjects", "categories", "recipients", "transfers", "limits",
        "measures",
    ]  # fmt: skip


def test_each_assignment_is_told_with_its_period(loaded: Loaded, words: NoticeWords) -> None:
    limits = next(section for section in register(loaded, words).sections if section.key == "limits")
    (table,) = limits.blocks
    assert isinstance(table, Table)
    kept = [rule for channel in loaded.notice.channels.values() for each in channel.keep.values() for rule in each]
    assert len(table.rows) == len(kept) + 1  # the last are the requests of data subjects
    assert all(cell for row in table.rows for cell in row)


def _notice_in(language: str, name: str) -> str:
    return _text_of(as_html(information(load_notice(Path(f"notices/{name}.yaml")), all_words()[language])))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gigaset", "1 Monat ab der Erledigung Ihres Anliegens; bleibt das aus, 1 Jahr ab der ersten Nachricht"),
        ("gigaset", "bleiben davon lesbar: Gerätekennungen (Seriennummer, IMEI), MAC-Adresse"),
        ("gigaset", "Kontaktdaten (Name, E-Mail-Adresse"),
        ("gigaset", "nie die Angabe selbst, für: E-Mail-Adressen, Gerätekennungen"),
        ("gigaset", "Plattform, die Ihre Worte so erhält, wie Sie sie schreiben"),
        ("gigaset", "nicht verwendet für: Werbung, Training künstlicher Intelligenz"),
        ("gigaset", "wie er beantwortet wurde (rechtliche Verpflichtung, Art. 6 Abs. 1 Buchst. c"),
        ("immmr", "Verbindungsdaten (Rufnummer, angerufene Nummer, Beginn)"),
        ("immmr", "Gelöscht werden sie 1 Jahr nach ihr."),
        ("immmr", "Wie gut war die Verbindung, von eins bis fünf?"),
    ],
)
def test_what_a_notice_does_is_told(name: str, told: str) -> None:
    assert told in _notice_in("de", name)


def test_what_is_not_done_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    text = Path("notices/imtron.yaml").read_text(encoding="utf-8")
    path.write_text(re.sub(r"\n *index: .*", "", text), encoding="utf-8")
    told = as_markdown(information(load_notice(path), all_words()["de"]))  # serial numbers are asked for, but not kept
    assert "bleiben davon lesbar" not in told
    assert "Prüfwert" not in told
    assert "Plattform, die Ihre Worte" not in told
    assert "30 Tage ab der ersten Nachricht;" not in told


def test_a_use_without_a_word_stands_as_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    text = Path("notices/gigaset.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("not_for: [advertising, training]", "not_for: [training, scoring]"), encoding="utf-8")
    told = as_markdown(information(load_notice(path), all_words()["en"]))
    assert "not used for: training artificial intelligence, scoring." in told


def test_the_register_has_the_requests_of_data_subjects(words: NoticeWords, tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    text = Path("notices/immmr.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("  keep: requests-3-years\n", ""), encoding="utf-8")
    told, without = (as_markdown(register(load_notice(each), words)) for each in (Path("notices/immmr.yaml"), path))
    for what in (words.register.requests, words.register.requests_part, words.register.requests_for):
        assert what in told
        assert what not in without


def test_text_cannot_become_markup() -> None:
    blocks = (Paragraph(HOSTILE), Items((HOSTILE,)), Table((HOSTILE,), ((HOSTILE,),)))
    document = Document(HOSTILE, "en", "n", "1", "d", (Section("s", HOSTILE, blocks),), HOSTILE)
    page = as_html(document)
    assert "<script>" not in page
    assert _text_of(page).count(HOSTILE) == 8  # title, two headings, paragraph, item, head, cell, foot
    table_rows = [line for line in as_markdown(document).splitlines() if line.startswith("| ")]
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in table_rows] == [2, 2, 2]
    assert not re.search(r"(?<!\\)[<`]", as_markdown(document))


def test_json_tells_the_same(loaded: Loaded, words: NoticeWords) -> None:
    document = information(loaded, words)
    told = json.loads(as_json(document))
    assert [section["heading"] for section in told["sections"]] == [each.heading for each in document.sections]


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("P30D", "30 Tage"),
        ("P1Y6M", "1 Jahr und 6 Monate"),
        ("P2W", "14 Tage"),
        ("PT1H", "1 Stunde"),
        ("PT30M", "30 Minuten"),
    ],
)
def test_a_period_in_words(period: str, told: str) -> None:
    assert length(period, all_words()["de"]) == told


def test_missing_wordings_are_named() -> None:
    notice = load_notice(Path("notices/imtron.yaml")).notice
    assert missing_wordings(notice, "de") == ()
    missing = missing_wordings(notice, "fi")
    assert {
        "channels.chatbot.tell.ai_disclosure",
        "channels.hotline.call.survey.invite",
        "channels.hotline.call.survey.questions.satisfaction.ask",
        "recipients[0].safeguard",
    } <= set(missing)


@pytest.mark.parametrize("path", NOTICES, ids=lambda path: path.stem)
def test_recipients_have_every_language_of_the_notice(path: Path) -> None:
    notice = load_notice(path).notice
    for language in notice.text or ():
        assert [place for place in missing_wordings(notice, language) if place.startswith("recipients")] == []


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _text_of(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    return "".join(parser.text)
