"""Lists a page at a time: how many a page has, and the cursor of the next one.

A cursor is a place in the order of a list, which stays one whatever becomes of what stood there: the moment that the
list goes by, and ids for what has the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.errors import RefusedError
from gateway.handlers.internal import number_or_none, uuid_or_none

MOST_LISTED: Final = 1000
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)
_LONGEST_NUMBER: Final = 20


def limit_of(query: Mapping[str, str]) -> int:
    """Return how many a page is to have, 100 if it does not say. Raises RefusedError (400)."""
    limit = number_or_none(query.get("limit", "100"), MOST_LISTED)
    if limit is None:
        raise RefusedError("bad_query", 400, f"limit must be a number from 1 to {MOST_LISTED}")
    return limit


def cursor(at: datetime, *ids: UUID) -> str:
    """Return a place as text."""
    return ".".join((str((at - _START) // _STEP), *map(str, ids)))


def place_in(said: str, ids: int) -> tuple[datetime, tuple[UUID, ...]]:
    """Return the place that a cursor with so many ids names. Raises RefusedError (400) for what is none."""
    number, *rest = said.split(".")
    found = [each for each in map(uuid_or_none, rest) if each is not None]
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    if not is_number or not len(rest) == len(found) == ids:
        raise no_cursor()
    try:
        return _START + int(number) * _STEP, tuple(found)
    except OverflowError:
        raise no_cursor() from None


def no_cursor() -> RefusedError:
    """Return the error for what no page has given as the next one."""
    return RefusedError("bad_query", 400, "after must be what the page before gave as next")
