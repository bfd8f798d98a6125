from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError, InvalidRequestError

from storage import StoreUnavailableError
from storage.sql.translation import RowConflictError, translated


def violate() -> None:
    with create_engine("sqlite://").begin() as connection:
        connection.execute(text("CREATE TABLE t (x PRIMARY KEY)"))
        connection.execute(text("INSERT INTO t VALUES ('secret'), ('secret')"))


def fail(error: Exception) -> Callable[[], None]:
    def failing() -> None:
        raise error

    return failing


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (violate, "contradicts what is stored"),
        (fail(OSError(28, "No space left on device", "/secret")), "No space left on device"),
        (fail(OSError("secret")), "OSError"),
        (fail(InvalidRequestError("secret")), "InvalidRequestError"),
        (fail(sqlite3.OperationalError("secret")), "OperationalError"),
    ],
)
def test_an_error_from_below_says_its_class_and_nothing_else(work: Callable[[], None], said: str) -> None:
    with pytest.raises(StoreUnavailableError, match=said) as raised, translated("it can't be done"):
        work()
    assert str(raised.value).startswith("it can't be done: ")
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_contradicting_row_is_told_from_a_failing_database() -> None:
    with pytest.raises(RowConflictError), translated("x"):
        violate()


def test_a_value_that_cannot_be_stored_is_its_rows_fault() -> None:
    failing = fail(DataError("INSERT", {}, ValueError("secret")))
    with pytest.raises(RowConflictError), translated("x"):
        failing()


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), translated("x"):
        fail(KeyError("x"))()
