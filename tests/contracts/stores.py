"""The stores that the contract of SessionStore is run over, and what its tests share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from storage import SessionStore
from storage.memory import MemoryStore
from tests.kept import Kept
from tests.unit.storage.builders import NOW, Customer, sql_store


async def _memory(_directory: Path, _kept: Kept) -> SessionStore:
    return MemoryStore()


async def _sqlite(directory: Path, kept: Kept) -> SessionStore:
    return sql_store(directory, databases=await kept.sqlite(directory))


async def _postgres(directory: Path, kept: Kept) -> SessionStore:
    return sql_store(directory, databases=await kept.postgres())


STORES: dict[str, Callable[[Path, Kept], Awaitable[SessionStore]]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "postgresql": _postgres,
}


async def texts(store: SessionStore, customer: Customer, purpose: str, now: datetime = NOW) -> list[str]:
    return [each.text for each in (await store.read(customer.id, purpose, now)).turns]
