"""Tables of requests of data subjects: what they say of anybody is sealed, and they name no session."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text

from storage.sql.columns import Id, Instant
from storage.sql.tables import metadata

rights_requests = Table(
    "rights_requests",
    metadata,
    Column("id", Id, primary_key=True, doc="its key lies in the key database as a part's does"),
    Column("right", Text, nullable=False),
    Column("channel", Text),
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proof", Text, doc="by what its sender's identity is proven"),
    Column("attested_by", Text, doc="a reference: the first of two people of the desk"),
    Column("received_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("delete_by", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("secret_digest", LargeBinary(32), nullable=False, doc="SHA-256 of the sender's 256-bit secret"),
    Column("sequence", Integer, nullable=False, doc="of its sealed record, which is replaced"),
    Column("sealed", LargeBinary, nullable=False, doc="storage.requests.Matter"),
    Column("code", LargeBinary, doc="sealed: salt and HMAC of a one-time code"),
    Column("code_until", Instant),
    Column("code_attempts", SmallInteger, nullable=False),
    Column("over", Boolean, nullable=False, doc="it has expired; key and row go next"),
    sqlite_with_rowid=False,
)
Index("ix_rights_requests_state", rights_requests.c.state, rights_requests.c.due_at)
Index("ix_rights_requests_delete_by", rights_requests.c.delete_by)

rights_events = Table(
    "rights_events",
    metadata,
    Column("request_id", ForeignKey(rights_requests.c.id), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("by", Text, nullable=False, doc="a reference"),
    Column("parts", Text, nullable=False, doc="JSON list: ids of the parts that it has marked for erasure"),
    sqlite_with_rowid=False,
)

rights_messages = Table(
    "rights_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("request_id", ForeignKey(rights_requests.c.id), nullable=False, index=True),
    Column("recipient", Text, nullable=False, doc="a name of the notice; empty: who sent the request"),
    Column("kind", Text, nullable=False, doc="what it says: storage.requests.MessageKind"),
    Column("state", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False, doc="under the key of its request"),
    sqlite_with_rowid=False,
)
Index("ix_rights_messages_state", rights_messages.c.state, rights_messages.c.next_at)
