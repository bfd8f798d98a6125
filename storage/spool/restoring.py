"""What waits is brought into the store; an entry that the databases refuse, and no other, is not to hold up the rest.

An error of the databases is everybody's as a rule: then all waits on. It is one entry's own if the databases take
what others say between two tries of it. Then the entry is tried twice more, a little later each time, and given up.
What is said later in its session goes behind it or, once it is given up, on without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, TypeAlias
from uuid import UUID

from storage.errors import KeyUnavailableError, StorageError, StoreUnavailableError
from storage.records import Written
from storage.spool.backend import SpoolBackend
from storage.spool.entries import Entry

_AGAIN_SECONDS: Final = (0.2, 1.0)

Outcome: TypeAlias = Written | StorageError


class RefusedEntryError(StoreUnavailableError):
    """The databases serve, and do not take this entry."""


class Restorer:
    """Stores entries in the order of each session."""

    def __init__(self, backend: SpoolBackend) -> None:
        """Take the store below."""
        self._backend = backend
        self._taken = 0
        self._refused: dict[int, int] = {}
        """By number: what had been taken when an entry that still waits was refused first."""

    def took(self) -> None:
        """Note that the databases have stored something."""
        self._taken += 1

    async def restore(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Store entries; returns what came of each. Raises StoreUnavailableError, KeyUnavailableError: all wait on."""
        outcomes = await self._tried(entries)
        if any(map(_is_of_all, outcomes)):
            await self._backend.probe()
            outcomes = await self._one_by_one(entries)
        for entry in entries:
            self._refused.pop(entry.number, None)
        return outcomes

    async def _one_by_one(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Store the entries of those sessions in which nothing is refused; then see to the others."""
        outcomes: dict[int, Outcome] = {}
        behind: dict[UUID, StorageError] = {}
        for entry in entries:
            if entry.session_id not in behind:
                (outcome,) = await self._tried([entry])
                if isinstance(outcome, StorageError) and _is_of_all(outcome):
                    await self._backend.probe()
                    self._refused.setdefault(entry.number, self._taken)
                    behind[entry.session_id] = outcome
                else:
                    outcomes[entry.number] = outcome
        for entry in entries:
            if entry.number not in outcomes:
                outcomes[entry.number] = await self._once_more(entry)
        return [outcomes[entry.number] for entry in entries]

    async def _once_more(self, entry: Entry) -> Outcome:
        (outcome,) = await self._tried([entry])
        self._refused.setdefault(entry.number, self._taken)
        for pause in _AGAIN_SECONDS:
            if not (isinstance(outcome, StorageError) and _is_of_all(outcome)):
                return outcome
            if self._taken == self._refused[entry.number]:
                raise outcome  # nobody knows whether they would take anything else
            await asyncio.sleep(pause)
            (outcome,) = await self._tried([entry])
        if not (isinstance(outcome, StorageError) and _is_of_all(outcome)):
            return outcome
        await self._backend.probe()
        return RefusedEntryError(*outcome.args)

    async def _tried(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        outcomes = await self._backend.restore(entries)
        for outcome in outcomes:
            if isinstance(outcome, KeyUnavailableError):
                raise outcome
            if isinstance(outcome, Written) and any(outcome.turns):
                self.took()
        return outcomes


def _is_of_all(outcome: Outcome) -> bool:
    """Tell whether this may be everybody's error; one of another class is the entry's own."""
    return type(outcome) is StoreUnavailableError
