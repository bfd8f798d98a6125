"""Attestations: a digest of a document, signed with the ledger's key beside the checkpoint that stood then.

    sordino attestation 1
    sha-256 <digest of the document, hexadecimal>
    checkpoint <size of the log> <root, base64>          or: checkpoint none

The first line is no log's name, so that an attestation can't be taken for a checkpoint.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from storage.errors import LedgerBrokenError
from storage.ledger.checkpoints import open_checkpoint
from storage.ledger.notes import PublicKey, Signer, open_note

_FIRST: Final = "sordino attestation 1"


def attest(document: bytes, checkpoint: str | None, signer: Signer) -> str:
    """Return the signed note for a document; `checkpoint` is the newest one, a note of the same key."""
    stood = "none"
    if checkpoint is not None:
        opened = open_checkpoint(checkpoint, signer.public)
        stood = f"{opened.size} {base64.b64encode(opened.root).decode()}"
    return signer.sign(f"{_FIRST}\nsha-256 {hashlib.sha256(document).hexdigest()}\ncheckpoint {stood}\n")


def check_attestation(note: str, document: bytes, key: PublicKey) -> None:
    """Raise LedgerBrokenError unless the note is signed with the key and is about this very document."""
    lines = open_note(note, key).splitlines()
    if lines[:1] != [_FIRST]:
        raise LedgerBrokenError("this note is no attestation")
    if lines[1:2] != [f"sha-256 {hashlib.sha256(document).hexdigest()}"]:
        raise LedgerBrokenError("the document is not the one that was signed")
