"""What every session store promises of the months to which its parts are bound."""

from __future__ import annotations

from storage import ErasureReason, SessionStore, uuid7
from tests.contracts.stores import texts
from tests.unit.storage.builders import DAY, NOW, USUAL, Customer, turn


async def test_what_is_bound_to_a_later_month_is_read_and_erased_as_before(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn("Guten Tag")))
    parts = await store.part_ids(one.id)
    owners = dict.fromkeys(parts, one.id)
    assert await store.rewrap(owners, 202806) == 1  # the figures have no key
    assert await store.rewrap(owners, 202806) == 0
    assert await store.rewrap({uuid7(NOW): one.id}, 202807) == 0
    await store.write(one.write(USUAL, turns=turn("noch etwas")))
    assert await texts(store, one, "improve-chatbot") == ["Guten Tag", "noch etwas"]
    assert [each.part_id for each in await store.due(NOW + 31 * DAY)]
    receipts = await store.erase(parts, ErasureReason.EXPIRED, NOW + 31 * DAY, "sweep")
    assert {each.part_id for each in receipts} == set(parts)
    assert all(each.backups_clean_by >= each.erased_at for each in receipts)
