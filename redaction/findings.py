"""What the engine finds: a span of the original text, its kind, and how sure we are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EntityType(StrEnum):
    """Kinds of personal data; the words of notices, placeholders and metrics."""

    PERSON = "PERSON"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    STREET = "STREET"
    POSTCODE_CITY = "POSTCODE_CITY"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    IBAN = "IBAN"
    CARD = "CARD"
    NATIONAL_ID = "NATIONAL_ID"
    IP = "IP"
    MAC = "MAC"
    DEVICE_ID = "DEVICE_ID"
    CUSTOMER_NO = "CUSTOMER_NO"
    PLATE = "PLATE"
    USERNAME = "USERNAME"
    PASSWORD = "PASSWORD"  # noqa: S105 - the name of a kind, not a secret
    URL = "URL"
    GEO = "GEO"
    HEALTH = "HEALTH"


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of personal data.

    Attributes:
        start: first code point of the original text.
        end: code point after the last one.
        type: the kind of personal data.
        score: evidence from 0 to 1.
        recogniser: the module that found it, for ``--explain`` and the benchmarks.
    """

    start: int
    end: int
    type: EntityType
    score: float
    recogniser: str
