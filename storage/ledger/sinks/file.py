"""A directory as the sink. Put it on another volume than the databases, which is not put back with them.

Objects are files with mode 0400. One appears whole or not at all: it is written beside its place, synced, and
linked there, which fails if the name is taken; then its directory is synced.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from storage.durable import sync_directory, write_new
from storage.errors import StoreUnavailableError


class FileSink:
    """A sink in a directory, which is made with the first object. See `storage.ledger.sinks.sink.Sink`."""

    def __init__(self, directory: Path | str) -> None:
        """Take the directory. Nothing is opened yet."""
        self._directory = Path(directory)

    def __str__(self) -> str:
        """Return the directory."""
        return str(self._directory)

    def create(self, name: str, content: bytes) -> bool:
        """Make a file, durable on return; False if there is one of that name."""
        path = self._directory / name
        try:
            if path.exists():
                return False
            self._make(path.parent)
            write_new(path, content, 0o400)
        except FileExistsError:
            return False
        except OSError as error:
            raise self._unavailable("written", error) from None
        return True

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None if there is none of that name."""
        try:
            return (self._directory / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._unavailable("read", error) from None

    def _make(self, directory: Path) -> None:
        missing = [each for each in (directory, *directory.parents) if not each.exists()]
        for each in reversed(missing):
            with contextlib.suppress(FileExistsError):
                each.mkdir(mode=0o700)
            sync_directory(each.parent)

    def _unavailable(self, what: str, error: OSError) -> StoreUnavailableError:
        return StoreUnavailableError(f"the sink of the ledger, {self}, can't be {what}: {error.strerror}")
