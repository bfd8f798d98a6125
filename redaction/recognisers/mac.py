"""MAC addresses (EUI-48, EUI-64; IEEE 802): six or eight octets with colons, hyphens, dots or blanks."""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_FORMS = r"(?:[0-9a-f]{2}[:-] ?){5}(?:[0-9a-f]{2}[:-]){0,2}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|(?:[0-9a-f]{2} ){5}[0-9a-f]{2}"
_MAC = re2.compile(_FORMS.encode())
_BARE = re2.compile(rb"\b[0-9a-f]{12}\b|\b[0-9a-f]{6}-[0-9a-f]{6}\b")


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _MAC.finditer(scan.data):
        start, end = match.span()
        text = scan.lower[start:end]
        if scan.bordered(start, end) and ("." not in text or not text.replace(".", "").isdigit()):
            spaced = " " in text and ":" not in text and "-" not in text
            if not spaced or scan.says(start, EntityType.MAC):
                yield start, end, EntityType.MAC, CERTAIN
    for match in _BARE.finditer(scan.data):
        if scan.says(match.start(), EntityType.MAC):
            yield match.start(), match.end(), EntityType.MAC, STRONG


RECOGNISER = Recogniser(
    name="mac",
    gate=(
        r"[0-9a-f]{2}[:-] ?[0-9a-f]{2}[:-] ?[0-9a-f]{2}[:-]",
        r"[0-9a-f]{4}\.[0-9a-f]{4}\.",
        r"[0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} ",
    ),
    find=_find,
    answers=frozenset({EntityType.MAC}),
    examples=(
        Example("Repeater ⟦MAC|DE:9F:DB:41:60:0C⟧ verliert die Verbindung"),
        Example("adres ⟦MAC|3a-50-0f-5b-a1-06⟧ van de decoder"),
        Example("Cisco ⟦MAC|00a1.b2c3.d4e5⟧"),
        Example("MAC ⟦MAC|7CDD90A41F2B⟧"),
        Example("um 10:20:30 Uhr und 1234.5678.9012 Euro"),
        Example("deadbeefcafe ist keine"),
    ),
)
