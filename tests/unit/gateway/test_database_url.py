from __future__ import annotations

from pathlib import Path

import pytest

from gateway.database_url import engine_of, place_of


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////var/lib/sordino/sessions.db", Path("/var/lib/sordino/sessions.db")),
        ("sqlite+aiosqlite:////var/lib/../lib/x.db", Path("/var/lib/x.db")),
        ("sqlite:///x.db", Path.cwd() / "x.db"),
        ("sqlite:///x.db?timeout=3", Path.cwd() / "x.db"),
    ],
)
def test_a_sqlite_url_means_a_file(url: str, file: Path) -> None:
    assert engine_of(url) == "sqlite"
    assert place_of(url) == str(file.resolve())


def test_a_postgresql_url_means_a_server_and_a_database() -> None:
    same = ["postgresql://anna:geheim@db/x", "postgresql+asyncpg://db:5432/x?sslmode=require", "postgres://DB/x"]
    assert len({place_of(url) for url in same}) == 1
    others = ["postgresql://db/y", "postgresql://db:5433/x", "postgresql://other/x", "postgresql:///x?host=/run/pg"]
    assert len({place_of(url) for url in [*others, same[0]]}) == 5
    assert {engine_of(url) for url in [*same, *others]} == {"postgresql"}
    assert "geheim" not in place_of(same[0])


@pytest.mark.parametrize(
    "url",
    [
        *("foo", "", "sqlite://", "sqlite:///", "sqlite:x.db", "sqlite://host/x.db", "sqlite:///:memory:"),
        *("mysql://h/x", "postgresql://anna:geheim@db", "postgresql://anna:geheim@db/", "postgresql:x"),
        *("postgresql://anna:geheim@db:port/x", "postgresql://[geheim/x", "postgresql://db/geheim/x"),
    ],
)
def test_what_means_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be of the form") as caught:
        place_of(url)
    assert "geheim" not in str(caught.value)
