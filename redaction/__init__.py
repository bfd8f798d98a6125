"""Redaction: text in, findings and replacements out. Pure: no input or output, no clock, no network, no keys.

filter, stream       what the command line and the gateway use: lines, records, text that arrives in pieces
engine               Redactor: cuts a text into segments and decides each
settling             which part of an unfinished segment no further text changes
names                the statistical model for what has no form
patterns, scanset    one linear-time gate that says which recognisers can match
recognisers          one module for each kind of personal data, with sources and examples
recogniser           what a recogniser is
known                values of the conversation, found again
doubts, brands       what speaks against a candidate; states: what is said of a secret and is none
edges                a span ends where the value ends
resolve              candidates compete by evidence
context, clues       a segment, and the words around a value that say what it is
spoken               number words and spelled letters into what they say
segments             where a text may be cut
operators            mask, pseudonym, keep, partial, drop
pseudonyms           a session's table of stand-ins
languages            one data file for each language
normalise, markup    folding to ASCII, without tags and emphasis, with the way back to the original
findings, errors     the words everything is said in
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from redaction.engine import Redacted, Redactor
    from redaction.errors import (
        PseudonymTableError,
        RecogniserError,
        RedactionError,
        StreamClosedError,
        UnknownLanguageError,
    )
    from redaction.findings import EntityType, Finding
    from redaction.known import Known
    from redaction.operators import Operator, Policy, Replacement
    from redaction.pseudonyms import Pseudonyms
    from redaction.stream import Decided, StreamRedactor, StreamRestorer, TextStream

__all__ = [
    "Decided",
    "EntityType",
    "Finding",
    "Known",
    "Operator",
    "Policy",
    "PseudonymTableError",
    "Pseudonyms",
    "RecogniserError",
    "Redacted",
    "RedactionError",
    "Redactor",
    "Replacement",
    "StreamClosedError",
    "StreamRedactor",
    "StreamRestorer",
    "TextStream",
    "UnknownLanguageError",
]

_HOMES: Final = {
    "Decided": "redaction.stream",
    "EntityType": "redaction.findings",
    "Finding": "redaction.findings",
    "Known": "redaction.known",
    "Operator": "redaction.operators",
    "Policy": "redaction.operators",
    "PseudonymTableError": "redaction.errors",
    "Pseudonyms": "redaction.pseudonyms",
    "RecogniserError": "redaction.errors",
    "Redacted": "redaction.engine",
    "RedactionError": "redaction.errors",
    "Redactor": "redaction.engine",
    "Replacement": "redaction.operators",
    "StreamClosedError": "redaction.errors",
    "StreamRedactor": "redaction.stream",
    "StreamRestorer": "redaction.stream",
    "TextStream": "redaction.stream",
    "UnknownLanguageError": "redaction.errors",
}


def __getattr__(name: str) -> object:
    """Import what is asked for, and no more: who needs the errors alone loads no model and no patterns."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
