"""Which engine the URLs of the two databases mean."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage.sql.databases import Databases
from storage.sql.postgres import PostgresPair
from storage.sql.sqlite import SqlitePair

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
    pair = PostgresPair if engines[0] == "postgresql" else SqlitePair
    return pair(database_url, keys_url)


def _engine(url: str) -> str:
    try:
        name = make_url(url).get_backend_name()
    except ArgumentError:
        name = ""
    name = "postgresql" if name == "postgres" else name
    if name not in {"sqlite", "postgresql"}:
        raise ValueError(_FORMS)
    return name
