"""The record format, held by frozen vectors and by a second reader that shares no code with the first."""

from __future__ import annotations

import hashlib
import hmac
import pickle
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage import PartKind, SealBrokenError, SecretBytes
from storage.crypto.aead import CHUNK_BYTES, HEADER_BYTES, TAG_BYTES, PartSealer

KEY = bytes(range(32))
SESSION = UUID("0193a0b0-0000-7000-8000-000000000001")
PART = UUID("0193a0b0-0000-7000-8000-000000000002")
SALT = bytes(range(100, 124))


@dataclass(frozen=True)
class Place:
    """What a record is bound to."""

    key: bytes = KEY
    tenant: str = "imtron"
    session: UUID = SESSION
    kind: PartKind = PartKind.TRANSCRIPT
    part: UUID = PART

    def sealer(self) -> PartSealer:
        return PartSealer(
            SecretBytes(self.key), tenant=self.tenant, session_id=self.session, kind=self.kind, part_id=self.part
        )


def read(place: Place, sequence: int, sealed: bytes) -> bytes:
    """Open a record as the docstring of `storage.crypto.aead` says, step by step, with HKDF from RFC 5869."""
    version, suite, key_id = sealed[0], sealed[1], sealed[2:18]
    salt, commitment, body = sealed[18:42], sealed[42:74], sealed[74:]
    assert (version, suite, key_id) == (1, 1, place.part.bytes)
    info = b"sordino-record-1" + salt + context_of(place, sequence)
    extracted = hmac.new(b"\0" * 64, place.key, hashlib.sha512).digest()
    first = hmac.new(extracted, info + b"\x01", hashlib.sha512).digest()
    second = hmac.new(extracted, first + info + b"\x02", hashlib.sha512).digest()
    derived = (first + second)[:76]
    assert derived[44:] == commitment
    plain, number = b"", 0
    while True:
        chunk, body = body[: 16384 + 16], body[16384 + 16 :]
        nonce = bytes(a ^ b for a, b in zip(derived[32:44], number.to_bytes(12, "big"), strict=True))
        plain += AESGCM(derived[:32]).decrypt(nonce, chunk, None)
        if len(chunk) < 16384 + 16:
            assert body == b""
            return plain
        number += 1


def context_of(place: Place, sequence: int) -> bytes:
    return side_by_side(
        b"sordino-record-1",
        b"\x01",
        place.tenant.encode(),
        place.session.bytes,
        place.kind.value.encode(),
        place.part.bytes,
        sequence.to_bytes(8, "big"),
        (1).to_bytes(4, "big"),
    )


def side_by_side(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def linked(place: Place, sequence: int, sealed: bytes, before: bytes) -> bytes:
    """Return a record's link as the docstring says it."""
    extracted = hmac.new(b"\0" * 64, place.key, hashlib.sha512).digest()
    info = b"sordino-chain-1" + side_by_side(before, sealed[42:74]) + context_of(place, sequence)
    return hmac.new(extracted, info + b"\x01", hashlib.sha512).digest()[:16]


VECTORS = ["6646a2ac6c3df4bb92878cec02523dee", "9301416abc072712bb8a901b88a22fe3"]
LENGTHS = [0, 1, 255, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 5]


@pytest.mark.parametrize("length", LENGTHS)
def test_an_independent_reader_opens_what_is_sealed(length: int) -> None:
    plain = bytes(index % 251 for index in range(length))
    sealed = Place().sealer().seal(7, plain)
    assert read(Place(), 7, sealed) == plain
    assert Place().sealer().open(7, sealed) == plain


@pytest.mark.parametrize("length", LENGTHS)
def test_the_last_chunk_is_always_the_short_one(length: int) -> None:
    sealed = Place().sealer().seal(0, bytes(length))
    chunks = length // CHUNK_BYTES + 1
    assert len(sealed) == HEADER_BYTES + length + chunks * TAG_BYTES
    last = (len(sealed) - HEADER_BYTES) % (CHUNK_BYTES + TAG_BYTES)
    assert TAG_BYTES <= last < CHUNK_BYTES + TAG_BYTES


def test_vector_of_a_short_record() -> None:
    sealed = Place().sealer()._seal(7, b"Guten Tag", SALT)
    assert sealed.hex() == (
        "01010193a0b00000700080000000000000026465666768696a6b6c6d6e6f707172737475767778797a7b1625b7fb95b4"
        "35f5035bd46c466159c81cffcb18b8b1988be72e7d3ea574525e4bd3c865215168a0cdd7ba54a7a8ba149b231322756e"
        "0f1cdf"
    )


def test_vectors_of_long_records() -> None:
    digests = {length: hashlib.sha256(Place().sealer()._seal(7, bytes(length), SALT)).hexdigest() for length in LENGTHS}
    assert digests == {
        0: "268230517674100a40e32f3692107c00d5da7cc457868e513485ab057a29474e",
        1: "19acfb91ce8d048791f414e42c3023247483536019e96093d365e15f7c525ff0",
        255: "6ece02a7575e8ccee5989fc1a5eb52fcd2bb2d68c619d83449f149bc3a892247",
        16383: "2141148f3b3488cf85e3ecefc3c8a08eb90e220ebab82fd1ed7bc5bbde47a441",
        16384: "4d8d706d1f88488347f568b0f54fe145d9d9a644c0e7fd97a28d7f349972d1ed",
        16385: "3f4c2d266ca3bd4e8e8dc2452c792502fbf228314bb65e6579f32727628cf84c",
        32768: "2e71cf1f0a7400769e71144922e3227750e87df4785c09a415d6e564eb1a5124",
        32773: "df36aadcac9d4ce98169687dfbb4e17b48f66c32b1baa3f226a73e128cd7dede",
    }


@pytest.mark.parametrize(
    "other",
    [
        replace(Place(), key=bytes(32)),
        replace(Place(), tenant="imtron2"),
        replace(Place(), session=PART),
        replace(Place(), kind=PartKind.ORIGINAL),
        replace(Place(), part=SESSION),
    ],
)
def test_a_record_opens_in_its_own_place_only(other: Place) -> None:
    sealed = Place().sealer().seal(0, b"Guten Tag")
    with pytest.raises(SealBrokenError):
        other.sealer().open(0, sealed)
    moved = sealed[:2] + other.part.bytes + sealed[18:]
    with pytest.raises(SealBrokenError):
        other.sealer().open(0, moved)


@pytest.mark.parametrize("sequence", [0, 2, 2**40])
def test_a_record_opens_under_its_own_number_only(sequence: int) -> None:
    sealed = Place().sealer().seal(1, b"Guten Tag")
    with pytest.raises(SealBrokenError):
        Place().sealer().open(sequence, sealed)


def test_every_flipped_bit_is_refused() -> None:
    sealer = Place().sealer()
    sealed = sealer.seal(0, b"Guten Tag")
    for bit in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBrokenError):
            sealer.open(0, bytes(altered))


def test_every_cut_is_refused() -> None:
    sealer = Place().sealer()
    sealed = sealer.seal(0, b"Guten Tag")
    for length in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            sealer.open(0, sealed[:length])
    with pytest.raises(SealBrokenError):
        sealer.open(0, sealed + b"\0")


def test_chunks_can_not_be_dropped_reordered_or_repeated() -> None:
    sealer = Place().sealer()
    sealed = sealer.seal(0, bytes(3 * CHUNK_BYTES + 10))
    step = CHUNK_BYTES + TAG_BYTES
    head, body = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
    one, two, three, last = (body[at : at + step] for at in range(0, len(body), step))
    for chunks in (
        [one, two, three],
        [one, two, last],
        [two, one, three, last],
        [one, two, two, last],
        [one, two, three, last, last],
        [one, two, three, last, b""[:0], bytes(TAG_BYTES)],
        [last],
        [],
    ):
        with pytest.raises(SealBrokenError):
            sealer.open(0, head + b"".join(chunks))


def test_links_are_as_the_docstring_says() -> None:
    sealer = Place().sealer()
    first, second = (sealer._seal(sequence, b"Guten Tag", SALT) for sequence in (7, 9))
    links = [sealer.link(7, first)]
    links.append(sealer.link(9, second, links[0]))
    assert links == [linked(Place(), 7, first, b""), linked(Place(), 9, second, links[0])]
    assert [each.hex() for each in links] == VECTORS


def test_a_link_is_that_of_its_record_in_its_place_behind_the_one_before() -> None:
    sealer = Place().sealer()
    sealed = sealer.seal(7, b"Guten Tag")
    links = {
        sealer.link(7, sealed),
        sealer.link(7, sealer.seal(7, b"Guten Tag")),
        sealer.link(8, sealed),
        sealer.link(7, sealed, bytes(16)),
        replace(Place(), key=bytes(32)).sealer().link(7, sealed),
        replace(Place(), session=PART).sealer().link(7, sealed),
        replace(Place(), part=SESSION).sealer().link(7, sealed),
        replace(Place(), kind=PartKind.ORIGINAL).sealer().link(7, sealed),
    }
    assert len(links) == 8


def test_the_same_words_never_look_the_same() -> None:
    sealer = Place().sealer()
    assert len({sealer.seal(0, b"ja") for _ in range(100)}) == 100


def test_a_record_made_to_open_under_two_keys_is_refused() -> None:
    """The commitment: a record whose ciphertext is that of another key does not open, whatever its tag."""
    one, other = Place().sealer(), replace(Place(), key=bytes(32)).sealer()
    salt = SALT
    theirs = other._seal(0, b"their words", salt)
    ours = one._seal(0, b"our words!!", salt)
    mixed = ours[:HEADER_BYTES] + theirs[HEADER_BYTES:]
    with pytest.raises(SealBrokenError):
        one.open(0, mixed)
    with pytest.raises(SealBrokenError):
        other.open(0, mixed)


def test_nothing_of_a_key_is_printed_or_pickled() -> None:
    sealer = Place().sealer()
    for thing in (sealer, SecretBytes(KEY)):
        assert KEY.hex() not in repr(thing)
        assert str(KEY) not in repr(thing)
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_the_second_reader_refuses_too() -> None:
    sealed = bytearray(Place().sealer().seal(0, b"Guten Tag"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        read(Place(), 0, bytes(sealed))
