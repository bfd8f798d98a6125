"""Sealing, for whatever is sealed and however it is harmed: it comes back whole in its place, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import PartKind, SealBrokenError, SecretBytes
from storage.crypto.aead import CHUNK_BYTES, HEADER_BYTES, TAG_BYTES, PartSealer
from storage.crypto.padding import PAD_STEP_BYTES, pad, unpad

KEYS = st.binary(min_size=32, max_size=32)
IDS = st.uuids()
KINDS = st.sampled_from(PartKind)
NUMBERS = st.integers(0, 2**64 - 1)
SHORT = st.binary(max_size=600)
LONG = st.builds(
    lambda chunks, more, byte: bytes((byte,)) * (chunks * CHUNK_BYTES + more),
    st.integers(0, 3),
    st.integers(-2, 2).map(lambda more: max(more, 0)),
    st.integers(0, 255),
)


@dataclass(frozen=True)
class Place:
    """What a record is bound to."""

    key: bytes
    tenant: str
    session_id: UUID
    kind: PartKind
    part_id: UUID


PLACES = st.builds(Place, KEYS, st.text(max_size=20), IDS, KINDS, IDS)
THINGS = st.sampled_from([field.name for field in fields(Place)])


def sealer(place: Place) -> PartSealer:
    return PartSealer(
        SecretBytes(place.key),
        tenant=place.tenant,
        session_id=place.session_id,
        kind=place.kind,
        part_id=place.part_id,
    )


@given(PLACES, NUMBERS, SHORT | LONG)
def test_what_is_sealed_comes_back(place: Place, sequence: int, plain: bytes) -> None:
    sealed = sealer(place).seal(sequence, plain)
    assert sealer(place).open(sequence, sealed) == plain
    assert len(sealed) == HEADER_BYTES + len(plain) + (len(plain) // CHUNK_BYTES + 1) * TAG_BYTES


@given(PLACES, PLACES, THINGS, NUMBERS, SHORT)
def test_another_place_does_not_open_it(place: Place, other: Place, thing: str, sequence: int, plain: bytes) -> None:
    """Two places that differ in one thing only."""
    said: dict[str, Any] = {thing: getattr(other, thing)}
    moved = replace(place, **said)
    sealed = sealer(place).seal(sequence, plain)
    if moved == place:
        assert sealer(moved).open(sequence, sealed) == plain
        return
    with pytest.raises(SealBrokenError):
        sealer(moved).open(sequence, sealed)


@given(PLACES, NUMBERS, NUMBERS, SHORT)
def test_another_number_does_not_open_it(place: Place, sequence: int, other: int, plain: bytes) -> None:
    sealed = sealer(place).seal(sequence, plain)
    if sequence != other:
        with pytest.raises(SealBrokenError):
            sealer(place).open(other, sealed)


@given(PLACES, SHORT | LONG, st.data())
def test_no_altered_byte_goes_unnoticed(place: Place, plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(sealer(place).seal(0, plain))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBrokenError):
        sealer(place).open(0, bytes(sealed))


@given(PLACES, SHORT | LONG, st.data())
def test_no_piece_can_be_cut_out_or_put_in(place: Place, plain: bytes, data: st.DataObject) -> None:
    sealed = sealer(place).seal(0, plain)
    start = data.draw(st.integers(0, len(sealed) - 1))
    end = data.draw(st.integers(start + 1, len(sealed)))
    for harmed in (sealed[:start] + sealed[end:], sealed[:end] + sealed[start:end] + sealed[end:]):
        with pytest.raises(SealBrokenError):
            sealer(place).open(0, harmed)


@given(PLACES, LONG, st.data())
def test_chunks_keep_their_order(place: Place, plain: bytes, data: st.DataObject) -> None:
    sealed = sealer(place).seal(0, plain)
    head, body, step = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:], CHUNK_BYTES + TAG_BYTES
    chunks = [body[at : at + step] for at in range(0, len(body), step)]
    shuffled = data.draw(st.permutations(chunks))
    if shuffled != chunks:
        with pytest.raises(SealBrokenError):
            sealer(place).open(0, head + b"".join(shuffled))


@given(PLACES, st.binary(max_size=2000))
@example(Place(bytes(32), "", UUID(int=0), PartKind.TRANSCRIPT, UUID(int=0)), b"")
def test_random_bytes_do_not_open(place: Place, noise: bytes) -> None:
    for harmed in (noise, b"\x01\x01" + place.part_id.bytes + noise):
        with pytest.raises(SealBrokenError):
            sealer(place).open(0, harmed)


@given(st.binary(max_size=2000))
def test_padding_hides_the_length_and_gives_all_back(content: bytes) -> None:
    padded = pad(content)
    assert unpad(padded) == content
    assert len(padded) == (len(content) // PAD_STEP_BYTES + 1) * PAD_STEP_BYTES
