from __future__ import annotations

import pickle
from datetime import UTC, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from storage import SealBrokenError, SecretBytes
from storage.crypto.keyring import Epoch, Keyring, MissingEpochError, Wrapping, deletion_month, new_key

MONTH = 202612
SESSION, PART = uuid4(), uuid4()


def epoch(reserved: int = 10, month: int = MONTH) -> Epoch:
    return Epoch(id=uuid4(), month=month, wrapping=Wrapping(new_key()), reserved=reserved)


def test_a_wrapped_key_comes_back_for_its_own_use_only() -> None:
    wrapping, key = Wrapping(new_key()), new_key()
    wrapped = wrapping.wrap(key, b"this part")
    assert key.reveal() not in wrapped
    assert wrapping.unwrap(wrapped, b"this part").reveal() == key.reveal()
    refused = [
        (wrapping, wrapped, b"that part"),
        (Wrapping(new_key()), wrapped, b"this part"),
        (wrapping, b"\x02" + wrapped[1:], b"this part"),
        (wrapping, b"", b"this part"),
    ]
    for each, altered, use in refused:
        with pytest.raises(SealBrokenError):
            each.unwrap(altered, use)


def test_every_flipped_bit_of_a_wrapped_key_is_refused() -> None:
    wrapping = Wrapping(new_key())
    wrapped = wrapping.wrap(new_key(), b"use")
    for bit in range(len(wrapped) * 8):
        altered = bytearray(wrapped)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBrokenError):
            wrapping.unwrap(bytes(altered), b"use")


def test_keys_are_wrapped_under_the_epoch_of_their_month() -> None:
    keyring = Keyring("imtron")
    this, next_month = epoch(), epoch(month=MONTH + 1)
    keyring.add([this, next_month])
    key = new_key()
    epoch_id, wrapped = keyring.wrap(key, keyring.part_use(SESSION, PART), MONTH)
    assert epoch_id == this.id
    assert keyring.unwrap(epoch_id, wrapped, keyring.part_use(SESSION, PART)).reveal() == key.reveal()
    for use in (keyring.part_use(PART, SESSION), keyring.part_use(SESSION, SESSION), keyring.session_use(SESSION)):
        with pytest.raises(SealBrokenError):
            keyring.unwrap(epoch_id, wrapped, use)


def test_another_tenants_keys_are_other_keys() -> None:
    one, other = Keyring("imtron"), Keyring("imtron2")
    uses = [
        use
        for each in (one, other)
        for use in (
            each.part_use(SESSION, PART),
            each.session_use(SESSION),
            each.epoch_use(PART, MONTH),
            each.locator_use("chatbot"),
            each.check_use(),
        )
    ]
    assert len(set(uses)) == len(uses)


def test_an_epoch_is_used_as_often_as_was_reserved() -> None:
    keyring = Keyring("imtron")
    keyring.add([epoch(reserved=2)])
    for _ in range(2):
        keyring.wrap(new_key(), b"use", MONTH)
    with pytest.raises(MissingEpochError) as missing:
        keyring.wrap(new_key(), b"use", MONTH)
    assert (missing.value.month, missing.value.epoch_id) == (MONTH, None)


def test_an_epoch_that_was_only_loaded_wraps_nothing() -> None:
    keyring = Keyring("imtron")
    keyring.add([epoch(reserved=0)])
    with pytest.raises(MissingEpochError):
        keyring.wrap(new_key(), b"use", MONTH)
    unknown = uuid4()
    with pytest.raises(MissingEpochError) as missing:
        keyring.unwrap(unknown, b"", b"use")
    assert missing.value.epoch_id == unknown
    keyring.clear()


def test_a_month_is_counted_in_utc() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert deletion_month(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == 202612
    assert deletion_month(datetime(2027, 1, 1, 0, 30, tzinfo=berlin)) == 202612


def test_nothing_of_a_wrapping_key_is_printed_or_pickled() -> None:
    key = SecretBytes(b"k" * 32)
    wrapping = Wrapping(key)
    assert "kkk" not in repr(wrapping)
    assert "kkk" not in repr(epoch())
    with pytest.raises(TypeError):
        pickle.dumps(wrapping)
    assert isinstance(epoch().id, UUID)


def test_vectors_of_wrapped_keys() -> None:
    """Keys wrapped when the format was fixed open for ever."""
    keyring, wrapping = Keyring("imtron"), Wrapping(SecretBytes(bytes(range(32))))
    part, session = UUID(int=1), UUID(int=2)
    frozen = {
        keyring.part_use(session, part): "013d7bf337b8765660c5ef6fc5c8dcdc785bbe7c36102c1f369b536c94b37c50ec"
        "ac4e2c978925c5e7063e25211289c32daa5e165d50b20c44e78ba1c2",
        keyring.session_use(session): "0147c31e9735fbd892ec94aca3577d1d057b9c7f8ae21806a315b2e44a545fbac2"
        "405675612d28cc5cccfd7f08c6b57f6475cbb10e708ae85976274621",
        keyring.epoch_use(part, MONTH): "0100b78255180f0f27f165a21c49d581bc3280739aa15226a92670672a9becad81"
        "5e3c2b5403652b06caaf77c1825678063bf3cad2ec809aaf1d3968f9",
        keyring.index_use(part, session): "010fde13d8ff142df534cf24f1f17b8faf58198d35bca7b7a7f27bbd3a79c9fd37"
        "31d774e32279c9c8483b6560c31d8affd6cae203fdc82831df70b159",
    }
    for use, wrapped in frozen.items():
        assert wrapping.unwrap(bytes.fromhex(wrapped), use).reveal() == bytes(range(100, 132))
