"""The key database: wrapped keys and nothing else, apart from the session database, whose backups are noise alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

from storage.sql.columns import Id, Instant
from storage.sql.tables import metadata as _sessions_metadata

metadata = MetaData(naming_convention=_sessions_metadata.naming_convention)

key_store = Table(
    "key_store",
    metadata,
    Column("id", Id, primary_key=True, doc="the same in the session database: the two belong together"),
    Column("tenant", Text, nullable=False),
    Column("root_version", Integer, nullable=False),
    Column("check_value", LargeBinary, nullable=False, doc="a key wrapped by the root, to notice a wrong root key"),
)

root_versions = Table(
    "root_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False, doc="when it wrapped a key for the first time"),
    Column("retired_at", Instant, doc="from when on it wraps nothing more"),
    Column("destroyed_at", Instant, doc="from when on copies of what it wrapped are noise"),
)

epoch_keys = Table(
    "epoch_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("month", Integer, nullable=False, index=True),
    Column("first_root", Integer, nullable=False, doc="the version of the root key that wrapped it first"),
    Column("root_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("wraps", BigInteger, nullable=False, doc="how many wraps have been done or reserved"),
)

index_keys = Table(
    "index_keys",
    metadata,
    Column("id", Id, primary_key=True, doc="id of the epoch that it was made with"),
    Column("epoch_id", ForeignKey(epoch_keys.c.id), primary_key=True, index=True, doc="the epoch key that wraps it"),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

part_keys = Table(
    "part_keys",
    metadata,
    Column("part_id", Id, primary_key=True),
    Column("epoch_id", ForeignKey(epoch_keys.c.id), nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

session_keys = Table(
    "session_keys",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("epoch_id", ForeignKey(epoch_keys.c.id), nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

locator_keys = Table(
    "locator_keys",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("root_version", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

creations = Table(
    "creations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("part_ids", LargeBinary, nullable=False, doc="16 bytes each: keys made for rows that may not exist yet"),
    Column("session_ids", LargeBinary, nullable=False),
)

sink_heads = Table(
    "sink_heads",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, doc="the keys of all erasures up to this object of the sink are gone"),
    Column("digest", LargeBinary(32), nullable=False),
)
