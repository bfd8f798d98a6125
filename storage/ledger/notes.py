r"""Signed notes (c2sp.org/signed-note), with Ed25519.

A note is a text that ends in a newline, a blank line, and a line for each signature:

    <em dash> <key name> base64(key id 4 | signature 64)      key id = SHA-256(key name | "\n" | 0x01 | public key)[:4]

A public key is written `name+key id in hexadecimal+base64(0x01 | public key)`, as Go's `note` package does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage.errors import LedgerBrokenError

_ED25519: Final = b"\1"
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_SIGNATURE_LINE: Final = re.compile(r"— (\S+) (\S+)")
_MOST_SIGNATURES: Final = 64


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A named key that notes are checked with."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that name the key in a signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """Return the key as it is written."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.key).decode()}"

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Read a key as it is written. Raises LedgerBrokenError."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        key = _decoded(encoded)
        made = cls(name, key[1:])
        if key[:1] != _ED25519 or len(made.key) != _KEY_BYTES or made.id.hex() != key_id or not name:
            msg = "this is not a public key of a ledger: name+id+key, as `sordino ledger key` prints it"
            raise LedgerBrokenError(msg)
        return made


class Signer:
    """A named private key. It is in no repr and can't be pickled."""

    __slots__ = ("_key", "public")

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        """Take the name, without blanks and plus signs, and the key."""
        self._key = key
        self.public = PublicKey(name, key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the text, which ends in a newline, as a note with one signature."""
        signature = base64.b64encode(self.public.id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.public.name} {signature}\n"


def open_note(note: str, key: PublicKey) -> str:
    """Return the text of a note that the key has signed; signatures of other keys are passed over.

    Raises LedgerBrokenError if it is no note, or the key's signature is missing or wrong.
    """
    text, gap, below = note.rpartition("\n\n")
    lines = below.split("\n")
    whole = gap and lines.pop() == "" and 0 < len(lines) <= _MOST_SIGNATURES
    found = [_SIGNATURE_LINE.fullmatch(line) for line in lines]
    if not whole or any(ord(each) < ord(" ") and each != "\n" for each in note):
        raise LedgerBrokenError("this is not a signed note")
    signed = False
    for match in found:
        if match is None:
            raise LedgerBrokenError("this is not a signed note")
        signature = _decoded(match[2])
        if match[1] == key.name and signature[:_ID_BYTES] == key.id:
            _check(key, signature[_ID_BYTES:], f"{text}\n")
            signed = True
    if not signed:
        raise LedgerBrokenError(f"this note is not signed by {key.name} with the key that was given")
    return f"{text}\n"


def _check(key: PublicKey, signature: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
    except InvalidSignature:
        raise LedgerBrokenError(f"the signature of {key.name} does not fit what is signed") from None


def _decoded(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LedgerBrokenError("this is not base64, as keys and signatures are written") from None
    # There is one way only to write it: the bits that are left over in the last character are zero.
    if base64.b64encode(decoded).decode() != text:
        raise LedgerBrokenError("this is not base64, as keys and signatures are written")
    return decoded
