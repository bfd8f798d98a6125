"""What the store asks of its two databases, whatever engine they run on: `sqlite` or `postgres`.

Every unit of work is a plain function of a `Unit` (a connection to each database). An engine runs it where its
driver wants it: SQLite in a thread, PostgreSQL behind `AsyncConnection.run_sync`. What is written holds for both:

- **One order of locks**, so that nobody waits in a ring: the rows of `sessions` first, by id (`lock_sessions`), then
  what belongs to them; before them only the intents of what is being erased. Rows of one table by their key (`locked`).
  The session database before the key database. SQLite has one lock, and passes over this.
- **The key database commits by itself**, where the unit says so (`unit.keys.commit()`), before the session database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, Column, ColumnElement, Connection, Engine, bindparam, select, update

from storage.sql.bulk import padded
from storage.sql.tables import sessions

T = TypeVar("T")

_IDS_AT_ONCE: Final = 1000  # a database takes so many values in one statement and no more

# Made once: to put a statement together takes longer than to execute it.
_ids: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_LOCK: Final = (
    select(sessions.c.id).where(sessions.c.id.in_(_ids)).order_by(sessions.c.id).with_for_update(key_share=True)
)
_REVISE: Final = update(sessions).where(sessions.c.id.in_(_ids)).values(revision=sessions.c.revision + 1)


class Unit:
    """What one unit of work has: a connection to the session database, and one to the key database when needed."""

    def __init__(self, sessions: Connection, keys: Engine) -> None:
        """Take an open connection, and the engine to open the other with."""
        self.sessions = sessions
        self._engine = keys
        self._keys: Connection | None = None

    @property
    def keys(self) -> Connection:
        """The connection to the key database; what it does lasts only if the unit commits it."""
        if self._keys is None:
            self._keys = self._engine.connect()
        return self._keys

    def run(self, work: Callable[[Unit], T]) -> T:
        """Run the work, then give back the key connection, rolling back what was not committed."""
        try:
            return work(self)
        finally:
            self.close()

    def close(self) -> None:
        """Give back the key connection, rolling back what was not committed."""
        if self._keys is not None:
            self._keys.close()


class WriteBatch(Protocol):
    """A batch of writes in steps, done in this order; but rows are saved while the keys become durable."""

    @property
    def opens_sessions(self) -> bool:
        """Whether it is sure to make keys. Others seldom do."""

    def begin(self, unit: Unit) -> None:
        """Lock the sessions, and read of them what is not in memory."""

    def plan(self, unit: Unit) -> None:
        """Find out which keys and rows there are to be."""

    def save_keys(self, unit: Unit) -> bool:
        """Execute the keys; tells whether there are any."""

    def commit_keys(self, unit: Unit) -> None:
        """Make the keys durable."""

    def save_rows(self, unit: Unit) -> None:
        """Execute the rows. They are committed once the keys are durable."""


class Databases(Protocol):
    """The session database and the key database of a store. All raise StoreUnavailableError."""

    async def prepare(self) -> None:
        """Make what is missing of both databases and bring their schema up to date; several processes may at once."""

    async def close(self) -> None:
        """Finish what was begun, then let go of connections and threads."""

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run work in a transaction of the session database that ends with it, even if the caller leaves."""

    async def write_batch(self, batch: WriteBatch) -> None:
        """Do as `write` with a batch of writes, step by step; its rows last when this returns."""

    async def write_keyed(self, work: Callable[[Unit], T]) -> T:
        """Do as `write` with work that makes keys before their rows: no `write_apart` looks at them in between."""

    async def write_apart(self, work: Callable[[Unit], T]) -> T:
        """Do as `write`, while nothing that makes keys and no other such work is under way in any process."""

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run work that only reads, on a snapshot of the session database."""

    async def count(self, work: Callable[[Unit], T]) -> T:
        """Do as `read` with work that looks at all that is kept, and may take its time."""

    async def provide_month(self, month: int) -> None:
        """Make room for content of a deletion month such as 202612, before the first of it is written."""

    def closing(self, unit: Unit, months: Collection[int], now_month: int) -> set[int]:
        """Return those of the deletion months whose content is to be dropped as a whole, and not row by row.

        They are over, and nothing in them is live or held.
        """

    async def drop_months(self, now_month: int) -> None:
        """Drop the content of months that are over and have no part any more, where it lies by months."""

    def touch(self, unit: Unit) -> None:
        """Write to both databases, though nothing new: they serve, and their disks have room."""

    async def forget(self) -> bool:
        """Have the bytes of deleted rows leave the disk, as far as this engine and its rights allow.

        False: it is too soon after the last time, and still to be done.
        """


def lock_sessions(connection: Connection, session_ids: Collection[UUID]) -> None:
    """Lock the rows of sessions until the transaction ends, in the one order; those that do not exist are passed over.

    Whoever changes what belongs to a session holds its row first, and gives it another revision: by that a process
    which has the session in memory sees that it is not as it was (`states`).
    """
    wanted = sorted(session_ids)
    for at in range(0, len(wanted), _IDS_AT_ONCE):
        some = {"ids": padded(wanted[at : at + _IDS_AT_ONCE])}
        connection.execute(_LOCK, some).all()
        connection.execute(_REVISE, some)


def locked(connection: Connection, key: Column[T], *which: ColumnElement[bool]) -> list[T]:
    """Lock the rows of a table that are such, in the order of their key, and return the keys.

    Before a statement that changes several rows, which would lock them in any order.
    """
    found = select(key).where(*which).order_by(key).with_for_update()
    return list(connection.execute(found).scalars())
