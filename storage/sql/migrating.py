"""Brings the schema of a database up to date, with alembic, from the migrations beside this module.

Alembic takes ten megabytes, so it is loaded where there is something to migrate, which at nearly no start there is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

SESSIONS: Final = "sessions"
KEYS: Final = "keys"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_TABLE: Final = "alembic_version"


def upgrade(connection: Connection, database: str) -> None:
    """Run what is missing of the migrations of `SESSIONS` or `KEYS`, in the connection's transaction."""
    if _current(connection) == newest(database):
        return
    from alembic import command  # noqa: PLC0415 - see above

    command.upgrade(_config(connection, database), "head")


def downgrade(connection: Connection, database: str) -> None:
    """Undo all migrations."""
    from alembic import command  # noqa: PLC0415 - see above

    command.downgrade(_config(connection, database), "base")


@cache
def newest(database: str) -> str:
    """Return the last revision, by the names of the migrations' files: `0001_sessions.py` is revision 0001."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / database / "versions").glob("[0-9]*_*.py"))


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar_one_or_none()  # noqa: S608 - a constant


def _config(connection: Connection, database: str) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS / database))
    config.attributes["connection"] = connection
    return config
