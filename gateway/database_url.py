"""The URLs of the databases, checked before anything is opened."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_SQLITE = frozenset({"sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"})
_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
_FORM = "must be of the form sqlite:///path/to/file or postgresql://user@host/database"
_PORT = 5432


def engine_of(url: str) -> str:
    """Return `postgresql`, or `sqlite` for all that does not say so."""
    return "postgresql" if url.partition("://")[0] in _POSTGRESQL else "sqlite"


def place_of(url: str) -> str:
    """Return where a database lies: two URLs with one place mean one database.

    For SQLite the file as it is on the disk, links and dots followed; for PostgreSQL host, port and name.
    Raises ValueError, with a sentence that does not show the URL: there may be a password in it.
    """
    return _postgresql_place(url) if engine_of(url) == "postgresql" else str(_file_of(url))


def _file_of(url: str) -> Path:
    scheme, slashes, rest = url.partition("://")
    path = urlsplit(f"//{rest}").path.removeprefix("/") if slashes else ""
    if scheme not in _SQLITE or not rest.startswith("/") or not path or path == ":memory:":
        raise ValueError(_FORM)
    return Path(path).resolve()


def _postgresql_place(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        raise ValueError(_FORM) from None  # what urllib says may quote the URL
    name = parts.path.removeprefix("/")
    if not name or "/" in name:
        raise ValueError(_FORM)
    hosts = parse_qs(parts.query).get("host", [])
    return f"postgresql {','.join([host, *hosts])}:{port}/{name}"
