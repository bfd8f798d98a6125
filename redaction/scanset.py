"""A set of patterns searched in one linear pass: by RE2 at once, by Hyperscan where many texts are searched.

RE2 builds its automaton as texts need it, so that a text with new turns of phrase costs many times what a known one
does; it answers "no match" when that outgrows its memory. A pattern that always matches is in every set, so that this
shows, and the caller then tries every pattern: slower, never blind. Hyperscan has everything built before it reads the
first text, which takes a second of another thread: after `_WORTH_BUILDING` texts, or when it is asked for (`build`).
A test holds both to the same answers.

Source: https://intel.github.io/hyperscan/dev-reference/compilation.html
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache
from typing import TYPE_CHECKING

import hyperscan
import re2

from redaction.errors import RecogniserError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEMORY = 48 << 20
_WORTH_BUILDING = 2_000
_FLAGS = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_ALLOWEMPTY


class ScanSet:
    """Patterns over folded text, and which of them match somewhere. Threads may share it."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile the set for RE2.

        Raises:
            RecogniserError: RE2 refuses a pattern.
        """
        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        self._all = list(range(len(patterns)))
        self._set = re2.Set.SearchSet(options)
        for index, pattern in enumerate(patterns):
            try:
                self._set.Add(pattern)
            except re2.error as error:
                raise RecogniserError(
                    f"pattern {index} of a set is not RE2; see its module or language file"
                ) from error
        self._set.Add("")
        self._set.Compile()

    def matching(self, data: bytes) -> list[int]:
        """Returns the places of the patterns that match somewhere in ``data`` (UTF-8), unsorted."""
        found = self._set.Match(data)
        if found is None:
            return self._all
        found.remove(len(self._all))
        return list(found)


class BuiltSet:
    """A set of the program's own patterns that goes over to Hyperscan when that pays."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile the set for RE2.

        Raises:
            RecogniserError: RE2 refuses a pattern.
        """
        self._patterns = [pattern.encode() for pattern in patterns]
        self._first: ScanSet | None = ScanSet(patterns)
        self._left = _WORTH_BUILDING
        self._building = threading.Lock()
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._scratches = threading.local()

    def matching(self, data: bytes) -> list[int]:
        """Returns the places of the patterns that match somewhere in ``data`` (UTF-8), unsorted."""
        first = self._first
        if first is not None:
            self._left -= 1
            if self._left == 0:
                threading.Thread(target=self.build, name="patterns", daemon=True).start()
            return first.matching(data)
        try:
            scratch = self._scratches.own
        except AttributeError:  # what a search writes to is each thread's own
            scratch = self._scratches.own = hyperscan.Scratch(self._database)
        found: list[int] = []
        self._database.scan(data, lambda place, _start, _end, _flags, _context: found.append(place), scratch=scratch)
        return found

    def build(self) -> None:
        """Go over to Hyperscan now; takes about a second of CPU, once."""
        with self._building:
            if self._first is not None:
                places = range(len(self._patterns))
                self._database.compile(expressions=self._patterns, ids=list(places), flags=[_FLAGS for _ in places])
                self._first = None
                _give_back()


@cache
def built_set(patterns: tuple[str, ...]) -> BuiltSet:
    """Returns the process's one set of ``patterns``: what it has built serves every redactor.

    Raises:
        RecogniserError: RE2 refuses a pattern.
    """
    return BuiltSet(patterns)


def _give_back() -> None:
    """Return to the system what building needed, some forty megabytes: glibc keeps it otherwise (`man malloc_trim`)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
