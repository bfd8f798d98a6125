from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from gateway.audio.codecs import decode
from gateway.demo.speech import RATE, speech
from storage.audio import AudioCodec


def test_without_a_program_a_clip_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    clip = speech("Ja")
    sound = decode(AudioCodec.PCMU, clip)
    assert RATE < len(clip) < 10 * RATE
    assert len(np.unique(sound)) > 50
    assert np.abs(sound.astype(int)).max() > 5000
    assert speech("Guten Tag, ich habe eine Frage") == clip


def test_a_program_that_makes_no_sound_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text("#!/bin/sh\nprintf 'no wave'\n")
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with_it = speech("Ja")
    monkeypatch.setenv("PATH", "")
    assert with_it == speech("Ja")
