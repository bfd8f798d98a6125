"""Entries in files: synced before they count, in order, bounded.

    DIRECTORY/0/lock         held by the process that writes there; a second process takes 1, and so on
    DIRECTORY/0/*.spool      segments, numbered

An entry is on the disk, and its file in the directory, when `append` returns. A segment is deleted as a whole when all
of it has been brought into the store. One with something in it that could not be is kept aside (`*.broken`), sealed as
it is: renamed to `*.spool` it is tried again at the next start. Segments of a process that died are taken over by the
next that opens a journal.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from storage.durable import sync_directory
from storage.errors import StoreUnavailableError
from storage.spool.entries import Entry, entries_in

T = TypeVar("T")

SEGMENT_BYTES: Final = 1024 * 1024
_SUFFIX: Final = ".spool"
_ASIDE: Final = ".broken"
_PLACES: Final = 256


@dataclass(slots=True)
class Segment:
    """A file of entries, with the time (Unix) and the turns of each.

    `done`: how many of its entries this process has brought into the store. `failed`: nothing is added any more.
    `broken`: something in it could not be brought into the store.
    """

    path: Path
    size: int = 0
    entries: deque[tuple[float, int]] = field(default_factory=deque)
    done: int = 0
    failed: bool = False
    broken: bool = False


class Journal:
    """The files of one process."""

    def __init__(self, directory: Path, limit_bytes: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Take the directory, and how many bytes may wait there for this process. Nothing is opened yet."""
        self.limit_bytes = limit_bytes
        self.aside_bytes = 0
        self.next_number = 0
        self.found: Counter[UUID] = Counter()
        """How many entries of each session waited when it was opened."""
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._thread = ThreadPoolExecutor(1, "sordino-spool")
        self._place = directory
        self._lock: int | None = None
        self._segments: deque[Segment] = deque()
        self._current: Segment | None = None
        self._next_segment = 1
        self._open_file: tuple[Path, int] | None = None

    @property
    def size_bytes(self) -> int:
        """How much waits."""
        return sum(segment.size for segment in self._segments)

    @property
    def turns(self) -> int:
        """How many turns wait."""
        return sum(turns for segment in self._segments for _, turns in segment.entries)

    @property
    def oldest(self) -> float | None:
        """When the oldest entry that waits was taken (Unix time); None without one."""
        return next((segment.entries[0][0] for segment in self._segments if segment.entries), None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._segments

    async def open(self) -> None:
        """Lock a place for this process and take over what dead ones left. Raises StoreUnavailableError."""
        await self._in_thread(self._open)

    def has_room(self, size: int) -> bool:
        """Tell whether so many bytes more may wait; what is kept aside takes room as well."""
        return self.size_bytes + self.aside_bytes + size <= self.limit_bytes

    async def append(self, entry: Entry, content: bytes) -> None:
        """Write the bytes of an entry and sync them, in the order of the calls.

        Raises StoreUnavailableError: the entry does not wait then.
        """
        segment = self._current
        if segment is None or segment.failed or (segment.size and segment.size + len(content) > self._segment_bytes):
            segment = self._current = self._made()
        kept = (entry.at.timestamp(), entry.turns)
        segment.size += len(content)
        segment.entries.append(kept)
        try:
            await self._in_thread(lambda: self._append(segment, content))
        except StoreUnavailableError:
            segment.size -= len(content)
            segment.entries.remove(kept)
            raise

    async def first(self) -> tuple[Segment, list[Entry | None]] | None:
        """Return the oldest segment, to which nothing is added from now on, with its entries; None if nothing waits."""
        if not self._segments:
            return None
        segment = self._segments[0]
        if segment is self._current:
            self._current = None
        return segment, list(entries_in(await self._in_thread(lambda: _content(segment.path))))

    async def remove(self, segment: Segment) -> None:
        """Delete a segment for good, or keep it aside."""
        await self._in_thread(lambda: self._remove(segment))
        self._segments.remove(segment)

    async def close(self) -> None:
        """Finish what was begun and let go of the place."""
        await asyncio.to_thread(self._thread.shutdown)
        self._close_file()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _made(self) -> Segment:
        segment = Segment(self._place / f"{self._next_segment:012d}{_SUFFIX}")
        self._next_segment += 1
        self._segments.append(segment)
        return segment

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            # What the thread has begun it ends, whether its caller waits for it or not.
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))
        except (OSError, RuntimeError) as error:
            msg = f"the spool can't be read or written ({type(error).__name__})"
            raise StoreUnavailableError(msg) from None

    def _open(self) -> None:
        made = [each for each in (self._directory, *self._directory.parents) if not each.exists()]
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in made:
            sync_directory(each.parent)
        for number in range(_PLACES):
            place = self._directory / str(number)
            place.mkdir(mode=0o700, exist_ok=True)
            lock = _locked(place)
            if lock is not None:
                self._place, self._lock = place, lock
                break
        else:
            msg = "every place of the spool is taken"
            raise OSError(msg)
        self._take_over()
        self.aside_bytes = sum(path.stat().st_size for path in _segments_in(self._place, _ASIDE))
        for path in _segments_in(self._place):
            segment = Segment(path)
            content = _content(path)
            for entry in entries_in(content):
                segment.entries.append((0.0, 0) if entry is None else (entry.at.timestamp(), entry.turns))
                if entry is not None:
                    self.next_number = max(self.next_number, entry.number + 1)
                    self.found[entry.session_id] += 1
            segment.size = len(content)
            self._segments.append(segment)
        sync_directory(self._directory)
        sync_directory(self._place)

    def _take_over(self) -> None:
        """Move the segments of places that nobody holds behind those of this one."""
        own = [*_segments_in(self._place), *_segments_in(self._place, _ASIDE)]
        self._next_segment = 1 + max((int(path.stem) for path in own), default=0)
        others = (each for each in self._directory.iterdir() if each.name.isdecimal() and each != self._place)
        for place in sorted(others, key=lambda each: int(each.name)):
            lock = _locked(place)
            if lock is None:
                continue
            try:
                for path in (*_segments_in(place), *_segments_in(place, _ASIDE)):
                    path.rename(self._place / f"{self._next_segment:012d}{path.suffix}")
                    self._next_segment += 1
                sync_directory(self._place)
                sync_directory(place)
            finally:
                os.close(lock)

    def _append(self, segment: Segment, content: bytes) -> None:
        if segment.failed:
            msg = "what was before it could not be written"
            raise OSError(msg)
        whole: tuple[int, int] | None = None
        try:
            file = self._file(segment.path)
            whole = file, os.fstat(file).st_size
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        except OSError:
            segment.failed = True  # nothing may follow what may stand at its end
            if whole is not None:
                with suppress(OSError):  # what its caller is told does not wait must not be brought into the store
                    os.ftruncate(*whole)
            raise

    def _file(self, path: Path) -> int:
        if self._open_file is not None and self._open_file[0] == path:
            return self._open_file[1]
        self._close_file()
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._open_file = path, file
        sync_directory(path.parent)
        return file

    def _close_file(self) -> None:
        if self._open_file is not None:
            os.close(self._open_file[1])
            self._open_file = None

    def _remove(self, segment: Segment) -> None:
        path = segment.path
        if self._open_file is not None and self._open_file[0] == path:
            self._close_file()
        if segment.broken:
            aside = path.with_suffix(_ASIDE)
            path.rename(aside)
            self.aside_bytes += aside.stat().st_size
        else:
            path.unlink(missing_ok=True)
        sync_directory(path.parent)


def _segments_in(place: Path, suffix: str = _SUFFIX) -> list[Path]:
    return sorted(path for path in place.glob(f"*{suffix}") if path.stem.isdecimal() and path.stem.isascii())


def _locked(place: Path) -> int | None:
    """Lock a place until the descriptor is closed, or the process is gone; None if another holds it."""
    lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # nothing could be written to it
        return b""
