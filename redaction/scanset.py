"""A set of RE2 patterns searched in one linear pass; where RE2 gives up, everything may match.

RE2 answers "no match" when its automaton outgrows its memory. A pattern that always matches is in
every set, so that this shows, and the caller then tries every pattern: slower, never blind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.errors import RecogniserError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MEMORY = 48 << 20


class ScanSet:
    """Patterns over folded text, and which of them match somewhere."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile the set.

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
        """Returns the places of the patterns that match somewhere in ``data``, unsorted."""
        found = self._set.Match(data)
        if found is None:
            return self._all
        found.remove(len(self._all))
        return list(found)
