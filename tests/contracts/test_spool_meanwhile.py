"""What was erased, withdrawn or has ended while it waited is not stored, on both engines."""

from __future__ import annotations

import pytest

from storage import (
    ConsentState,
    ErasureReason,
    PartKind,
    UnknownSessionError,
)
from tests.contracts.outages import Outage, drain, opened, waiting
from tests.contracts.stores import texts
from tests.unit.storage.builders import DAY, NOW, Customer, assignment, consent, plan, turn


async def test_what_was_erased_meanwhile_is_not_stored_and_not_readable(outage: Outage) -> None:
    store = outage.store
    gone, kept = await opened(store, "gone"), await opened(store, "kept")
    await outage.go()
    for one in (gone, kept):
        await store.write(one.write(turns=turn("second")))
    await outage.come_back()
    await store.erase(list(await store.part_ids(gone.id)), ErasureReason.REQUESTED, NOW, "admin")
    await drain(outage)
    assert await texts(store, kept, "improve-chatbot") == ["first", "second"]
    with pytest.raises(UnknownSessionError):
        await store.read(gone.id, "improve-chatbot", NOW)
    assert store.spool is not None
    assert store.spool.figures(NOW).dropped == {"gone": 1, "broken": 0, "refused": 0}


async def test_a_part_that_was_erased_does_not_come_back_in_a_session_that_is_there(outage: Outage) -> None:
    store = outage.store
    one = await opened(store)
    await outage.go()
    await store.write(one.write(turns=turn("second")))
    await outage.come_back()
    transcript = [part for part, kind in (await store.part_ids(one.id)).items() if kind is PartKind.TRANSCRIPT]
    await store.erase(transcript, ErasureReason.REQUESTED, NOW, "admin")
    await drain(outage)
    assert PartKind.TRANSCRIPT not in (await store.part_ids(one.id)).values()


async def test_what_is_withdrawn_meanwhile_is_not_stored(outage: Outage) -> None:
    store = outage.store
    one = Customer()
    by_consent = plan(transcript=(assignment(), assignment("train", consent="training")))
    await store.write(one.opening(by_consent, consents=consent(), turns=turn("first")))
    await store.find(one.by_token(), NOW)
    await outage.go()
    await store.write(one.write(by_consent, turns=turn("second")))
    await outage.come_back()
    await store.write(one.write(by_consent, consents=consent(ConsentState.WITHDRAWN)))
    await drain(outage)
    assert await texts(store, one, "improve-chatbot") == ["first", "second"]
    assert "train" not in (await store.sessions(NOW))[0].purposes


async def test_what_has_ended_while_it_waited_is_never_stored(outage: Outage) -> None:
    store = outage.store
    one = Customer()
    short = plan(transcript=(assignment(period="P1D"), assignment("legal-defence", "P3D")))
    await store.write(one.opening(short, turns=turn("first")))
    await store.find(one.by_token(), NOW)
    await outage.go()
    await store.write(one.write(short, turns=turn("second")))
    await outage.come_back()
    outage.clock.moment = NOW + 2 * DAY
    await drain(outage)
    then = NOW + 2 * DAY
    assert await texts(store, one, "legal-defence", then) == ["first", "second"]
    assert await store.sessions(then, purpose="improve-chatbot") == ()


async def test_a_turn_all_of_whose_purposes_have_ended_is_not_stored(outage: Outage) -> None:
    store = outage.store
    one = Customer()
    short = plan(transcript=assignment(period="P1D"), facts=assignment())
    await store.write(one.opening(short, turns=turn("first")))
    await store.find(one.by_token(), NOW)
    await outage.go()
    await store.write(one.write(short, turns=turn("second")))
    await outage.come_back()
    outage.clock.moment = NOW + 2 * DAY
    before = await store.part_ids(one.id)
    await drain(outage)
    assert await store.part_ids(one.id) == before
    assert waiting(outage) == 0
