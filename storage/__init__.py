"""What is kept of conversations: sealed, for named purposes, until a known day. Knows no HTTP and no redaction.

    records     the values that go in and out
    store       SessionStore: what a store can do
    memory      MemoryStore, the reference        } chosen by gateway.app only
    sql         SqlStore, over SQL databases      }
    ledger      the log of what was done
    recordings  recordings of calls, in segments; audio: their values
    blobs       BlobStore, where sealed segments lie
    plans       which part a record goes to       } pure
    retention   when a part must go               }
    digests     how a repeat is recognised        }
    ids         UUIDv7                            }
    crypto      sealing, keys and where the root key comes from
    errors      what can go wrong

The way of a turn: `write` -> the plan says which kinds may be kept -> a part of exactly these purposes ->
sealed with the part's key, bound to its place -> keys durable, then rows durable -> acknowledged.
The way out, whatever the reason: `erase` -> unreadable -> keys gone -> rows gone -> receipt.
"""

from __future__ import annotations

from storage.crypto.providers import FileKeyProvider, KeyProvider
from storage.digests import once_digest, turn_digest
from storage.errors import (
    KeyUnavailableError,
    PurposeRefusedError,
    SealBrokenError,
    StorageError,
    StoreUnavailableError,
    UnknownSessionError,
)
from storage.ids import uuid7
from storage.records import (
    Assignment,
    ConsentRecord,
    ConsentState,
    DeletionClass,
    DuePart,
    ErasureReason,
    Facts,
    Figures,
    Locator,
    NewSession,
    PartKind,
    Plan,
    Receipt,
    SecretBytes,
    Session,
    SessionEvent,
    SessionSummary,
    Speaker,
    StartEvent,
    StoredTurn,
    Transcript,
    Turn,
    TurnRef,
    Write,
    Written,
)
from storage.store import SessionStore

__all__ = [
    "Assignment",
    "ConsentRecord",
    "ConsentState",
    "DeletionClass",
    "DuePart",
    "ErasureReason",
    "Facts",
    "Figures",
    "FileKeyProvider",
    "KeyProvider",
    "KeyUnavailableError",
    "Locator",
    "NewSession",
    "PartKind",
    "Plan",
    "PurposeRefusedError",
    "Receipt",
    "SealBrokenError",
    "SecretBytes",
    "Session",
    "SessionEvent",
    "SessionStore",
    "SessionSummary",
    "Speaker",
    "StartEvent",
    "StorageError",
    "StoreUnavailableError",
    "StoredTurn",
    "Transcript",
    "Turn",
    "TurnRef",
    "UnknownSessionError",
    "Write",
    "Written",
    "once_digest",
    "turn_digest",
    "uuid7",
]
