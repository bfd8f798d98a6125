"""Fields set side by side so that no two lists of fields give the same bytes."""

from __future__ import annotations


def framed(*fields: bytes) -> bytes:
    """Return the fields, each after its length in four bytes (big endian)."""
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)
