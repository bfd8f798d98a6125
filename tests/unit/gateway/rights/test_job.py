"""A round of the requests' job: what goes wrong with one thing, or one request, keeps no other waiting."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gateway.metrics import Metrics
from gateway.notice.load import load_notice
from gateway.rights import casework
from gateway.rights.job import RightsJob
from gateway.rights.office import Asked, Office
from gateway.rights.outbox import GIVEN_UP_AFTER, Outbox
from storage.errors import RequestRefusedError, SealBrokenError, StorageError, StoreUnavailableError
from storage.holds import Verdict
from storage.ids import uuid7
from storage.memory import MemoryStore
from storage.memory.requests import MemoryRequests
from storage.requests import (
    SENDER,
    Matter,
    MessageKind,
    MessageState,
    NewMessage,
    NewRequest,
    Proof,
    RequestState,
    RequestStep,
    Right,
)
from tests.fakes import FakeClock
from tests.integration.rights_shop import EMAIL, RIGHTS, texts_of
from tests.unit.gateway.rights.desk import Post
from tests.unit.storage.builders import NOW, Customer, assignment, plan, turn

OPEN = RequestState.OPEN
LETTER = json.dumps({"kind": "answered", "text": "", "lifts": False})


class Broken(MemoryRequests):
    """Requests of which the record of one does not open, or of which all are out of reach."""

    broken: UUID | None = None
    error: StorageError = SealBrokenError()

    async def matter(self, request_id: UUID) -> Matter:
        if request_id == self.broken:
            raise self.error
        return await super().matter(request_id)


class Leads:
    """Leads always."""

    @contextlib.asynccontextmanager
    async def leading(self) -> AsyncIterator[bool]:
        yield True


@dataclass
class Shop:
    store: MemoryStore
    requests: Broken
    office: Office
    job: RightsJob
    clock: FakeClock
    metrics: Metrics

    async def opened(self, right: Right = Right.ACCESS, days: int = 30) -> UUID:
        """Open a request that was proven and broken off."""
        at = NOW + timedelta(days=days)
        new = NewRequest(uuid7(NOW), right, "en", at, NOW + timedelta(days=900), b"", Matter(), OPEN, proof=Proof.TOKEN)
        await self.requests.open(new, NOW)
        return new.id

    async def letter(self, request: UUID) -> None:
        """Let a letter wait for a request's sender."""
        message = NewMessage(uuid7(NOW), SENDER, LETTER, MessageKind.ANSWERED)
        step = RequestStep(
            {OPEN}, RequestState.ANSWERED, "carried-out", "dpo-1", messages=(message,), matter=Matter(contact=EMAIL)
        )
        await self.requests.take(request, step, NOW)

    async def last(self, request: UUID) -> str:
        return (await self.requests.events(request))[-1].what


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    loaded, store, clock, metrics = load_notice(path), MemoryStore(), FakeClock(NOW), Metrics()
    store.requests = requests = Broken(store._do, store.ledger.append)
    office = Office(loaded, store, Post(), texts_of(loaded), metrics, clock)
    outbox = Outbox(loaded.notice, store, None, "", office.casework, metrics, clock)
    job = RightsJob(store, office.casework, outbox, metrics, clock, Leads())
    return Shop(store, requests, office, job, clock, metrics)


async def test_who_objects_again_after_an_end_is_answered_and_keeps_nobody_waiting(shop: Shop) -> None:
    customer = Customer("one", channel="chat")
    kept = plan(transcript=(assignment("improve"), assignment("defend")))
    await shop.store.write(customer.opening(kept, turns=turn("Guten Tag")))
    asked = Asked(Right.OBJECTION, "en", "chat", customer.id, scope="improve")
    first, _ = await shop.office.ask(asked)
    await shop.office.casework.answer(first.id, "dpo-1", "Yes.", Verdict.UPHELD)
    told = len([each for each in await shop.requests.waiting(NOW) if each.kind is MessageKind.RESTRICTION_BEGUN])
    again, _ = await shop.office.ask(asked)
    after = await shop.opened()
    shop.clock.move(minutes=2)
    await shop.job.once()
    assert (await shop.last(again.id), await shop.last(after)) == ("carried-out", "carried-out")
    begun = [
        each
        for request in (first.id, again.id)
        for each in await shop.requests.messages(request)
        if each.kind is MessageKind.RESTRICTION_BEGUN
    ]
    assert len(begun) == told, "nobody is told of a restriction that has not begun"


async def test_a_record_that_does_not_open_keeps_no_other_request_waiting(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.requests.broken, after = await shop.opened(days=1), await shop.opened(days=2)
    shop.clock.move(minutes=2)
    await shop.job.once()
    assert await shop.last(after) == "carried-out"
    (line,) = [each for each in caplog.records if each.getMessage() == "a request failed"]
    assert line.__dict__["error"] == "SealBrokenError"


async def test_a_store_out_of_reach_is_raised_when_the_rest_is_done(shop: Shop) -> None:
    shop.requests.broken, shop.requests.error = await shop.opened(days=1), StoreUnavailableError()
    old = await shop.opened()
    await shop.requests.take(old, RequestStep({OPEN}, OPEN, "carried-out", "", delete_by=NOW), NOW)
    shop.clock.move(minutes=2)
    with pytest.raises(StoreUnavailableError):
        await shop.job.once()
    assert await shop.requests.get(old) is None, "what has expired goes all the same"


@pytest.mark.parametrize("given_up", [True, False])
async def test_a_letter_whose_request_does_not_open_is_put_off(shop: Shop, *, given_up: bool) -> None:
    one, two = await shop.opened(), await shop.opened()
    await shop.letter(one)
    await shop.letter(two)
    shop.requests.broken = one
    if given_up:
        shop.clock.move(seconds=GIVEN_UP_AFTER.total_seconds())
    await shop.job.once()
    ((first,), (second,)) = [await shop.requests.messages(each) for each in (one, two)]
    assert (first.state, first.attempts) == (MessageState.GIVEN_UP if given_up else MessageState.WAITING, 1)
    assert second.state is MessageState.TOLD
    assert shop.metrics.outbox_attempts.labels("failed")._value.get() == 1


async def _extended(shop: Shop, right: Right, matter: Matter) -> UUID:
    """Return a proven request that was broken off and then extended, as was possible before."""
    due = NOW + timedelta(days=30)
    new = NewRequest(uuid7(NOW), right, "en", due, NOW + timedelta(days=900), b"", matter, OPEN, proof=Proof.TOKEN)
    await shop.requests.open(new, NOW)
    step = RequestStep({OPEN}, RequestState.EXTENDED, "extended", "dpo-1", due_at=NOW + timedelta(days=90))
    await shop.requests.take(new.id, step, NOW)
    return new.id


async def test_what_was_broken_off_and_then_extended_is_carried_out(shop: Shop) -> None:
    request = await _extended(shop, Right.ACCESS, Matter())
    shop.clock.move(minutes=2)
    await shop.job.once()
    after = await shop.requests.get(request)
    assert after is not None
    assert (after.state, await shop.last(request)) == (RequestState.ANSWERED, "carried-out")


async def test_no_request_is_behind_the_end_of_the_list(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casework, "_PAGE", 2)
    ids = [await shop.opened(days=1) for _ in range(5)]
    for each in ids[:3]:  # left to people, so that they stay in front
        await shop.requests.take(each, RequestStep({OPEN}, OPEN, "carried-out", "gateway"), NOW)
    pending = [
        NewRequest(
            uuid7(NOW), Right.ACCESS, "en", NOW, NOW + timedelta(days=900), b"", Matter(), RequestState.IDENTITY_PENDING
        )
        for _ in range(3)
    ]
    for new in pending:
        await shop.requests.open(new, NOW)
        if new is not pending[-1]:
            await shop.requests.attest(new.id, "dpo-1", NOW)
    shop.clock.move(minutes=2)
    await shop.job.once()
    states = [after.state for each in ids[3:] if (after := await shop.requests.get(each)) is not None]
    assert states == [RequestState.ANSWERED] * 2
    assert await shop.last(pending[-1].id) == "refused"


@pytest.mark.parametrize("step", ["answer", "extend"])
async def test_the_desk_carries_out_first_what_was_broken_off(shop: Shop, step: str) -> None:
    customer = Customer("one", channel="chat")
    await shop.store.write(customer.opening(plan(transcript=assignment("improve")), turns=turn("Guten Tag")))
    due, matter = NOW + timedelta(days=30), Matter(sessions=(customer.id,), scope="improve")
    new = NewRequest(
        uuid7(NOW), Right.OBJECTION, "en", due, NOW + timedelta(days=900), b"", matter, OPEN, proof=Proof.TOKEN
    )
    await shop.requests.open(new, NOW)
    if step == "answer":
        await shop.office.casework.answer(new.id, "dpo-1", "Yes.", Verdict.UPHELD)
        assert await shop.store.part_ids(customer.id) == {}
    else:
        await shop.office.casework.extend(new.id, "dpo-1", "There is much.")
        (objection,) = await shop.store.retention.restrictions(session_id=customer.id)
        assert objection.purpose == "improve"
    done = [each.what for each in await shop.requests.events(new.id)]
    assert done == ["received", "carried-out", "answered" if step == "answer" else "extended"]


async def test_what_is_answered_by_being_carried_out_is_not_extended(shop: Shop) -> None:
    request = await shop.opened()
    with pytest.raises(RequestRefusedError):
        await shop.office.casework.extend(request, "dpo-1", "There is much.")
    assert await shop.last(request) == "carried-out"
