# noqa: INP001 - alembic loads it by its path
"""The key database as it begins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _creations()
    _epoch_keys()
    _index_keys()
    _key_store()
    _locator_keys()
    _part_keys()
    _root_versions()
    _session_keys()
    _sink_heads()


def downgrade() -> None:
    """Drop the tables, and their indexes with them."""
    op.drop_table("sink_heads")
    op.drop_table("session_keys")
    op.drop_table("root_versions")
    op.drop_table("part_keys")
    op.drop_table("locator_keys")
    op.drop_table("key_store")
    op.drop_table("index_keys")
    op.drop_table("epoch_keys")
    op.drop_table("creations")


def _creations() -> None:
    op.create_table(
        "creations",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_ids", sa.LargeBinary(), nullable=False),
        sa.Column("session_ids", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creations")),
    )


def _epoch_keys() -> None:
    op.create_table(
        "epoch_keys",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("first_root", sa.Integer(), nullable=False),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wraps", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch_keys")),
    )
    op.create_index(op.f("ix_epoch_keys_month"), "epoch_keys", ["month"], unique=False)


def _index_keys() -> None:
    op.create_table(
        "index_keys",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["epoch_id"], ["epoch_keys.id"], name=op.f("fk_index_keys_epoch_id_epoch_keys")),
        sa.PrimaryKeyConstraint("id", "epoch_id", name=op.f("pk_index_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_index_keys_epoch_id"), "index_keys", ["epoch_id"], unique=False)


def _key_store() -> None:
    op.create_table(
        "key_store",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_store")),
    )


def _locator_keys() -> None:
    op.create_table(
        "locator_keys",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("root_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_locator_keys")),
    )


def _part_keys() -> None:
    op.create_table(
        "part_keys",
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["epoch_id"], ["epoch_keys.id"], name=op.f("fk_part_keys_epoch_id_epoch_keys")),
        sa.PrimaryKeyConstraint("part_id", name=op.f("pk_part_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_part_keys_epoch_id"), "part_keys", ["epoch_id"], unique=False)


def _root_versions() -> None:
    op.create_table(
        "root_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_root_versions")),
    )


def _session_keys() -> None:
    op.create_table(
        "session_keys",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["epoch_id"], ["epoch_keys.id"], name=op.f("fk_session_keys_epoch_id_epoch_keys")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_session_keys_epoch_id"), "session_keys", ["epoch_id"], unique=False)


def _sink_heads() -> None:
    op.create_table(
        "sink_heads",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_sink_heads")),
    )
