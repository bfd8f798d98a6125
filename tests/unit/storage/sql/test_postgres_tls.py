"""`?sslmode=verify-full` in a database's URL: TLS, to the server that the certificate is for, or nothing at all."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from storage.errors import StoreUnavailableError
from storage.sql.postgres import PostgresPair
from tests.postgres import PostgresServer, new_database

_ASKS_FOR_TLS = struct.pack("!II", 8, 80877103)


@contextlib.asynccontextmanager
async def behind_tls(
    server: PostgresServer, authority: trustme.CA, host: str, *, asks: bool = False
) -> AsyncIterator[int]:
    """Stand in front of a server and speak TLS for it, as PostgreSQL does; yields the port. `asks`: for one."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    if asks:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    tasks: list[asyncio.Task[None]] = []

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(8) != _ASKS_FOR_TLS:
                writer.close()  # in clear: nothing is served
                return
            writer.write(b"S")
            await writer.start_tls(context)
            its_reader, its_writer = await asyncio.open_connection("127.0.0.1", server.port)
            tasks.extend(asyncio.ensure_future(pipe(*way)) for way in ((reader, its_writer), (its_reader, writer)))

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as listening:
        yield int(listening.sockets[0].getsockname()[1])
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("wrong", ["nothing", "name", "authority"])
async def test_only_the_server_that_the_certificate_is_for_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer, wrong: str
) -> None:
    host = "db.elsewhere.example" if wrong == "name" else "localhost"
    authority = trustme.CA()
    (tmp_path / "root.crt").write_bytes((trustme.CA() if wrong == "authority" else authority).cert_pem.bytes())
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "root.crt"))
    async with (
        new_database(postgres) as sessions,
        new_database(postgres) as keys,
        behind_tls(postgres, authority, host) as port,
    ):
        urls = [
            url.replace(f"127.0.0.1:{postgres.port}", f"localhost:{port}") + "?sslmode=verify-full"
            for url in (sessions, keys)
        ]
        pair = PostgresPair(*urls)
        try:
            if wrong == "nothing":
                await pair.prepare()
            else:
                with pytest.raises(StoreUnavailableError):
                    await pair.prepare()
        finally:
            await pair.close()


@pytest.mark.parametrize("shown", [True, False])
async def test_a_server_that_asks_for_a_certificate_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer, *, shown: bool
) -> None:
    authority = trustme.CA()
    own = authority.issue_cert("gateway.example")
    authority.cert_pem.write_to_path(tmp_path / "root.crt")
    own.cert_chain_pems[0].write_to_path(tmp_path / "own.crt")
    own.private_key_pem.write_to_path(tmp_path / "own.key")
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "root.crt"))
    if shown:
        monkeypatch.setenv("PGSSLCERT", str(tmp_path / "own.crt"))
        monkeypatch.setenv("PGSSLKEY", str(tmp_path / "own.key"))
    async with (
        new_database(postgres) as sessions,
        new_database(postgres) as keys,
        behind_tls(postgres, authority, "localhost", asks=True) as port,
    ):
        there = f"localhost:{port}"
        pair = PostgresPair(
            *(url.replace(f"127.0.0.1:{postgres.port}", there) + "?sslmode=verify-full" for url in (sessions, keys))
        )
        try:
            with contextlib.nullcontext() if shown else pytest.raises(StoreUnavailableError):
                await pair.prepare()
        finally:
            await pair.close()
