from __future__ import annotations

import hashlib
import hmac

from storage import SecretBytes, Speaker, once_digest, turn_digest

KEY, OTHER = SecretBytes(b"k" * 32), SecretBytes(b"o" * 32)


def test_a_digest_is_of_key_speaker_and_words() -> None:
    digests = {
        turn_digest(key, speaker, text)
        for key in (KEY, OTHER)
        for speaker in Speaker
        for text in ("ja", "Ja", "", "ja ", "half \ud83d")
    } | {once_digest(key, once) for key in (KEY, OTHER) for once in ("ja", "Ja", "", "half \ud83d", "turn:subject\0ja")}
    assert len(digests) == 2 * 3 * 5 + 2 * 5
    assert {len(digest) for digest in digests} == {16}


def test_it_is_no_plain_hash() -> None:
    assert turn_digest(KEY, Speaker.BOT, "ja") == hmac.digest(b"k" * 32, b"turn:bot\0ja", "sha256")[:16]
    assert turn_digest(KEY, Speaker.BOT, "ja") != hashlib.sha256(b"turn:bot\0ja").digest()[:16]
