"""Tables of survey answers: no session, no number, no time but the week; random ids, and no row numbers beside them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, Table, Text

from storage.sql.columns import Id, Instant
from storage.sql.tables import metadata

survey_weeks = Table(
    "survey_weeks",
    metadata,
    Column("id", Id, primary_key=True, doc="random; its key lies in the key database as a part's does"),
    Column("survey", Text, nullable=False),
    Column("week", Integer, nullable=False, doc="ISO year and week, such as 202648"),
    Column("ends_at", Instant, nullable=False),
    Column("delete_by", Instant, nullable=False),
    Column("at_least", Integer, nullable=False, doc="as many are released together"),
    Column("over", Boolean, nullable=False, doc="its answers are gone; key and row go next"),
    sqlite_with_rowid=False,
)

survey_answers = Table(
    "survey_answers",
    metadata,
    Column("id", Id, primary_key=True, doc="random"),
    Column("week_id", ForeignKey(survey_weeks.c.id), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

survey_results = Table(
    "survey_results",
    metadata,
    Column("id", Id, primary_key=True, doc="random, and not that of the answer"),
    Column("survey", Text, nullable=False),
    Column("first_week", Integer, nullable=False),
    Column("last_week", Integer, nullable=False),
    Column("answers", Text, nullable=False, doc="JSON: question -> number"),
    Column("delete_by", Instant, nullable=False),
    sqlite_with_rowid=False,
)
