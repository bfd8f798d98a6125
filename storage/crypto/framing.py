"""Fields set side by side so that no two lists of fields give the same bytes."""

from __future__ import annotations

import struct
from typing import Final

_LENGTH: Final = struct.Struct(">I")
_ID_LENGTH: Final = _LENGTH.pack(16)


def framed(*fields: bytes) -> bytes:
    """Return the fields, each after its length in four bytes (big endian)."""
    pack = _LENGTH.pack
    return b"".join([pack(len(field)) + field for field in fields])


def framed_ids(*ids: bytes) -> bytes:
    """Return the same as `framed` for fields of 16 bytes, for which it is called most."""
    return _ID_LENGTH + _ID_LENGTH.join(ids)
