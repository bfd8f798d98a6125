"""Signatures of others: RSA with SHA-256 (PKCS #1 v1.5, RFC 8017), by a public key that the deployment names."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

_SHORTEST_BITS = 2048


class RsaVerifier:
    """Tells whether bytes were signed by the owner of a key."""

    def __init__(self, pem: str) -> None:
        """Read the public key in PEM (SPKI or PKCS #1). Raises ValueError for anything else, or a key that is short."""
        try:
            key = load_pem_public_key(pem.strip().encode())
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, RSAPublicKey) or key.key_size < _SHORTEST_BITS:
            raise ValueError(f"must be an RSA public key of {_SHORTEST_BITS} bits or more in PEM") from None
        self._key = key

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether the signature is of this message."""
        try:
            self._key.verify(signature, message, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True
