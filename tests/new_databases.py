"""A new pair of SQLite databases, whose schema is made once for each worker: that takes longer than many a test."""

from __future__ import annotations

import tempfile
from pathlib import Path

from storage.sql.sqlite import SqlitePair

_NAMES = ("sessions.db", "keys.db")
_NEW: dict[str, bytes] = {}


async def lay_down(directory: Path) -> None:
    """Put the pair into a directory, unless it has one."""
    if any((directory / name).exists() for name in _NAMES):
        return
    if not _NEW:
        _NEW.update(await _made())
    for name, content in _NEW.items():
        path = directory / name
        path.touch(mode=0o600)
        path.write_bytes(content)


async def _made() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="sordino-new-") as made:
        pair = SqlitePair(*(f"sqlite:///{made}/{name}" for name in _NAMES))
        try:
            await pair.prepare()
            await pair.forget()  # nothing is left in the write-ahead logs
        finally:
            await pair.close()
        return {name: (Path(made) / name).read_bytes() for name in _NAMES}
