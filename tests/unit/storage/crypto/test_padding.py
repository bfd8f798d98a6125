from __future__ import annotations

import pytest

from storage import SealBrokenError
from storage.crypto.padding import PAD_STEP_BYTES, pad, unpad


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 257, 1000])
def test_a_length_shows_in_steps_only(length: int) -> None:
    content = b"\x80" * length
    padded = pad(content)
    assert len(padded) % PAD_STEP_BYTES == 0
    assert 0 < len(padded) - length <= PAD_STEP_BYTES
    assert unpad(padded) == content


@pytest.mark.parametrize("content", [b"", b"\0", b"ends in zeros\0\0", b"ends in the mark\x80", b"\x80\0"])
def test_content_that_looks_like_padding_comes_back(content: bytes) -> None:
    assert unpad(pad(content)) == content


@pytest.mark.parametrize("padded", [b"", bytes(256), b"no mark", b"no mark\0\0"])
def test_what_was_not_padded_is_refused(padded: bytes) -> None:
    with pytest.raises(SealBrokenError):
        unpad(padded)
