"""`SqlStore`, the store over SQL databases.

store         the SessionStore, thin: each method hands on to one of those below
group_commit  many callers, one batch
committer     a batch of writes: states (what is there) -> writing (what comes of it) -> saving (its rows)
finding       look-ups before a message; reading: reads for a purpose, lists, figures
ending        days set anew, assignments that end, idle sessions
retaining     the RetentionStore: holding (holds, restrictions, objections), verifying, shortening
eraser        the one path out, over the steps in erasing
opening       what a start checks and completes; migrating: the schema
rotating      the root key replaced; roots: its versions; rewrapping, epochs: the keys under it
affected      what lies under keys that have leaked
keys          wrapped keys, and those in memory (cache)
databases    what the store asks of an engine; engines: which one a URL means
lease        which process leads
sqlite        connections, threads, durability; translation: its errors
tables, key_tables, columns, payloads     what is stored
"""

from __future__ import annotations

from storage.sql.engines import open_databases
from storage.sql.rotating import RootKey
from storage.sql.steps import Step
from storage.sql.store import SqlStore

__all__ = ["RootKey", "SqlStore", "Step", "open_databases"]
