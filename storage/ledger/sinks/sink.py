"""What a sink has to be able to do. Two operations, which a directory and an object store both have."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Named objects that are made once and never change.

    Names are of letters, digits, `-` and `/`. Both methods block, may be called from any thread, and raise
    StoreUnavailableError if the sink can't be reached.
    """

    def create(self, name: str, content: bytes) -> bool:
        """Make an object, durable on return; False, with nothing changed, if there is one of that name."""

    def read(self, name: str) -> bytes | None:
        """Return an object's content; None if there is none of that name."""

    def __str__(self) -> str:
        """Return where the sink is, for people."""
