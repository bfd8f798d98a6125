"""What can go wrong in the store.

    StorageError
    ├── StoreUnavailableError   the database or the key database can't be reached or written
    ├── KeyUnavailableError     a root key is missing, wrong, or its file is not private
    │   └── ProviderDownError   what holds the root key does not answer now
    ├── SealBrokenError         a sealed record does not open: altered, swapped, or its key is gone
    ├── PurposeRefusedError     a read without a purpose that is live now
    ├── RetentionRefusedError   a hold, a restriction, an objection or a shortening that can't be as it was asked for
    ├── RequestRefusedError     a step of a data subject's request that its state does not allow
    ├── AccessRefusedError      a token or an approval that can't be as it was asked for
    ├── LedgerBrokenError       the ledger, a checkpoint or a receipt is not what was written or signed
    └── UnknownSessionError     no such session, or it has been erased

No message holds a key, a text or an identifier of a person.
"""

from __future__ import annotations


class StorageError(Exception):
    """Root of all errors of this package."""


class StoreUnavailableError(StorageError):
    """The session or key database can't be reached or written; nothing was stored."""


class KeyUnavailableError(StorageError):
    """The root key is missing, wrong or readable by others; the process must not serve."""


class ProviderDownError(KeyUnavailableError):
    """What holds the root key does not answer now; keys that are in memory may serve for a while."""


class SealBrokenError(StorageError):
    """A sealed record was altered, dropped, swapped, or its key no longer exists."""


class PurposeRefusedError(StorageError):
    """The purpose of a read is missing, unknown to the session, ended or withdrawn."""


class RetentionRefusedError(StorageError):
    """A hold, restriction, objection or shortening can't be as it was asked for; nothing has changed."""


class RequestRefusedError(StorageError):
    """A step of a request that its state does not allow, or of one that is not there; nothing has changed."""


class AccessRefusedError(StorageError):
    """A token or an approval can't be as it was asked for; nothing has changed."""


class LedgerBrokenError(StorageError):
    """The ledger, a checkpoint, a receipt or a key of it is not what was written or signed."""


class UnknownSessionError(StorageError):
    """There is no such session (any more)."""
