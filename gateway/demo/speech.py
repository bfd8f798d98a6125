"""A voice for the demo's caller: espeak-ng where it is installed, else a clip that it has made (`caller.ulaw`).

Nobody's voice is in it. The clip says "Guten Tag, ich habe eine Frage zu meiner Bestellung.", whatever is to be said.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from gateway.audio.codecs import encode
from storage.audio import AudioCodec

RATE: Final = 8000
_CLIP: Final = Path(__file__).with_name("caller.ulaw")


def speech(text: str) -> bytes:
    """Return a text as spoken, or the clip, in mu-law with 8000 samples a second."""
    program = shutil.which("espeak-ng")
    samples = _spoken(program, text) if program is not None else None
    return _CLIP.read_bytes() if samples is None else encode(AudioCodec.PCMU, samples)


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
