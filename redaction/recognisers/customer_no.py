"""Numbers by which a firm knows a person: customer, order, contract, invoice, ticket, repair and tracking numbers.

They have no common form, so a clue word or a question must name them. Tracking numbers of the postal
union (UPU S10) and of UPS are known by form.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_NUMBER = EntityType.CUSTOMER_NO
_TRACKING = re2.compile(
    rb"\b[a-z]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[a-z]{2}\b|\b1z[0-9a-z]{16}\b|\bjj[a-z]{0,2}[0-9]{12,20}\b|\b3s[a-z]{4}[0-9]{7,12}\b|\b0034[0-9]{16}\b"
)
_FEWEST, _SHORT = 3, 4


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _TRACKING.finditer(scan.data):
        text = scan.cased[match.start() : match.end()]
        if text.isupper() or text.isdigit() or (" " not in text and not text.islower()):
            yield match.start(), match.end(), _NUMBER, STRONG
    for code, score in scan.told(_NUMBER, _FEWEST):
        size = sum(map(str.isalnum, code.text))
        if size <= _SHORT and code.text[:2] in {"19", "20"} and code.text.isdigit():
            continue
        yield code.start, code.end, _NUMBER, score if size > _SHORT or score > LIKELY else score - 0.1


RECOGNISER = Recogniser(
    name="customer_no",
    gate=(r"[0-9]{3}|1z[0-9a-z]{9}",),
    find=_find,
    answers=frozenset({_NUMBER}),
    examples=(
        Example("Kundennummer ⟦CUSTOMER_NO|2210512345⟧"),
        Example("meine Bestellung ⟦CUSTOMER_NO|RE-2024/00917⟧ fehlt"),
        Example("order no. ⟦CUSTOMER_NO|W-2059477011⟧ never came"),
        Example("⟦CUSTOMER_NO|4410 8827 0195⟧", previous="Wat is uw klantnummer?"),
        Example("Sendung ⟦CUSTOMER_NO|RR 473 124 829 DE⟧"),
        Example("Artikelnummer 4487882, Bestellung vom 12.03.2024"),
        Example("Bestellt habe ich 3 Stück"),
    ),
)
