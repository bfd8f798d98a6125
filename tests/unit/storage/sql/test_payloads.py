from __future__ import annotations

from datetime import timedelta

import pytest

from storage import SealBrokenError, Speaker
from storage.sql.payloads import consent_to_bytes, consents_from, evidence_to_bytes, turn_from_bytes, turn_to_bytes
from tests.unit.storage.builders import NOW, consent


@pytest.mark.parametrize("speaker", list(Speaker))
def test_a_turn_comes_back(speaker: Speaker) -> None:
    at = NOW + timedelta(microseconds=1)
    stored = turn_from_bytes(3, turn_to_bytes(speaker, at, "Grüße 🎺 \ud83d"))
    assert (stored.sequence, stored.speaker, stored.text, stored.at) == (3, speaker, "Grüße 🎺 \ud83d", at)


def test_the_form_of_a_turn() -> None:
    assert turn_to_bytes(Speaker.BOT, NOW, "ja").hex() == "01" + f"{int(NOW.timestamp()) * 1_000_000:016x}" + "6a61"


@pytest.mark.parametrize("payload", [b"", b"\x01", b"\x09" + bytes(8)])
def test_an_unknown_form_is_refused(payload: bytes) -> None:
    with pytest.raises(SealBrokenError):
        turn_from_bytes(0, payload)


def test_a_consent_record_comes_back() -> None:
    record = consent(heard="ja", confidence="0.93", half="\ud83d")
    assert consents_from([(4, consent_to_bytes(record))]) == (record,)


def test_evidence_of_an_answer_that_is_gone_is_nobodys() -> None:
    assert consents_from([(4, evidence_to_bytes("training", {"heard": "ja"}))]) == ()
