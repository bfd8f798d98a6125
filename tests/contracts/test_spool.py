"""What holds while the databases are away, on both engines: nothing acknowledged is lost, nothing is stored twice."""

from __future__ import annotations

import asyncio

import pytest

from gateway.draining import Draining
from gateway.metrics import Metrics
from storage import (
    ConsentState,
    ErasureReason,
    Identifier,
    Locator,
    SessionEvent,
    Speaker,
    StoreUnavailableError,
)
from storage.sql import SqlStore
from storage.sql.steps import Step
from tests.contracts.outages import LIMIT, Outage, drain, opened, waiting
from tests.contracts.stores import texts
from tests.unit.storage.builders import NOW, Customer, assignment, consent, plan, turn

ORIGINALS = plan(
    transcript=assignment(), original=assignment("legal-defence"), pseudonyms=assignment(), facts=assignment()
)


async def talk_for_ever(store: SqlStore, one: Customer) -> None:
    for number in range(1000):
        await store.write(one.write(turns=turn(f"{number}" + "x" * 20_000)))


async def test_turns_of_an_open_session_wait_and_come_back_in_order(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    for text in ("second", "third"):
        written = await store.write(one.write(turns=turn(text)))
        assert written.turns == (True,)
    session = await store.find(one.by_token(), NOW)
    assert session is not None
    assert [ref.sequence for ref in session.history] == [0, 1, 2]
    assert session.remembered
    assert waiting(outage) == 2
    await outage.come_back()
    await drain(outage)
    assert waiting(outage) == 0
    assert outage.files() == []
    assert await texts(store, one, "improve-chatbot") == ["first", "second", "third"]
    found = await store.find(one.by_token(), NOW)
    assert found is not None
    assert found.history == session.history
    assert not found.remembered
    facts = (await store.read(one.id, "improve-chatbot", NOW)).summary.facts
    assert facts is not None
    assert facts.messages == 3


async def test_databases_that_say_nothing_keep_no_open_session_waiting(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.spool.spool.PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr("storage.sql.store.CHECK_SECONDS", 0.1)
    store = outage.store
    one = await opened(store)
    await outage.fall_silent(3)
    async with asyncio.timeout(2):
        assert await store.find(one.by_token(), NOW) is not None
        await store.write(one.write(turns=turn("second")))
        await store.write(one.write(turns=turn("third")))
        with pytest.raises(StoreUnavailableError):
            await store.check()
    monkeypatch.undo()
    assert waiting(outage) == 2
    await outage.come_back()
    await drain(outage)
    assert await texts(store, one, "improve-chatbot") == ["first", "second", "third"]
    await store.check()


async def test_what_is_not_open_here_is_refused(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    other = Customer("two")
    for refused in (
        store.write(other.opening(turns=turn("new"))),
        store.write(one.write(consents=consent())),
        store.write(one.write(turns=turn("x"), events=SessionEvent.SESSION_END)),
        store.write(one.write(turns=turn("x"), ratings=True)),
        store.write(one.write(plan(transcript=assignment("another-purpose")), turns=turn("x"))),
    ):
        with pytest.raises(StoreUnavailableError):
            await refused
    assert waiting(outage) == 1
    assert await store.find(one.by_token(b"x" * 32), NOW) is None
    assert await store.find(Locator("another", id=one.id, token=one.token), NOW) is None


async def test_behind_what_waits_nothing_goes_past(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await outage.come_back()
    await store.write(one.write(turns=turn("third")))
    assert waiting(outage) == 2
    await store.write(one.write(turns=turn("fourth"), consents=consent(ConsentState.REFUSED)))
    assert waiting(outage) == 0
    assert await texts(store, one, "improve-chatbot") == ["first", "second", "third", "fourth"]


async def test_a_repeat_is_stored_once_before_during_and_after(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    said, answer = turn("second", once="2"), turn("yes", Speaker.BOT, once="0", answers=0)
    await outage.go()
    first = await store.write(one.write(turns=(said, answer)))
    assert first.sequences == (1, 2)
    assert (await store.write(one.write(turns=said))).turns == (False,)
    await outage.come_back()
    await drain(outage)
    assert (await store.write(one.write(turns=(said,)))).turns == (False,)
    assert await texts(store, one, "improve-chatbot") == ["first", "second", "yes"]


async def test_a_kill_at_any_point_of_the_draining_stores_nothing_twice(outage: Outage) -> None:
    store = outage.store
    one, other = await opened(store), await opened(store, "two")
    await outage.go()
    for number in range(70):
        await store.write((one if number % 2 else other).write(turns=turn(f"{number}")))
    kept = {path: path.read_bytes() for path in outage.files()}
    await outage.come_back()
    await drain(outage)
    await outage.kill()
    for path, content in kept.items():  # killed after the rows were committed, before the file was gone
        path.write_bytes(content)
    await store.close()
    store = await outage.start()
    assert outage.files() == []
    assert await texts(store, one, "improve-chatbot") == ["first", *map(str, range(1, 70, 2))]
    assert await texts(store, other, "improve-chatbot") == ["first", *map(str, range(0, 70, 2))]


async def test_what_waited_when_the_process_was_killed_is_stored_at_the_next_start(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await outage.kill()
    for path in outage.files():  # killed while the next was being written
        path.write_bytes(path.read_bytes() + b"\0\0\1\0half")
    await outage.come_back()
    await store.close()
    store = await outage.start()
    assert await texts(store, one, "improve-chatbot") == ["first", "second"]
    assert store.spool is not None
    assert store.spool.figures(NOW).dropped == {"gone": 0, "broken": 0, "refused": 0}


async def test_a_commit_whose_answer_got_lost_is_not_stored_twice(outage: Outage) -> None:
    await outage.store.close()
    failing: list[Step] = []

    def on_step(step: Step) -> None:
        if step in failing:
            raise StoreUnavailableError("the connection was lost")

    store = await outage.start(on_step=on_step)
    one = await opened(store)
    failing.append(Step.ROWS_CREATED)
    await store.write(one.write(turns=turn("second")))
    failing.clear()
    assert waiting(outage) == 1
    await drain(outage)
    assert await texts(store, one, "improve-chatbot") == ["first", "second"]


async def test_a_full_spool_refuses_and_goes_on_when_there_is_room(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    with pytest.raises(StoreUnavailableError, match="full"):
        await talk_for_ever(store, one)
    assert store.spool is not None
    figures = store.spool.figures(NOW)
    assert LIMIT - 64 * 1024 < figures.size_bytes <= LIMIT
    session = await store.find(one.by_token(), NOW)
    assert session is not None
    assert len(session.history) == 1 + figures.turns
    await outage.come_back()
    await drain(outage)
    assert len(await texts(store, one, "improve-chatbot")) == 1 + figures.turns
    await store.write(one.write(turns=turn("after")))


async def test_originals_pseudonyms_and_identifiers_wait_as_well(outage: Outage) -> None:
    store = outage.store
    one = Customer()
    phone = Identifier("PHONE", "+493012345678")
    await store.write(one.opening(ORIGINALS, turns=turn("first", original="FIRST"), pseudonyms=b"map 1"))
    await store.find(one.by_token(), NOW)
    await outage.go()
    said = turn("my number", original="my number is 030 12345678", identifiers=(phone,))
    await store.write(one.write(ORIGINALS, turns=said, pseudonyms=b"map 2"))
    session = await store.find(one.by_token(), NOW)
    assert session is not None
    assert session.pseudonyms == b"map 2"
    content = b"".join(path.read_bytes() for path in outage.files())
    assert content
    assert not any(word in content for word in (b"number", b"12345678", b"map 2", b"493012345678"))
    await outage.come_back()
    await drain(outage)
    turns = (await store.read(one.id, "legal-defence", NOW)).turns
    assert [each.original for each in turns] == ["FIRST", "my number is 030 12345678"]
    assert await store.find_by(phone, NOW) == (one.id,)
    found = await store.find(one.by_token(), NOW)
    assert found is not None
    assert found.pseudonyms == b"map 2"


async def test_pseudonyms_that_come_with_nothing_but_repeats_are_not_acknowledged_and_lost(outage: Outage) -> None:
    store = outage.store
    one = Customer()
    said = turn("first", once="m1")
    await store.write(one.opening(ORIGINALS, turns=said, pseudonyms=b"map 1"))
    await store.find(one.by_token(), NOW)
    await outage.go()
    with pytest.raises(StoreUnavailableError):
        await store.write(one.write(ORIGINALS, turns=said, pseudonyms=b"map 2"))
    session = await store.find(one.by_token(), NOW)
    assert session is not None
    assert session.pseudonyms == b"map 1"
    await outage.come_back()
    await store.write(one.write(ORIGINALS, turns=said, pseudonyms=b"map 2"))
    await drain(outage)
    found = await store.find(one.by_token(), NOW)
    assert found is not None
    assert found.pseudonyms == b"map 2"


async def test_an_entry_that_is_stored_again_puts_no_older_pseudonyms_in_place_of_newer(outage: Outage) -> None:
    store = outage.store
    one = Customer()
    await store.write(one.opening(ORIGINALS, turns=turn("first"), pseudonyms=b"map 1"))
    await store.find(one.by_token(), NOW)
    await outage.go()
    await store.write(one.write(ORIGINALS, turns=turn("second"), pseudonyms=b"map 2"))
    kept = {path: path.read_bytes() for path in outage.files()}
    await outage.come_back()
    await drain(outage)
    await store.write(one.write(ORIGINALS, turns=turn("third"), pseudonyms=b"map 3"))
    await store.close()
    for path, content in kept.items():
        path.write_bytes(content)
    store = await outage.start()
    found = await store.find(one.by_token(), NOW)
    assert found is not None
    assert found.pseudonyms == b"map 3"
    assert await texts(store, one, "improve-chatbot") == ["first", "second", "third"]


async def test_in_memory_is_what_was_asked_for_within_an_hour_and_is_not_erased(outage: Outage) -> None:
    store = outage.store
    waits, erased, old = [await opened(store, name) for name in ("waits", "erased", "old")]
    spool = store.spool
    assert spool is not None
    await store.erase(list(await store.part_ids(erased.id)), ErasureReason.REQUESTED, NOW, "admin")
    draining = Draining(spool, Metrics(), outage.clock)
    for _ in range(60):
        await draining.once()
    assert [spool._memory.get(each.id) is not None for each in (waits, erased, old)] == [True, False, True]
    await outage.go()
    await store.write(waits.write(turns=turn("second")))
    outage.clock.move(seconds=3601)
    spool.forget_old(outage.clock.now())
    assert [spool._memory.get(each.id) is not None for each in (waits, erased, old)] == [True, False, False]


async def test_figures_tell_depth_and_age(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    await store.write(one.write(turns=(turn("second"), turn("third"))))
    assert store.spool is not None
    outage.clock.move(seconds=90)
    figures = store.spool.figures(outage.clock.now())
    assert (figures.turns, figures.oldest_seconds, figures.away, figures.room) == (2, 90, True, True)
    with pytest.raises(StoreUnavailableError):
        await store.spool.drain()
    await outage.come_back()
    drained = await store.spool.drain()
    assert drained.stored == 1
    after = store.spool.figures(outage.clock.now())
    assert (after.turns, after.size_bytes, after.oldest_seconds, after.away, after.taken) == (0, 0, 0, False, 2)
