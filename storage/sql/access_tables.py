"""Tables of who may use the desk. They hold no personal data but the names that the desk shows of its own people."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from storage.sql.columns import Id, Instant
from storage.sql.tables import metadata

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True, doc="SHA-256 of the 256-bit secret"),
    Column("id", Id, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False, doc="separated by blanks"),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    sqlite_with_rowid=False,
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True, doc="SHA-256 of the cookie's 256 bits"),
    Column("person", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False, doc="separated by blanks"),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("token_id", Id, doc="the token that it was made with, if any"),
    sqlite_with_rowid=False,
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("action", Text, nullable=False),
    Column("facts", Text, nullable=False, doc="JSON, keys sorted"),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("document", Text, nullable=False, doc="the notice that a shortening goes by"),
    sqlite_with_rowid=False,
)
Index("ix_approvals_asked_at", approvals.c.asked_at)

plans = Table(
    "plans",
    metadata,
    Column("plan", Text, primary_key=True, doc="see storage.shortening"),
    Column("document", Text, nullable=False, doc="the notice that it is the plan of"),
    Column("begun_at", Instant, nullable=False),
    Column("heard_at", Instant, nullable=False, doc="when who counts was last heard of"),
    Column("looked_at", Integer, nullable=False, doc="how many sessions were looked at"),
    Column("found", Text, doc="JSON: parts, and how many of each purpose end on which day; none until all is counted"),
    sqlite_with_rowid=False,
)
