"""IP addresses of a customer: IPv4 (RFC 791) and IPv6 (RFC 4291, text form RFC 5952).

Left alone: private and default addresses of routers (RFC 1918, 127/8, link-local, 0.0.0.0, 255.*,
documentation ranges), name servers everybody uses, and versions that look like addresses.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_V4 = re2.compile(rb"[0-9]{1,3}(?:(?:\.|\[\.\])[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_V6 = re2.compile(rb"(?:[0-9a-f]{0,4}:){2,7}(?::|[0-9a-f]{0,4})?[0-9a-f]{0,4}(?:%[a-z0-9]+)?(?:/[0-9]{1,3})?")
_PUBLIC = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222"}
_SHORTEST_V6 = 8
_SMALL = 32
_FEWEST_COLONS = 3


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _V4.finditer(scan.data):
        start, end = match.span()
        if _of_a_person(scan.lower[start:end].replace("[", "").replace("]", "").split("/")[0]) and _whole(
            scan, start, end
        ):
            clue = scan.clue(start, 32)
            if clue.type is not None if clue else not scan.asked.other and not _version_like(scan.lower[start:end]):
                yield start, end, EntityType.IP, CERTAIN
    for match in _V6.finditer(scan.data):
        start, end = match.span()
        text = scan.lower[start:end]
        if len(text) >= _SHORTEST_V6 and scan.bordered(start, end) and _of_a_person(text.split("%")[0].split("/")[0]):
            yield start, end, EntityType.IP, STRONG if text.count(":") < _FEWEST_COLONS else CERTAIN


def _version_like(text: str) -> bool:
    """Tells whether all four numbers are as small as those of a version; one address in some thousand has such."""
    return all(part.isdigit() and int(part) < _SMALL for part in text.split("."))


def _whole(scan: Scan, start: int, end: int) -> bool:
    """Tells whether the address is not a part of a longer dotted number or a word."""
    before, after = scan.character_before(start), scan.lower[end : end + 2]
    return not (
        before.isalnum()
        or before in ".-_"
        or after[:1].isalnum()
        or (after[:1] in {".", "-", "_"} and after[1:].isalnum())
    )


def _of_a_person(text: str) -> bool:
    try:
        address = ipaddress.ip_address(".".join(str(int(part)) for part in text.split(".")) if "." in text else text)
    except ValueError:
        return False
    return text not in _PUBLIC and address.is_global and not address.is_multicast


RECOGNISER = Recogniser(
    name="ip",
    gate=(r"[0-9](?:\.|\[\.\])[0-9]{1,3}(?:\.|\[\.\])[0-9]", r"[0-9a-f]:[0-9a-f]{0,4}:"),
    find=_find,
    examples=(
        Example("meine IP ist ⟦IP|91.64.118.207⟧, bitte freischalten"),
        Example("kommt von ⟦IP|2a02:8109:9d40:1c00:b4d1:9ff:fe22:81c0⟧"),
        Example("gesperrt: ⟦IP|84[.]53[.]142[.]34⟧"),
        Example("Netz ⟦IP|2a02:ea98:9c47:6006::/64⟧"),
        Example("Router unter 192.168.178.1 und DNS 8.8.8.8 eingetragen"),
        Example("Firmware 1.2.3.4 installiert"),
        Example("seit 3.14.0.2 lädt die Seite nicht"),
        Example("Version 12.40.1.99 läuft, Kapitel 4.3.2.1.7 nicht"),
        Example("um 12:30:45 Uhr"),
    ),
)
