"""The gate: every recogniser's patterns in linear-time sets; only recognisers that can match run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.errors import RecogniserError
from redaction.recogniser import CERTAIN, Hit, Recogniser
from redaction.resolve import Candidate
from redaction.scanset import BuiltSet, ScanSet, built_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from redaction.context import Scan
    from redaction.findings import EntityType


_FIGURES = "[0-9]"
_NOTICE = "notice"
"""The recogniser of the controller's own patterns: they run on RE2 alone, which they are written for."""


class _Group:
    """Patterns searched at once, and the places of the recognisers that they call."""

    def __init__(self) -> None:
        self.patterns: list[str] = []
        self.owners: list[int] = []

    def add(self, pattern: str, owner: int) -> None:
        self.patterns.append(pattern)
        self.owners.append(owner)


class Gate:
    """Runs the recognisers that one pass over the text, its clue words or the question before it call for."""

    def __init__(self, recognisers: Sequence[Recogniser]) -> None:
        """Compile the gate.

        Args:
            recognisers: all that may run; names must differ.

        Raises:
            RecogniserError: two recognisers of one name, or a gate pattern that RE2 refuses.
        """
        self._recognisers = tuple(recognisers)
        if len({recogniser.name for recogniser in self._recognisers}) != len(self._recognisers):
            msg = "two recognisers have the same name; rename one"
            raise RecogniserError(msg)
        # Automata of words and of figures multiply in one set: in two, a tenth of the states serves as well.
        words, figures, notice = _Group(), _Group(), _Group()
        for index, recogniser in enumerate(self._recognisers):
            for pattern in recogniser.gate:
                group = notice if recogniser.name == _NOTICE else figures if _FIGURES in pattern else words
                group.add(pattern, index)
        self._built = [(built_set(tuple(group.patterns)), group.owners) for group in (words, figures)]
        self._without_figures: list[tuple[ScanSet | BuiltSet, list[int]]] = [self._built[0]]
        if notice.patterns:
            self._without_figures.append((ScanSet(notice.patterns), notice.owners))
        self._answering: dict[EntityType, list[int]] = {}
        for index, recogniser in enumerate(self._recognisers):
            for kind in recogniser.answers:
                self._answering.setdefault(kind, []).append(index)

    def called(self, scan: Scan) -> list[Recogniser]:
        """Returns the recognisers that can find something in ``scan``."""
        sets = [*self._without_figures, self._built[1]] if scan.figures else self._without_figures
        indexes = {owner[pattern] for patterns, owner in sets for pattern in patterns.matching(scan.data)}
        for kind in scan.kinds:
            indexes.update(self._answering.get(kind, ()))
        return [self._recognisers[index] for index in sorted(indexes)]

    def build(self) -> None:
        """Make all later searches quick now, rather than after some thousand texts; takes seconds, once a process."""
        for patterns, _ in self._built:
            patterns.build()

    def candidates(self, scan: Scan) -> list[Candidate]:
        """Returns everything the recognisers find in ``scan``, unsorted and overlapping."""
        return [
            Candidate(start, end, kind, score, recogniser.name)
            for recogniser in self.called(scan)
            for start, end, kind, score in recogniser.find(scan)
        ]


def of_controller(patterns: Mapping[str, EntityType]) -> Recogniser:
    """Returns a recogniser for the controller's own patterns, such as the form of its contract numbers.

    They run on RE2 like all others, on folded text (no accents), whatever the case.

    Args:
        patterns: RE2 patterns and the kind of what they match.

    Raises:
        RecogniserError: RE2 refuses a pattern.
    """
    try:
        compiled = [(re2.compile(f"(?i:{pattern})".encode()), kind) for pattern, kind in patterns.items()]
    except re2.error as error:
        raise RecogniserError("a pattern of the notice is not RE2: no look-around, no back references") from error

    def find(scan: Scan) -> Iterator[Hit]:
        for pattern, kind in compiled:
            for match in pattern.finditer(scan.data):
                if match.end() > match.start():
                    yield match.start(), match.end(), kind, CERTAIN

    return Recogniser(_NOTICE, tuple(f"(?i:{pattern})" for pattern in patterns), find, ())
