"""What waits while the databases are away: turns of sessions that are open already, sealed, on a disk of their own.

    backend   what the spool needs of the store below it
    memory    the open sessions that this process has seen
    sealing   from a write to an entry, under the keys of the parts that it would have gone to
    contents  what stands inside the sealed sections of an entry
    entries   the bytes of an entry
    journal   entries in files, synced, bounded
    restoring what waits brought into the store, one entry's trouble told from everybody's
    spool     TurnSpool: finds, writes, and brings what waits into the store

An entry is decided anew when it is brought into the store, by what is so then: what was erased or withdrawn
meanwhile is not stored, nor what has ended by then.
"""

from __future__ import annotations

from storage.spool.backend import SpoolBackend
from storage.spool.journal import Journal
from storage.spool.protocol import Drained, SpoolFigures, TurnSpool
from storage.spool.spool import Spool

__all__ = ["Drained", "Journal", "Spool", "SpoolBackend", "SpoolFigures", "TurnSpool"]
