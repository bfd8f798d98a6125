# ruff: noqa: E501 - each row of the table is one case and reads best as one line
from __future__ import annotations

from collections.abc import Callable

import pytest

WRONG = [
    ("language: de\n", "", "1: language: is missing"),
    ("  name: Shop GmbH\n", "", "5: controller.name: is missing"),
    ("  name: Shop GmbH", "  name:", "6: controller.name: must be a text"),
    ("  name: Shop GmbH", '  name: " "', "6: controller.name: is empty; write the text or leave the field out"),
    ("  address:", "  adress:", "7: controller.adress: is not a field of a notice here; did you mean address?"),
    ("    kind: chat", "    kind: chta", "25: channels.chat.kind: is no known word here; did you mean chat?"),
    ("kind: chat", "kind: x", "25: channels.chat.kind: is no known word here; known: chat, call, ticket"),
    ("[DEVICE_ID]", "[DEVICEID]", "28: channels.chat.asks_for[0]: is no known word here; did you mean DEVICE_ID?"),
    ("[DEVICE_ID]", "{}", "28: channels.chat.asks_for: must be a list, such as [first, second]"),
    ("transcript: {", "transcripts: {", "30: channels.chat.keep.transcripts: is no known word here; did you mean transcript?"),
    ("start: collection", "start: now", "19: deletion_classes.month.start: is no known word here; known: collection, session-end, matter-resolved, consent-end, relation-end"),
    ("ask: {de:", "ask: {deu:", "22: consents.keep-chat.ask.deu: is a language: use its two-letter code in small letters, such as de or en"),
    ('articles: ["15", "7(3)"]', "articles: [99]", "34: rights.articles[0]: is no known word here; known: 7(3), 15, 16, 17, 18, 19, 20, 21, 22, 77"),
    ("ask: {de", "required: maybe\n    ask: {de", "22: consents.keep-chat.required: must be true or false"),
    ("controller:\n  name", "controller: x\nrecipients:\n- name", "5: controller: must be a block of fields"),
    ("  month: {start: collection, period: P30D}", "  - month", "18: deletion_classes: must be a block of named entries"),
    ("  month:", "  Monat 1:", "19: deletion_classes.Monat 1: is a name in the file: use small letters, digits and hyphens, at most 64 characters"),
    ("    interest: gute", "    interests: gute", "12: purposes.improve.interests: is not a field of a notice here; did you mean interest?"),
    ("    interest: gute Antworten", "    interest: [a]", "12: purposes.improve.interest: must be a text"),
    ("    connector: openai", "    conector: openai", "24: channels.chat.connector: is missing"),
    ("    keep:", "    tell: {ai_disclosure: {de: Bot}, delivery: prepend}\n    keep:", "29: channels.chat.tell.delivery: is not a field of a notice here; did you mean deliver?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), WRONG, ids=[case[2].split(": ")[1] for case in WRONG])
def test_each_wrong_shape_names_line_field_and_what_to_do(
    problems: Callable[..., list[str]], old: str, new: str, expected: str
) -> None:
    assert expected in problems(old, new)


def test_an_unknown_field_without_a_near_one_gets_the_list(problems: Callable[..., list[str]]) -> None:
    (told,) = problems(new="qqq: 1\n")
    assert told.startswith("35: qqq: is not a field of a notice here; known: automated_decisions, channels, consents")


def test_all_problems_are_told_at_once_in_the_order_of_the_file(problems: Callable[..., list[str]]) -> None:
    told = problems("language: de\ntime_zone: Europe/Berlin", "language: German\ntime_zone: Mars")
    assert [line.split(": ")[1] for line in told] == ["language", "time_zone"]


def test_no_message_repeats_a_value(problems: Callable[..., list[str]]) -> None:
    told = problems("http://bot:9000", "http://admin:hunter2@bot?token=abc")
    assert told == [
        "27: channels.chat.upstream: must not hold a user name or password; give credentials in the deployment settings"
    ]
    assert "hunter2" not in "".join(told)
