"""The URLs of the databases, checked before anything is opened."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

_SQLITE = frozenset({"sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"})
_FORM = "must be of the form sqlite:///path/to/file"


def file_of(url: str) -> Path:
    """Return the file that a database URL means, as it is on the disk: links and dots are followed.

    Raises ValueError, with a sentence that does not show the URL: there may be a password in it.
    """
    scheme, slashes, rest = url.partition("://")
    if scheme.partition("+")[0] in {"postgresql", "postgres"}:
        msg = f"PostgreSQL is not supported yet; it {_FORM}"
        raise ValueError(msg)
    path = urlsplit(f"//{rest}").path.removeprefix("/") if slashes else ""
    if scheme not in _SQLITE or not rest.startswith("/") or not path or path == ":memory:":
        raise ValueError(_FORM)
    return Path(path).resolve()
