"""Receipts that stand for themselves, as JSON.

    {"format": "sordino-receipt-1", "statement": ..., "event": {...}, "salt": <hexadecimal>, "log": <its name>,
     "key": <public key>, "proof": <c2sp.org/tlog-proof@v1, or null until a checkpoint covers the event>}

The entry of the log is `salt | event` in canonical JSON (see `events`), so that every word of the receipt is under the
proof; who knows the log's public key from elsewhere needs nothing else to check it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage.errors import LedgerBrokenError
from storage.ledger.checkpoints import open_checkpoint
from storage.ledger.events import Entry, EventKind, canonical
from storage.ledger.notes import PublicKey
from storage.ledger.proofs import includes
from storage.ledger.tree import HASH_BYTES

_FORMAT: Final = "sordino-receipt-1"
_PROOF: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")
STATEMENT: Final = (
    "The store attests that it erased this part. The proof shows that this attestation stands in its log, and "
    "since which checkpoint; it does not show that no copy exists anywhere else."
)


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the log: its place, the path to the root, and the signed checkpoint of that root."""

    position: int
    path: Sequence[bytes]
    note: str

    def __str__(self) -> str:
        """Return it as c2sp.org/tlog-proof says."""
        path = "".join(base64.b64encode(each).decode() + "\n" for each in self.path)
        return f"{_PROOF}\nindex {self.position}\n{path}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> Proof:
        """Read it. Raises LedgerBrokenError."""
        head, gap, note = text.partition("\n\n")
        lines = head.split("\n")
        index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
        try:
            path = [base64.b64decode(each, validate=True) for each in lines[2:]]
        except (binascii.Error, ValueError):
            path = [b""]
        if not gap or lines[0] != _PROOF or index is None or any(len(each) != HASH_BYTES for each in path):
            raise LedgerBrokenError("this is not a proof as c2sp.org/tlog-proof describes it")
        return cls(int(index[1]), path, note)

    def check(self, leaf: bytes, key: PublicKey) -> None:
        """See that it shows this leaf, under a checkpoint that the key has signed. Raises LedgerBrokenError."""
        checkpoint = open_checkpoint(self.note, key)
        if not includes(checkpoint.root, checkpoint.size, self.position, leaf, self.path):
            raise LedgerBrokenError("the proof does not show this entry in the log that was signed")


def receipt_document(entry: Entry, key: PublicKey, proof: Proof | None) -> dict[str, Any]:
    """Return the receipt of an erasure's entry."""
    return {
        "format": _FORMAT,
        "statement": STATEMENT,
        "event": json.loads(entry.event),
        "salt": entry.salt.hex(),
        "log": key.name,
        "key": str(key),
        "proof": None if proof is None else str(proof),
    }


def is_receipt(document: object) -> bool:
    """Tell whether a document says of itself that it is a receipt: only of such a one anything can be checked."""
    return isinstance(document, dict) and document.get("format") == _FORMAT


def check_receipt(document: Mapping[str, Any], key: PublicKey) -> None:
    """See that a receipt is one of the log with that key, and proven. Raises LedgerBrokenError, saying what is not."""
    try:
        event, salt = document["event"], bytes.fromhex(document["salt"])
        fits = document["format"] == _FORMAT and event["kind"] == EventKind.ERASURE.value
        names = (document["log"], document["key"])
        proof = document["proof"]
    except (KeyError, TypeError, ValueError):
        fits, event, salt, names, proof = False, {}, b"", ("", ""), None
    if not fits or not isinstance(proof, str | None):
        raise LedgerBrokenError(f"this is not a receipt of the form {_FORMAT}")
    if names != (key.name, str(key)):
        raise LedgerBrokenError("this receipt is of another log than the key")
    if proof is None:
        raise LedgerBrokenError("this receipt has no proof yet: ask for it again when a checkpoint has been signed")
    Proof.parse(proof).check(Entry(salt, canonical(event)).leaf, key)
