# noqa: INP001 - alembic loads it by its path
"""Run by alembic, with the connection that `storage.sql.migrating` hands in."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
