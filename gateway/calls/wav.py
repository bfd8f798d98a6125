"""WAV as it arrives: the head is read, the sound comes out in pieces of a second.

Source: the RIFF format, https://www.loc.gov/preservation/digital/formats/fdd/fdd000001.shtml. Linear 16 bits and G.711.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from typing import Final

from gateway.calls.sound import Sound, taken_apart
from gateway.errors import UpstreamError
from storage.audio import AudioCodec, AudioFormat

_MOST_HEAD: Final = 65_536
_CODECS: Final = {(1, 16): AudioCodec.L16, (6, 8): AudioCodec.PCMA, (7, 8): AudioCodec.PCMU}


async def read_wav(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, Sound]]:
    """Yield the sound, each piece with the sample at which it begins. Raises UpstreamError (502) for no such file."""
    buffer, audio, left, at = b"", None, 0, 0
    async for chunk in chunks:
        buffer += chunk
        if audio is None:
            found = _head(buffer)
            if found is None:
                if len(buffer) > _MOST_HEAD:
                    raise UpstreamError("answer_unreadable", 502)
                continue
            audio, start, left = found
            buffer = buffer[start:]
        unit = audio.sample_bytes * audio.channels
        piece = audio.rate * unit
        while len(buffer) >= min(piece, left) > 0:
            taken = min(piece, left) // unit * unit
            if not taken:
                return
            yield at, taken_apart(audio, buffer[:taken])
            buffer, left, at = buffer[taken:], left - taken, at + taken // unit
    if audio is None:
        raise UpstreamError("answer_unreadable", 502)
    rest = len(buffer) // (audio.sample_bytes * audio.channels) * audio.sample_bytes * audio.channels
    if rest and left:
        yield at, taken_apart(audio, buffer[: min(rest, left)])


def _head(raw: bytes) -> tuple[AudioFormat, int, int] | None:
    """Return the format, where the sound begins and how many bytes it has; None while the head is not whole."""
    if len(raw) >= 12 and (raw[:4], raw[8:12]) != (b"RIFF", b"WAVE"):  # noqa: PLR2004 - the file's own sizes
        raise UpstreamError("answer_unreadable", 502)
    at, audio = 12, None
    while len(raw) >= at + 8:
        name, size = raw[at : at + 4], struct.unpack_from("<I", raw, at + 4)[0]
        if name == b"data":
            if audio is None:
                raise UpstreamError("answer_unreadable", 502)
            return audio, at + 8, size
        if name == b"fmt " and len(raw) >= at + 24:
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", raw, at + 8)
            try:
                audio = AudioFormat(_CODECS[kind, bits], rate, channels)
            except (KeyError, ValueError):
                raise UpstreamError("answer_unreadable", 502) from None
        at += 8 + size + size % 2
    return None
