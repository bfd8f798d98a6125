"""What happens to a finding: mask, pseudonym, keep, partial, drop; by kind, as the notice says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from redaction.findings import EntityType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redaction.pseudonyms import Pseudonyms

_LAST = 4
_ENOUGH = 8


class Operator(StrEnum):
    """A treatment of a finding."""

    MASK = "mask"
    """``[PHONE]``"""
    PSEUDONYM = "pseudonym"
    """``<PHONE_1>``, the same for the same value in a session"""
    KEEP = "keep"
    """left as it is"""
    PARTIAL = "partial"
    """``[CARD 4487]``, the last four digits of a number with at least eight, else as mask"""
    DROP = "drop"
    """removed"""


@dataclass(frozen=True)
class Policy:
    """Which operator a kind gets.

    Attributes:
        default: for kinds that ``by_type`` does not name.
        by_type: exceptions.
    """

    default: Operator = Operator.MASK
    by_type: Mapping[EntityType, Operator] = field(default_factory=dict)

    def operator(self, type: EntityType) -> Operator:  # noqa: A002 - the word of the design
        """Returns the operator for ``type``."""
        return self.by_type.get(type, self.default)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A span of the original text and what stands there instead."""

    start: int
    end: int
    text: str
    type: EntityType


def apply(operator: Operator, type: EntityType, value: str, pseudonyms: Pseudonyms | None) -> str | None:  # noqa: A002
    """Returns what replaces ``value``; None to leave it.

    Without a session's table a pseudonym becomes a mask: nothing may be promised that can't be kept.
    """
    match operator:
        case Operator.KEEP:
            return None
        case Operator.DROP:
            return ""
        case Operator.PSEUDONYM if pseudonyms is not None:
            return pseudonyms.stand_in(type, value)
        case Operator.PARTIAL:
            digits = "".join(filter(str.isdigit, value))
            return f"[{type} {digits[-_LAST:]}]" if len(digits) >= _ENOUGH else f"[{type}]"
        case Operator.MASK | Operator.PSEUDONYM:
            return f"[{type}]"
