"""`MemoryStore`, the reference implementation, for tests of everything else."""

from __future__ import annotations

from storage.memory.store import MemoryStore

__all__ = ["MemoryStore"]
