from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.notice.load import load_notice
from gateway.rendering import all_words, differences, sections_in_text
from storage.records import PartKind

if TYPE_CHECKING:
    from gateway.notice.model import Notice

OLD = Path("notices/example-consent.yaml").read_text()
EN = all_words()["en"]


@pytest.fixture
def old(tmp_path: Path) -> Notice:
    return _notice(tmp_path, OLD)


def _notice(folder: Path, text: str) -> Notice:
    path = folder / "notice.yaml"
    path.write_text(text)
    return load_notice(path).notice


def _changed(folder: Path, before: str, after: str) -> Notice:
    assert OLD.count(before) == 1
    return _notice(folder, OLD.replace(before, after))


def test_the_same_notice_changes_nothing(old: Notice) -> None:
    found = differences(old, old, EN)
    assert [section.key for section in found.sections] == ["nothing"]
    assert not found.sooner
    assert not found.consents


def test_a_shorter_period_would_make_stored_parts_expire_earlier(old: Notice, tmp_path: Path) -> None:
    found = differences(old, _changed(tmp_path, "period: P90D", "period: P60D"), EN)
    assert found.sooner == (("chat", PartKind.TRANSCRIPT, "quality-assurance"),)
    assert "60 days from the end of the conversation instead of 90 days" in sections_in_text(found)


def test_a_longer_period_touches_nothing_stored(old: Notice, tmp_path: Path) -> None:
    found = differences(old, _changed(tmp_path, "period: P90D", "period: P4M"), EN)
    assert found.sooner == ()
    assert "kept longer" in sections_in_text(found)


def test_another_start_is_told_as_a_new_period(old: Notice, tmp_path: Path) -> None:
    new = _changed(tmp_path, "{start: session-end, period: P90D", "{start: collection, period: P90D")
    text = sections_in_text(differences(old, new, EN))
    assert "90 days from the first message instead of 90 days from the end of the conversation" in text


def test_a_longer_wait_for_what_starts_a_period_is_told(old: Notice, tmp_path: Path) -> None:
    new = _changed(tmp_path, "period: P90D, maximum_open: P7D", "period: P90D, maximum_open: P9D")
    text = sections_in_text(differences(old, new, EN))
    waits = "90 days from the end of the conversation; if that does not come, {} days from the first message"
    assert f"{waits.format(9)} instead of {waits.format(7)}" in text


def test_a_question_worded_anew_needs_a_new_consent(old: Notice, tmp_path: Path) -> None:
    found = differences(old, _changed(tmp_path, "for 90 days to improve", "for a while to improve"), EN)
    assert found.consents == ("keep-transcript",)


def test_a_new_use_of_a_consent_needs_a_new_consent(old: Notice, tmp_path: Path) -> None:
    more = "facts: {count-usage: figures-1-year, quality-assurance: chat-90-days}"
    found = differences(old, _changed(tmp_path, "facts: {count-usage: figures-1-year}", more), EN)
    assert found.consents == ("keep-transcript",)
    assert "is also kept for assuring the quality of our answers" in sections_in_text(found)


def test_settings_recipients_and_exclusions_are_told(old: Notice, tmp_path: Path) -> None:
    new = _notice(
        tmp_path,
        OLD.replace("forward: pseudonyms", "forward: original").replace("[training, advertising]", "[training]")
        + "\nrecipients: [{name: Helper Ltd, country: US, safeguard: SCC}]\n",
    )
    text = sections_in_text(differences(old, new, EN))
    assert "`forward` changes from pseudonyms to original" in text
    assert "No longer ruled out: advertising" in text
    assert "Helper Ltd receives data from now on" in text


def test_a_channel_that_comes_or_goes(old: Notice) -> None:
    other = load_notice(Path("notices/imtron.yaml")).notice
    keys = {section.key: section for section in differences(old, other, EN).sections}
    assert EN.changes.channel_gone in str(keys["channel-chat"].blocks)
    assert EN.changes.channel_added in str(keys["channel-chatbot"].blocks)


def test_what_is_no_longer_kept_would_expire_at_once(old: Notice, tmp_path: Path) -> None:
    less = _changed(tmp_path, "      facts: {count-usage: figures-1-year}\n", "")
    assert differences(old, less, EN).sooner == (("chat", PartKind.FACTS, "count-usage"),)
    assert differences(less, old, EN).sooner == ()


@pytest.mark.parametrize(
    ("before", "after", "earlier"),
    [
        ("{start: session-end, period: P90D, maximum_open: P7D}", "{start: collection, period: P90D}", True),
        ("{start: session-end, period: P90D, maximum_open: P7D}", "{start: collection, period: P91D}", False),
        ("period: P90D, maximum_open: P7D", "period: P90D, maximum_open: P6D", True),
        ("period: P90D, maximum_open: P7D", "period: P90D, maximum_open: P8D", False),
    ],
)
def test_what_waits_no_longer_for_its_event_expires_earlier(
    old: Notice, tmp_path: Path, before: str, after: str, *, earlier: bool
) -> None:
    assert bool(differences(old, _changed(tmp_path, before, after), EN).sooner) is earlier


@pytest.mark.parametrize(
    ("before", "after", "consent", "told"),
    [
        ("en: assuring the quality of our answers", "en: training", "keep-transcript", 'is described anew: "training"'),
        ("  count-usage:\n    legal_basis: A6-1-f", "  count-usage:\n    legal_basis: A6-1-a\n    consent: figures",
         "figures", "counting usage: `consent` changes from - to figures"),
    ],
)  # fmt: skip
def test_what_needs_a_new_consent(
    old: Notice, tmp_path: Path, before: str, after: str, consent: str, told: str
) -> None:
    text = OLD.replace(before, after)
    if consent == "figures":
        interest = next(line for line in text.splitlines() if line.strip().startswith("interest:"))
        text = text.replace(interest + "\n", "").replace(
            "consents:\n", 'consents:\n  figures: {ask: {de: "Dürfen wir zählen?"}}\n', 1
        )
    found = differences(old, _notice(tmp_path, text), EN)
    assert found.consents == (consent,)
    assert told in sections_in_text(found)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("time_zone: Europe/Berlin", "time_zone: Europe/Vienna", "`time_zone` changes"),
        ("language: de", "language: en", "`language` changes"),
        ("{start: matter-resolved, period: P3Y}", "{start: matter-resolved, period: P2Y}",
         "What is written down of a request is kept 2 years"),
        ("  keep-transcript:\n    ask:", "  keep-transcript:\n    required: true\n    ask:", "changes in: required"),
    ],
)  # fmt: skip
def test_no_change_goes_untold(old: Notice, tmp_path: Path, before: str, after: str, told: str) -> None:
    assert told in sections_in_text(differences(old, _changed(tmp_path, before, after), EN))


_OTHER_CHANNEL = """\
  mail:
    kind: ticket
    connector: tickets
    keep:
      transcript: {quality-assurance: chat-90-days}
      consent: {prove-consent: consent-3-years}

rights:
  contact:"""


def test_a_question_worded_anew_needs_a_new_consent_though_it_is_asked_in_a_new_channel_too(
    old: Notice, tmp_path: Path
) -> None:
    more = OLD.replace("\nrights:\n  contact:", _OTHER_CHANNEL)
    assert differences(old, _notice(tmp_path, more), EN).consents == ()
    worded = more.replace("for 90 days to improve", "for a while to improve")
    assert differences(old, _notice(tmp_path, worded), EN).consents == ("keep-transcript",)


def test_consent_on_another_basis_is_asked_for_anew(old: Notice, tmp_path: Path) -> None:
    found = differences(old, _changed(tmp_path, "legal_basis: A6-1-a", "legal_basis: A9-2-a"), EN)
    assert found.consents == ("keep-transcript",)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("    forward: pseudonyms\n", "    forward: pseudonyms\n    operators: {PHONE: partial, IP: drop}\n",
         "`operators` changes from - to PHONE: partial, IP: drop."),
        ("text: message\n", "text: [message, title]\n", "`paths.text` changes from message to message, title."),
        ("stream_mode: messages\n", "stream_mode: append\n", "`paths.stream_mode` changes from messages to append."),
        ("recipient_id]\n", "recipient_id, tag]\n", "`paths.pass` changes from [*].recipient_id, recipient_id to"),
    ],
)  # fmt: skip
def test_a_setting_is_told_as_the_file_has_it(old: Notice, tmp_path: Path, before: str, after: str, told: str) -> None:
    assert told in sections_in_text(differences(old, _changed(tmp_path, before, after), EN))


def test_a_block_of_settings_that_comes_is_told_by_what_it_sets(tmp_path: Path) -> None:
    hotline = Path("notices/imtron.yaml").read_text()
    bare = _notice(tmp_path, hotline.replace('      pause: {keys: "*1", resume_keys: "*2"}\n', ""))
    text = sections_in_text(differences(bare, _notice(tmp_path, hotline), EN))
    assert "`call.pause` changes from - to keys: *1, resume_keys: *2." in text


@pytest.mark.parametrize(
    ("before", "after", "consents"),
    [
        ("I agree that my calls are recorded where", "I agree that calls are recorded where", ("agent-recording",)),
        ("May we record this call to assure", "May we record the call to assure", ("call-recording",)),
        ("Sorry, I did not get that.", "Say that again, please.", ()),
    ],
)
def test_a_question_to_agents_worded_anew_needs_a_new_consent_of_theirs(
    tmp_path: Path, before: str, after: str, consents: tuple[str, ...]
) -> None:
    text = Path("notices/imtron.yaml").read_text()
    assert text.count(before) == 1
    then = _notice(tmp_path, text)
    assert differences(then, _notice(tmp_path, text.replace(before, after)), EN).consents == consents


def test_agents_are_asked_anew_where_calls_are_recorded_for_more(tmp_path: Path) -> None:
    text = Path("notices/imtron.yaml").read_text()
    more, heard = ", train-staff: recording-6-months}", "hear_original: [quality-assurance, train-staff]"
    assert text.count(more) == 1
    assert text.count(heard) == 1
    less = text.replace(more, "}").replace(heard, "hear_original: [quality-assurance]")
    then, now = _notice(tmp_path, less), _notice(tmp_path, text)
    assert "agent-recording" in differences(then, now, EN).consents
    assert differences(now, then, EN).consents == ()
