"""A signature is of one message and one key; a key that is no RSA key of some length is refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storage.crypto.signatures import RsaVerifier

KEY = generate_private_key(65537, 2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_signature_is_of_one_message() -> None:
    signature = KEY.sign(b"said", PKCS1v15(), SHA256())
    verifier = RsaVerifier(f"\n{PEM}")
    assert verifier.verifies(b"said", signature)
    assert not verifier.verifies(b"says", signature)
    for bit in (0, 700, 2047):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not verifier.verifies(b"said", bytes(flipped))
    assert not verifier.verifies(b"said", b"")


def test_a_key_that_is_short_or_of_another_kind_is_refused() -> None:
    short = generate_private_key(65537, 1024).public_key()  # noqa: S505 - the point of the test
    other = Ed25519PrivateKey.generate().public_key()
    for key in (short, other):
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(ValueError, match="2048 bits or more"):
            RsaVerifier(pem)
    with pytest.raises(ValueError, match="2048 bits or more"):
        RsaVerifier("")
