"""What holds for every text, whatever is in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from redaction import Known, Operator, Policy, Pseudonyms, Redactor, StreamRedactor
from redaction.engine import Channel
from redaction.findings import EntityType
from redaction.markup import read
from redaction.normalise import fold
from redaction.segments import LONGEST
from tests.growth import cpu_seconds, grows_within

RULES = Redactor(names=None)
FULL = Redactor()
PSEUDONYM = Policy(default=Operator.PSEUDONYM)
INVISIBLE = "\u200b\u200c\u200d\u00ad\u2060\ufeff\u200e\u200f\u202e\x00\u0301"

ODD = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
VALUES = st.sampled_from(
    [
        *(
            "0171 5550199",
            "lena.berg@beispiel.example",
            "DE89 3704 0044 0532 0130 00",
            "91.64.118.207",
            "4111 1111 1111 1111",
        ),
        *("DE:9F:DB:41:60:0C", "Frau Lindqvist", "Kundennummer 2210512345", "Ahornstraße 12b"),
        "kundennummer vier vier null neun sieben eins",
    ]
)
TEXTS = st.lists(
    st.one_of(VALUES, ODD, st.sampled_from(["und", "ist", ",", "\n", "<b>", "**", "😀"])), max_size=30
).map(" ".join)


@given(TEXTS, st.sampled_from(["de", "en", None]), st.sampled_from(["chat", "call"]))
def test_findings_are_sorted_apart_and_inside(text: str, language: str | None, channel: Channel) -> None:
    end = 0
    for finding in RULES.find(text, language=language, channel=channel):
        assert end <= finding.start < finding.end <= len(text)
        assert 0.0 < finding.score <= 1.0
        end = finding.end


@given(st.lists(st.one_of(VALUES, ODD), max_size=12).map("".join), ODD, st.sampled_from(["de", None]))
def test_no_text_stops_the_full_engine(text: str, previous: str, language: str | None) -> None:
    end = 0
    for finding in FULL.find(text, previous=previous, language=language):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


@given(TEXTS)
def test_what_was_found_is_not_in_the_output(text: str) -> None:
    redacted = RULES.redact(text, Policy())
    kept = "".join(redacted.text.split("["))
    for finding in redacted.findings:
        value = text[finding.start : finding.end]
        if finding.type is EntityType.EMAIL:
            assert kept.count(value) <= text.count(value) - 1


@given(TEXTS)
def test_pseudonyms_come_back(text: str) -> None:
    if "<" in text:
        return
    table = Pseudonyms()
    redacted = RULES.redact(text, PSEUDONYM, pseudonyms=table)
    again = Pseudonyms.from_json(table.to_json())
    assert again.restore(redacted.text) == table.restore(redacted.text)
    assert again.version == table.version
    if all(text[r.start : r.end] == again.value(r.text) for r in redacted.replacements):
        assert table.restore(redacted.text) == text


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=60))
@example(":*0")
@example("a:*b* _c_ *")
def test_folding_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    assert folded.cased.isascii()
    assert len(folded.cased) == len(folded.lower)
    assert folded.length == len(text)
    plain = read(text)
    marks = {place for tag in plain.tags for place in range(tag.start, tag.end)} if plain is not None else set()
    for place in range(len(folded.cased)):
        start, end = folded.span(place, place + 1)
        if text[start] in "\\%&" and end > start + 1:  # an escape is one character
            continue
        assert end == start + 1
        assert folded.cased[place] == (" " if start in marks else fold(text[start]).cased)


@given(VALUES, st.lists(st.tuples(st.integers(1, 60), st.sampled_from(INVISIBLE)), max_size=5))
def test_nothing_invisible_hides_a_value(value: str, insertions: list[tuple[int, str]]) -> None:
    text = value
    for place, character in insertions:
        place = 1 + place % max(len(text) - 1, 1)  # noqa: PLW2901
        text = text[:place] + character + text[place:]
    assert [f.type for f in RULES.find(text, channel="call", language="de")] == [
        f.type for f in RULES.find(value, channel="call", language="de")
    ]


@given(VALUES)
def test_full_width_hides_nothing(value: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    plain = [f.type for f in RULES.find(value, channel="call", language="de")]
    assert [f.type for f in RULES.find(wide, channel="call", language="de")] == plain


@pytest.mark.parametrize("filler", ["a ", "x, ", "12b ", "M wie Martha ", "und ", "Zeile ", '"k":"v",', "wert;", "jo "])
def test_no_value_is_parted_where_a_long_text_is(filler: str) -> None:
    values = ("lena.berg@beispiel.example", "DE89370400440532013000", "4111 1111 1111 1111")
    for value in values:
        for length in range(LONGEST - len(value) - 4, LONGEST + 4, 3):
            text = f"{(filler * LONGEST)[:length].rstrip('kv:jowertZil')} {value} {filler}"
            redacted = RULES.redact(text, Policy(), language="de").text
            assert value[:6] not in redacted
            assert value[-6:] not in redacted


@given(
    VALUES, st.integers(1, 30), st.sampled_from(["\u200b", "<b></b>", "&#8203;", "\u0301\u00ad"]), st.integers(1, 9_000)
)
@settings(max_examples=40)
def test_no_run_of_what_is_not_seen_parts_a_value(value: str, place: int, unseen: str, count: int) -> None:
    place = 1 + place % (len(value) - 1)
    text = f"{value[:place]}{unseen * (count // len(unseen))}{value[place:]}"
    whole = RULES.redact(value, Policy(), channel="call", language="de").text
    assert RULES.redact(text, Policy(), channel="call", language="de").text.replace(unseen, "") == whole


@given(st.lists(st.tuples(st.sampled_from(list(EntityType)), ODD), max_size=6), TEXTS)
@settings(max_examples=50)
def test_any_value_may_be_known(values: list[tuple[EntityType, str]], text: str) -> None:
    end = 0
    for finding in RULES.find(text, known=Known(values)):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


LONG = {
    "page": "Guten Tag, mein Name ist Jasper Lindqvist, Kundennummer 2210512345, Tel. 0171 5550199. Was kostet das? ",
    "digits": "1 2 3 4 5 ",
    "addresses": "a@b.",
    "marks": "\u200f😀",
    "numbers": "null eins sieben zwo ",
    "letters": "M wie Martha ",
    "names": "Frau Dr. Lindqvist und ",
    "no blank": "7",
    "tags": "<b></b>",
    "unseen": "\u200b",
    "blanks": " ",
}


def test_a_table_takes_no_more_time_a_value_when_it_is_large() -> None:
    def fill(values: int) -> None:
        table = Pseudonyms()
        for number in range(values):
            table.stand_in(EntityType.PHONE, f"0171 55{number:06d}")
        Pseudonyms.from_json(table.to_json())

    fill(500)
    # Ten times the values: linear is 10, quadratic 100.
    assert grows_within(30, 0.05, lambda values: cpu_seconds(lambda: fill(values)), 1_000, 10_000)


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_a_long_text_takes_no_more_time_a_character_than_a_page(piece: str) -> None:
    def stream(text: str) -> None:
        stream = StreamRedactor(RULES, PSEUDONYM, pseudonyms=Pseudonyms(), language="de", channel="call")
        for place in range(0, len(text), 40):
            stream.feed(text[place : place + 40])
        stream.finish()

    def seconds(size: int, decide: Callable[[str], object]) -> float:
        text = piece * (size // len(piece))
        return cpu_seconds(lambda: decide(text))

    for decide in (FULL.find, RULES.find, stream):
        seconds(4_000, decide)  # what is built on first use is not counted
        # Ten times the text: linear is 10, quadratic 100.
        assert grows_within(30, 0.05, partial(seconds, decide=decide), 4_000, 40_000), decide


def test_a_megabyte_without_a_blank_is_decided() -> None:
    for text in ("7" * 1_000_000, "a" * 300_000, "@" * 300_000, "\u200b" * 300_000):
        findings = RULES.find(text)
        assert all(f.end <= len(text) for f in findings)
