"""Brings the schema of a database up to date, with alembic, from the migrations beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

SESSIONS: Final = "sessions"
KEYS: Final = "keys"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, database: str) -> None:
    """Run what is missing of the migrations of `SESSIONS` or `KEYS`, in the connection's transaction."""
    if MigrationContext.configure(connection).get_current_revision() == _newest(database):
        return  # as at nearly every start; alembic would read all migrations to find out
    command.upgrade(_config(connection, database), "head")


def downgrade(connection: Connection, database: str, revision: str = "base") -> None:
    """Undo migrations down to a revision."""
    command.downgrade(_config(connection, database), revision)


@cache
def _newest(database: str) -> str | None:
    return ScriptDirectory(str(_MIGRATIONS / database)).get_current_head()


def _config(connection: Connection, database: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS / database))
    config.attributes["connection"] = connection
    return config
