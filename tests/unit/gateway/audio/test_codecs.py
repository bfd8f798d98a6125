"""The tables are those of ITU-T G.711 (11/88): the values below stand in its Tables 1a and 2a."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audio import decode, encode, split_channels
from storage.audio import AudioCodec, AudioFormat

# Table 2a/G.711: character signal (as sent) and value at the decoder output, of 14 bits.
MU_LAW = {
    0b10000000: 8031, 0b10001111: 4191, 0b10011111: 2079, 0b10101111: 1023, 0b10111111: 495,
    0b11001111: 231, 0b11011111: 99, 0b11101111: 33, 0b11111110: 2, 0b11111111: 0,
}  # fmt: skip
# Table 1a/G.711: character signal before its even bits are inverted, and value at the decoder output, of 13 bits.
A_LAW = {
    0b11111111: 4032, 0b11110000: 2112, 0b11100000: 1056, 0b11010000: 528, 0b11000000: 264,
    0b10110000: 132, 0b10100000: 66, 0b10000000: 1,
}  # fmt: skip
# The digital milliwatt, Tables 5 and 6/G.711: one period of 1 kHz at 0 dBm0.
MILLIWATT_MU = bytes.fromhex("1e0b0b1e9e8b8b9e")
MILLIWATT_A = bytes.fromhex("34212134b4a1a1b4")


@pytest.mark.parametrize("code", MU_LAW)
def test_mu_law_is_that_of_the_recommendation(code: int) -> None:
    heard = decode(AudioCodec.PCMU, bytes([code, code & 0x7F]))
    assert heard.tolist() == [4 * MU_LAW[code], -4 * MU_LAW[code]]


@pytest.mark.parametrize("code", A_LAW)
def test_a_law_is_that_of_the_recommendation(code: int) -> None:
    heard = decode(AudioCodec.PCMA, bytes([code ^ 0x55, (code & 0x7F) ^ 0x55]))
    assert heard.tolist() == [8 * A_LAW[code], -8 * A_LAW[code]]


@pytest.mark.parametrize(
    ("codec", "sent", "overload", "below"),
    [(AudioCodec.PCMU, MILLIWATT_MU, 4 * 8159, -3.17), (AudioCodec.PCMA, MILLIWATT_A, 8 * 4096, -3.14)],
)
def test_the_milliwatt_is_a_sine_of_one_kilohertz(codec: AudioCodec, sent: bytes, overload: int, below: float) -> None:
    heard = decode(codec, sent * 100).astype(float)
    spectrum = np.abs(np.fft.rfft(heard))
    assert int(spectrum.argmax()) * 8000 // len(heard) == 1000
    # 0 dBm0 lies so far below the overload point (clause 2.4, and the last decision value of the tables).
    assert 20 * np.log10(np.sqrt(2 * np.mean(heard**2)) / overload) == pytest.approx(below, abs=0.01)


@pytest.mark.parametrize("codec", [AudioCodec.PCMU, AudioCodec.PCMA])
def test_every_code_is_the_code_of_what_it_decodes_to(codec: AudioCodec) -> None:
    codes = bytes(range(256))
    again = encode(codec, decode(codec, codes))
    # mu-law has two zeros; the negative one comes back as the positive one.
    assert again == (codes.replace(b"\x7f", b"\xff") if codec is AudioCodec.PCMU else codes)


@given(st.lists(st.integers(-32768, 32767), max_size=200), st.sampled_from([AudioCodec.PCMU, AudioCodec.PCMA]))
def test_what_is_coded_is_near_what_was_said(values: list[int], codec: AudioCodec) -> None:
    said = np.array(values, dtype=np.int16)
    heard = decode(codec, encode(codec, said)).astype(int)
    # Half a step, which is a thirty-second of a chord's lowest value; above the last decision the code stays.
    loudness = np.abs(said.astype(int))
    allowed = np.maximum(loudness / 32 + 12, 8) + 640 * (loudness > 32124)
    assert np.all(np.abs(heard - said.astype(int)) <= allowed)


def test_linear_samples_are_little_endian() -> None:
    assert decode(AudioCodec.L16, b"\x01\x00\xff\xff").tolist() == [1, -1]
    assert encode(AudioCodec.L16, np.array([1, -1], dtype=np.int16)) == b"\x01\x00\xff\xff"


def test_channels_are_split() -> None:
    assert split_channels(b"ababab", AudioFormat(AudioCodec.PCMU, channels=2)) == [b"aaa", b"bbb"]
    assert split_channels(b"aabbaabb", AudioFormat(AudioCodec.L16, channels=2)) == [b"aaaa", b"bbbb"]
    assert split_channels(b"", AudioFormat(AudioCodec.L16, channels=2)) == [b"", b""]
    with pytest.raises(ValueError, match="each channel"):
        split_channels(b"aba", AudioFormat(AudioCodec.PCMU, channels=2))
