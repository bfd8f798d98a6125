"""The session database: no content but sealed, no identifier of a person but as a keyed or one-way digest.

What is kept of a person lies in the tables that have a `session_id`; erasure reaches all of them, and a
test walks this metadata to prove it. `rules`, `receipts`, `store` and the ledger's other tables hold no personal data.

Ready to be distributed by `session_id`: each unique key of a session's tables contains it, ids are UUIDv7,
nothing counts across sessions. `contents.month` is the deletion month of the part's epoch key, by which
content is partitioned on PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    false,
    text,
    true,
)

from storage.sql.columns import Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

store = Table(
    "store",
    metadata,
    Column("id", Id, primary_key=True, doc="the same in the key database: the two belong together"),
    Column("tenant", Text, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("notice_version", Text, nullable=False),
    Column("notice_digest", Text, nullable=False),
    Column("language", Text),
    Column("imported", Boolean, nullable=False, server_default=false(), doc="held in another system"),
    Column("token_digest", LargeBinary(32), nullable=False, doc="SHA-256 of the owner's 256-bit token"),
    Column("started_at", Instant, nullable=False),
    Column("active_at", Instant, nullable=False, doc="time of the last turn, or of the start"),
    Column("ended_at", Instant),
    Column("disclosed_at", Instant),
    Column("agreed_since", Instant, doc="since when everybody in a call has agreed, without a break"),
    Column("matter_resolved_at", Instant),
    Column("consent_ended_at", Instant),
    Column("relation_ended_at", Instant),
    Column("next_turn", Integer, nullable=False),
    Column("next_record", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("0"), doc="grows with each change of its own"),
    Column("bare", Boolean, nullable=False, doc="has no part; lives until it has been idle"),
    Column("bars", SmallInteger, nullable=False, server_default=text("0"), doc="storage.holds.Bar, of all its parts"),
    Column("erasing", Boolean, nullable=False, server_default=false(), doc="erased for every reader, rows yet to go"),
    sqlite_with_rowid=False,
)
Index("ix_sessions_open", sessions.c.channel, sessions.c.active_at, sqlite_where=sessions.c.ended_at.is_(None),
      postgresql_where=sessions.c.ended_at.is_(None))  # fmt: skip
Index("ix_sessions_channel", sessions.c.channel, sessions.c.id)
# Queries have to say `IS TRUE` as well: SQLite uses a partial index only if it finds the very condition of the index.
for _flag, _column in (("bare", sessions.c.channel), ("erasing", sessions.c.id)):
    _is_set = sessions.c[_flag].is_(true())
    Index(f"ix_sessions_{_flag}", _column, sqlite_where=_is_set, postgresql_where=_is_set)

locators = Table(
    "locators",
    metadata,
    Column("token", LargeBinary(32), primary_key=True, doc="HMAC of a protocol's conversation id, keyed by channel"),
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

consent_states = Table(
    "consent_states",
    metadata,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("consent", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Id, nullable=False),
    Column("token", BigInteger, nullable=False, doc="grows each time that the lease changes hands"),
    Column("until", Instant, nullable=False),
)

parts = Table(
    "parts",
    metadata,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("id", Id, primary_key=True, index=True),
    Column("kind", Text, nullable=False),
    Column("plan", LargeBinary(16), nullable=False, doc="fingerprint of the rules of its active assignments"),
    Column("month", Integer, nullable=False, doc="deletion month of the epoch key that wraps its key"),
    Column("collected_at", Instant, nullable=False, doc="time of its first record"),
    Column("first_end_at", Instant, nullable=False, doc="when the first of its assignments ends"),
    Column("visible_until", Instant, doc="when the last of its operational assignments ends"),
    Column("due_at", Instant, nullable=False, doc="when the last of its assignments ends"),
    Column("bars", SmallInteger, nullable=False, server_default=text("0"), doc="storage.holds.Bar: why it is not due"),
    Column("doomed", Text, doc="why it is erased once nothing bars it, if other than by expiry"),
    Column("tail", LargeBinary(16), doc="link of its last record, see storage.crypto.aead; figures have none"),
    Column("erasing", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)
Index("ix_parts_due", parts.c.bars, parts.c.due_at)
Index("ix_parts_month", parts.c.month).ddl_if("postgresql")  # whether the content of a month may be dropped

rules = Table(
    "rules",
    metadata,
    Column("id", LargeBinary(16), primary_key=True, doc="digest of the rest of the row"),
    Column("purpose", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("consent", Text),
    Column("deletion_class", Text, nullable=False),
    Column("start", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("maximum_open", Text, nullable=False),
    Column("kind", Text, nullable=False, doc="operational or statutory"),
    Column("round_to", Text),
    Column("legal_claims", Boolean, nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True),
    # No foreign key: rules are never deleted, and many transactions at once would lock the same few rows.
    Column("rule_id", LargeBinary(16), primary_key=True, doc="see rules"),
    Column("state", Text, nullable=False, doc="active, ended, withdrawn or objected"),
    Column("delete_by", Instant, nullable=False, doc="as its rule says; once it is over, at most when it ended"),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)
Index("ix_assignments_rule", assignments.c.rule_id, assignments.c.session_id)

contents = Table(
    "contents",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False, doc="that of its part"),
    Column("sealed", LargeBinary, nullable=False, doc="see storage.crypto.aead"),
    # No foreign key to its part: a month is dropped as a whole after its parts have gone row by row.
    sqlite_with_rowid=False,
    postgresql_partition_by="LIST (month)",
)
of_its_part = (
    (contents.c.session_id == parts.c.session_id)
    & (contents.c.part_id == parts.c.id)
    & (contents.c.month == parts.c.month)
)
"""Joins content to its part, in its partition alone."""

index_tokens = Table(
    "index_tokens",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True),
    Column("token", LargeBinary(32), primary_key=True, index=True, doc="see storage.crypto.blind_index"),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)

turns = Table(
    "turns",
    metadata,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("part_id", Id, doc="its transcript part; none where no transcript may be kept"),
    Column("speaker", SmallInteger, nullable=False),
    Column("digest", LargeBinary(16), doc="see storage.digests"),
    Column("once", LargeBinary(16), doc="see storage.digests"),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)
Index("uq_turns_once", turns.c.session_id, turns.c.once, unique=True, sqlite_where=turns.c.once.is_not(None),
      postgresql_where=turns.c.once.is_not(None))  # fmt: skip

facts = Table(
    "facts",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True),
    Column("last_turn_at", Instant),
    Column("messages", Integer, nullable=False),
    Column("ratings_positive", Integer, nullable=False),
    Column("ratings_negative", Integer, nullable=False),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)

recordings = Table(
    "recordings",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True),
    Column("open", Boolean, nullable=False, doc="its recorder may still add to it"),
    Column("added_at", Instant, nullable=False),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)
_is_open = recordings.c.open.is_(true())
Index("ix_recordings_open", recordings.c.added_at, sqlite_where=_is_open, postgresql_where=_is_open)

segments = Table(
    "segments",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("blob", LargeBinary(16), nullable=False, doc="random id of the blob; the row comes before the blob"),
    Column("digest", LargeBinary(32), nullable=False, doc="SHA-256 of the sealed bytes"),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)

recorded = Table(
    "recorded",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True, doc="a part of kind facts, with which these figures live and go"),
    Column("recording_id", Id, primary_key=True, doc="the recording, which may be gone"),
    Column("duration_ms", BigInteger, nullable=False),
    Column("sealed_bytes", BigInteger, nullable=False),
    Column("gaps", Integer, nullable=False),
    Column("gap_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)

intents = Table(
    "intents",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("sunk", Boolean, nullable=False, server_default=false(), doc="the ledger's sink has the erasure already"),
    ForeignKeyConstraint(["session_id", "part_id"], [parts.c.session_id, parts.c.id]),
    sqlite_with_rowid=False,
)

holds = Table(
    "holds",
    metadata,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("part_id", Id, primary_key=True, doc="all zero: the whole session"),
    Column("reason", Text, nullable=False, doc="a reference, such as a file number"),
    Column("owner", Text, nullable=False, doc="a reference, such as a department"),
    Column("placed_at", Instant, nullable=False),
    Column("review_at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

restrictions = Table(
    "restrictions",
    metadata,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("ground", Text, nullable=False, doc="point of Art. 18(1)"),
    Column("purpose", Text, nullable=False, doc="what is objected to; * for everything, as of any other ground"),
    Column("since", Instant, nullable=False),
    sqlite_with_rowid=False,
)

ended_purposes = Table(
    "ended_purposes",
    metadata,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("purpose", Text, primary_key=True, doc="* for all that can be objected to"),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("part_id", Id, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("deletion_classes", Text, nullable=False, doc="JSON list of names"),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("notice_version", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("ciphertext_root", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("erased_at", Instant, nullable=False),
    Column("backups_clean_by", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# What is logged of a session goes with it; its leaf stays. The leaf of an event waits in the outbox, written in the
# event's own transaction, until the one that writes the log gives it its place: nobody who logs waits for another.

session_events = Table(
    "session_events",
    metadata,
    Column("session_id", ForeignKey(sessions.c.id), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("event", LargeBinary, nullable=False, doc="see storage.ledger.events"),
    sqlite_with_rowid=False,
)

ledger_events = Table(
    "ledger_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("salt", LargeBinary(32), nullable=False),
    Column("event", LargeBinary, nullable=False, doc="see storage.ledger.events"),
    sqlite_with_rowid=False,
)

ledger_outbox = Table(
    "ledger_outbox",
    metadata,
    Column("id", Id, primary_key=True, doc="that of its event"),
    Column("leaf", LargeBinary(32), nullable=False, doc="see storage.ledger.events"),
    sqlite_with_rowid=False,
)

# What is still to be done elsewhere; what it says is sealed.
errands = Table(
    "errands",
    metadata,
    Column("id", Id, primary_key=True, doc="random; its key lies in the key database as a part's does"),
    Column("token", LargeBinary(32), nullable=False, unique=True, doc="HMAC of its name, keyed by channel"),
    Column("channel", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("taken_until", Instant, nullable=True, doc="somebody works on it until then, or nobody is to before then"),
    Column("counts", Boolean, nullable=False, doc="whether something is known to be left, or could not be found out"),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

ledger_leaves = Table(
    "ledger_leaves",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False, doc="its place in the log, from 0 on"),
    Column("id", Id, nullable=False, unique=True, doc="that of its event"),
    Column("leaf", LargeBinary(32), nullable=False),
)

ledger_tiers = Table(
    "ledger_tiers",
    metadata,
    Column("tier", SmallInteger, primary_key=True, autoincrement=False, doc="see storage.ledger.tiers"),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

ledger_checkpoints = Table(
    "ledger_checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, doc="that of its object in the sink"),
    Column("size", BigInteger, nullable=False, unique=True, doc="how many leaves it covers"),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False, doc="signed; see storage.ledger.checkpoints"),
)

sink_heads = Table(
    "sink_heads",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, doc="all objects of the chain up to this one are in this database"),
    Column("digest", LargeBinary(32), nullable=False),
)
