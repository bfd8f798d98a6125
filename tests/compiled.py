"""SQL is compiled once for each worker of pytest: SQLAlchemy does so for each engine, and tests have many engines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event

_DIALECTS: dict[object, Dialect] = {}
_COMPILED: dict[Any, Any] = {}


def compile_once() -> None:
    """Have all engines that connect from now on share what has been compiled for their kind of database."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    engine = connection.engine
    kind = (engine.dialect.name, engine.driver, engine.dialect.server_version_info)
    # What is compiled is found by its dialect, too. This one knows its server by now: it has connected.
    connection.dialect = engine.dialect = _DIALECTS.setdefault(kind, engine.dialect)
    connection.execution_options(compiled_cache=_COMPILED)
