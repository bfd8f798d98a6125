# noqa: INP001 - alembic loads it by its path
"""What people ask and who looks: surveys, errands, requests of data subjects, access to the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _surveys()
    _errands()
    _rights()
    _access()


def downgrade() -> None:
    """Drop the tables, and their indexes with them."""
    op.drop_table("rights_messages")
    op.drop_table("rights_events")
    op.drop_table("rights_requests")
    op.drop_table("plans")
    op.drop_table("approvals")
    op.drop_table("sign_ins")
    op.drop_table("access_tokens")
    op.drop_table("errands")
    op.drop_table("survey_answers")
    op.drop_table("survey_weeks")
    op.drop_table("survey_results")


def _surveys() -> None:
    op.create_table(
        "survey_weeks",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("delete_by", sa.BigInteger(), nullable=False),
        sa.Column("at_least", sa.Integer(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_weeks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_answers",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("week_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["week_id"], ["survey_weeks.id"], name=op.f("fk_survey_answers_week_id_survey_weeks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_survey_answers_week_id"), "survey_answers", ["week_id"], unique=False)
    op.create_table(
        "survey_results",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("first_week", sa.Integer(), nullable=False),
        sa.Column("last_week", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("delete_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_results")),
        sqlite_with_rowid=False,
    )


def _errands() -> None:
    op.create_table(
        "errands",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("taken_until", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errands")),
        sa.UniqueConstraint("token", name=op.f("uq_errands_token")),
        sqlite_with_rowid=False,
    )


def _rights() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("attested_by", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("delete_by", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("secret_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("code_until", sa.BigInteger(), nullable=True),
        sa.Column("code_attempts", sa.SmallInteger(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rights_requests_state", "rights_requests", ["state", "due_at"], unique=False)
    op.create_index("ix_rights_requests_delete_by", "rights_requests", ["delete_by"], unique=False)
    of_request = ["request_id"], ["rights_requests.id"]
    op.create_table(
        "rights_events",
        sa.Column("request_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(*of_request, name=op.f("fk_rights_events_request_id_rights_requests")),
        sa.PrimaryKeyConstraint("request_id", "id", name=op.f("pk_rights_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rights_messages",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("request_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(*of_request, name=op.f("fk_rights_messages_request_id_rights_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_messages")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rights_messages_request_id"), "rights_messages", ["request_id"], unique=False)
    op.create_index("ix_rights_messages_state", "rights_messages", ["state", "next_at"], unique=False)


def _access() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_access_tokens")),
        sa.UniqueConstraint("id", name=op.f("uq_access_tokens_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_ins",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("token_id", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_ins")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sign_ins_until"), "sign_ins", ["until"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_approvals_asked_at", "approvals", ["asked_at"], unique=False)
    op.create_table(
        "plans",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("found", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("plan", name=op.f("pk_plans")),
        sqlite_with_rowid=False,
    )
