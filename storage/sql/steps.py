"""The steps of what spans two databases, told to whoever wants to follow them.

Between any two of them the process may be killed; the next start completes or undoes what was begun.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """A step that is durable."""

    KEYS_CREATED = "keys-created"
    ROWS_CREATED = "rows-created"
    INTENT_COMMITTED = "intent-committed"
    ERASURES_SUNK = "erasures-sunk"
    KEYS_DELETED = "keys-deleted"
    BLOBS_DELETED = "blobs-deleted"
    ROWS_DELETED = "rows-deleted"
    LOGS_EMPTIED = "logs-emptied"
    ROOT_ROTATED = "root-rotated"
    ROOT_RETIRED = "root-retired"
    KEYS_REWRAPPED = "keys-rewrapped"
    EPOCHS_RENEWED = "epochs-renewed"
    ROOT_DESTROYED = "root-destroyed"
    LEAVES_PLACED = "leaves-placed"
    CHECKPOINT_SUNK = "checkpoint-sunk"


OnStep = Callable[[Step], None]


def ignore(step: Step) -> None:
    """Follow no step."""
    del step
