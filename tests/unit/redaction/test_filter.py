from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from redaction import Redactor
from redaction.engine import NamesCandidate
from redaction.filter import find_in_record, redact_text

RULES = Redactor(names=None)


@dataclass
class Listening:
    """A names model that finds nothing and remembers in which language it was asked."""

    languages: list[str | None] = field(default_factory=list)

    def tag(
        self, text: str, *, previous: str = "", language: str | None = None, channel: str = "chat", caution: float = 0.0
    ) -> Sequence[NamesCandidate]:
        del text, previous, channel, caution
        self.languages.append(language)
        return ()


def test_text_in_text_out() -> None:
    assert redact_text(RULES, "an jo@berg.example", language="de") == "an [EMAIL]"


def test_a_record_in_a_record_out() -> None:
    record = {"id": 7, "text": "22105", "previous": "Ihre Kundennummer?", "lang": "de", "channel": "chat", "more": 1}
    assert find_in_record(RULES, record) == {"id": 7, "text": "22105", "findings": [[0, 5, "CUSTOMER_NO"]]}


def test_explain_adds_recogniser_and_score() -> None:
    ((start, end, kind, recogniser, score),) = find_in_record(RULES, {"text": "jo@berg.example"}, explain=True)[
        "findings"
    ]
    assert (start, end, kind, recogniser) == (0, 15, "EMAIL", "email")
    assert 0.9 < score <= 1.0


@pytest.mark.parametrize("extra", [{"lang": None, "previous": None, "channel": None}, {"channel": "fax", "lang": "xx"}])
def test_what_is_missing_or_unknown_is_inferred(extra: dict[str, str | None]) -> None:
    assert find_in_record(RULES, {"text": "jo@berg.example", **extra})["findings"] == [[0, 15, "EMAIL"]]


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("Ik heb een vraag over mijn bestelling.", None, "nl"),
        ("Ich habe eine Frage zu meiner Bestellung.", None, "de"),
        ("Ik heb een vraag over mijn bestelling.", "de", "de"),
        ("22105", None, None),
    ],
)
def test_a_language_that_is_not_given_is_inferred(text: str, given: str | None, expected: str | None) -> None:
    names = Listening()
    redactor = Redactor(names=names)
    names.languages.clear()
    redact_text(redactor, text, language=given)
    find_in_record(redactor, {"text": text, "lang": given})
    assert names.languages == [expected, expected]
