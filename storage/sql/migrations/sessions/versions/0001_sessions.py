# noqa: INP001 - alembic loads it by its path
"""Sessions and their parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _receipts()
    _rules()
    _sessions()
    _store()
    _consent_states()
    _locators()
    _parts()
    _assignments()
    _contents()
    _facts()
    _index_tokens()
    _intents()
    _recordings()
    _segments()
    _recorded()
    _turns()


def downgrade() -> None:
    """Drop the tables, and their indexes with them."""
    op.drop_table("turns")
    op.drop_table("recorded")
    op.drop_table("segments")
    op.drop_table("recordings")
    op.drop_table("intents")
    op.drop_table("index_tokens")
    op.drop_table("facts")
    op.drop_table("contents")
    op.drop_table("assignments")
    op.drop_table("parts")
    op.drop_table("locators")
    op.drop_table("consent_states")
    op.drop_table("store")
    op.drop_table("sessions")
    op.drop_table("rules")
    op.drop_table("receipts")


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deletion_classes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("notice_version", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("ciphertext_root", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=False),
        sa.Column("backups_clean_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("part_id", name=op.f("uq_receipts_part_id")),
        sqlite_with_rowid=False,
    )


def _rules() -> None:
    op.create_table(
        "rules",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("deletion_class", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("maximum_open", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("round_to", sa.Text(), nullable=True),
        sa.Column("legal_claims", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("notice_version", sa.Text(), nullable=False),
        sa.Column("notice_digest", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("imported", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("active_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("disclosed_at", sa.BigInteger(), nullable=True),
        sa.Column("agreed_since", sa.BigInteger(), nullable=True),
        sa.Column("matter_resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("consent_ended_at", sa.BigInteger(), nullable=True),
        sa.Column("relation_ended_at", sa.BigInteger(), nullable=True),
        sa.Column("next_turn", sa.Integer(), nullable=False),
        sa.Column("next_record", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("bare", sa.Boolean(), nullable=False),
        sa.Column("bars", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("erasing", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_sessions_bare",
        "sessions",
        ["channel"],
        unique=False,
        sqlite_where=sa.text("bare IS 1"),
        postgresql_where=sa.text("bare IS true"),
    )
    op.create_index(
        "ix_sessions_erasing",
        "sessions",
        ["id"],
        unique=False,
        sqlite_where=sa.text("erasing IS 1"),
        postgresql_where=sa.text("erasing IS true"),
    )
    op.create_index("ix_sessions_channel", "sessions", ["channel", "id"], unique=False)
    op.create_index(
        "ix_sessions_open",
        "sessions",
        ["channel", "active_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _store() -> None:
    op.create_table(
        "store",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
    )


def _consent_states() -> None:
    op.create_table(
        "consent_states",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_consent_states_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "consent", name=op.f("pk_consent_states")),
        sqlite_with_rowid=False,
    )


def _locators() -> None:
    op.create_table(
        "locators",
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_locators_session_id_sessions")),
        sa.PrimaryKeyConstraint("token", "session_id", name=op.f("pk_locators")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_locators_session_id"), "locators", ["session_id"], unique=False)


def _parts() -> None:
    op.create_table(
        "parts",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("plan", sa.LargeBinary(length=16), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.BigInteger(), nullable=False),
        sa.Column("first_end_at", sa.BigInteger(), nullable=False),
        sa.Column("visible_until", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("bars", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("doomed", sa.Text(), nullable=True),
        sa.Column("tail", sa.LargeBinary(length=16), nullable=True),
        sa.Column("erasing", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_parts_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "id", name=op.f("pk_parts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_parts_due", "parts", ["bars", "due_at"], unique=False)
    op.create_index(op.f("ix_parts_id"), "parts", ["id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_parts_month", "parts", ["month"], unique=False)


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("rule_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("delete_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"],
            ["parts.session_id", "parts.id"],
            name=op.f("fk_assignments_session_id_part_id_parts"),
        ),
        sa.PrimaryKeyConstraint("session_id", "part_id", "rule_id", name=op.f("pk_assignments")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_assignments_rule", "assignments", ["rule_id", "session_id"], unique=False)


def _contents() -> None:
    op.create_table(
        "contents",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "part_id", "sequence", "month", name=op.f("pk_contents")),
        sqlite_with_rowid=False,
        postgresql_partition_by="LIST (month)",
    )


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("last_turn_at", sa.BigInteger(), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("ratings_positive", sa.Integer(), nullable=False),
        sa.Column("ratings_negative", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"], ["parts.session_id", "parts.id"], name=op.f("fk_facts_session_id_part_id_parts")
        ),
        sa.PrimaryKeyConstraint("session_id", "part_id", name=op.f("pk_facts")),
        sqlite_with_rowid=False,
    )


def _index_tokens() -> None:
    op.create_table(
        "index_tokens",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"],
            ["parts.session_id", "parts.id"],
            name=op.f("fk_index_tokens_session_id_parts"),
        ),
        sa.PrimaryKeyConstraint("session_id", "part_id", "token", name=op.f("pk_index_tokens")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_index_tokens_token"), "index_tokens", ["token"], unique=False)


def _intents() -> None:
    op.create_table(
        "intents",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sunk", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"],
            ["parts.session_id", "parts.id"],
            name=op.f("fk_intents_session_id_part_id_parts"),
        ),
        sa.PrimaryKeyConstraint("session_id", "part_id", name=op.f("pk_intents")),
        sqlite_with_rowid=False,
    )


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"],
            ["parts.session_id", "parts.id"],
            name=op.f("fk_recordings_session_id_part_id_parts"),
        ),
        sa.PrimaryKeyConstraint("session_id", "part_id", name=op.f("pk_recordings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_recordings_open",
        "recordings",
        ["added_at"],
        unique=False,
        sqlite_where=sa.text("open IS 1"),
        postgresql_where=sa.text("open IS true"),
    )


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("blob", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"],
            ["parts.session_id", "parts.id"],
            name=op.f("fk_segments_session_id_part_id_parts"),
        ),
        sa.PrimaryKeyConstraint("session_id", "part_id", "number", name=op.f("pk_segments")),
        sqlite_with_rowid=False,
    )


def _recorded() -> None:
    op.create_table(
        "recorded",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("recording_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("sealed_bytes", sa.BigInteger(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("gap_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"],
            ["parts.session_id", "parts.id"],
            name=op.f("fk_recorded_session_id_part_id_parts"),
        ),
        sa.PrimaryKeyConstraint("session_id", "part_id", "recording_id", name=op.f("pk_recorded")),
        sqlite_with_rowid=False,
    )


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("session_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("speaker", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=True),
        sa.Column("once", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id", "part_id"], ["parts.session_id", "parts.id"], name=op.f("fk_turns_session_id_part_id_parts")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_turns_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "sequence", name=op.f("pk_turns")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_turns_once",
        "turns",
        ["session_id", "once"],
        unique=True,
        sqlite_where=sa.text("once IS NOT NULL"),
        postgresql_where=sa.text("once IS NOT NULL"),
    )
