"""Which engine the URLs of the two databases mean."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.sql.databases import Databases

_FORMS = "a database URL must be of the form sqlite:///path/to/file or postgresql://user@host/database"


def open_databases(database_url: str, keys_url: str) -> Databases:
    """Return the databases of these URLs; nothing is opened yet.

    Raises ValueError if they are of two engines: a store is backed up, restored and moved as one thing, and a
    deployment that needs PostgreSQL for its sessions gains nothing from a key file that one process alone can write.
    """
    engines = [_engine(url) for url in (database_url, keys_url)]
    if engines[0] != engines[1]:
        msg = "the session database and the key database must be of one engine: both SQLite or both PostgreSQL"
        raise ValueError(msg)
    # Each engine has a driver of its own; the other's is not loaded.
    if engines[0] == "postgresql":
        from storage.sql.postgres import PostgresPair  # noqa: PLC0415 - see above

        return PostgresPair(database_url, keys_url)
    from storage.sql.sqlite import SqlitePair  # noqa: PLC0415 - see above

    return SqlitePair(database_url, keys_url)


def _engine(url: str) -> str:
    try:
        name = make_url(url).get_backend_name()
    except ArgumentError:
        name = ""
    name = "postgresql" if name == "postgres" else name
    if name not in {"sqlite", "postgresql"}:
        raise ValueError(_FORMS)
    return name
