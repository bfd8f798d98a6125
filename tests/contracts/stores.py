"""The stores that the contract of SessionStore is run over, and what its tests share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from storage import SessionStore
from storage.memory import MemoryStore
from tests.postgres import PostgresServer, empty_pair
from tests.unit.storage.builders import NOW, Customer, prepared, sql_store

Server = Callable[[], PostgresServer]


async def _memory(_directory: Path, _server: Server) -> SessionStore:
    return MemoryStore()


async def _sqlite(directory: Path, _server: Server) -> SessionStore:
    return sql_store(await prepared(directory))


async def _postgres(directory: Path, server: Server) -> SessionStore:
    return sql_store(directory, urls=await empty_pair(server()))


STORES: dict[str, Callable[[Path, Server], Awaitable[SessionStore]]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "postgresql": _postgres,
}


async def texts(store: SessionStore, customer: Customer, purpose: str, now: datetime = NOW) -> list[str]:
    return [each.text for each in (await store.read(customer.id, purpose, now)).turns]
