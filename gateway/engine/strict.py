"""JSON as it must be before anything goes on unread: UTF-8, valid, and no field twice.

A body that repeats a field is read differently by different parsers: what we read and redact could be another
value than the one that the bot reads.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

from gateway.engine.numerals import with_long, written
from gateway.errors import BodyUnreadableError

MAX_DEPTH: Final = 100
_PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE: Final = re.compile(_PAIR + r"""|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\["'\\/bfnrt]""")


def loads_strict(raw: bytes) -> Any:  # noqa: ANN401 - a value out of JSON
    """Parse JSON. Raises BodyUnreadableError."""
    value = _parsed(raw)
    try:
        if _written(value) != raw:  # written otherwise than we would: only then a field can stand twice
            json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise _too_deep() from None
    return value


def loads(raw: bytes) -> Any:  # noqa: ANN401 - a value out of JSON
    """Parse JSON that may have a field twice, and that can be written again. Raises BodyUnreadableError."""
    value = _parsed(raw)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        _written(value)
    return value


def unescaped(text: str) -> str:
    r"""Return a text that is no JSON with what its escapes stand for; what is no whole escape stays as it is.

    Python's `\xfc` and `\'` count, too: models write such dictionaries where JSON is asked for.
    """
    return _ESCAPE.sub(lambda found: _stands_for(found[0]), text)


def _stands_for(escape: str) -> str:
    if escape[1] == "'":
        return "'"
    try:
        character: str = orjson.loads('"' + escape.replace("\\x", "\\u00") + '"')
    except orjson.JSONDecodeError:  # half of a surrogate pair
        return escape
    return character


def _parsed(raw: bytes) -> Any:  # noqa: ANN401 - a value out of JSON
    try:
        return with_long(raw, orjson.loads(raw))
    except orjson.JSONDecodeError:
        raise BodyUnreadableError("The body is not valid JSON in UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None


def _written(value: Any) -> bytes:  # noqa: ANN401 - a value out of JSON
    try:
        return written(value)
    except orjson.JSONEncodeError:
        raise _too_deep() from None


def _too_deep() -> BodyUnreadableError:
    return BodyUnreadableError("The JSON body is nested too deeply, or has a number that is too long.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BodyUnreadableError("The JSON body has a field twice.")
    return found
