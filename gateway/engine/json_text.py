r"""The values of a JSON document that arrives in pieces, such as the arguments of a streamed tool call.

A piece can end anywhere, also within an escape (`\u00` + `fc`) or between two surrogates. Each piece becomes
runs: raw text outside of the values, or raw text that stands for characters of one value. An escape that is
cut belongs, in all of its parts, to the character that it will be.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import BodyUnreadableError

_LITERAL: Final = re.compile(r'[^"\\]+')
_OUTSIDE: Final = re.compile(r'[^"]+')
_ALLOWED_OUTSIDE: Final = re.compile(r"[\s\[\]{}:,0-9.+\-truefalsnE]*")
_NUMBER: Final = re.compile(r"[-+.0-9eE]+")
_NO_NUMBER: Final = re.compile(r"[^-0-9]+")
_BEGINS_NUMBER: Final = frozenset("-0123456789")
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
        value: number of the value that it belongs to, counted over the stream; None outside of values.
        text: the characters that were completed by it.
        start: offset in the value of its first character.
        end: offset behind the last character that it is part of.
        literal: whether raw and characters are the same.
        goes_on: whether it is a later part of an escape, or of a number, that was cut.
        ends: number of the value that this run, its closing quote or what stands behind a number, ends.
        quotes: number of the value whose opening or closing quote it is, where these are asked for.
        number: whether it is part of a number.
        field: the name of the field that the value stands in, be it in a list.
        name: number of the field's name that it is part of, or ends, counted over the stream.
        ends_name: whether it is the closing quote of that name.
        within: how deep the object lies that the name stands in, and its number.
    """

    raw: str = dataclasses.field(repr=False)
    value: int | None
    text: str = dataclasses.field(default="", repr=False)
    start: int = 0
    end: int = 0
    literal: bool = False
    goes_on: bool = False
    ends: int | None = None
    quotes: int | None = None
    number: bool = False
    field: str = dataclasses.field(default="", repr=False)
    name: int | None = None
    ends_name: bool = False
    within: tuple[int, int] = (0, 0)


class JsonText:
    """Reads one JSON document after another in pieces. Not a validator: it finds what is a value.

    What stands outside of strings must look like JSON, and half a surrogate pair is refused: `feed` raises
    BodyUnreadableError, so that nothing goes on that was not understood.
    """

    def __init__(self, *, numbers: bool = False, quotes: bool = False) -> None:
        """Begin outside of any document.

        Args:
            numbers: numbers are values, too.
            quotes: the quotes of strings within an object or a list are told.
        """
        self._numbers = numbers
        self._quotes = quotes
        self._in_number = False
        self._fields: list[str] = []
        self._name: list[str] = []
        self._names = -1
        self._objects: list[int] = []
        self._object = -1
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
            self._end_number(runs)
            self._inside = True
            self._is_name = bool(self._open) and self._open[-1] == "{" and self._name_next
            if self._is_name:
                self._names += 1
            else:
                self._value += 1
                self._length = 0
            runs.append(Run('"', None, quotes=self._quoted(), field=self._field))
            return at + 1
        match = _OUTSIDE.match(piece, at)
        assert match is not None  # noqa: S101 - no quote stands here
        if not _ALLOWED_OUTSIDE.fullmatch(match[0]):
            raise _not_json()
        if self._numbers:
            self._figures(match[0], runs)
        else:
            self._between(match[0], runs)
        return match.end()

    def _between(self, text: str, runs: list[Run]) -> None:
        for character in text:
            self._structure(character)
        runs.append(Run(text, None))

    def _figures(self, text: str, runs: list[Run]) -> None:
        """Tell numbers from what stands between values."""
        at = 0
        while at < len(text):
            match = _NUMBER.match(text, at) if self._in_number or text[at] in _BEGINS_NUMBER else None
            if match is not None:
                goes_on, self._in_number = self._in_number, True
                self._value += not goes_on
                run = Run(match[0], self._value, match[0], goes_on=goes_on, number=True, field=self._field)
                runs.append(run)
            else:
                self._end_number(runs)
                match = _NO_NUMBER.match(text, at)
                assert match is not None  # noqa: S101 - no number begins here
                self._between(match[0], runs)
            at = match.end()

    def _end_number(self, runs: list[Run]) -> None:
        if self._in_number:
            self._in_number = False
            runs.append(Run("", None, ends=self._value))

    @property
    def _field(self) -> str:
        """The name of the field that a value here stands in."""
        return self._fields[-1] if self._fields else ""

    @property
    def _within(self) -> tuple[int, int]:
        return len(self._objects), self._objects[-1]

    def _quoted(self) -> int | None:
        return self._value if self._quotes and self._open and not self._is_name else None

    def _structure(self, character: str) -> None:
        if character in "{[":
            self._fields.append("" if character == "{" else self._field)
            self._open.append(character)
            self._object += 1
            self._objects.append(self._object)
            self._name_next = character == "{"
        elif character in "}]":
            if self._open:
                self._open.pop()
                self._fields.pop()
                self._objects.pop()
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
            if self._is_name:
                self._fields[-1] = "".join(self._name)
                self._name.clear()
                runs.append(Run('"', None, name=self._names, ends_name=True, within=self._within))
            else:
                runs.append(Run('"', None, ends=self._value, quotes=self._quoted()))
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
            goes_on = bool(self._name)
            runs.append(Run(raw, None, text, goes_on=goes_on, name=self._names, within=self._within))
            self._name.append(text)
            return
        start, goes_on = self._length, self._begun
        self._length += len(text)
        self._begun = not text
        end = max(self._length, start + 1)
        runs.append(Run(raw, self._value, text, start, end, literal, goes_on, field=self._field))


def _not_json() -> BodyUnreadableError:
    return BodyUnreadableError("The arguments of a streamed tool call are not JSON.")
