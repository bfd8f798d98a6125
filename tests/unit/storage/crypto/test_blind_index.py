from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from storage import Identifier, SecretBytes
from storage.crypto.blind_index import blind_token

KEY = bytes(range(32))


def independent(key: bytes, kind: str, value: str) -> bytes:
    """Follow the docstring of `storage.crypto.blind_index`."""
    label = b"".join(len(field).to_bytes(4, "big") + field for field in (b"sordino-index-field-1", kind.encode()))
    field_key = hmac.new(key, label, hashlib.sha256).digest()
    return hmac.new(field_key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["PHONE", "EMAIL", "CUSTOMER_NO"]), st.text())
def test_tokens_are_as_the_module_says(key: bytes, kind: str, value: str) -> None:
    assert blind_token(SecretBytes(key), Identifier(kind, value)) == independent(key, kind, value)


def test_vector() -> None:
    token = blind_token(SecretBytes(KEY), Identifier("PHONE", "+4935148157720"))
    assert token.hex() == "8c5ac859bfd91f861e3d13e4950855f87c8ac9f4c9cb4d17f923249803f09876"


def test_equal_values_show_neither_across_fields_nor_across_epochs() -> None:
    tokens = {
        blind_token(SecretBytes(key), Identifier(kind, "4711"))
        for key in (KEY, bytes(32))
        for kind in ("PHONE", "CUSTOMER_NO", "EMAIL")
    }
    assert len(tokens) == 6


def test_an_identifier_is_not_shown() -> None:
    assert "4711" not in repr(Identifier("CUSTOMER_NO", "4711"))
