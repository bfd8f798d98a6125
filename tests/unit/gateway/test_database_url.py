from __future__ import annotations

from pathlib import Path

import pytest

from gateway.database_url import file_of


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////var/lib/sordino/sessions.db", Path("/var/lib/sordino/sessions.db")),
        ("sqlite+aiosqlite:////var/lib/../lib/x.db", Path("/var/lib/x.db")),
        ("sqlite:///x.db", Path.cwd() / "x.db"),
        ("sqlite:///x.db?timeout=3", Path.cwd() / "x.db"),
    ],
)
def test_a_url_means_a_file(url: str, file: Path) -> None:
    assert file_of(url) == file.resolve()


@pytest.mark.parametrize(
    "url",
    ["foo", "", "sqlite://", "sqlite:///", "sqlite:x.db", "sqlite://host/x.db", "sqlite:///:memory:", "mysql://h/x"],
)
def test_what_means_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be of the form"):
        file_of(url)


@pytest.mark.parametrize("url", ["postgresql://anna:geheim@db/x", "postgresql+asyncpg://db/x", "postgres://db/x"])
def test_postgresql_is_said_to_come(url: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL is not supported yet") as caught:
        file_of(url)
    assert "geheim" not in str(caught.value)
