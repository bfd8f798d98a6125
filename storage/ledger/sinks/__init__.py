"""Where the ledger is written a second time, outside the databases, so that their backups can't take it back.

sink     what a sink has to be able to do: make an object once, read it
file     a directory, meant to lie on another volume
s3       a bucket, with object lock at best
chain    numbered objects in a sink, each with the digest of the one before
records  what the objects hold: erasures, checkpoints
"""

from __future__ import annotations

from storage.ledger.sinks.file import FileSink
from storage.ledger.sinks.sink import Sink

__all__ = ["FileSink", "Sink"]
