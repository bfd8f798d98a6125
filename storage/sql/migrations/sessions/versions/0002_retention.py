# noqa: INP001 - alembic loads it by its path
"""What holds, restricts and proves: the ledger, holds, restrictions, ended purposes, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _ledger()
    _log()
    _leases()
    _holds()
    _restrictions()
    _ended_purposes()


def downgrade() -> None:
    """Drop the tables, and their indexes with them."""
    op.drop_table("leases")
    op.drop_table("ended_purposes")
    op.drop_table("restrictions")
    op.drop_table("holds")
    op.drop_table("sink_heads")
    op.drop_table("ledger_checkpoints")
    op.drop_table("ledger_tiers")
    op.drop_table("ledger_leaves")
    op.drop_table("ledger_outbox")
    op.drop_table("ledger_events")
    op.drop_table("session_events")


def _ledger() -> None:
    op.create_table(
        "session_events",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_session_events_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "id", name=op.f("pk_session_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_events",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_outbox",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_outbox")),
        sqlite_with_rowid=False,
    )


def _log() -> None:
    op.create_table(
        "ledger_leaves",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger_leaves")),
        sa.UniqueConstraint("id", name=op.f("uq_ledger_leaves_id")),
    )
    op.create_table(
        "ledger_tiers",
        sa.Column("tier", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("tier", "number", name=op.f("pk_ledger_tiers")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_checkpoints")),
        sa.UniqueConstraint("size", name=op.f("uq_ledger_checkpoints_size")),
    )
    op.create_table(
        "sink_heads",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_sink_heads")),
    )


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.LargeBinary(length=16), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("review_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_holds_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "id", "part_id", name=op.f("pk_holds")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_holds_review_at"), "holds", ["review_at"], unique=False)


def _restrictions() -> None:
    op.create_table(
        "restrictions",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_restrictions_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "id", name=op.f("pk_restrictions")),
        sqlite_with_rowid=False,
    )


def _ended_purposes() -> None:
    op.create_table(
        "ended_purposes",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_ended_purposes_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "purpose", name=op.f("pk_ended_purposes")),
        sqlite_with_rowid=False,
    )
