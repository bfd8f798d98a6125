"""Names of fields that nobody thought of: one that is no plain word could be personal data, `{"anna@example.com": 1}`.

With new names the fields of an object could get the same one; then they are told apart, for one of them would be lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z_$][\w$-]{0,63}", re.ASCII)


def is_plain(name: str) -> bool:
    """Tell whether a name is a plain word, which is never searched."""
    return _PLAIN.fullmatch(name) is not None


class FieldNames:
    """The names that one object has."""

    __slots__ = ("_counts", "_given", "_taken")

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Begin with those that stay and are known."""
        self._taken = set(taken)
        self._given = set[str]()
        self._counts = Counter[str]()

    def stays(self, name: str) -> str:
        """Return a name that nothing changes; another only if it was given to a field before."""
        if name in self._given:
            return self.given(name)
        self._taken.add(name)
        return name

    def given(self, wanted: str) -> str:
        """Return the new name that a field gets: the wanted one if it is free."""
        new = wanted
        while new in self._taken:
            self._counts[wanted] += 1
            new = f"{wanted}_{self._counts[wanted] if self._counts[wanted] > 1 else ''}"
        self._taken.add(new)
        self._given.add(new)
        return new
