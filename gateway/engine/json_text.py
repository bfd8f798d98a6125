r"""The strings of a JSON document that arrives in pieces, such as the arguments of a streamed tool call.

A piece can end anywhere, also within an escape (`\u00` + `fc`) or between two surrogates. Each piece becomes
runs: raw text outside of the values, or raw text that stands for characters of one value. An escape that is
cut belongs, in all of its parts, to the character that it will be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import BodyUnreadableError

_LITERAL: Final = re.compile(r'[^"\\]+')
_OUTSIDE: Final = re.compile(r'[^"]+')
_ALLOWED_OUTSIDE: Final = re.compile(r"[\s\[\]{}:,0-9.+\-truefalsnE]*")
_SHORT: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX: Final = re.compile(r"[0-9A-Fa-f]{4}")
_ESCAPE_LENGTH: Final = 6
_HIGH: Final = range(0xD800, 0xDC00)
_LOW: Final = range(0xDC00, 0xE000)


@dataclass(frozen=True, slots=True)
class Run:
    """Raw text of one piece.

    Attributes:
        raw: as it came.
        value: number of the string value that it belongs to, counted over the stream; None outside of values.
        text: the characters that were completed by it.
        start: offset in the value of its first character.
        end: offset behind the last character that it is part of.
        literal: whether raw and characters are the same.
        goes_on: whether it is a later part of an escape that was cut.
        ends: number of the value that this run, its closing quote, ends.
    """

    raw: str = field(repr=False)
    value: int | None
    text: str = field(default="", repr=False)
    start: int = 0
    end: int = 0
    literal: bool = False
    goes_on: bool = False
    ends: int | None = None


class JsonText:
    """Reads one JSON document after another in pieces. Not a validator: it finds what is a string value.

    What stands outside of strings must look like JSON, and half a surrogate pair is refused: `feed` raises
    BodyUnreadableError, so that nothing goes on that was not understood.
    """

    def __init__(self) -> None:
        """Begin outside of any document."""
        self._open: list[str] = []
        self._name_next = False
        self._inside = False
        self._is_name = False
        self._value = -1
        self._length = 0
        self._escape = ""
        self._high: int | None = None
        self._begun = False

    def feed(self, piece: str) -> list[Run]:
        """Return the runs of a piece. Raises BodyUnreadableError where text stands outside of any string."""
        runs: list[Run] = []
        at = 0
        while at < len(piece):
            at = self._string(piece, at, runs) if self._inside else self._outside(piece, at, runs)
        return runs

    def _outside(self, piece: str, at: int, runs: list[Run]) -> int:
        if piece[at] == '"':
            self._inside = True
            self._is_name = bool(self._open) and self._open[-1] == "{" and self._name_next
            if not self._is_name:
                self._value += 1
                self._length = 0
            runs.append(Run('"', None))
            return at + 1
        match = _OUTSIDE.match(piece, at)
        assert match is not None  # noqa: S101 - no quote stands here
        if not _ALLOWED_OUTSIDE.fullmatch(match[0]):
            raise _not_json()
        for character in match[0]:
            self._structure(character)
        runs.append(Run(match[0], None))
        return match.end()

    def _structure(self, character: str) -> None:
        if character in "{[":
            self._open.append(character)
            self._name_next = character == "{"
        elif character in "}]":
            self._open = self._open[:-1]
            self._name_next = False
        elif character == ",":
            self._name_next = bool(self._open) and self._open[-1] == "{"
        elif character == ":":
            self._name_next = False

    def _string(self, piece: str, at: int, runs: list[Run]) -> int:
        if self._escape or piece[at] == "\\":
            self._escape += piece[at]
            self._add(piece[at], self._escaped(), runs)
            return at + 1
        if self._high is not None:
            raise _not_json()
        if piece[at] == '"':
            self._inside = False
            runs.append(Run('"', None, ends=None if self._is_name else self._value))
            return at + 1
        match = _LITERAL.match(piece, at)
        assert match is not None  # noqa: S101 - neither quote nor escape stands here
        self._add(match[0], match[0], runs, literal=True)
        return match.end()

    def _escaped(self) -> str:
        """Return the character that an escape stands for, or nothing while it is not whole."""
        escape = self._escape
        if len(escape) == 1 or (escape[1] == "u" and len(escape) < _ESCAPE_LENGTH):
            return ""
        self._escape = ""
        if escape[1] != "u":
            if self._high is not None or escape[1] not in _SHORT:
                raise _not_json()
            return _SHORT[escape[1]]
        unit = escape[2:]
        if not _HEX.fullmatch(unit):
            raise _not_json()
        return self._unit(int(unit, 16))

    def _unit(self, unit: int) -> str:
        """Return the character of a UTF-16 unit, or nothing while its second half is missing."""
        high, self._high = self._high, None
        if (high is not None) != (unit in _LOW):
            raise _not_json()
        if unit in _HIGH:
            self._high = unit
            return ""
        return chr(unit if high is None else 0x10000 + ((high - _HIGH.start) << 10) + (unit - _LOW.start))

    def _add(self, raw: str, text: str, runs: list[Run], *, literal: bool = False) -> None:
        if self._is_name:
            runs.append(Run(raw, None))
            return
        start, goes_on = self._length, self._begun
        self._length += len(text)
        self._begun = not text
        runs.append(Run(raw, self._value, text, start, max(self._length, start + 1), literal, goes_on))


def _not_json() -> BodyUnreadableError:
    return BodyUnreadableError("The arguments of a streamed tool call are not JSON.")
