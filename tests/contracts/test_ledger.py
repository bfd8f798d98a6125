"""What every ledger does, in the store that it belongs to."""

from __future__ import annotations

from storage import ConsentState, ErasureReason, SessionEvent, SessionStore
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
    assert store.ledger.public_key.name.startswith("sordino/")
