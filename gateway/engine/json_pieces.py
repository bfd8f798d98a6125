"""The values and names of a streamed JSON document: strings are texts, numbers may become strings or come back.

What becomes of a number is known when it has ended, and it waits until then. A string that may stand for a number waits
with its quotes, but only as long as it looks like a stand-in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import orjson

from gateway.engine.json_text import Run
from gateway.engine.names import FieldNames, is_plain
from gateway.engine.numerals import Numbers, is_long
from gateway.engine.pieces import Logical, replaced
from gateway.engine.walk import Place
from redaction.pseudonyms import LONGEST_PLACEHOLDER


class StringValue:
    """A string of a document. With `numbers` it may stand for a number."""

    __slots__ = ("_field", "_logical", "_new", "_numbers", "_said", "_sure")

    def __init__(self, logical: Logical, field: str, numbers: Numbers | None) -> None:
        """Begin an empty string in the field of this name."""
        self._logical = logical
        self._field = field
        self._numbers = numbers
        self._said = ""
        self._sure = numbers is None
        self._new: str | None = None

    def feed(self, text: str) -> None:
        """Add what comes next."""
        self._logical.feed(text)
        if not self._sure:
            self._said += text
            self._sure = not self._said.startswith("<"[: len(self._said)]) or len(self._said) > LONGEST_PLACEHOLDER

    def finish(self, *, whole: bool) -> None:
        """End the string; `whole`: by its closing quote."""
        if whole and not self._sure and self._numbers is not None:
            self._new = self._numbers.number_for(self._said, self._field)
        self._sure = True
        self._logical.finish()

    def decides(self, run: Run) -> bool:
        """Tell whether a run of it is decided."""
        return self._sure and (run.value is None or run.end <= self._logical.upto)

    def written(self, run: Run) -> str:
        """Return what a run of it becomes."""
        if self._new is None:
            return run.raw if run.value is None else _run(run, self._logical)
        return self._new if run.value is not None and run.start == 0 and not run.goes_on else ""


class NumberValue:
    """A number of a document."""

    __slots__ = ("_field", "_new", "_numbers", "_said", "_sure")

    def __init__(self, field: str, numbers: Numbers | None) -> None:
        """Begin a number in the field of this name."""
        self._field = field
        self._numbers = numbers
        self._said = ""
        self._sure = False
        self._new: str | None = None

    def feed(self, text: str) -> None:
        """Add what comes next."""
        self._said += text

    def finish(self, *, whole: bool) -> None:  # noqa: ARG002 - a number that ends with its stream is read, too
        """End the number."""
        self._sure = True
        if self._numbers is not None and is_long(self._said):
            new = self._numbers.string_for(self._said, self._field)
            self._new = None if new is None else orjson.dumps(new).decode()

    def decides(self, run: Run) -> bool:  # noqa: ARG002 - all of it is decided at once
        """Tell whether a run of it is decided."""
        return self._sure

    def written(self, run: Run) -> str:
        """Return what a run of it becomes."""
        if self._new is None:
            return run.raw
        return "" if run.goes_on else self._new


class NameValue:
    """The name of a field. It is short, and waits until it is whole."""

    __slots__ = ("_begin", "_names", "_new", "_said", "_sure")

    def __init__(self, begin: Callable[[], Logical], names: FieldNames) -> None:
        """Begin an empty name among the `names` of its object; `begin` opens a text for one that is no plain word."""
        self._begin = begin
        self._names = names
        self._said = ""
        self._sure = False
        self._new: str | None = None

    def feed(self, text: str) -> None:
        """Add what comes next."""
        self._said += text

    def finish(self, *, whole: bool) -> None:  # noqa: ARG002 - a name that ends with its stream is read, too
        """End the name."""
        self._sure = True
        new = self._said if is_plain(self._said) else self._searched()
        new = self._names.stays(new) if new == self._said else self._names.given(new)
        self._new = None if new == self._said else orjson.dumps(new)[1:-1].decode()

    def _searched(self) -> str:
        logical = self._begin()
        logical.feed(self._said)
        logical.finish()
        return replaced(self._said, 0, logical.changes(0, len(self._said)))

    def decides(self, run: Run) -> bool:  # noqa: ARG002 - all of it is decided at once
        """Tell whether a run of it is decided."""
        return self._sure

    def written(self, run: Run) -> str:
        """Return what a run of it becomes."""
        if self._new is None or run.ends_name:
            return run.raw
        return "" if run.goes_on else self._new


Value = StringValue | NumberValue | NameValue


class JsonPiece:
    """What one event has of a JSON document: runs, each of a value or (None) of none."""

    __slots__ = ("_runs", "place")

    def __init__(self, place: Place, runs: Sequence[tuple[Run, Value | None]]) -> None:
        """Put a piece together."""
        self.place = place
        self._runs = runs

    @property
    def decided(self) -> bool:
        """Whether all of its characters are."""
        return all(value is None or value.decides(run) for run, value in self._runs)

    def render(self) -> str:
        """Return what it becomes."""
        return "".join(run.raw if value is None else value.written(run) for run, value in self._runs)


def _run(run: Run, logical: Logical) -> str:
    changes = [replace(one, text=orjson.dumps(one.text)[1:-1].decode()) for one in logical.changes(run.start, run.end)]
    if not changes:
        return run.raw
    if run.literal:
        return replaced(run.raw, run.start, changes)
    first = changes[0]
    return first.text if first.start >= run.start and not run.goes_on else ""
