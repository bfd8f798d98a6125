"""Whoever can write to the databases, but has no key, can take things away, not change them unnoticed."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

import pytest

from benchmarks.tamper_records import tampered
from storage import KeyUnavailableError, SealBrokenError
from storage.errors import StorageError
from tests.unit.storage.builders import NOW, TRANSCRIPT, Customer, prepared, sql_store, turn

WORDS = ("eins", "zwei", "drei")


async def stored(directory: Path) -> tuple[Customer, Customer]:
    """Store two sessions of three turns each."""
    store = sql_store(await prepared(directory))
    await store.start()
    customers = Customer("one"), Customer("other")
    for customer in customers:
        await store.write(customer.opening(TRANSCRIPT, turns=tuple(turn(word) for word in WORDS)))
    await store.close()
    return customers


def alter(directory: Path, database: str, *statements: str, **values: object) -> None:
    connection = sqlite3.connect(directory / database)
    with connection:
        for statement in statements:
            assert connection.execute(statement, values).rowcount > 0, statement
    connection.close()


async def read(directory: Path, customer: Customer) -> list[str]:
    store = sql_store(directory)
    try:
        await store.start()
        return [each.text for each in (await store.read(customer.id, "improve-chatbot", NOW)).turns]
    finally:
        await store.close()


RECORDS = {
    "first dropped": ["DELETE FROM contents WHERE session_id = :one AND sequence = 0"],
    "middle dropped": ["DELETE FROM contents WHERE session_id = :one AND sequence = 1"],
    "last dropped": ["DELETE FROM contents WHERE session_id = :one AND sequence = 2"],
    "last dropped with all that tells of it": [
        "DELETE FROM contents WHERE session_id = :one AND sequence = 2",
        "DELETE FROM turns WHERE session_id = :one AND sequence = 2",
    ],
    "all dropped with all that tells of them": [
        "DELETE FROM contents WHERE session_id = :one",
        "DELETE FROM turns WHERE session_id = :one",
        "UPDATE parts SET tail = NULL WHERE session_id = :one",
    ],
    "all dropped": ["DELETE FROM contents WHERE session_id = :one"],
    "reordered": [
        "UPDATE contents SET sequence = 9 WHERE session_id = :one AND sequence = 0",
        "UPDATE contents SET sequence = 0 WHERE session_id = :one AND sequence = 1",
        "UPDATE contents SET sequence = 1 WHERE session_id = :one AND sequence = 9",
    ],
    "put in place of another": [
        (
            "UPDATE contents SET sealed = (SELECT sealed FROM contents WHERE session_id = :one AND sequence = 2)"
            " WHERE session_id = :one AND sequence = 0"
        )
    ],
    "of another session": [
        (
            "UPDATE contents SET sealed = (SELECT sealed FROM contents WHERE session_id = :other AND sequence = 0)"
            " WHERE session_id = :one AND sequence = 0"
        )
    ],
    "truncated": [
        "UPDATE contents SET sealed = substr(sealed, 1, length(sealed) - 16) WHERE session_id = :one AND sequence = 1"
    ],
    "lengthened": [
        "UPDATE contents SET sealed = CAST(sealed || x'00' AS BLOB) WHERE session_id = :one AND sequence < 2"
    ],
}


@pytest.mark.parametrize("statements", RECORDS.values(), ids=RECORDS)
async def test_a_record_that_was_moved_cut_or_taken_away_is_noticed(tmp_path: Path, statements: list[str]) -> None:
    one, other = await stored(tmp_path)
    assert await read(tmp_path, one) == list(WORDS)
    alter(tmp_path, "sessions.db", *statements, one=one.id.bytes, other=other.id.bytes)
    with pytest.raises(SealBrokenError):
        await read(tmp_path, one)
    assert await read(tmp_path, other) == list(WORDS)


KEYS = {
    "part key of another part": "UPDATE part_keys SET wrapped = (SELECT max(wrapped) FROM part_keys)",
    "part key altered": "UPDATE part_keys SET wrapped = CAST(wrapped || x'00' AS BLOB)",
    "epoch key altered": "UPDATE epoch_keys SET wrapped = CAST(substr(wrapped, 1, 9) || x'ff' AS BLOB)",
    "epoch key of another month": "UPDATE epoch_keys SET month = month + 1",
    "index key altered": "UPDATE index_keys SET wrapped = CAST(wrapped || x'00' AS BLOB)",
    "part keys gone": "DELETE FROM part_keys",
}


@pytest.mark.parametrize("statement", KEYS.values(), ids=KEYS)
async def test_a_wrapped_key_that_was_moved_or_altered_is_noticed(tmp_path: Path, statement: str) -> None:
    customers = await stored(tmp_path)
    alter(tmp_path, "keys.db", statement)
    refused = 0
    for customer in customers:
        try:
            assert await read(tmp_path, customer) == list(WORDS)
        except StorageError as error:
            assert isinstance(error, SealBrokenError | KeyUnavailableError)  # noqa: PT017 - one of the two may be whole
            refused += 1
    assert refused > 0


async def test_random_alterations_of_what_is_sealed_and_of_keys_are_all_found() -> None:
    """A short form of `python -m benchmarks.tamper --of records`."""
    counted = await tampered(60, secrets.token_hex(8), sessions=3)
    altered = {name.removeprefix("altered "): n for name, n in counted.items() if name.startswith("altered ")}
    assert sum(altered.values()) == 60
    assert {what: counted[f"found {what}"] for what in altered} == altered
