from __future__ import annotations

import pytest

from redaction import Policy, Pseudonyms, Redactor, StreamClosedError, StreamRedactor, StreamRestorer
from redaction.findings import EntityType as T

RULES = Redactor(names=None)


def test_a_value_in_single_characters_is_caught() -> None:
    stream = StreamRedactor(RULES, Policy())
    text = "meine IBAN ist DE89 3704 0044 0532 0130 00 danke"
    found = [r for character in text for r in stream.feed(character).replacements]
    found += stream.finish().replacements
    assert [(text[r.start : r.end], r.text) for r in found] == [("DE89 3704 0044 0532 0130 00", "[IBAN]")]


def test_plain_text_leaves_after_a_few_words() -> None:
    stream = StreamRedactor(RULES, Policy())
    decided = stream.feed(
        "Ihre Bestellung ist unterwegs und kommt voraussichtlich morgen im Laufe des Tages bei Ihnen an "
    )
    assert decided.upto > 40


def test_a_number_that_may_grow_is_held() -> None:
    stream = StreamRedactor(RULES, Policy())
    decided = stream.feed("Ihre Nummer lautet null eins sieben zwo vier fünf ")
    assert decided.upto <= len("Ihre Nummer lautet ")


@pytest.mark.parametrize("mark", ["*", "**", "***", "_", "__"])
def test_a_password_keeps_the_mark_before_it_wherever_the_text_is_cut(mark: str) -> None:
    text = f"de, PIN:{mark}4827, 91.64.118.20 und so weiter, bitte"
    whole = RULES.redact(text, Policy()).replacements
    assert text[whole[0].start : whole[0].end] == f"{mark}4827"
    for cut in range(len(text)):
        stream = StreamRedactor(RULES, Policy())
        parts = [stream.feed(text[:cut]), stream.feed(text[cut:]), stream.finish()]
        assert tuple(r for part in parts for r in part.replacements) == whole


@pytest.mark.parametrize(
    "text",
    [
        "ja die ist lena at mein kleiner feiner laden hier im ort punkt de bitte",
        "ja die ist lena vier fünf sechs sieben acht at beispielpost punkt de bitte",
        "jo\ufffd   at   b  \ufffd  o  punkt  de",
        "Cp 4825  Ll  5793= 4 3 p , 3",
        "lena 7,9 9 , g at b punkt de",
        "lena , 9 , g at b punkt de",
        "jo #at t e o t punt at`",
        "M Lindq  Lindqy  Lindqy und so ist es mit ihm eben M Lindqy  Lindqy",
        "PIN`w5\ufffd96 o at t e o punt at`",
    ],
)
def test_what_may_be_one_value_is_decided_as_one(text: str) -> None:
    whole = RULES.redact(text, Policy(), language="de", channel="call").replacements
    for cut in range(len(text)):
        stream = StreamRedactor(RULES, Policy(), language="de", channel="call")
        parts = [stream.feed(text[:cut]), stream.feed(text[cut:]), stream.finish()]
        assert tuple(r for part in parts for r in part.replacements) == whole


def test_a_stream_ends_once() -> None:
    for stream in (StreamRedactor(RULES, Policy()), StreamRestorer(Pseudonyms())):
        stream.feed("a")
        assert stream.finish().upto == 1
        for late in (lambda s=stream: s.feed("b"), stream.finish):
            with pytest.raises(StreamClosedError):
                late()


def test_restoring_holds_back_only_a_possible_placeholder() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Ada")
    stream = StreamRestorer(table)
    assert stream.feed("a < b und <b> ").upto == 14
    assert stream.feed("<PER").upto == 14
    decided = stream.feed("SON_1>, hallo")
    assert [(r.start, r.end, r.text) for r in decided.replacements] == [(14, 24, "Ada")]
    assert decided.upto == 31
    assert stream.feed(" <PERSON").upto == 32
    assert stream.finish().upto == 39


def test_only_some_placeholders_may_be_restored() -> None:
    table = Pseudonyms()
    table.stand_in(T.PERSON, "Ada")
    stream = StreamRestorer(table, only=set())
    assert stream.feed("<PERSON_1>").replacements == ()
