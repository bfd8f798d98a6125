from __future__ import annotations

import pytest

from gateway.demo.speech import RATE, speech


def test_a_voice_without_a_program_is_sound_that_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    short, long = speech("Ja"), speech("Guten Tag, ich habe eine Frage")
    assert len(long) > len(short) > RATE // 10
    assert len(set(long)) > 50
    assert speech("Guten Tag, ich habe eine Frage") == long
    assert speech("brrr") != b""
