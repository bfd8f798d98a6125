"""What every session store promises of parts whose keys a hold has moved to a later month."""

from __future__ import annotations

from storage import ErasureReason, HoldTerms, SessionStore
from tests.contracts.stores import texts
from tests.unit.storage.builders import DAY, NOW, USUAL, Customer, turn


async def test_what_is_bound_to_a_later_month_is_read_and_erased_as_before(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn("Guten Tag")))
    parts = await store.part_ids(one.id)
    terms = (HoldTerms(case, "legal", NOW + 90 * DAY) for case in ("case-2026-014", "case-2026-015"))
    holds = [await store.retention.place_hold(one.id, each, NOW) for each in terms]
    await store.write(one.write(USUAL, turns=turn("noch etwas")))
    assert await texts(store, one, "improve-chatbot") == ["Guten Tag", "noch etwas"]
    for hold in holds:
        await store.retention.release_hold(one.id, hold.id, NOW)
    assert [each.part_id for each in await store.due(NOW + 31 * DAY)]
    receipts = await store.erase(parts, ErasureReason.EXPIRED, NOW + 31 * DAY, "sweep")
    assert {each.part_id for each in receipts} == set(parts)
    assert all(each.backups_clean_by >= each.erased_at for each in receipts)
