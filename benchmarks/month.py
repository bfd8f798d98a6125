"""Dropping a month of content as a whole beside deleting the same content part by part, on PostgreSQL.

    python -m benchmarks.month [--parts 1000000]

Two months are filled alike, by the server itself: half of the parts are transcripts of two turns, of the bytes that the
store seals for a short message; the other half are figures, which have no content. Then the content of one month is
deleted by the store's own statement, 500 parts in a transaction, and that of the other is dropped with its partition.
Keys, receipts and ledger entries, which each part has either way, are left out here: `benchmarks.storage` sweeps with
all of them. The time of the vacuum that deleted rows ask for afterwards stands by itself.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg
import uvloop

from benchmarks import bare
from benchmarks.stores import TEXT, opened
from storage.sql import partitions
from storage.sql.databases import Databases, Unit
from storage.sql.engines import open_databases
from storage.sql.erasing import ERASE_CHUNK, MarkedPart, delete_contents

_MONTHS: Final = (202001, 202002)
_TURNS: Final = 2
_FILL: Final = """
    INSERT INTO contents (session_id, part_id, sequence, month, sealed)
    SELECT decode(md5('s' || part), 'hex'), decode(md5('p' || part), 'hex'), turn, $1::integer,
           substring(decode(repeat(md5(part::text || turn), $4), 'hex') for $5)
    FROM generate_series(0, $2::integer - 1) AS part, generate_series(0, $3::integer - 1) AS turn
"""
_PARTS: Final = """
    SELECT decode(md5('s' || part), 'hex') AS of, decode(md5('p' || part), 'hex') AS of_part
    FROM generate_series(0, $1::integer - 1) AS part
"""


async def run(parts: int) -> None:
    """Fill, delete, drop, and print."""
    transcripts, sealed = parts // 2, len(bare.sealed_turn(TEXT))
    async with opened("postgresql") as measured:
        connection = await asyncpg.connect(measured.urls[0])
        databases = open_databases(*measured.urls)
        for month in _MONTHS:
            await databases.provide_month(month)
            await connection.execute(_FILL, month, transcripts, _TURNS, sealed // 16 + 1, sealed)
        await connection.execute("CHECKPOINT")
        rows = await connection.fetch(_PARTS, transcripts)
        marked = [MarkedPart(UUID(bytes=of), UUID(bytes=part), _MONTHS[0]) for of, part in rows]
        print(f"{parts:,} parts, {transcripts:,} of them with {_TURNS} turns of {sealed} bytes")
        deleted = await seconds_to_delete(databases, marked)
        print(f"  deleted part by part  {deleted:10.2f} s, {parts / deleted:,.0f} parts/s")
        begin = time.perf_counter()
        await connection.execute(f"VACUUM contents_{_MONTHS[0]}")
        print(f"  and vacuumed          {time.perf_counter() - begin:10.2f} s")
        begin = time.perf_counter()
        await databases.write(partial(_drop, _MONTHS[1]))
        dropped = time.perf_counter() - begin
        print(f"  dropped as a whole    {dropped:10.2f} s; {deleted / dropped:,.0f} times as fast")
        await connection.close()
        await databases.close()


async def seconds_to_delete(databases: Databases, marked: list[MarkedPart]) -> float:
    """Return how long it takes to delete the content of parts as the store does before a month is over."""
    begin = time.perf_counter()
    for at in range(0, len(marked), ERASE_CHUNK):
        await databases.write(partial(_delete, marked[at : at + ERASE_CHUNK]))
    return time.perf_counter() - begin


def _delete(marked: list[MarkedPart], unit: Unit) -> None:
    delete_contents(unit.sessions, marked)


def _drop(month: int, unit: Unit) -> None:
    assert partitions.drop(unit.sessions, month)  # noqa: S101 - what was not dropped has no speed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--parts", type=int, default=1_000_000)
    uvloop.run(run(parser.parse_args().parts))


if __name__ == "__main__":
    main()
