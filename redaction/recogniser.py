"""What a recogniser is: a module for one kind of personal data.

A recogniser module in ``redaction/recognisers`` has a docstring with its sources (standard, issuing
body) and one constant ``RECOGNISER``. Its examples are run by ``tests/contracts/test_recogniser.py``.
Spans in examples are marked ``⟦TYPE|text⟧``; an example without a mark is a near miss.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redaction.errors import RecogniserError
from redaction.findings import EntityType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from redaction.context import Scan

Hit = tuple[int, int, EntityType, float]
"""Start and end in the segment, kind, score from 0 to 1."""

CERTAIN = 0.98
"""A checksum or a form that nothing else has."""
STRONG = 0.85
"""A form and a context that agree."""
LIKELY = 0.65
"""Either of them."""
POSSIBLE = 0.45
"""Not enough alone at normal caution."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text with the spans a recogniser must find in it, and no other.

    Attributes:
        marked: the text, spans marked ``⟦TYPE|text⟧``.
        previous: the other side's last turn.
        channel: chat, call, mail or ticket.
    """

    marked: str
    previous: str = ""
    channel: str = "chat"

    def parse(self) -> tuple[str, tuple[tuple[int, int, EntityType], ...]]:
        """Returns the text without marks, and the spans."""
        text, spans = "", []
        for piece in self.marked.split("⟦"):
            kind, bar, rest = piece.partition("|")
            value, close, tail = rest.partition("⟧")
            if not close:
                text += piece
                continue
            if not bar or kind not in EntityType.__members__:
                msg = "an example's mark names no entity type"
                raise RecogniserError(msg)
            spans.append((len(text), len(text) + len(value), EntityType[kind]))
            text += value + tail
        return text, tuple(spans)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One kind of personal data: when to look, how to look, and examples.

    Attributes:
        name: unique; what ``--explain`` prints.
        gate: RE2 patterns on folded lower-case text; the recogniser runs where one matches.
        find: the search; yields hits with offsets in the segment.
        examples: hits and near misses.
        answers: it also runs where the last question or a clue word names one of these kinds.
    """

    name: str
    gate: tuple[str, ...]
    find: Callable[[Scan], Iterable[Hit]]
    examples: tuple[Example, ...]
    answers: frozenset[EntityType] = field(default=frozenset())
