"""What is kept of conversations: sealed, for named purposes, until a known day. Knows no HTTP and no redaction.

    records     the values that go in and out; key_material: keys in memory
    store       SessionStore: what a store can do; retaining: to the time that something is kept
    requests    RequestStore: what data subjects ask for; copies: what is held of them
    holds       what stands against an erasure or a use
    memory      MemoryStore, the reference        } chosen by gateway.app and gateway.stores only
    sql         SqlStore, over SQL databases      }
    ledger      the log of what was done
    recordings  recordings of calls, in segments; audio: their values
    blobs       BlobStore, where sealed segments lie
    plans       which part a record goes to       } pure
    retention   when a part must go               }
    shortening  what a changed notice shortens    }
    verifying   whether all days are as ruled     }
    digests     how a repeat is recognised        }
    ids         UUIDv7                            }
    crypto      sealing, keys and where the root key comes from
    durable     files that are whole and on the disk
    errors      what can go wrong

The way of a turn: `write` -> the plan says which kinds may be kept -> a part of exactly these purposes ->
sealed with the part's key, bound to its place -> keys durable, then rows durable -> acknowledged.
The way out, whatever the reason: `erase` -> unreadable -> keys gone -> rows gone -> receipt.
"""

from __future__ import annotations

from storage.crypto.providers import FileKeyProvider, KeyProvider
from storage.digests import answer_to, once_digest, turn_digest
from storage.errors import (
    KeyUnavailableError,
    LedgerBrokenError,
    PurposeRefusedError,
    RetentionRefusedError,
    SealBrokenError,
    StorageError,
    StoreUnavailableError,
    UnknownSessionError,
)
from storage.holds import BlockedPart, Ground, Hold, HoldTerms, Restriction, Verdict
from storage.ids import uuid7
from storage.key_material import SecretBytes
from storage.records import (
    Assignment,
    AssignmentState,
    ClassKind,
    ConsentRecord,
    ConsentState,
    DeletionClass,
    DuePart,
    ErasureReason,
    Facts,
    Figures,
    Identifier,
    Locator,
    NewSession,
    PartKind,
    PartState,
    Plan,
    Receipt,
    RoundTo,
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
from storage.retaining import RetentionStore
from storage.store import SessionStore
from storage.verifying import Difference

__all__ = [
    "Assignment",
    "AssignmentState",
    "BlockedPart",
    "ClassKind",
    "ConsentRecord",
    "ConsentState",
    "DeletionClass",
    "Difference",
    "DuePart",
    "ErasureReason",
    "Facts",
    "Figures",
    "FileKeyProvider",
    "Ground",
    "Hold",
    "HoldTerms",
    "Identifier",
    "KeyProvider",
    "KeyUnavailableError",
    "LedgerBrokenError",
    "Locator",
    "NewSession",
    "PartKind",
    "PartState",
    "Plan",
    "PurposeRefusedError",
    "Receipt",
    "Restriction",
    "RetentionRefusedError",
    "RetentionStore",
    "RoundTo",
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
    "Verdict",
    "Write",
    "Written",
    "answer_to",
    "once_digest",
    "turn_digest",
    "uuid7",
]
