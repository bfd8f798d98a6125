"""The stores that the contract of SessionStore is run over, and what its tests share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from storage import SessionStore
from storage.memory import MemoryStore
from tests.unit.storage.builders import NOW, Customer, prepared, sql_store


async def _memory(_: Path) -> SessionStore:
    return MemoryStore()


async def _sqlite(directory: Path) -> SessionStore:
    return sql_store(await prepared(directory))


STORES: dict[str, Callable[[Path], Awaitable[SessionStore]]] = {"memory": _memory, "sqlite": _sqlite}


async def texts(store: SessionStore, customer: Customer, purpose: str, now: datetime = NOW) -> list[str]:
    return [each.text for each in (await store.read(customer.id, purpose, now)).turns]
