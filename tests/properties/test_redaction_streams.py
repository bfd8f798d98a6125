"""However a stream is cut, what it decides is what the whole text gives."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from redaction import Operator, Policy, Pseudonyms, Redactor, StreamRedactor, StreamRestorer
from redaction.engine import Channel
from redaction.operators import Replacement

RULES = Redactor(names=None)
FULL = Redactor()
MASK = Policy()

SAMPLE = """Guten Tag, mein Name ist Jasper Lindqvist und ich wohne in der Ahornstraße 12b 01099 Dresden . Herr Dr. Frau
Meine Kundennummer lautet 4711 RE-2024/00917 0171 5550199 +49 351 4815 77 20 null eins sieben zwo achtundzwanzig äh
doppel drei jo punkt berg at webpost de M wie Martha Ü L L E R DE89 3704 0044 0532 0130 00 4111 1111 1111 1111 gültig
bis 11/27 CVC 123 geboren am 12.03.1968 12. März 1968 Kennzeichen DD-KW 774 PIN: 4826 91.64.118.207 DE:9F:DB:41:60:0C
lena@beispiel.example Seriennummer PF3K7Q2M Euro Uhr Modell KX-4370 danke! Was? ja. nein, und oder Mit freundlichen
Grüßen 48.2109, 13.4872 instagram.com/some.body Sort code 20-07-41 my reg is CA15 JYH 😀 ４８１５ LS6 2AB 1056 CH"""
LONG = [
    "\u200b" * 500,
    "\u0301" * 1_500,
    "<b></b>" * 200,
    "&#8203;" * 100,
    '{"name":"Lena","tel":"01715550199"},' * 20,
    "a " * 250,
]
WORDS = st.sampled_from([*SAMPLE.split(), "\n", "\n\n", "\u200b0351", *LONG])
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=90).map(" ".join)
PREVIOUS = st.sampled_from(
    ["", "Wie lautet Ihre Kundennummer?", "Ihr Name?", "Wann sind Sie geboren?", "Welches Modell?"]
)


def pieces(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(places)]


def streamed(stream: StreamRedactor | StreamRestorer, parts: list[str]) -> list[Replacement]:
    found: list[Replacement] = []
    upto = seen = 0
    for part in parts:
        seen += len(part)
        decided = stream.feed(part)
        assert upto <= decided.upto <= seen
        assert all(upto <= r.start and r.end <= decided.upto for r in decided.replacements)
        upto = decided.upto
        found += decided.replacements
    decided = stream.finish()
    assert decided.upto == seen
    return [*found, *decided.replacements]


@given(
    TEXTS,
    PREVIOUS,
    st.lists(st.integers(0, 2_000), max_size=12),
    st.sampled_from(["de", "en", None]),
    st.sampled_from(["chat", "call"]),
)
def test_cut_anywhere(text: str, previous: str, cuts: list[int], language: str | None, channel: Channel) -> None:
    whole = RULES.redact(text, MASK, previous=previous, language=language, channel=channel).replacements
    stream = StreamRedactor(RULES, MASK, previous=previous, language=language, channel=channel)
    assert tuple(streamed(stream, pieces(text, cuts))) == whole


@given(TEXTS, PREVIOUS)
@settings(max_examples=30)
def test_single_characters(text: str, previous: str) -> None:
    whole = RULES.redact(text, MASK, previous=previous).replacements
    assert tuple(streamed(StreamRedactor(RULES, MASK, previous=previous), list(text))) == whole


@given(TEXTS, PREVIOUS, st.lists(st.integers(0, 2_000), max_size=12))
@settings(max_examples=40)
def test_cut_anywhere_with_the_names_model(text: str, previous: str, cuts: list[int]) -> None:
    whole = FULL.redact(text, MASK, previous=previous, language="de").replacements
    stream = StreamRedactor(FULL, MASK, previous=previous, language="de")
    assert tuple(streamed(stream, pieces(text, cuts))) == whole


@given(TEXTS, st.lists(st.integers(0, 2_000), max_size=12))
@settings(max_examples=50)
def test_pseudonyms_come_back_from_a_stream(text: str, cuts: list[int]) -> None:
    table = Pseudonyms()
    redacted = RULES.redact(text, Policy(default=Operator.PSEUDONYM), pseudonyms=table).text
    restored = streamed(StreamRestorer(table), pieces(redacted, cuts))
    pieced, place = "", 0
    for replacement in restored:
        pieced += redacted[place : replacement.start] + replacement.text
        place = replacement.end
    assert pieced + redacted[place:] == table.restore(redacted)
