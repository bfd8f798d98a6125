"""The key that signs checkpoints: a file that only its owner may read.

The file is JSON:

    {"format": "sordino-ledger-key-1", "ed25519": "<private key, 32 bytes, base64>"}

Who has this file can sign another past; who has only the public key, which `sordino ledger key` prints, can check.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.durable import write_new
from storage.errors import KeyUnavailableError

_FORMAT: Final = "sordino-ledger-key-1"
_KEY_BYTES: Final = 32
_MISSING: Final = (
    "the file of the ledger's key is missing; put it back, or, if it is lost for good, make another with"
    " `sordino keys init --ledger`"
)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the key of a file.

    None is made: with another key nothing that was signed before could be checked.
    Raises KeyUnavailableError if it is missing, can't be read, may be read by others, or is no key file.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
    except FileNotFoundError:
        raise KeyUnavailableError(f"{path}: {_MISSING}") from None
    except OSError as error:
        raise KeyUnavailableError(f"{path}: the ledger's key can't be read ({error.strerror})") from None
    if mode & _OTHERS:
        raise KeyUnavailableError(f"{path}: the ledger's key may be read by others (mode {mode:04o}); set it to 0600")
    return _parse(path, content)


def make_signing_key(path: Path) -> None:
    """Make the file of a key, unless there is one. Raises KeyUnavailableError if it can't be written."""
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise KeyUnavailableError(f"{path}: the ledger's key can't be made ({error.strerror})") from None


def _make(path: Path) -> None:
    key = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
    content = json.dumps({"format": _FORMAT, "ed25519": key}) + "\n"
    with contextlib.suppress(FileExistsError):  # another process was faster; its key is the one
        write_new(path, content.encode(), 0o600)


def _parse(path: Path, content: bytes) -> Ed25519PrivateKey:
    # From None: the errors of the parsers quote what they read, which is the key.
    try:
        said = json.loads(content)
        key = base64.b64decode(said["ed25519"], validate=True)
        fits = said["format"] == _FORMAT and len(key) == _KEY_BYTES
    except (ValueError, KeyError, TypeError, binascii.Error):
        fits, key = False, b""
    if not fits:
        raise KeyUnavailableError(f"{path}: this is not a key file of the form {_FORMAT}, or it is damaged")
    return Ed25519PrivateKey.from_private_bytes(key)
