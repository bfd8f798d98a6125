"""The databases that tests over a store share, one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import ErasureReason
from tests.contracts.stores import STORES
from tests.kept import Kept
from tests.unit.storage.builders import NOW, Customer, consent, turn


@pytest.mark.parametrize("engine", [name for name in STORES if name != "memory"])
async def test_what_a_test_leaves_is_gone_for_the_next(engine: str, tmp_path: Path, kept: Kept) -> None:
    for name in ("one", "next"):
        (tmp_path / name).mkdir()
        store = await STORES[engine](tmp_path / name, kept)
        await store.start()
        assert (await store.figures(NOW)).sessions == 0
        assert (await store.receipts(), (await store.ledger.figures()).size) == ((), 0)
        customers = [Customer(each) for each in ("stays", "goes")]
        for each in customers:
            await store.write(each.opening(turns=turn(), consents=consent()))
        await store.erase(await store.part_ids(customers[1].id), ErasureReason.REQUESTED, NOW, "dpo")
        await store.ledger.seal(NOW)
        assert (await store.figures(NOW)).sessions == 1
        await store.close()
