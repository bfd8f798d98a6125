from __future__ import annotations

import pytest

from redaction import EntityType as T
from redaction import (
    Known,
    Operator,
    Policy,
    Pseudonyms,
    RecogniserError,
    Redactor,
    StreamRedactor,
    UnknownLanguageError,
)
from redaction.engine import treated
from redaction.names.model import Candidate as Named

RULES = Redactor(names=None)
FULL = Redactor()


class OneName:
    """A names model that knows one name, and takes the blank before it along."""

    def __init__(self, name: str, kind: T = T.PERSON, probability: float = 0.8) -> None:
        self.name, self.kind, self.probability = name, kind, probability
        self.texts: list[str] = []

    def tag(
        self,
        text: str,
        *,
        previous: str = "",  # noqa: ARG002 - the model's own signature
        language: str | None = None,  # noqa: ARG002
        channel: str = "chat",  # noqa: ARG002
        caution: float = 0.0,  # noqa: ARG002
    ) -> list[Named]:
        self.texts.append(text)
        start = text.find(self.name)
        return [Named(start, start + len(self.name), self.kind, self.probability)] if start >= 0 else []


def kinds(redactor: Redactor, text: str, **context: str) -> list[tuple[str, T]]:
    return [(text[f.start : f.end], f.type) for f in redactor.find(text, **context)]  # type: ignore[arg-type]


def test_a_stream_is_searched_only_where_something_can_be_settled() -> None:
    names = OneName("lindqvist")
    stream = StreamRedactor(Redactor(names=names), Policy())
    text = "Guten Tag, hier ist noch einmal der Herr lindqvist aus der Werkstatt, es geht weiter um das Auto. "
    for place in range(0, 30, 5):
        assert stream.feed(text[place : place + 5]).upto == 0
    assert names.texts == []
    decided = [stream.feed(text[place : place + 5]) for place in range(30, len(text), 5)]
    assert [r.text for d in (*decided, stream.finish()) for r in d.replacements] == ["[PERSON]"]


def test_a_message_is_redacted_as_the_policy_says() -> None:
    text = "Mein Name ist Jasper Lindqvist, Kundennummer 2210512345, jo@berg.example"
    policy = Policy(
        Operator.MASK, {T.PERSON: Operator.PSEUDONYM, T.CUSTOMER_NO: Operator.PARTIAL, T.EMAIL: Operator.KEEP}
    )
    redacted = RULES.redact(text, policy, pseudonyms=Pseudonyms())
    assert redacted.text == "Mein Name ist <PERSON_1>, Kundennummer [CUSTOMER_NO 2345], jo@berg.example"
    assert [f.type for f in redacted.findings] == [T.PERSON, T.CUSTOMER_NO, T.EMAIL]
    assert len(redacted.replacements) == 2


def test_one_search_serves_two_policies() -> None:
    text = "jo@berg.example"
    findings = RULES.find(text)
    assert treated(text, findings, Policy()).text == "[EMAIL]"
    assert treated(text, findings, Policy(Operator.DROP)).text == ""


def test_the_controllers_own_are_never_redacted() -> None:
    own = Redactor(names=None, allow=["+49 351 4815772", "@berg.example", "Jasper Lindqvist"])
    assert own.find("0351/481 57 72 oder jo@berg.example, Herr Jasper Lindqvist") == ()
    assert len(RULES.find("0351/481 57 72 oder jo@berg.example, Herr Jasper Lindqvist")) == 3


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ("Ромашка", "Herr Татьяна Иванова"),
        ("+49 351 4815772", "Tel. 0171 5550199 / 0351 4815772"),
        ("+49 351 4815772", "Tel. 0171 5550199 0351 4815772"),
        ("!!!", "Herr Lindqvist"),
    ],
)
def test_nothing_else_passes_for_the_controllers_own(own: str, text: str) -> None:
    found = Redactor(allow=[own]).find(text, language="de")
    assert [text[f.start : f.end] for f in found] == [text[f.start : f.end] for f in FULL.find(text, language="de")]
    assert found


def test_the_question_before_the_answer() -> None:
    assert kinds(RULES, "22105", previous="Wie lautet Ihre Kundennummer?") == [("22105", T.CUSTOMER_NO)]
    assert kinds(RULES, "22105", previous="Welches Modell haben Sie?") == []


@pytest.mark.parametrize(
    "text",
    [
        "Modell KWM 61413, Typ TN-248, Drucker DCP-L3551CDW",
        "Firmware 1.2.3.4 und Fehler E-4711",
        "die EAN ist 4006381333931",
        "schreiben Sie an info@moebel.example oder support@moebel.example",
        "der Router ist unter 192.168.178.1 erreichbar",
        "Ihre Bestellnummer sieht so aus, zum Beispiel 22106-0012346",
        "gekauft am 12.03.2024 für 129,99 Euro",
        "unsere Hotline 0800 330 1000 ist von 8 bis 18 Uhr besetzt",
        "it costs 1,299.00 pounds, model X-200",
        "de actie loopt tot 12-04-2025, artikelnummer 8712345",
    ],
)
def test_hard_negatives_stay_whole(text: str) -> None:
    assert RULES.find(text) == ()


def test_the_models_candidates_compete_with_the_rules() -> None:
    names = OneName("lindqvist")
    assert kinds(Redactor(names=names), "ja lindqvist hier") == [("lindqvist", T.PERSON)]
    email = OneName("jo@berg", T.USERNAME)
    assert kinds(Redactor(names=email), "jo@berg.example") == [("jo@berg.example", T.EMAIL)]


def test_the_model_reads_a_few_words_of_what_came_before() -> None:
    names = OneName("lindqvist")
    Redactor(names=names).find("Das ist ein Satz, der nichts weiter sagt als das. " * 5 + "Also lindqvist.")
    assert len(names.texts) == 2
    assert names.texts[1].endswith("Also lindqvist.")
    assert len(names.texts[1].split()) <= 20


def test_caution_decides_how_early_a_doubtful_value_counts() -> None:
    text = "ja lindqvist hier"
    low, high = (Redactor(names=OneName("lindqvist", probability=0.55), caution=c) for c in ("low", "high"))
    assert kinds(low, text) == []
    assert kinds(high, text) == [("lindqvist", T.PERSON)]


def test_unknown_languages_are_refused_at_the_start_and_ignored_in_a_message() -> None:
    with pytest.raises(UnknownLanguageError):
        Redactor(languages=["xx"], names=None)
    assert kinds(RULES, "jo@berg.example", language="xx") == [("jo@berg.example", T.EMAIL)]


def test_the_controllers_own_patterns_run_on_re2() -> None:
    own = Redactor(names=None, patterns={r"\bIM-[0-9]{3}-[A-Z]{2}\b": T.CUSTOMER_NO})
    assert kinds(own, "mein Fall im-471-qx, bitte") == [("im-471-qx", T.CUSTOMER_NO)]
    with pytest.raises(RecogniserError):
        Redactor(names=None, patterns={"(?=look)": T.CUSTOMER_NO})


def test_markup_and_emoji_around_and_inside() -> None:
    assert kinds(RULES, "<b>jo@berg.lan</b> **0171/5550199**") == [
        ("jo@berg.lan", T.EMAIL),
        ("0171/5550199", T.PHONE),
    ]
    assert kinds(RULES, "meine Nummer 0171😀5550199") == [("0171😀5550199", T.PHONE)]


def test_an_empty_text() -> None:
    assert RULES.find("") == ()
    assert RULES.redact("", Policy(), known=Known()).text == ""
