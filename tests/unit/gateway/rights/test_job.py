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
from gateway.rights.job import RightsJob
from gateway.rights.office import Asked, Office
from gateway.rights.outbox import GIVEN_UP_AFTER, Outbox
from storage.errors import SealBrokenError, StorageError, StoreUnavailableError
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
from tests.integration.rights_shop import RIGHTS, texts_of
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
        step = RequestStep({OPEN}, RequestState.ANSWERED, "carried-out", "dpo-1", messages=(message,))
        await self.requests.take(request, step, NOW)

    async def last(self, request: UUID) -> str:
        return (await self.requests.events(request))[-1].what


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    loaded, store, clock, metrics = load_notice(path), MemoryStore(), FakeClock(NOW), Metrics()
    store.requests = requests = Broken(store._do, store.ledger.append)
    office = Office(loaded, store, None, texts_of(loaded), metrics, clock)
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
