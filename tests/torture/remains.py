"""What is left on the disk of what was erased: no value, no key, wrapped or not, and on SQLite no ciphertext either."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from uuid import UUID

import asyncpg
from sqlalchemy import select

from gateway.clock import SystemClock
from storage import ErasureReason
from storage.sql import SqlStore
from storage.sql.key_tables import part_keys
from storage.sql.tables import contents
from tests.torture.places import Place
from tests.torture.searching import found
from tests.unit.storage.builders import Customer, assignment, plan, turn

_KEPT = plan(transcript=assignment(), original=assignment("review"))


async def erase_and_search(place: Place, values: int) -> Counter[str]:
    """Plant values in as many sessions, erase them, and search every byte of the files."""
    now = SystemClock().now()
    planted = [secrets.token_hex(16) for _ in range(values)]
    stays, *go = [Customer(value, now=now) for value in ("stays", *planted)]
    async with place.store() as store:
        said = [turn(value, at=now, original=f"{value} in full") for value in ("stays", *planted)]
        opening = [one.opening(_KEPT, turns=words) for one, words in zip((stays, *go), said, strict=True)]
        await asyncio.gather(*(store.write(each) for each in opening))
        parts = [part for one in go for part in await store.part_ids(one.id)]
        keys, ciphertexts = await _sealed(store, parts)
        kept, _ = await _sealed(store, list(await store.part_ids(stays.id)))
        assert len(keys) == len(parts) == 2 * values
    before = await _all_bytes(place)
    assert found(before, [*keys, *kept]) == {*keys, *kept}, "the search finds what is there"
    async with place.store() as store:
        await store.erase(parts, ErasureReason.REQUESTED, now, "dpo")
        await store.ledger.seal(now)
    async with place.store() as store:  # a start waits until the tables of the keys may be rewritten again
        assert [each.text for each in (await store.read(stays.id, "improve-chatbot", now)).turns] == ["stays"]
    after = await _all_bytes(place)
    erased = [*(value.encode() for value in planted), *keys, *(ciphertexts if place.server is None else ())]
    assert found(after, [*erased, *kept]) == {*kept}
    return Counter({"keys erased": len(keys), "MB searched": len(after) // 2**20})


async def _sealed(store: SqlStore, parts: list[UUID]) -> tuple[list[bytes], list[bytes]]:
    """Return the wrapped keys of parts, and what is sealed with them."""
    of_keys = select(part_keys.c.wrapped).where(part_keys.c.part_id.in_(parts))
    of_contents = select(contents.c.sealed).where(contents.c.part_id.in_(parts))
    return await store._databases.read(
        lambda unit: (list(unit.keys.execute(of_keys).scalars()), list(unit.sessions.execute(of_contents).scalars()))
    )


async def _all_bytes(place: Place) -> bytes:
    """Return every byte of the files, once PostgreSQL has written all down and let go of its old log."""
    if place.server is not None:
        connection = await asyncpg.connect(place.settings["SORDINO_KEYS_URL"])
        try:
            for _ in range(2):
                await connection.execute("SELECT pg_switch_wal()")
                await connection.execute("CHECKPOINT")
        finally:
            await connection.close()
    return await asyncio.to_thread(place.all_bytes)
