"""Each thing done stands in the ledger, from the very transaction in which it was done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, union_all

from storage import ConsentState, ErasureReason, SessionEvent, StoreUnavailableError
from storage.ledger.events import Entry, Event, EventKind, session_mark
from storage.sql import SqlStore
from storage.sql.ledger import append
from storage.sql.tables import ledger_events, ledger_outbox, session_events
from tests.unit.storage.builders import DAY, NOW, TRANSCRIPT, USUAL, Customer, consent, prepared, sql_store, turn


async def logged(store: SqlStore) -> list[tuple[dict[str, Any], Entry]]:
    """Return the events that wait for their place in the log, in their order, each leaf held against its event."""
    both = union_all(
        *(select(table.c.id, table.c.salt, table.c.event) for table in (ledger_events, session_events))
    ).subquery()
    found = select(ledger_outbox.c.leaf, both.c.salt, both.c.event).join(both, both.c.id == ledger_outbox.c.id)
    rows = await store._databases.read(lambda unit: unit.sessions.execute(found.order_by(ledger_outbox.c.id)).all())
    entries = [Entry(row.salt, row.event) for row in rows]
    assert [entry.leaf for entry in entries] == [row.leaf for row in rows]
    return [(json.loads(entry.event), entry) for entry in entries]


async def test_answers_disclosures_reads_and_erasures_are_logged(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(
        one.opening(turns=turn("secret words"), consents=consent(), events=SessionEvent.AI_DISCLOSED, ratings=True)
    )
    await store.write(one.write(now=NOW + DAY, events=SessionEvent.AI_DISCLOSED, turns=turn("more")))
    await store.read(one.id, "improve-chatbot", NOW)
    before = await logged(store)
    facts = {said["kind"]: said["facts"] for said, _ in before}
    assert len(before) == 3
    assert facts["ai-disclosure"] == {}
    assert facts["read"] == {"purpose": "improve-chatbot"}
    assert facts["consent"] | {"notice_digest": ""} == {
        "consent": "training",
        "state": "given",
        "method": "click",
        "notice_version": "2025-07",
        "notice_digest": "",
        "language": "de",
    }
    assert all(said["session"] == session_mark(entry.salt, one.id) for said, entry in before)
    receipts = await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW + DAY, "dpo")
    after = await logged(store)
    assert [said["kind"] for said, _ in after] == ["erasure"] * len(receipts)
    assert {said["facts"]["receipt"]: said["facts"] for said, _ in after} == {
        str(receipt.id): {
            "receipt": str(receipt.id),
            "part": str(receipt.part_id),
            "part_kind": receipt.kind.value,
            "deletion_classes": list(receipt.deletion_classes),
            "reason": "requested",
            "actor": "dpo",
            "notice_version": "2025-07",
            "records": receipt.records,
            "ciphertext_root": receipt.ciphertext_root,
            "method": receipt.method,
            "out_of_backups_by": receipt.backups_clean_by.isoformat(),
        }
        for receipt in receipts
    }
    leaves = await store._databases.read(lambda unit: unit.sessions.execute(select(ledger_outbox)).all())
    assert len(leaves) == len(before) + len(after), "what was logged of an erased session keeps its leaf"
    await store.close()


async def test_turns_are_not_logged(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(one.opening(turns=turn()))
    await store.write(one.write(turns=(turn("a"), turn("b")), ratings=True))
    assert await logged(store) == []
    await store.close()


async def test_what_fails_is_not_logged(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(one.opening(TRANSCRIPT, turns=turn()))

    def fail(unit: Any) -> None:  # noqa: ANN401
        append(unit.sessions, [Event(EventKind.HOLD, NOW, {"reason": "lawsuit"}, one.id)])
        raise OSError(5, "input/output error")

    with pytest.raises(StoreUnavailableError):
        await store._databases.write(fail)
    assert await logged(store) == []
    with pytest.raises(StoreUnavailableError):
        await store._databases.write(
            lambda unit: append(unit.sessions, [Event(EventKind.HOLD, NOW, {}, Customer("never opened").id)])
        )
    assert await logged(store) == []
    await store.close()


async def test_each_answer_is_logged_the_withdrawal_too(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn(), consents=consent()))
    await store.write(one.write(now=NOW + DAY, consents=consent(ConsentState.WITHDRAWN, at=NOW + DAY)))
    assert [said["facts"]["state"] for said, _ in await logged(store)] == ["given", "withdrawn"]
    await store.close()
