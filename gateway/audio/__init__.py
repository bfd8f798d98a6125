"""Telephone sound: samples in and out of its codecs, and recordings as files that every player opens.

codecs   G.711 and linear samples; channels apart and together
wav      a recording as a WAV file, streamed
"""

from __future__ import annotations

from gateway.audio.codecs import decode, encode, split_channels
from gateway.audio.wav import WAV_HEADER_BYTES, wav, wav_bytes

__all__ = ["WAV_HEADER_BYTES", "decode", "encode", "split_channels", "wav", "wav_bytes"]
