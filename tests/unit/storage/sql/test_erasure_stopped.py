"""An erasure is completed wherever it is stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import (
    ConsentState,
    ErasureReason,
    UnknownSessionError,
)
from storage.sql import Step
from tests.unit.storage.builders import (
    DAY,
    NOTHING,
    NOW,
    Customer,
    assignment,
    consent,
    files,
    plan,
    prepared,
    sql_store,
    turn,
)
from tests.unit.storage.sql.erasures import StopError, count, full_session, sealed_and_wrapped, stop_at

ERASING = [
    Step.INTENT_COMMITTED,
    Step.ERASURES_SUNK,
    Step.KEYS_DELETED,
    Step.BLOBS_DELETED,
    Step.ROWS_DELETED,
    Step.LOGS_EMPTIED,
]


@pytest.mark.parametrize("step", ERASING)
async def test_stopped_at_any_step_it_completes_at_the_next_start(tmp_path: Path, step: Step) -> None:
    before = sql_store(await prepared(tmp_path))
    await before.start()
    one, other = await full_session(before), await full_session(before, "other")
    parts = await before.part_ids(one.id)
    doomed = sealed_and_wrapped(tmp_path, one)
    await before.close()

    stopping = sql_store(tmp_path, on_step=stop_at(step))
    await stopping.start()
    with pytest.raises(StopError):
        await stopping.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")
    # Unreadable from the first step on, whatever else was not done.
    assert await stopping.find(one.by_token(), NOW) is None
    with pytest.raises(UnknownSessionError):
        await stopping.read(one.id, "improve-chatbot", NOW)
    await stopping.close()

    after = sql_store(tmp_path)
    await after.start()
    receipts = await after.receipts()
    assert {receipt.part_id: receipt.kind for receipt in receipts} == parts
    assert {(receipt.reason, receipt.actor, receipt.erased_at) for receipt in receipts} == {
        (ErasureReason.REQUESTED, "dpo", NOW)
    }
    assert count(tmp_path, "intents") == 0
    assert len(await after.part_ids(other.id)) == len(parts)
    assert [each.text for each in (await after.read(other.id, "improve-chatbot", NOW)).turns] == [
        "secret words of other",
        "and more",
    ]
    left = files(tmp_path)
    assert not [value for value in doomed if any(value in content for content in left.values())]
    await after.close()


@pytest.mark.parametrize("step", [step for step in ERASING if step is not Step.BLOBS_DELETED])
async def test_a_withdrawal_stopped_at_any_step_completes(tmp_path: Path, step: Step) -> None:
    store = sql_store(await prepared(tmp_path), on_step=stop_at(step))
    await store.start()
    one = Customer()
    kept = plan(transcript=(assignment(), assignment("train", consent="c")), original=assignment("train", consent="c"))
    await store.write(one.opening(kept, turns=turn("ja", original="ja"), consents=consent(name="c")))
    await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN, "c")))
    with pytest.raises(StopError):
        await store.withdraw(one.id, "c", NOW)
    await store.close()
    after = sql_store(tmp_path)
    await after.start()
    assert [receipt.reason for receipt in await after.receipts()] == [ErasureReason.WITHDRAWN]
    assert list((await after.read(one.id, "improve-chatbot", NOW)).summary.purposes) == ["improve-chatbot"]
    await after.close()


async def test_what_was_stopped_is_due_and_completed_without_a_restart(tmp_path: Path) -> None:
    stops = [Step.KEYS_DELETED]

    def on_step(step: Step) -> None:
        if step in stops:
            stops.remove(step)
            raise StopError

    store = sql_store(await prepared(tmp_path), on_step=on_step)
    await store.start()
    one = await full_session(store)
    parts = await store.part_ids(one.id)
    with pytest.raises(StopError):
        await store.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")
    due = await store.due(NOW)
    assert {part.part_id for part in due} == set(parts)
    receipts = await store.erase([part.part_id for part in due], ErasureReason.EXPIRED, NOW + DAY, "sweep")
    assert {(receipt.reason, receipt.actor) for receipt in receipts} == {(ErasureReason.REQUESTED, "dpo")}
    assert await store.due(NOW) == []
    await store.close()


async def test_a_session_that_kept_nothing_goes_with_its_keys(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path), on_step=stop_at(Step.INTENT_COMMITTED))
    await store.start()
    one = Customer()
    await store.write(one.opening(NOTHING, turns=turn(once="m1"), consents=consent(ConsentState.REFUSED)))
    with pytest.raises(StopError):
        await store.end_idle(NOW + DAY, "chatbot", NOW + DAY)
    await store.close()
    after = sql_store(tmp_path)
    await after.start()
    assert {name: count(tmp_path, name) for name in ("sessions", "turns", "locators", "session_keys")} == {
        "sessions": 0,
        "turns": 0,
        "locators": 0,
        "session_keys": 0,
    }
    await after.close()
