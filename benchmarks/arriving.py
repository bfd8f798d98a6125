"""One answer as it arrives on a connection: whether it is whole, when its first byte came, when its first text."""

from __future__ import annotations

import re
import time
from typing import Final

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TEXT: Final = re.compile(rb'"content": ?"[^"]')
_END: Final = b"0\r\n\r\n"


class Arriving:
    """Collects the bytes; times are those of `time.perf_counter`, 0.0 until there is one."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.received = bytearray()
        self.body = -1
        self.first_byte = self.first_text = 0.0
        self._whole = -1

    def feed(self, data: bytes) -> bool:
        """Take what has come; returns whether the answer is whole: at its length, or with the last chunk."""
        if not self.received:
            self.first_byte = time.perf_counter()
        searched = max(0, len(self.received) - 16)
        self.received += data
        if not self.first_text and _TEXT.search(self.received, searched):
            self.first_text = time.perf_counter()
        if self.body < 0 and not self._read_head():
            return False
        return self.received.endswith(_END) if self._whole < 0 else len(self.received) >= self._whole

    def problem(self, *, stream: bool) -> str:
        """Return what is wrong with a whole answer, empty for nothing: its status, or an end mark that is missing."""
        if not self.received.startswith(b"HTTP/1.1 200"):
            return self.received[9:12].decode("ascii", "replace")
        return "" if not stream or b"data: [DONE]" in self.received else "no end mark"

    def _read_head(self) -> bool:
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self.received, 0, end + 2)
        self.body = end + 4
        self._whole = self.body + int(length[1]) if length else -1
        return True


def percentile_ms(seconds: list[float], share: float) -> float | None:
    """Return a percentile in milliseconds, None of nothing."""
    ranked = sorted(seconds)
    return round(ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000, 3) if ranked else None
