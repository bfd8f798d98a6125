"""What every ledger does, in the store that it belongs to."""

from __future__ import annotations

import pytest

from storage import ConsentState, ErasureReason, SessionEvent, SessionStore
from storage.errors import LedgerBrokenError
from storage.ledger.attestations import check_attestation
from storage.ledger.checkpoints import open_checkpoint
from storage.ledger.receipts import check_receipt
from tests.unit.storage.builders import DAY, NOW, TRANSCRIPT, USUAL, Customer, consent, turn


async def entries(store: SessionStore) -> int:
    figures = await store.ledger.figures()
    return figures.size + figures.waiting


async def test_answers_disclosures_reads_and_erasures_are_logged(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn(), consents=consent()))
    assert await entries(store) == 1
    await store.write(one.write(consents=consent(ConsentState.WITHDRAWN), events=SessionEvent.AI_DISCLOSED))
    await store.write(one.write(turns=turn("more"), events=SessionEvent.AI_DISCLOSED))
    assert await entries(store) == 3
    await store.read(one.id, "improve-chatbot", NOW)
    assert await entries(store) == 4
    erased = await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    assert await entries(store) == 4 + len(erased)


@pytest.mark.parametrize("event", [each for each in SessionEvent if each is not SessionEvent.AI_DISCLOSED])
async def test_what_starts_a_period_is_logged_once(store: SessionStore, event: SessionEvent) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn()))
    for _ in range(2):
        await store.write(one.write(events=event))
        assert await entries(store) == 1
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    await store.ledger.seal(NOW)
    found = await store.ledger.verify()
    assert (found.forgotten, found.problems) == (1, ())


async def test_an_end_of_consents_is_logged_with_each_that_it_ends(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn(), consents=consent()))
    await store.write(one.write(events=SessionEvent.CONSENT_END))
    assert await entries(store) == 3


async def test_a_checkpoint_covers_all_that_was_logged(store: SessionStore) -> None:
    assert await store.ledger.seal(NOW) == 0
    one = Customer()
    await store.write(one.opening(TRANSCRIPT, turns=turn(), consents=consent()))
    figures = await store.ledger.figures()
    assert (figures.size, figures.waiting, figures.unsealed, figures.sealed_at) == (0, 1, 1, None)
    assert await store.ledger.seal(NOW + DAY) == 1
    assert await store.ledger.seal(NOW + 2 * DAY) == 0
    figures = await store.ledger.figures()
    assert (figures.size, figures.waiting, figures.unsealed, figures.sealed_at) == (1, 0, 0, NOW + DAY)
    assert (await store.ledger.public_key()).name.startswith("sordino/")


async def test_a_receipt_proves_itself_once_a_checkpoint_covers_it(store: SessionStore) -> None:
    one, other = Customer(), Customer("other")
    for each in (one, other):
        await store.write(each.opening(USUAL, turns=turn(), consents=consent(), events=SessionEvent.AI_DISCLOSED))
    await store.ledger.seal(NOW)
    receipts = await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    key = await store.ledger.public_key()
    waiting = await store.ledger.receipt(receipts[0].part_id)
    assert waiting is not None
    assert waiting["proof"] is None
    await store.ledger.seal(NOW + DAY)
    for receipt in receipts:
        document = await store.ledger.receipt(receipt.part_id)
        assert document is not None
        check_receipt(document, key)
        assert document["event"]["facts"]["receipt"] == str(receipt.id)
    (kept, *_) = await store.part_ids(other.id)
    assert await store.ledger.receipt(kept) is None


async def test_a_ledger_that_nobody_changed_is_as_it_was(store: SessionStore) -> None:
    one = Customer()
    assert (await store.ledger.verify()).problems == ()
    await store.write(one.opening(USUAL, turns=turn(), consents=consent()))
    await store.ledger.seal(NOW)
    receipts = await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    await store.ledger.seal(NOW + DAY)
    found = await store.ledger.verify()
    assert (found.checked, found.sealed, found.forgotten, found.problems) == (1 + len(receipts), found.checked, 1, ())


async def test_a_document_is_attested_beside_the_checkpoint_that_stands(store: SessionStore) -> None:
    key = await store.ledger.public_key()
    assert await store.ledger.checkpoint() is None
    assert "checkpoint none" in await store.ledger.attest(b"report")
    await store.write(Customer().opening(USUAL, turns=turn(), consents=consent()))
    await store.ledger.seal(NOW)
    checkpoint = await store.ledger.checkpoint()
    assert checkpoint is not None
    note = await store.ledger.attest(b"report")
    check_attestation(note, b"report", key)
    assert f"checkpoint {open_checkpoint(checkpoint, key).size} " in note
    for wrong_note, document in ((note, b"another"), (checkpoint, b"report"), (note.replace("1 ", "2 ", 1), b"report")):
        with pytest.raises(LedgerBrokenError):
            check_attestation(wrong_note, document, key)
