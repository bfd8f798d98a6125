"""A voice for the demo's caller: espeak-ng where it is installed, else a voice of our own that says no words.

Nobody's voice is in it: the second one is made of a pulse and three formants, a vowel a syllable.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from typing import Final

import numpy as np
import numpy.typing as npt

from gateway.audio.codecs import encode
from storage.audio import AudioCodec

RATE: Final = 8000
_PITCH: Final = 110.0
_SYLLABLE_SECONDS: Final = 0.18
_MOST_SYLLABLES: Final = 30
_VOWELS: Final = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
"""The first three formants in hertz."""


def speech(text: str) -> bytes:
    """Return a text as spoken, in mu-law with 8000 samples a second."""
    program = shutil.which("espeak-ng")
    samples = _spoken(program, text) if program is not None else None
    return encode(AudioCodec.PCMU, samples if samples is not None else _hummed(text))


def _spoken(program: str, text: str) -> npt.NDArray[np.int16] | None:
    made = subprocess.run([program, "-v", "de", "--stdout", "--", text], capture_output=True, check=False)  # noqa: S603 - a fixed command
    try:
        with wave.open(io.BytesIO(made.stdout)) as file:
            rate, raw = file.getframerate(), file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return None
    whole = np.frombuffer(raw, dtype="<i2").astype(np.float64)
    if not whole.size:
        return None
    at = np.arange(int(whole.size * RATE / rate)) * (rate / RATE)
    slower: npt.NDArray[np.int16] = np.interp(at, np.arange(whole.size), whole).astype(np.int16)
    return slower


def _hummed(text: str) -> npt.NDArray[np.int16]:
    vowels = [letter for letter in text.lower() if letter in _VOWELS][:_MOST_SYLLABLES] or ["a"]
    return np.concatenate([_syllable(_VOWELS[vowel]) for vowel in vowels])


def _syllable(formants: tuple[int, ...]) -> npt.NDArray[np.int16]:
    at = np.arange(int(_SYLLABLE_SECONDS * RATE)) / RATE
    sound = np.zeros_like(at)
    for harmonic in range(1, int(RATE / 2 / _PITCH)):
        pitch = harmonic * _PITCH
        strength = sum(1.0 / (1.0 + ((pitch - formant) / 90.0) ** 2) for formant in formants)
        sound += strength * np.sin(2 * np.pi * pitch * at)
    envelope = np.sin(np.pi * at / _SYLLABLE_SECONDS) ** 0.5
    made: npt.NDArray[np.int16] = (sound * envelope / np.abs(sound).max() * 12000).astype(np.int16)
    return made
