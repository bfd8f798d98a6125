"""Numbers in tool calls' arguments as texts: what is read of one, and what it becomes.

The field's name says what a number is, as the words before it do in a sentence: `customerNo` is read as "customer no:".
What was asked in the conversation says nothing here: an argument need not answer it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final

from gateway.pieces import within
from redaction.findings import Finding

_BETWEEN_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\W]+")
_MOST_OF_A_NAME: Final = 64
_MOST_DIGITS: Final = 40


def lead(field: str) -> str:
    """Return what stands before a number, said by its field's name."""
    words = _BETWEEN_WORDS.sub(" ", field[:_MOST_OF_A_NAME]).strip().lower()
    return f"{words}: " if words else ""


def figures(number: str) -> str:
    """Return a number without sign and exponent: `4.7e3` is `4700`."""
    plain = number.lstrip("-")
    if "e" not in plain and "E" not in plain:
        return plain
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return plain
    return format(value, "f") if abs(value.adjusted()) < _MOST_DIGITS else plain


def whole(number: str, findings: Iterable[Finding], before: int) -> tuple[Finding, ...]:
    """Return what a number is: found anywhere in it, all of it is.

    Args:
        number: what `figures` returned.
        findings: those in it with `before` code points in front of it.
        before: how many.
    """
    found = max(within(findings, before), key=lambda one: one.end - one.start, default=None)
    return () if found is None else (replace(found, start=0, end=len(number)),)
