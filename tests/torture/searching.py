"""Which of many values stand in the bytes of a disk: all are searched for in one go."""

from __future__ import annotations

from collections.abc import Iterable

import hyperscan


def found(haystack: bytes, needles: Iterable[bytes]) -> set[bytes]:
    """Return those of the needles that are in the haystack."""
    listed = list(dict.fromkeys(needles))
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    literal = [b"".join(b"\\x%02x" % byte for byte in needle) for needle in listed]
    database.compile(expressions=literal, ids=list(range(len(listed))), flags=hyperscan.HS_FLAG_SINGLEMATCH)
    there: set[bytes] = set()

    def note(number: int, *_where: object) -> None:
        there.add(listed[number])

    database.scan(haystack, note)
    return there
