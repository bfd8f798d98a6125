from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Engine, Integer, MetaData, Table, select
from sqlalchemy.engine.interfaces import CacheStats

from storage.sql.sqlite import SqliteFile

TABLE = Table("one", MetaData(), Column("id", Integer))


def test_a_statement_is_compiled_once_for_all_engines(tmp_path: Path) -> None:
    files = [SqliteFile(f"sqlite:///{tmp_path / name}") for name in ("a.db", "b.db")]
    for file in files:
        file.make()
        with file.writer.begin() as connection:
            TABLE.create(connection)
    assert [_found(engine) for file in files for engine in (file.writer, file.reader)] == [False, True, True, True]
    for file in files:
        file.dispose()


def _found(engine: Engine) -> bool:
    with engine.connect() as connection:
        done = connection.execute(select(TABLE).where(TABLE.c.id == 4711))
        assert done.all() == []
        return done.context.cache_hit is CacheStats.CACHE_HIT
