"""Checkpoints (c2sp.org/tlog-checkpoint): the log's name, size and root, as a signed note."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from storage.errors import LedgerBrokenError
from storage.ledger.notes import PublicKey, Signer, open_note

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_ROOT: Final = re.compile(r"[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: `origin` names it, `size` counts its leaves, `root` is the root over them."""

    origin: str
    size: int
    root: bytes

    def signed(self, signer: Signer) -> str:
        """Return it as a note."""
        return signer.sign(f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n")


def open_checkpoint(note: str, key: PublicKey) -> Checkpoint:
    """Return what the note says, if the key has signed it and it is of the log that the key names.

    Raises LedgerBrokenError.
    """
    origin, size, root, *rest = [*open_note(note, key).split("\n"), "", "", ""]
    if not _NUMBER.fullmatch(size) or not _ROOT.fullmatch(root) or any(rest):
        raise LedgerBrokenError("this note is not a checkpoint: origin, size and root")
    if origin != key.name:
        raise LedgerBrokenError("this checkpoint is of another log than the key")
    return Checkpoint(origin, int(size), base64.b64decode(root))
