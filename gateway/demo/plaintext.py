"""A search for what was typed in the bytes of what is kept, in every form in which it could have been written."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus


def bytes_below(directory: Path) -> list[bytes]:
    """Return the content of every file below a directory: databases, their logs, keys, log files."""
    return [path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()]


def search(kept: Iterable[bytes], values: Iterable[str]) -> list[str]:
    """Return which forms of which values (by number) stand in any byte of what is kept."""
    haystack = b"\0".join(kept)
    return [f"{name} of value {i}" for i, value in enumerate(values) for name, form in forms(value) if form in haystack]


def forms(value: str) -> Iterable[tuple[str, bytes]]:
    """Yield a value raw, escaped as JSON, URL and form, in UTF-16 and in base64 at each of its three alignments."""
    raw = value.encode()
    yield "raw", raw
    yield "JSON", json.dumps(value)[1:-1].encode()
    yield "URL", quote(value).encode()
    yield "form", quote_plus(value).encode()
    yield "UTF-16", value.encode("utf-16-le")
    for shift in range(3):
        whole = (len(raw) + shift) // 3 * 3 - shift  # the groups of three bytes that lie within the value
        encoded = b64encode(b"\0" * shift + raw[:whole])
        yield "base64", encoded[4 if shift else 0 :]
