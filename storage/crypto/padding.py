"""Padding that hides how long a message was: to the next step, by 0x80 and zeros (ISO/IEC 7816-4)."""

from __future__ import annotations

from storage.errors import SealBrokenError

PAD_STEP_BYTES = 256
_MARK = b"\x80"


def pad(content: bytes, step_bytes: int = PAD_STEP_BYTES) -> bytes:
    """Return the content lengthened by 1 to `step_bytes` bytes, to a multiple of `step_bytes`."""
    return content + _MARK + bytes(-(len(content) + 1) % step_bytes)


def unpad(padded: bytes) -> bytes:
    """Return what `pad` was given. Raises SealBrokenError if this never came from it."""
    content = padded.rstrip(b"\0")
    if not content.endswith(_MARK):
        raise SealBrokenError("a sealed record has no padding; it was not written by this store")
    return content[:-1]
