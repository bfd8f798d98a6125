# ruff: noqa: E501 - each row of the table is one case and reads best as one line
from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.notice.load import Loaded

PATHS = "connector: json\n    paths: "
KEEP = "    keep:\n"
WRONG = [
    ("    consent: keep-chat\n", "", "13: purposes.quality: rests on consent (A6-1-a) but names none; add `consent:`"),
    ("consent: keep-chat", "consent: keep-chats", "15: purposes.quality.consent: names a consent that is not defined; did you mean keep-chat?"),
    ("interest: gute Antworten", "interest: x\n    consent: keep-chat", "13: purposes.improve.consent: does not go with A6-1-f; only A6-1-a and A9-2-a rest on consent"),
    ("    interest: gute Antworten\n", "", "10: purposes.improve: rests on a legitimate interest but does not say which (Article 13(1)(d)); add `interest:`"),
    ("interest: gute Antworten", "interest: {en: x}", "12: purposes.improve.interest: has no wording in the notice's own language, de"),
    ("interest: gute Antworten", "interest: x\n    description: {en: x}", "13: purposes.improve.description: has no wording in the notice's own language, de"),
    ('ask: {de: "Dürfen wir?", ', "ask: {", "22: consents.keep-chat.ask: has no wording in the notice's own language, de"),
    ("consents:\n", "consents:\n  other: {ask: {de: x}}\n", "21: consents.other: is used by no purpose; a consent is asked only for a purpose"),
    ("rights:", "not_for: [improve]\nrights:", "10: purposes.improve: is ruled out under `not_for`; it can't be a purpose"),
    ("rights:", "text: {en: x}\nrights:", "32: text: has no wording in the notice's own language, de"),
    ("rights:", "recipients: [{name: X, purposes: [imprve]}]\nrights:", "32: recipients[0].purposes[0]: is not a purpose; did you mean improve?"),
    ("rights:", "recipients: [{name: X, channels: [chta]}]\nrights:", "32: recipients[0].channels[0]: is not a channel; did you mean chat?"),
    ("rights:", "provision: {en: x}\nrights:", "32: provision: has no wording in the notice's own language, de"),
    ("rights:", "recipients: [{name: X, safeguard: {en: x}}]\nrights:", "32: recipients[0].safeguard: has no wording in the notice's own language, de"),
    ("rights:", "recipients: [{name: X, inform: a@b.example}]\nrights:", "33: rights: has recipients to inform but keeps no requests, of which they are told; add `keep:`"),
    ("rights:", "recipients: [{name: {en: x}}]\nrights:", "32: recipients[0].name: has no wording in the notice's own language, de"),
    ("rights:", "recipients: [{name: X}, {name: {de: X, en: Y}}]\nrights:", "32: recipients[1].name: is the name of another recipient; messages would go astray"),
    (KEEP, "    tell: {ai_disclosure: {en: x}}\n" + KEEP, "29: channels.chat.tell.ai_disclosure: has no wording in the notice's own language, de"),
    ("{improve: month,", "{improv: month,", "30: channels.chat.keep.transcript.improv: is not a purpose of this notice; did you mean improve?"),
    ("{improve: month,", "{improve: moth,", "30: channels.chat.keep.transcript.improve: names a deletion class that is not defined; did you mean month?"),
    ("{improve: month, quality: month}", "{}", "30: channels.chat.keep.transcript: is kept for no purpose; name a purpose with its deletion class, or leave the part out"),
    ("      consent: {proof: month}\n", "", "29: channels.chat.keep: has a purpose that rests on consent but keeps no proof of it (Article 7(1)); add `consent:`"),
    ("consent: {proof", "consent: {quality", "31: channels.chat.keep.consent.quality: rests on consent; the proof of an answer must be kept for a purpose that does not"),
    ("period: P30D", "period: P30D, round_to: year-end", "19: deletion_classes.month.round_to: goes with `kind: statutory` only"),
    ("period: P30D", "period: P30D, kind: statutory", "30: channels.chat.keep.transcript.quality: rests on consent, which can be withdrawn; a statutory class goes with a legal obligation"),
    ("connector: openai", "connector: opnai", "26: channels.chat.connector: is not a connector of this gateway; did you mean openai?"),
    ("connector: openai", "connector: json", "24: channels.chat: has the connector json, which needs `paths:`"),
    ("connector: openai", "connector: openai\n    paths: {text: a, response: b}", "27: channels.chat.paths: goes with the connector json only"),
    ("connector: openai", "connector: json\n    paths: {text: a, response: b}\n    conversation: user", "28: channels.chat.conversation: is given under `paths:` with the connector json"),
    (KEEP, "    hear_original: [improve]\n" + KEEP, "29: channels.chat.hear_original[0]: is no purpose for which a recording is kept"),
    (KEEP, "    keep_types: [PHONE]\n" + KEEP, "29: channels.chat.keep_types[0]: is not asked for on this channel; only what is asked for can stay readable"),
    (KEEP, "    keep_types: [DEVICE_ID]\n    keep_operators: {DEVICE_ID: drop}\n" + KEEP, "30: channels.chat.keep_operators.DEVICE_ID: stays readable under `keep_types`; name the type in one of them"),
    (KEEP, "    forward: pseudonyms\n" + KEEP, "24: channels.chat: forwards pseudonyms but does not keep their table; add `pseudonyms:` under `keep:`"),
    ("connector: openai", PATHS + "{text: 'm[*].text', response: b, speaker: {at: 'n[*].role'}}", "27: channels.chat.paths.speaker.at: must lie in the same list item as every place under `text`"),
    ("connector: openai", PATHS + "{text: m, response: b, speaker: {at: '*.role'}}", "27: channels.chat.paths.speaker.at: must lie in the same list item as every place under `text`"),
    ("connector: openai", PATHS + "{text: 'm[*]', response: b, speaker: {at: 'm[*].role'}}", "27: channels.chat.paths.speaker.at: must lie in the same list item as every place under `text`"),
    ("connector: openai", PATHS + "{text: 'm[*].a', response: b, speaker: {at: 'm[*].p.*'}}", "27: channels.chat.paths.speaker.at: must lie in the same list item as every place under `text`"),
    ("connector: openai", PATHS + "{text: a, response: b, conversation: a}", "27: channels.chat.paths.text: names a, which passes unredacted under `conversation`"),
    ("connector: openai", PATHS + "{text: a, response: b, message_id: a}", "27: channels.chat.paths.text: names a, which passes unredacted under `message_id`"),
    ("connector: openai", PATHS + "{text: a.b, response: b, speaker: {at: a.b}}", "27: channels.chat.paths.text: names a.b, which passes unredacted under `speaker`"),
    ("connector: openai", PATHS + "{text: a, response: b, stream: c, stream_key: c}", "27: channels.chat.paths.stream: names c, which passes unredacted under `stream_key`"),
    ("connector: openai", PATHS + "{text: a, response: b, stream: c, stream_end: {c: end}}", "27: channels.chat.paths.stream: names c, which passes unredacted under `stream_end`"),
    ("connector: openai", PATHS + "{text: [], response: b}", "27: channels.chat.paths.text: must have at least one entry"),
    ("connector: openai", PATHS + "{text: a, response: []}", "27: channels.chat.paths.response: must have at least one entry"),
    ("connector: openai", PATHS + "{text: a, response: b, post: []}", "27: channels.chat.paths.post: must have at least one entry"),
    ("connector: openai", PATHS + "{text: a.b, response: b, pass: [a]}", "27: channels.chat.paths.text: names a.b, which passes unredacted under `pass`"),
]  # fmt: skip


def test_the_notice_of_these_tests_is_right(load: Callable[..., Loaded]) -> None:
    assert load().notice.notice == "shop-chat"


@pytest.mark.parametrize(("old", "new", "expected"), WRONG, ids=[case[2].split(": ")[1] for case in WRONG])
def test_what_does_not_hold_between_blocks_is_refused(
    problems: Callable[..., list[str]], old: str, new: str, expected: str
) -> None:
    assert expected in problems(old, new)


def test_a_channel_may_keep_nothing(load: Callable[..., Loaded]) -> None:
    loaded = load("    keep:\n      transcript: {improve: month, quality: month}\n      consent: {proof: month}\n", "")
    assert loaded.notice.channels["chat"].keep == {}
