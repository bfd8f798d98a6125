"""Recipients are told again until they have taken it, and none waits for another that does not answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import RefusedError
from gateway.metrics import Metrics
from gateway.notice.load import load_notice
from gateway.rights.letters import Letter
from gateway.rights.outbox import GIVEN_UP_AFTER, Outbox
from storage.ids import uuid7
from storage.memory import MemoryStore
from storage.requests import Matter, MessageState, NewMessage, NewRequest, RequestState, RequestStep, Right
from tests.fakes import FakeClock
from tests.integration.rights_shop import RIGHTS

AWAY, THERE = "Helfer GmbH", "Andere GmbH"
MESSAGES = 5


class Post:
    """A courier that does not reach one of two mailboxes until it is there again."""

    def __init__(self) -> None:
        self.away, self.tried, self.brought = True, 0, list[str]()

    def reaches(self, to: str) -> bool:
        return "@" in to

    async def send(self, letter: Letter) -> None:
        self.tried += 1
        if self.away and letter.to == "dpo@helfer.example":
            raise RefusedError("letter_not_sent", 503, "away")
        self.brought.append(letter.to)


async def _states(store: MemoryStore, request: NewRequest) -> dict[str, set[MessageState]]:
    told: dict[str, set[MessageState]] = {}
    for each in await store.requests.messages(request.id):
        told.setdefault(each.recipient, set()).add(each.state)
    return told


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def _asked(now: datetime) -> NewRequest:
    ends = now + timedelta(days=900)
    return NewRequest(uuid7(now), Right.ERASURE, "de", now, ends, b"s" * 32, Matter(), RequestState.OPEN)


async def _outbox(clock: FakeClock, tmp_path: Path) -> tuple[MemoryStore, NewRequest, Post, Outbox]:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    store, post, now = MemoryStore(), Post(), clock.now()
    request = _asked(now)
    await store.requests.open(request, now)
    messages = [NewMessage(uuid7(now), AWAY, "{}") for _ in range(MESSAGES)] + [NewMessage(uuid7(now), THERE, "{}")]
    step = RequestStep({RequestState.OPEN}, RequestState.ANSWERED, "done", "dpo", messages=tuple(messages))
    await store.requests.take(request.id, step, now)
    return store, request, post, Outbox(load_notice(path).notice, store, post, "", Metrics(), clock)


async def test_nobody_waits_for_who_does_not_answer(clock: FakeClock, tmp_path: Path) -> None:
    store, request, post, outbox = await _outbox(clock, tmp_path)
    assert await outbox.once() == 1
    assert (post.tried, post.brought) == (3, ["dpo@andere.example"]), "two tries tell that nobody is there"
    assert await outbox.once() == 0, "it is not yet time to try again"
    assert post.tried == 3
    post.away = False
    clock.move(minutes=5)
    assert await outbox.once() == MESSAGES
    assert await _states(store, request) == {AWAY: {MessageState.TOLD}, THERE: {MessageState.TOLD}}


async def test_what_nobody_takes_is_given_up_and_counted(clock: FakeClock, tmp_path: Path) -> None:
    store, request, _, outbox = await _outbox(clock, tmp_path)
    clock.move(seconds=GIVEN_UP_AFTER.total_seconds())
    await outbox.once()
    assert await _states(store, request) == {AWAY: {MessageState.GIVEN_UP}, THERE: {MessageState.TOLD}}
    now = clock.now()
    assert (await store.requests.figures(now)).stuck == MESSAGES
