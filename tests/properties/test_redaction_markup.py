"""Markup neither hides a value nor is covered with one, however it arrives."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaction import Policy, Redactor, StreamRedactor
from redaction.findings import EntityType
from redaction.normalise import fold
from tests.growth import cpu_seconds, grows_within

RULES = Redactor(names=None)
FULL = Redactor()
MASK = Policy()

VALUES = {
    "Mein Name ist @, danke.": "Jasper Lindqvist",
    "Guten Tag, Frau @ hat angerufen.": "Müller-Öztürk",
    "Meine Nummer ist @ und sonst keine.": "0171 5550199",
    "Schreiben Sie an @ bitte.": "lena.berg@beispiel.example",
    "Meine IBAN lautet @.": "DE89 3704 0044 0532 0130 00",
    "Ich wohne in der @.": "Ahornstraße 12b",
    "Meine Kundennummer: @, seit Mai.": "2210512345",
}
FORMS = [
    ("<b>", "</b>"),
    ("<STRONG>", "</STRONG>"),
    ("<td>", "</td>"),
    ("<p>", "</p>"),
    ("<br>", "<br/>"),
    ('<div class="row"><span style="color:red">', "</span></div>"),
    ('<a href="x">', "</a>"),
    ("<a\nhref='https://laden.example/kontakt'>", "</a>"),
    *((mark, mark) for mark in ("*", "**", "***", "_", "__", "~~", "`", "```", '"', "**_", "&quot;")),
    ("„", "“"),
    ("«", "»"),
    ("&nbsp;", "&#160;"),
]
IN_VALUES = ["<td>{}</td>", "<b>{}</b>", "<i>{}</i>", "**{}**", '"{}"', "`{}`"]
PIECES = st.sampled_from(
    [
        *("<b>", "</b>", "<td>", "</td>", "<br/>", '<a href="mailto:jo@berg.example">', "</a>", "<", ">", "< b", "</"),
        *('<p title="Frau Lindqvist"', "<b ", "<x>", "&nbsp;", "&", "&am", "&#64;", ";", "**", "_", "`", '"', "“", "„"),
        *("0171 5550199", "Frau", "Lindqvist", "mein Name ist", "jo@berg.example", "2210512345", "Kundennummer", "12b"),
        *(
            "<!-- x -->",
            "<!--",
            "-->",
            "<!",
            "\\",
            "\\_",
            "\\u00",
            "\\u0040",
            "&amp;#6",
            "4;",
            "%25",
            "%E2",
            "%80",
            "%8B",
        ),
        *("%", "%2", "%40", "%20", "%C3", "%C3%BC", "%BC", "https://", "20%", "jo%40berg.example"),
        *("und so weiter. ", "Das ist alles. Danke", "\n", " ", " ", " ", "\n\n", "Ahornstraße", "Passwort: *x7Kq! "),
    ],
)
TEXTS = st.lists(PIECES, min_size=20, max_size=160).map("".join)


@pytest.mark.parametrize("form", FORMS, ids="".join)
@pytest.mark.parametrize("sentence", VALUES)
def test_a_wrapped_value_is_covered_and_its_markup_is_not(sentence: str, form: tuple[str, str]) -> None:
    value = VALUES[sentence]
    wrapped = f"{form[0]}{value}{form[1]}"
    text = sentence.replace("@", wrapped)
    start = text.index(wrapped) + len(form[0])
    assert [(f.start, f.end) for f in FULL.find(text, language="de")] == [(start, start + len(value))]


@pytest.mark.parametrize("form", IN_VALUES)
@pytest.mark.parametrize("sentence", VALUES)
def test_markup_within_a_value_hides_no_part(sentence: str, form: str) -> None:
    words = VALUES[sentence].split(" ")
    for marked in range(len(words)):
        text = sentence.replace("@", " ".join([form.format(w) if i == marked else w for i, w in enumerate(words)]))
        redacted = FULL.redact(text, MASK, language="de").text
        assert not any(word in redacted for word in words), redacted
        opened = redacted.count("<"), redacted.count("**"), redacted.count('"'), redacted.count("`")
        assert all(count % 2 == 0 for count in opened), redacted


@pytest.mark.parametrize("sign", ["&amp;#64;", "&#00064;", "%2540", "\\u0040", "\\@", "<!-- -->@", "@&ZeroWidthSpace;"])
def test_no_way_to_write_a_sign_hides_an_address(sign: str) -> None:
    text = f"Schreiben Sie an lena\\.berg{sign}beispiel&amp;period;example bitte."
    assert FULL.redact(text, MASK, language="de").text == "Schreiben Sie an [EMAIL] bitte."


@pytest.mark.parametrize("blank", ["&nbsp;", "&#160;", "&#xA0;", "<wbr> ", "%20"])
@pytest.mark.parametrize("sentence", VALUES)
def test_blanks_written_as_entities_hide_nothing(sentence: str, blank: str) -> None:
    value = VALUES[sentence].replace(" ", blank)
    text = sentence.replace("@", value)
    start = text.index(value)
    assert [(f.start, f.end) for f in FULL.find(text, language="de")] == [(start, start + len(value))]


@given(TEXTS, st.lists(st.integers(0, 2_000), max_size=12), st.sampled_from(["de", None]))
def test_a_stream_cut_anywhere_in_markup_is_the_whole(text: str, cuts: list[int], language: str | None) -> None:
    same(RULES, text, cuts, language)


@given(TEXTS, st.lists(st.integers(0, 2_000), max_size=12))
@settings(max_examples=60)
def test_a_stream_cut_anywhere_in_markup_is_the_whole_with_the_names_model(text: str, cuts: list[int]) -> None:
    same(FULL, text, cuts, "de")


@given(TEXTS)
@settings(max_examples=30)
def test_a_stream_of_single_characters_in_markup_is_the_whole(text: str) -> None:
    same(RULES, text, list(range(len(text))), "de")


def same(redactor: Redactor, text: str, cuts: list[int], language: str | None) -> None:
    whole = redactor.redact(text, MASK, language=language).replacements
    end = 0
    for replacement in whole:
        assert end <= replacement.start < replacement.end <= len(text)
        end = replacement.end
    stream = StreamRedactor(redactor, MASK, language=language)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    found = [r for a, b in pairwise(places) for r in stream.feed(text[a:b]).replacements]
    assert (*found, *stream.finish().replacements) == whole


@given(TEXTS)
def test_folding_markup_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    assert folded.length == len(text)
    assert len(folded.cased) == len(folded.lower) == len(folded.visible(text))
    end = 0
    for place in range(len(folded.cased)):
        start, stop = folded.span(place, place + 1)
        assert end <= start <= stop <= len(text)
        end = stop


@pytest.mark.parametrize(
    "piece", ["<b", "<a href=", "&amp", "%", "%20", "%C3", '"', "**x", "<td>x</td>", "&nbsp;", '<a href="mailto:x">']
)
def test_much_markup_takes_no_more_time_a_character_than_a_little(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        return cpu_seconds(lambda: FULL.find(text))

    seconds(4_000)
    # Ten times the text: linear is 10, quadratic 100.
    assert grows_within(30, 0.05, seconds, 4_000, 40_000)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ('<a href="mailto:lena@berg.example">Mail</a>', "lena@berg.example", EntityType.EMAIL),
        ("<A HREF=mailto:lena@berg.example>Mail</A>", "lena@berg.example", EntityType.EMAIL),
        ('<a href="tel:+4917155501990">Anruf</a>', "+4917155501990", EntityType.PHONE),
        ('<p class="x" title="lena@berg.example">ja</p>', "lena@berg.example", EntityType.EMAIL),
        ('<a href="https://xing.com/profile/Lena_B">ich</a>', "https://xing.com/profile/Lena_B", EntityType.URL),
        ("Von: <lena@berg.example>", "lena@berg.example", EntityType.EMAIL),
        ("lena&#64;berg.example", "lena&#64;berg.example", EntityType.EMAIL),
        ("tel=%2B4917155501990", "%2B4917155501990", EntityType.PHONE),
        ("Frau%20M%C3%BCller%20war%20da", "M%C3%BCller", EntityType.PERSON),
        ("https://xing.com/profile/Lena%20B?k=1", "https://xing.com/profile/Lena%20B?k=1", EntityType.URL),
        ("iban: DE89%203704%200044%200532%200130%2000", "DE89%203704%200044%200532%200130%2000", EntityType.IBAN),
    ],
)
def test_what_an_attribute_holds_is_found(text: str, value: str, kind: EntityType) -> None:
    found = [(text[f.start : f.end], f.type) for f in FULL.find(text, language="de")]
    assert found == [(value, kind)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Passwort: *x7Kq4711 bitte", "*x7Kq4711"),
        ("Passwort: **x7Kq4711** bitte", "x7Kq4711"),
        ('Passwort: "x7Kq4711!" bitte', "x7Kq4711!"),
    ],
)
def test_a_password_keeps_a_mark_that_wraps_nothing(text: str, value: str) -> None:
    assert [text[f.start : f.end] for f in FULL.find(text, language="de")] == [value]
