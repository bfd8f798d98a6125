"""Serial numbers and SIM identities of a person's own device.

IMEI (3GPP TS 23.003, check digit by Luhn), ICCID (ITU-T E.118, begins with 89), VIN (ISO 3779), and
maker's serial, meter and frame numbers where a word beside them says so.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2
from stdnum import imei

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_DEVICE = EntityType.DEVICE_ID
_IMEI = re2.compile(
    rb"\b[0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{6}[ -]?[0-9]{1,3}\b|\b[0-9]{6} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}\b|\b[0-9]{3}(?: [0-9]{3}){4}\b"
)
_ICCID = re2.compile(rb"\b89[0-9]{2}(?:[ -]?[0-9]){14,17}\b")
_VIN = re2.compile(rb"\b[a-hj-npr-z0-9]{17}\b")
_FEWEST = 3


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _IMEI.finditer(scan.data):
        start, end = match.span()
        text = "".join(filter(str.isdigit, scan.lower[start:end]))
        if imei.is_valid(text) and scan.bordered(start, end):
            clue = scan.clue(start)
            told = clue is not None and clue.type is _DEVICE
            yield start, end, _DEVICE, CERTAIN if told else LIKELY if clue is None else LIKELY - 0.1
    for match in _ICCID.finditer(scan.data):
        yield match.start(), match.end(), _DEVICE, STRONG
    for match in _VIN.finditer(scan.data):
        text = scan.lower[match.start() : match.end()]
        if any(map(str.isdigit, text[-4:])) and any(map(str.isalpha, text)):
            yield match.start(), match.end(), _DEVICE, STRONG if scan.says(match.start(), _DEVICE) else LIKELY
    for code, score in scan.told(_DEVICE, _FEWEST):
        yield code.start, code.end, _DEVICE, score


RECOGNISER = Recogniser(
    name="device_id",
    gate=(r"[0-9]{6}|[0-9]{3} [0-9]{3} [0-9]{3}|[0-9][a-z0-9]{9}|[a-z0-9]{13}[0-9]",),
    find=_find,
    answers=frozenset({_DEVICE}),
    examples=(
        Example("IMEI ⟦DEVICE_ID|490154203237518⟧"),
        Example("Seriennummer: ⟦DEVICE_ID|PF3K7Q2M⟧, gekauft 2021"),
        Example("SN ⟦DEVICE_ID|SV14-EU-4487A⟧ pfeift"),
        Example("iccid ⟦DEVICE_ID|8949022000012345678⟧"),
        Example("⟦DEVICE_ID|CNBDC5162L⟧", previous="Was ist die Seriennummer Ihres Druckers?"),
        Example("Modell KX-4487 und Typ DCX-L9550"),
        Example("KX-4487", previous="Welches Modell haben Sie?"),
    ),
)
