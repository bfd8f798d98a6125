"""Bytes to events: server-sent events and lines of JSON, however the bytes are cut.

Formats: https://html.spec.whatwg.org/multipage/server-sent-events.html (a blank line ends an event; line
ends are LF, CR LF or CR; the data lines of one event belong together) and https://github.com/ndjson/ndjson-spec.
A stream whose first character is `{` or `[` is lines of JSON, whatever its header says (Rasa labels it wrongly).

An event keeps the bytes it came in, its end included: put together again they are the stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gateway.errors import BodyUnreadableError

MAX_EVENT_BYTES: Final = 4 * 1024 * 1024

_BLANK_LINE: Final = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_LINE: Final = re.compile(rb"[^\r\n]*(?>\r\n|\n|\r|\Z)")
_BOM: Final = b"\xef\xbb\xbf"
_FIELDS: Final = frozenset({b"", b"data", b"event", b"id", b"retry"})  # a comment has an empty name


class Event:
    """One event: its bytes, and its data; None where it has none (a comment, a heartbeat)."""

    __slots__ = ("_lines_of_json", "data", "raw")

    def __init__(self, raw: bytes, data: bytes | None, *, lines_of_json: bool) -> None:
        """Keep the bytes."""
        self.raw = raw
        self.data = data
        self._lines_of_json = lines_of_json

    def with_data(self, data: bytes) -> bytes:
        """Return the event's bytes with other data (one line); all other lines stay."""
        if self._lines_of_json:
            return data + self.raw[len(self.raw.rstrip(b"\r\n")) :]
        lines = []
        for line in _LINE.findall(self.raw):
            if _value(line) is None:
                lines.append(line)
            elif data:
                lines.append(b"data: " + data + line[len(line.rstrip(b"\r\n")) :])
                data = b""
        return b"".join(lines)


class Framing:
    """Cuts a stream into events."""

    def __init__(self) -> None:
        """Begin; which of the formats it is shows with the first character."""
        self._buffer = b""
        self._searched = 0
        self._lines_of_json: bool | None = None

    @property
    def pending_bytes(self) -> int:
        """How much has come that is no whole event yet."""
        return len(self._buffer)

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that are whole. Raises BodyUnreadableError when one grows too large."""
        self._buffer += chunk
        if self._lines_of_json is None:
            begin = self._buffer.removeprefix(_BOM).lstrip()[:1]
            if not begin:
                return
            self._lines_of_json = begin in {b"{", b"["}
        at = 0
        while (end := self._end(at)) is not None:
            yield self._event(self._buffer[at:end])
            at = end
        self._buffer = self._buffer[at:]
        self._searched = max(0, len(self._buffer) - 3)
        if len(self._buffer) > MAX_EVENT_BYTES:
            raise BodyUnreadableError("An event of the stream is too large.")

    def finish(self) -> Iterator[Event]:
        """Yield what is left when the stream has ended, as if its last line had an end."""
        if self._buffer:
            yield self._event(self._buffer)
            self._buffer = b""

    def _end(self, at: int) -> int | None:
        begin = max(at, self._searched)
        if self._lines_of_json:
            found = self._buffer.find(b"\n", begin)
            return None if found < 0 else found + 1
        match = _BLANK_LINE.search(self._buffer, begin)
        if match is None or (match.end() == len(self._buffer) and match[0].endswith(b"\r")):
            return None  # a line feed may follow
        return match.end()

    def _event(self, raw: bytes) -> Event:
        if self._lines_of_json:
            return Event(raw, raw.removeprefix(_BOM).strip() or None, lines_of_json=True)
        if raw.startswith(b"data: {") and raw.find(b"\n") == len(raw) - 2 and b"\r" not in raw:
            return Event(raw, raw[6:-2], lines_of_json=False)
        values = [value for line in _LINE.findall(raw) if (value := _value(line)) is not None]
        return Event(raw, b"\n".join(values) or None, lines_of_json=False)


def _value(line: bytes) -> bytes | None:
    """Return the value of a data line; None of any other. Raises BodyUnreadableError where no event has such a line."""
    line = line.removeprefix(_BOM).rstrip(b"\r\n")
    name, _, value = line.partition(b":")
    if name not in _FIELDS and line.strip():
        raise BodyUnreadableError("The stream is not of server-sent events.")
    return value.removeprefix(b" ") if name == b"data" else None
