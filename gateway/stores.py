"""The store that the settings name: over their databases, with their root key, blobs and ledger."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.clock import Clock
from gateway.database_url import engine_of, place_of
from gateway.setting_kinds import bucket_of
from gateway.settings import Settings, ensure_home
from storage.blobs import BlobStore
from storage.blobs.files import FileBlobs
from storage.buckets import Bucket
from storage.crypto import providers
from storage.ledger.notes import PublicKey
from storage.ledger.outside import Outside
from storage.ledger.signing import make_signing_key, signing_key
from storage.ledger.sinks import FileSink, Sink
from storage.spool import Journal
from storage.sql import RootKey, SqlStore, open_databases


async def make_root_key(settings: Settings) -> None:
    """Make the root key that the settings name. Raises KeyUnavailableError if there is one already."""
    ensure_home(settings)
    await providers.make_root_key(settings.root_key_address, settings.openbao_token)


def make_ledger_key(settings: Settings) -> None:
    """Make the file of the key that signs the ledger, unless it is there. Raises KeyUnavailableError."""
    ensure_home(settings)
    make_signing_key(settings.ledger_key_path)


def create_root_key(settings: Settings) -> None:
    """Make the root key's file, if the root key is to be in a file and there is none, and the ledger's key likewise.

    Beside a key database they are lost, not new: none is made, so that the start says so.
    """
    ensure_home(settings)
    if _has_keys(settings):
        return
    path = settings.root_key_path
    if path is not None and not path.exists():
        providers.FileKeyProvider.create(path)
    make_ledger_key(settings)


def _has_keys(settings: Settings) -> bool:
    url = settings.key_store_url
    return engine_of(url) == "sqlite" and Path(place_of(url)).exists()


@contextlib.asynccontextmanager
async def open_root_key(settings: Settings, clock: Clock) -> AsyncIterator[RootKey]:
    """Open the store's root key until the block ends; beside a running gateway, if there is one."""
    async with opened(settings, clock) as store:
        await store.open_keys()
        yield store.root_key


@contextlib.asynccontextmanager
async def started(
    settings: Settings, clock: Clock, tenant: str | None = None, *, spools: bool = False
) -> AsyncIterator[SqlStore]:
    """Run the store until the block ends. Raises KeyUnavailableError or StoreUnavailableError."""
    async with opened(settings, clock, tenant, spools=spools) as store:
        await store.start()
        yield store


@contextlib.asynccontextmanager
async def opened(
    settings: Settings, clock: Clock, tenant: str | None = None, *, spools: bool = False
) -> AsyncIterator[SqlStore]:
    """Return the store, not started, until the block ends; connections left open by a failed start hold up the end."""
    store = open_store(settings, clock, tenant, spools=spools)
    try:
        yield store
    finally:
        await store.close()


async def ledger_key(settings: Settings, clock: Clock) -> PublicKey:
    """Return what checkpoints and receipts are checked with. Raises StoreUnavailableError."""
    async with opened(settings, clock) as store:
        return await store.ledger.public_key()


def open_store(settings: Settings, clock: Clock, tenant: str | None = None, *, spools: bool = False) -> SqlStore:
    """Return the store that the settings name, not started yet; without a tenant, of whichever notice it is.

    With `spools` turns may wait while its databases are away, if the settings say where.
    """
    spool = settings.spool_path if spools else None
    return SqlStore(
        open_databases(settings.sessions_url, settings.key_store_url),
        providers.provider_at(settings.root_key_address, os.environ, settings.openbao_token),
        tenant=tenant,
        blobs=_blobs(settings),
        clock=clock,
        outside=_outside(settings),
        key_backup_horizon=settings.key_backup_horizon,
        journal=None if spool is None else Journal(spool, settings.spool_bytes),
    )


def _blobs(settings: Settings) -> BlobStore:
    place = bucket_of(settings.blobs_url)
    if place is None:
        return FileBlobs(settings.blobs_path)
    from storage.blobs.s3 import S3Blobs  # noqa: PLC0415 - see storage.buckets

    return S3Blobs(_bucket(settings, place))


def _outside(settings: Settings) -> Outside:
    """Return sink and key; a key is made for a new store alone, for none but a lost one checks what that has signed."""
    if engine_of(settings.key_store_url) == "sqlite" and not _has_keys(settings):
        make_signing_key(settings.ledger_key_path)
    return Outside(_sink(settings), signing_key(settings.ledger_key_path))


def _sink(settings: Settings) -> Sink:
    place = bucket_of(settings.ledger_sink)
    if place is None:
        return FileSink(settings.ledger_sink_path)
    from storage.ledger.sinks.s3 import S3Sink  # noqa: PLC0415 - see storage.buckets

    return S3Sink(_bucket(settings, place))


def _bucket(settings: Settings, place: tuple[str, str]) -> Bucket:
    secret, endpoint = settings.blobs_secret_key, settings.blobs_endpoint
    return Bucket(
        *place,
        endpoint="" if endpoint is None else str(endpoint).rstrip("/"),
        region=settings.blobs_region,
        access_key=settings.blobs_access_key,
        secret_key="" if secret is None else secret.get_secret_value(),
    )
