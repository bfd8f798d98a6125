"""The gate: every recogniser's patterns in two linear-time RE2 sets; only recognisers that can match run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redaction.errors import RecogniserError
from redaction.resolve import Candidate
from redaction.scanset import ScanSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redaction.context import Scan
    from redaction.findings import EntityType
    from redaction.recogniser import Recogniser


_FIGURES = "[0-9]"


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
        owned = [(pattern, index) for index, recogniser in enumerate(self._recognisers) for pattern in recogniser.gate]
        # Automata of words and of figures multiply in one set: in two, a tenth of the states serves as well.
        groups = [[pair for pair in owned if (_FIGURES in pair[0]) is figures] for figures in (False, True)]
        self._sets = [(ScanSet([p for p, _ in group]), [index for _, index in group]) for group in groups]
        self._answering: dict[EntityType, list[int]] = {}
        for index, recogniser in enumerate(self._recognisers):
            for kind in recogniser.answers:
                self._answering.setdefault(kind, []).append(index)

    def called(self, scan: Scan) -> list[Recogniser]:
        """Returns the recognisers that can find something in ``scan``."""
        indexes = {owner[pattern] for patterns, owner in self._sets for pattern in patterns.matching(scan.data)}
        for kind in scan.kinds:
            indexes.update(self._answering.get(kind, ()))
        return [self._recognisers[index] for index in sorted(indexes)]

    def candidates(self, scan: Scan) -> list[Candidate]:
        """Returns everything the recognisers find in ``scan``, unsorted and overlapping."""
        return [
            Candidate(start, end, kind, score, recogniser.name)
            for recogniser in self.called(scan)
            for start, end, kind, score in recogniser.find(scan)
        ]
