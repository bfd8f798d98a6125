"""What can't be stored when the databases are back is kept aside, and holds up nothing, on both engines."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace

import pytest

from storage import ConsentState, ErasureReason, StorageError, StoreUnavailableError, UnknownSessionError, Write
from storage.spool import restoring
from storage.spool.entries import Entry, entries_in, frame
from storage.sql import spooling
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.spooling import Late
from tests.contracts.outages import Outage, drain, opened, waiting
from tests.contracts.stores import texts
from tests.unit.storage.builders import NOW, Customer, assignment, consent, plan, turn


@pytest.mark.parametrize("at", [1, 6, 10, 200])
async def test_an_altered_entry_is_kept_aside_and_the_rest_is_stored(outage: Outage, at: int) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    for text in ("second", "third"):
        await store.write(one.write(turns=turn(text)))
    await outage.kill()
    (path,) = outage.files()
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    await outage.come_back()
    await store.close()
    store = await outage.start()
    assert await texts(store, one, "improve-chatbot") == ["first", "third"]
    assert store.spool is not None
    assert store.spool.figures(NOW).dropped == {"gone": 0, "broken": 1, "refused": 0}
    aside = path.with_suffix(".broken")
    assert aside.read_bytes() == bytes(content)
    content[at] ^= 1
    aside.write_bytes(content)
    await store.close()
    aside.rename(path)  # as docs/operations.md has it
    store = await outage.start()
    assert await texts(store, one, "improve-chatbot") == ["first", "third", "second"]
    assert not list(path.parent.glob("*.broken"))


async def test_what_a_mistake_keeps_out_of_the_store_is_kept_aside_and_holds_up_nothing(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = outage.store
    one, other = await opened(store), await opened(store, "two")
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await store.write(other.write(turns=turn("second")))
    await outage.come_back()

    def mistaken(unit: Unit, keys: KeyStore, late: Late) -> Write:
        if late.session_id == one.id:
            raise RuntimeError("a mistake")
        return was(unit, keys, late)

    was = spooling.opened
    monkeypatch.setattr(spooling, "opened", mistaken)
    await drain(outage)
    assert waiting(outage) == 0
    assert await texts(store, other, "improve-chatbot") == ["first", "second"]
    monkeypatch.undo()
    (path,) = outage.aside()
    await store.close()
    path.rename(path.with_suffix(".spool"))
    store = await outage.start()
    assert await texts(store, one, "improve-chatbot") == ["first", "second"]
    assert await texts(store, other, "improve-chatbot") == ["first", "second"]


async def test_what_could_not_be_synced_is_refused_and_never_stored(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worn_out(_: int) -> None:
        raise OSError(errno.EIO, "the disk is worn out")

    one = await opened(outage.store)
    await outage.go()
    await outage.store.write(one.write(turns=turn("second")))
    monkeypatch.setattr("storage.spool.journal.os.fsync", worn_out)
    with pytest.raises(StoreUnavailableError):
        await outage.store.write(one.write(turns=turn("refused")))
    monkeypatch.undo()
    await outage.store.write(one.write(turns=turn("third")))
    await outage.come_back()
    await drain(outage)
    assert await texts(outage.store, one, "improve-chatbot") == ["first", "second", "third"]
    assert outage.store.spool is not None
    assert outage.store.spool.figures(NOW).dropped == {"gone": 0, "broken": 0, "refused": 0}


async def test_entries_of_another_session_or_store_do_not_open(outage: Outage) -> None:
    store = outage.store
    one, other = await opened(store), await opened(store, "two")
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await outage.kill()
    (path,) = outage.files()
    content = path.read_bytes()
    (entry,) = entries_in(content)
    assert entry is not None
    path.write_bytes(frame(replace(entry, session_id=other.id)))
    await outage.come_back()
    await store.close()
    store = await outage.start()
    assert await texts(store, other, "improve-chatbot") == ["first"]
    assert await texts(store, one, "improve-chatbot") == ["first"]


class Refusing:
    """Has the databases refuse some entries, with an error that may be everybody's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._was = spooling.opened
        self.refuses: Callable[[Entry], bool] = lambda _: False
        monkeypatch.setattr(spooling, "opened", self._opened)
        monkeypatch.setattr(restoring, "_AGAIN_SECONDS", (0, 0))

    def _opened(self, unit: Unit, keys: KeyStore, late: Late) -> Write:
        if self.refuses(late.entry):
            raise StoreUnavailableError("the database does not want this")
        return self._was(unit, keys, late)


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Refusing:
    return Refusing(monkeypatch)


async def test_an_entry_that_the_databases_alone_refuse_is_kept_aside_and_the_others_go_on(
    outage: Outage, refusing: Refusing
) -> None:
    store = outage.store
    one, other = await opened(store), await opened(store, "two")
    await outage.go()
    for text in ("second", "third"):
        await store.write(one.write(turns=turn(text)))
        await store.write(other.write(turns=turn(text)))
    await outage.come_back()
    first = entries_of(outage)[0]
    refusing.refuses = lambda entry: entry.number == first.number
    await drain(outage)
    assert waiting(outage) == 0
    assert await texts(store, other, "improve-chatbot") == ["first", "second", "third"]
    assert await texts(store, one, "improve-chatbot") == ["first", "third"]
    assert store.spool is not None
    figures = store.spool.figures(NOW)
    assert figures.dropped == {"gone": 0, "broken": 0, "refused": 1}
    assert figures.aside_bytes > 0
    await store.write(one.write(turns=turn("fourth")))
    refusing.refuses = lambda _: False
    await bring_back(outage)
    assert await texts(outage.store, one, "improve-chatbot") == ["first", "third", "fourth", "second"]
    assert await texts(outage.store, other, "improve-chatbot") == ["first", "second", "third"]


async def test_what_is_refused_to_everybody_waits_and_is_stored_in_order(outage: Outage, refusing: Refusing) -> None:
    store = outage.store
    one, other = await opened(store), await opened(store, "two")
    await outage.go()
    for text in ("second", "third"):
        await store.write(one.write(turns=turn(text)))
        await store.write(other.write(turns=turn(text)))
    await outage.come_back()
    refusing.refuses = lambda _: True
    for _ in range(4):
        with pytest.raises(StorageError):
            await drain(outage)
    assert waiting(outage) == 4
    assert outage.aside() == []
    refusing.refuses = lambda _: False
    await drain(outage)
    for each in (one, other):
        assert await texts(store, each, "improve-chatbot") == ["first", "second", "third"]


async def test_the_only_one_that_waits_is_given_up_once_something_else_was_stored(
    outage: Outage, refusing: Refusing
) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await outage.come_back()
    refusing.refuses = lambda _: True
    for _ in range(4):
        with pytest.raises(StorageError):
            await drain(outage)
    assert (waiting(outage), outage.aside()) == (1, [])
    await opened(store, "two")
    await drain(outage)
    assert waiting(outage) == 0
    assert len(outage.aside()) == 1


async def test_what_is_refused_keeps_no_gateway_from_starting(outage: Outage, refusing: Refusing) -> None:
    one = await opened(outage.store)
    await outage.go()
    await outage.store.write(one.write(turns=turn("second")))
    await outage.kill()
    await outage.come_back()
    await outage.store.close()
    refusing.refuses = lambda _: True
    store = await outage.start()
    assert waiting(outage) == 1
    refusing.refuses = lambda _: False
    await drain(outage)
    assert await texts(store, one, "improve-chatbot") == ["first", "second"]


async def test_what_is_said_after_a_start_does_not_go_past_what_waits_from_before(
    outage: Outage, refusing: Refusing
) -> None:
    by_consent = plan(transcript=(assignment(), assignment("train", consent="training")))
    one = Customer()
    await outage.store.write(one.opening(by_consent, consents=consent(), turns=turn("first")))
    await outage.store.find(one.by_token(), NOW)
    await outage.go()
    for text in ("second", "third"):
        await outage.store.write(one.write(by_consent, turns=turn(text)))
    await outage.kill()
    await outage.come_back()
    await outage.store.close()
    refusing.refuses = lambda _: True
    store = await outage.start()
    assert await store.find(one.by_token(), NOW) is not None
    with pytest.raises(StoreUnavailableError):
        await store.write(one.write(by_consent, turns=turn("fourth")))
    await store.write(one.write(by_consent, consents=consent(ConsentState.WITHDRAWN)))  # at once, whatever waits
    assert "train" not in (await store.sessions(NOW))[0].purposes
    refusing.refuses = lambda _: False
    await drain(outage)
    await store.write(one.write(by_consent, turns=turn("fourth")))
    assert await texts(store, one, "improve-chatbot") == ["first", "second", "third", "fourth"]


async def test_a_repeat_does_not_show_that_the_databases_take_something(outage: Outage, refusing: Refusing) -> None:
    store = outage.store
    one, other = await opened(store), Customer("two")
    repeated = turn("first", once="message/1")
    await store.write(other.opening(turns=(repeated,)))
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await outage.come_back()
    refusing.refuses = lambda _: True
    for _ in range(2):
        with pytest.raises(StorageError):
            await drain(outage)
        assert store.spool is not None
        store.spool._memory.forget([other.id])  # as one that was opened by another process
        assert await store.find(other.by_token(), NOW) is not None
        assert (await store.write(other.write(turns=(repeated,)))).turns == (False,)
    assert (waiting(outage), outage.aside()) == (1, [])


async def test_what_is_kept_aside_is_erased_with_its_session(outage: Outage, refusing: Refusing) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await outage.come_back()
    refusing.refuses = lambda _: True
    with pytest.raises(StorageError):
        await drain(outage)
    await opened(store, "two")
    await drain(outage)
    await store.erase(list(await store.part_ids(one.id)), ErasureReason.REQUESTED, NOW, "admin")
    refusing.refuses = lambda _: False
    await bring_back(outage)
    with pytest.raises(UnknownSessionError):
        await outage.store.read(one.id, "improve-chatbot", NOW)
    assert (outage.files(), outage.aside()) == ([], [])
    assert outage.store.spool is not None
    assert outage.store.spool.figures(NOW).dropped == {"gone": 1, "broken": 0, "refused": 0}


def entries_of(outage: Outage) -> list[Entry]:
    (path,) = outage.files()
    return [entry for entry in entries_in(path.read_bytes()) if entry is not None]


async def bring_back(outage: Outage) -> None:
    """Start again on what is kept aside, as docs/operations.md has it."""
    (path,) = outage.aside()
    await outage.store.close()
    path.rename(path.with_suffix(".spool"))
    await outage.start()
