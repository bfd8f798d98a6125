"""Samples in and out of telephone codecs, by tables (ITU-T G.711, 11/88; `audioop` left Python with 3.13).

G.711 gives 14 bits for mu-law and 13 for A-law; here samples have 16, so that the recommendation's values are
multiplied by 4 and by 8. mu-law codes are inverted (Table 2a), of A-law codes every other bit (Table 1a).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from storage.audio import AudioCodec, AudioFormat

Samples = npt.NDArray[np.int16]

_BIAS: Final = 0x84
_HIGHEST: Final = 32635
_EVEN_BITS: Final = 0x55


def decode(codec: AudioCodec, audio: bytes) -> Samples:
    """Return linear samples of 16 bits."""
    if codec is AudioCodec.L16:
        return np.frombuffer(audio, dtype="<i2").astype(np.int16, copy=False)
    table = _FROM_MU_LAW if codec is AudioCodec.PCMU else _FROM_A_LAW
    return table[np.frombuffer(audio, dtype=np.uint8)]


def encode(codec: AudioCodec, samples: Samples) -> bytes:
    """Return linear samples of 16 bits in a codec."""
    if codec is AudioCodec.L16:
        return samples.astype("<i2").tobytes()
    table = _TO_MU_LAW if codec is AudioCodec.PCMU else _TO_A_LAW
    return table[samples.view(np.uint16)].tobytes()


def split_channels(audio: bytes, form: AudioFormat) -> list[bytes]:
    """Return the sound of each channel of interleaved samples. Raises ValueError unless all have as many."""
    size = form.sample_bytes
    if len(audio) % (size * form.channels):
        raise ValueError("interleaved sound has as many samples of each channel")
    samples = np.frombuffer(audio, dtype=np.dtype((np.void, size))).reshape(-1, form.channels)
    return [samples[:, channel].tobytes() for channel in range(form.channels)]


def _from_mu_law() -> Samples:
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitudes = ((((codes & 0xF) << 3) + _BIAS) << ((codes >> 4) & 7)) - _BIAS
    return np.where(codes & 0x80, -magnitudes, magnitudes).astype(np.int16)


def _from_a_law() -> Samples:
    codes = np.arange(256, dtype=np.int32) ^ _EVEN_BITS
    steps, chords = ((codes & 0xF) << 4) + 8, (codes >> 4) & 7
    magnitudes = np.where(chords == 0, steps, (steps + 0x100) << np.maximum(chords - 1, 0))
    return np.where(codes & 0x80, magnitudes, -magnitudes).astype(np.int16)


def _all_samples() -> npt.NDArray[np.int32]:
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


def _to_mu_law() -> npt.NDArray[np.uint8]:
    samples = _all_samples()
    magnitudes = np.minimum(np.abs(samples), _HIGHEST) + _BIAS
    chords = np.floor(np.log2(magnitudes)).astype(np.int32) - 7
    codes: npt.NDArray[np.int32] = np.where(samples < 0, 0x80, 0) | chords << 4 | magnitudes >> (chords + 3) & 0xF
    return (~codes & 0xFF).astype(np.uint8)


def _to_a_law() -> npt.NDArray[np.uint8]:
    samples = _all_samples() >> 3
    magnitudes = np.where(samples < 0, ~samples, samples)
    chords = np.maximum(np.floor(np.log2(np.maximum(magnitudes, 1))).astype(np.int32) - 4, 0)
    codes: npt.NDArray[np.int32] = (
        np.where(samples < 0, 0, 0x80) | chords << 4 | magnitudes >> np.maximum(chords, 1) & 0xF
    )
    return (codes ^ _EVEN_BITS).astype(np.uint8)


_FROM_MU_LAW: Final = _from_mu_law()
_FROM_A_LAW: Final = _from_a_law()
_TO_MU_LAW: Final = _to_mu_law()
_TO_A_LAW: Final = _to_a_law()
