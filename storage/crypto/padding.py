"""Padding that hides how long a message was: to the next step, by 0x80 and zeros (ISO/IEC 7816-4)."""

from __future__ import annotations

from storage.errors import SealBrokenError

PAD_STEP_BYTES = 256
_MARK = b"\x80"


def pad(content: bytes) -> bytes:
    """Return the content lengthened by 1 to `PAD_STEP_BYTES` bytes, to a multiple of that."""
    return content + _MARK + bytes(-(len(content) + 1) % PAD_STEP_BYTES)


def unpad(padded: bytes) -> bytes:
    """Return what `pad` was given. Raises SealBrokenError if this never came from it."""
    content = padded.rstrip(b"\0")
    if not content.endswith(_MARK):
        raise SealBrokenError("a sealed record has no padding; it was not written by this store")
    return content[:-1]
