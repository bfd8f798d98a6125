from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import NoticeError
from gateway.notice.load import Loaded, connector_names, load_notice
from storage.records import PartKind

NOTICES = Path(__file__).parents[4] / "notices"


@pytest.mark.parametrize("path", sorted(NOTICES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_notices_that_are_shipped_load(path: Path) -> None:
    loaded = load_notice(path)
    assert loaded.path == path
    assert loaded.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_imtron_promises_what_its_published_notice_promises() -> None:
    notice = load_notice(NOTICES / "imtron.yaml").notice
    chatbot = notice.channels["chatbot"]
    assert notice.controller.name == "Imtron GmbH"
    assert {part.value: set(purposes) for part, purposes in chatbot.keep.items()} == {
        "transcript": {"improve-chatbot", "legal-defence"},
        "facts": {"improve-chatbot", "legal-defence"},
    }
    rules = {rule for purposes in chatbot.keep.values() for rule in purposes.values()}
    assert [(notice.deletion_classes[rule].start, notice.deletion_classes[rule].period) for rule in rules] == [
        ("collection", "P30D")
    ]
    assert {notice.purposes[name].legal_basis for kept in chatbot.keep.values() for name in kept} == {"A6-1-f"}
    assert notice.not_for == ("training",)
    assert set(notice.rights.articles) == {"15", "16", "17", "18", "19", "20", "21", "7(3)", "77"}
    assert chatbot.asks_for == ("DEVICE_ID",)
    assert chatbot.keep_types == ()
    assert chatbot.forward == "redacted"
    assert notice.text is not None
    assert set(notice.text) == {"de", "en"}
    for wording, days in ((notice.text["de"], "30 Tage"), (notice.text["en"], "30 days")):
        assert days in wording


def test_imtron_records_calls_with_consent_for_six_months_and_keeps_no_sound_of_its_call_bot() -> None:
    notice = load_notice(NOTICES / "imtron.yaml").notice
    recording = notice.channels["hotline"].keep[PartKind.RECORDING]
    assert {name: notice.purposes[name].consent for name in recording} == {
        "quality-assurance": "call-recording",
        "train-staff": "call-recording",
    }
    assert {notice.deletion_classes[rule].period for rule in recording.values()} == {"P6M"}
    assert {PartKind.CONSENT, PartKind.CONNECTION} <= set(notice.channels["hotline"].keep)
    assert set(notice.channels["callbot"].keep) == {PartKind.TRANSCRIPT, PartKind.FACTS}


def test_a_wording_falls_back_to_the_notices_language(load: Callable[..., Loaded]) -> None:
    notice = load().notice
    ask = notice.consents["keep-chat"].ask
    assert notice.wording(ask, "en") == "May we?"
    assert notice.wording(ask, "fr") == "Dürfen wir?"
    assert notice.wording(ask, None) == "Dürfen wir?"


def test_a_loaded_notice_is_frozen(load: Callable[..., Loaded]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().notice.version = "2027"


def test_every_problem_is_told_with_file_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("notice: X\nversion: 1\nlanguage: de\npurpose: {}\n", encoding="utf-8")
    with pytest.raises(NoticeError) as refused:
        load_notice(path)
    lines = str(refused.value).splitlines()
    assert lines[0] == f"{path}:1: channels: is missing"
    assert (
        f"{path}:1: notice: is a name in the file: use small letters, digits and hyphens, at most 64 characters"
        in lines
    )
    assert f"{path}:4: purpose: is not a field of a notice here; did you mean purposes?" in lines


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoticeError, match=r"none\.yaml:1: file: can't be read: No such file or directory"):
        load_notice(tmp_path / "none.yaml")


def test_the_connectors_are_the_modules_of_their_folder() -> None:
    assert {"json", "openai"} <= set(connector_names())


def test_the_caller_can_say_which_connectors_there_are(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    path.write_bytes((NOTICES / "imtron.yaml").read_bytes())
    with pytest.raises(NoticeError, match="is not a connector of this gateway; known: other"):
        load_notice(path, connectors=["other"])
