"""No statement walks through a whole table, however much is kept; figures excepted, which count it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event

from storage import ConsentState, ErasureReason, SessionEvent, StartEvent
from storage.sql import SqlStore
from storage.sql.sqlite import SqliteFile
from tests.unit.storage.builders import (
    DAY,
    NOTHING,
    NOW,
    Customer,
    assignment,
    consent,
    deletion_class,
    plan,
    prepared,
    sql_store,
    sqlite_of,
    turn,
)

# Tables of the notice's rules, of this store alone, and of what is under way just now: short whatever is kept.
SHORT = {
    "CONSTANT",
    "(subquery-1)",
    "(subquery-2)",
    "rules",
    "store",
    "key_store",
    "creations",
    "intents",
    "locator_keys",
    "epoch_keys",
    "root_versions",
}

UNDER_WAY = "INDEX ix_sessions_erasing"  # an index of the few sessions that are being erased


async def test_no_statement_walks_through_a_table(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    seen: dict[str, list[str]] = {}
    for file in (sqlite_of(store).sessions, sqlite_of(store).keys):
        watch(file, seen)
    await do_everything(store)
    walked = sorted(
        f"{step} in {statement}"
        for statement, steps in seen.items()
        for step in steps
        if step.startswith("SCAN ") and step.split()[1] not in SHORT and not step.endswith(UNDER_WAY)
    )
    assert walked == []
    assert len(seen) > 40
    await store.close()


def watch(file: SqliteFile, seen: dict[str, list[str]]) -> None:
    for engine in (file.writer, file.reader):

        @event.listens_for(engine, "before_cursor_execute")
        def explain(_c: Any, cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:  # noqa: ANN401, FBT001
            if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE"} and statement not in seen:
                first = parameters[0] if many else parameters
                plan_rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", first).fetchall()
                seen[statement] = [row[3] for row in plan_rows]


async def do_everything(store: SqlStore) -> None:
    one, two, bare = Customer(), Customer("two"), Customer("bare")
    kept = plan(
        transcript=(
            assignment(period=deletion_class("P5D", StartEvent.SESSION_END)),
            assignment("train", consent="training"),
        ),
        original=assignment("train", consent="training"),
        consent=assignment("prove", deletion_class("P9D", StartEvent.CONSENT_END)),
        pseudonyms=assignment(),
        connection=assignment(),
        facts=assignment(),
    )
    for customer in (one, two):
        said = turn(once="m1", original="Eva")
        await store.write(
            customer.opening(kept, turns=said, consents=consent(), pseudonyms=b"map", connection={"a": "b"})
        )
        await store.write(
            customer.write(
                kept,
                turns=(said, turn()),
                pseudonyms=b"new",
                consents=consent(ConsentState.WITHDRAWN),
                events=(SessionEvent.SESSION_END, SessionEvent.AI_DISCLOSED),
                ratings=True,
            )
        )
    await store.write(bare.opening(NOTHING, turns=turn(once="m1")))
    store._keys.forget()
    for locator in (one.by_token(), one.by_conversation()):
        await store.find(locator, NOW)
    await store.read(one.id, "improve-chatbot", NOW)
    await store.read(one.id, "prove", NOW)
    await store.sessions(NOW, channel="chatbot", purpose="prove", after=two.id)
    await store.consent_states(one.id)
    await store.part_ids(one.id)
    await store.withdraw(one.id, "training", NOW)
    await store.end_idle(NOW + DAY, "chatbot", NOW + DAY)
    await store.due(NOW + 40 * DAY)
    await store.erase(await store.part_ids(two.id), ErasureReason.REQUESTED, NOW, "dpo")
    await store.check()
