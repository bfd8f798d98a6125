"""Numbers of a JSON document such as a tool call's arguments, which stands in a string or, with some bots, as it is.

A telephone or customer number may well be written as a number there. So numbers of enough digits are texts, too: they
are read with their field's name, become strings where something personal is found, and stay as they were written, byte
for byte, where nothing is. So does, wherever it stands, a whole number that 64 bits do not hold: it would be another.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson

_FEWEST_DIGITS: Final = 5
_LONG_DIGITS: Final = 20
_LONG: Final = re.compile(rb"[0-9]{20}")
_NOT_PLAIN: Final = re.compile(r"[0-9](?:[.eE]|[0-9]{4})")
"""A number that has enough digits, or that could be written otherwise; texts may look like it."""


class Numbers(Protocol):
    """What becomes of the numbers of a document."""

    @property
    def redacts(self) -> bool:
        """Whether numbers can become strings."""
        ...

    @property
    def restores(self) -> bool:
        """Whether strings can become numbers."""
        ...

    def string_for(self, number: str, name: str) -> str | None:
        """Return what stands for a number in the field `name`; None where it stays."""
        ...

    def number_for(self, text: str, name: str) -> str | None:
        """Return the number that a string in the field `name` stands for; None where it stays a string."""
        ...


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number of a document, as it is written there."""

    raw: str = field(repr=False)


def is_long(number: str) -> bool:
    """Tell whether a number has enough digits to say something about a person."""
    return sum(map(str.isdigit, number)) >= _FEWEST_DIGITS


def as_text(value: Any) -> str:  # noqa: ANN401 - a value out of JSON
    """Return a plain value, such as an id, as text."""
    return value.raw if type(value) is Numeral else str(value)


def with_long(raw: bytes, root: Any) -> Any:  # noqa: ANN401 - values out of JSON
    """Return a body, parsed before as `root`, with a Numeral for each whole number that may not fit into 64 bits.

    Raises RecursionError where it is nested too deeply.
    """
    if not _LONG.search(raw):
        return root
    return json.loads(raw, parse_int=lambda number: Numeral(number) if len(number) >= _LONG_DIGITS else int(number))


def with_numerals(text: str, root: Any) -> Any:  # noqa: ANN401 - values out of JSON
    """Return a document, parsed before as `root`, with a Numeral for each number if it may have one that matters."""
    if not _NOT_PLAIN.search(text):
        return root
    return json.loads(text, parse_int=Numeral, parse_float=Numeral)


def written(root: Any) -> bytes:  # noqa: ANN401 - a value out of JSON
    """Return a document, or a body with some of its numerals in it."""
    return orjson.dumps(root, default=_raw, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def _raw(value: object) -> orjson.Fragment:
    if isinstance(value, Numeral):
        return orjson.Fragment(value.raw)
    raise TypeError
