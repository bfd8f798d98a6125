"""Errors of the redaction package.

    RedactionError
    ├── UnknownLanguageError    a language code without a data file in redaction/languages
    ├── PseudonymTableError     bytes that are no pseudonym table
    ├── RecogniserError         a recogniser whose patterns or examples are wrong (at start, never at run time)
    └── StreamClosedError       text fed to a stream after it was finished

A message says what to do. It never holds text, or any part of it, that was searched or found.
"""

from __future__ import annotations


class RedactionError(Exception):
    """Root of everything the redaction package raises on purpose."""


class UnknownLanguageError(RedactionError):
    """A language code for which ``redaction/languages`` has no data file."""


class PseudonymTableError(RedactionError):
    """Bytes that are not a pseudonym table written by ``Pseudonyms.to_json``."""


class RecogniserError(RedactionError):
    """A recogniser with a pattern that RE2 refuses, or with two of one name."""


class StreamClosedError(RedactionError):
    """``feed`` or ``finish`` after ``finish``."""
