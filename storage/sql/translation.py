"""Errors of the database and the operating system, turned into ours without their parameters or texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from storage.errors import StoreUnavailableError


class RowConflictError(StoreUnavailableError):
    """A row contradicts what is stored or can't be: one of a batch is at fault, not the database.

    Callers see its base class.
    """


_CAUSES = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "another process holds the database",
    sqlite3.SQLITE_IOERR: "the disk can't be read or written",
    sqlite3.SQLITE_CANTOPEN: "the file can't be opened",
    sqlite3.SQLITE_READONLY: "the file is read-only",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is no database",
    sqlite3.SQLITE_CONSTRAINT: "a row contradicts what is stored",
}
_PRIMARY_CODE = 0xFF
_SQLSTATES = {
    "08": "the server can't be reached",
    "22": "a value can't be stored",
    "23": "a row contradicts what is stored",
    "25006": "the database is read-only",
    "28": "the server refuses the user or the password",
    "3D": "there is no such database",
    "40P01": "two transactions were in each other's way",
    "42501": "the user lacks a right",
    "53100": "the disk is full",
    "53300": "the server has no connection left",
    "55P03": "another transaction holds what is needed",
    "57014": "it took too long",
    "57P": "the server is stopping or starting",
}
"""SQLSTATE, whole or its beginning, by which PostgreSQL says what is wrong (its manual, appendix A)."""


@contextmanager
def translated(what: str, *drivers: type[Exception]) -> Iterator[None]:
    """Raise StoreUnavailableError, saying what failed and the class of cause, for any error from below.

    `drivers`: errors of an engine's driver that don't come through SQLAlchemy.
    """
    known: tuple[type[Exception], ...] = (SQLAlchemyError, sqlite3.Error, OSError, *drivers)
    try:
        yield
    except known as error:
        msg = f"{what}: {_cause(error)}"
        raised = RowConflictError if _is_of_a_row(error) else StoreUnavailableError
        # From None: the text of the error below may quote a statement or a row.
        raise raised(msg) from None


def _is_of_a_row(error: BaseException) -> bool:
    origin = error.orig if isinstance(error, DBAPIError) else error
    of_a_row = (IntegrityError, DataError, sqlite3.IntegrityError, sqlite3.DataError)
    return isinstance(error, of_a_row) or str(getattr(origin, "sqlstate", None))[:2] in {"22", "23"}


def _cause(error: BaseException) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        code = getattr(origin, "sqlite_errorcode", None)
        known = _CAUSES.get(code & _PRIMARY_CODE) if isinstance(code, int) else None
        return known or f"database error ({getattr(origin, 'sqlite_errorname', None) or type(origin).__name__})"
    state = getattr(origin, "sqlstate", None)
    if isinstance(state, str):
        known = next((_SQLSTATES[state[:length]] for length in (5, 3, 2) if state[:length] in _SQLSTATES), None)
        return known or f"database error ({state})"
    if isinstance(origin, ConnectionError | TimeoutError):
        return "the server can't be reached"
    if isinstance(origin, OSError) and origin.strerror:
        return origin.strerror
    return f"database error ({type(error).__name__})"
