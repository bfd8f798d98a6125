"""The conversation that `sordino demo --once` plays: what an invented customer types, and what of it is personal.

Every value is invented: the address is in a domain reserved for examples (RFC 2606), the account does not
exist though its check digits are right, and the number is one that fits the German numbering plan.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Planted:
    """A personal value that the script types, and the entity type (its name) it must be found as.

    `compact` is the same value without separators, where it is typed with some: a copy normalised by
    anybody on the way would still be a copy.
    """

    value: str
    entity: str
    compact: str | None = None


TURNS: tuple[str, ...] = (
    (
        "Guten Tag, mein Name ist Katharina Brandhorst. Mein Akkusauger lädt seit letzter Woche nicht mehr, "
        "ich hätte gern eine Reparatur."
    ),
    "Die Seriennummer ist VX20-719B-4418K, sie steht unten am Gerät.",
    "Am besten erreichen Sie mich mobil unter 0151 23984712, nach 17 Uhr bin ich zu Hause.",
    "Die Bestätigung schicken Sie bitte an k.brandhorst@example.org.",
    "Und falls es eine Erstattung gibt: Meine IBAN lautet DE44 5001 0517 5407 3249 31.",
    "Wie lange haben Sie denn am Samstag geöffnet?",
    "Prima, vielen Dank für die schnelle Hilfe!\n\nMit freundlichen Grüßen\nKatharina Brandhorst",
)

PLANTED: tuple[Planted, ...] = (
    Planted("Katharina Brandhorst", "PERSON"),
    Planted("Brandhorst", "PERSON"),
    Planted("VX20-719B-4418K", "DEVICE_ID", "VX20719B4418K"),
    Planted("0151 23984712", "PHONE", "015123984712"),
    Planted("k.brandhorst@example.org", "EMAIL"),
    Planted("DE44 5001 0517 5407 3249 31", "IBAN", "DE44500105175407324931"),
)

MUST_FIND: frozenset[str] = frozenset(planted.entity for planted in PLANTED)


def typed_values() -> tuple[str, ...]:
    """Return every planted value, as typed and without separators, for a search of what was kept."""
    return tuple(form for planted in PLANTED for form in (planted.value, planted.compact) if form is not None)
