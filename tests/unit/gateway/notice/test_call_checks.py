"""What must hold for a channel of calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.connectors import connector_for
from gateway.errors import NoticeError
from gateway.notice.call_checks import CALL_CONNECTORS
from gateway.notice.channel import Channel
from gateway.notice.load import connector_names, load_notice
from tests.integration.call_shop import NOTICE


def problems(tmp_path: Path, old: str, new: str) -> list[str]:
    assert old in NOTICE
    path = tmp_path / "notice.yaml"
    path.write_text(NOTICE.replace(old, new), encoding="utf-8")
    with pytest.raises(NoticeError) as refused:
        load_notice(path)
    return [f"{one.field}: {one.message}" for one in refused.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("connector: calls", "connector: openai", "channels.chat.connector: does not go with this kind"),
        ("kind: call", "kind: chat", "channels.chat.call: goes with the kind call only"),
        ("      transcript:", "      recording: {improve: days-30}\n      transcript:", "section 201 StGB"),
        ('      not_recorded: {de: "Es wird nichts aufgezeichnet."}\n', "", "add `call: {not_recorded: ...}`"),
        ("kind: call", "kind: ticket", "connectors of calls are: audiocodes, audiohook, calls"),
        ("happy: {ask", "happy: {highest: 1, ask", "has no two answers"),
        ("invite: {de", "invite: {en", "has no wording in the notice's own language, de"),
        ("agent: agent", "agent: agnet", "did you mean agent?"),
        ('resume_keys: "*2"', 'resume_keys: "*1"', "can't be told apart"),
        ('resume_keys: "*2"', 'resume_keys: "5*1"', "can't be told apart"),
        ('resume_keys: "*2"', 'resume_keys: "seven"', "keys of the telephone in a row"),
        ('unclear: {de: "Das', 'unclear: {en: "Das', "has no wording in the notice's own language, de"),
        ("A6-1-f, interest: bessere Antworten}", "A6-1-a, consent: agent}", "a caller is asked one question"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert any(told in problem for problem in problems(tmp_path, old, new))


def test_a_question_without_answers_is_refused(tmp_path: Path) -> None:
    start = NOTICE.index("    answers:")
    answers = NOTICE[start : NOTICE.index("  agent:\n    ask")]
    assert any("is asked in calls but has no `answers:`" in one for one in problems(tmp_path, answers, ""))


def test_only_a_hotline_may_be_without_a_bot(tmp_path: Path) -> None:
    text = NOTICE.replace("    upstream: http://127.0.0.1:1\n", "")
    path = tmp_path / "notice.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_notice(path).notice.channels["chat"].upstream is None
    chat = text[: text.index("    call:\n")] + text[text.index("    keep:") :]
    path.write_text(chat.replace("kind: call", "kind: chat").replace("connector: calls", "connector: openai"), "utf-8")
    with pytest.raises(NoticeError, match="only a hotline may be without a bot"):
        load_notice(path)


def test_the_connectors_of_calls_are_modules() -> None:
    assert set(connector_names()) >= CALL_CONNECTORS
    for name in CALL_CONNECTORS:
        assert connector_for(Channel.model_validate({"kind": "call", "connector": name})).name == name
