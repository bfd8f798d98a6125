"""Files that are whole, and on the disk with their names, when a call returns."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Final

_RANDOM_BYTES: Final = 8


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Make a file that appears whole or not at all, and never in place of another.

    Raises FileExistsError if there is one of that name, or another OSError if it can't be written.
    """
    beside = write_beside(path, content, mode)
    try:
        os.link(beside, path)
    finally:
        beside.unlink()
        sync_directory(path.parent)  # also where another process was faster: its file is counted on from here on


def write_beside(path: Path, content: bytes, mode: int) -> Path:
    """Write a file under a name of its own in the directory of `path`; of one that can't be written nothing is left.

    The name is random: what a killed process has left is in nobody's way, and `left_beside` finds it. Raises OSError.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM_BYTES)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def left_beside(path: Path) -> list[Path]:
    """Return what processes that were killed have left beside a file, and what others are just writing there."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{{2 * _RANDOM_BYTES}}}")
    return [each for each in path.parent.iterdir() if name.fullmatch(each.name)]


def sync_directory(directory: Path) -> None:
    """Make durable what names a directory has. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
