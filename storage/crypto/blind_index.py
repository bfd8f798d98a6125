"""The blind index: sessions are found by an identifier of a person, and no identifier is stored.

    field key = HMAC-SHA256(index key of the epoch, framed("sordino-index-field-1", kind))
    token     = HMAC-SHA256(field key, value in its canonical form, UTF-8)

Each kind of identifier is a field and has a key of its own in each epoch, so that equal values show neither across
fields nor across deletion months. What is indexed is noise when the epoch key is destroyed, which wraps the index
key. Whoever has an index key can try all phone numbers in less than an hour: the keys lie in the key database only.
"""

from __future__ import annotations

import hmac
from typing import Final

from storage.crypto.framing import framed
from storage.key_material import SecretBytes
from storage.records import Identifier

_LABEL: Final = b"sordino-index-field-1"


def blind_token(index_key: SecretBytes, identifier: Identifier) -> bytes:
    """Return the token of an identifier, 32 bytes."""
    field_key = hmac.digest(index_key.reveal(), framed(_LABEL, identifier.kind.encode()), "sha256")
    return hmac.digest(field_key, identifier.value.encode("utf-8", "surrogatepass"), "sha256")
