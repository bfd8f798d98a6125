"""Recipients are told again until they have taken it, and none waits for another that does not answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gateway.errors import RefusedError
from gateway.metrics import Metrics
from gateway.notice.load import load_notice
from gateway.rights.letters import Letter
from gateway.rights.outbox import GIVEN_UP_AFTER, Outbox
from storage.errors import RetentionRefusedError
from storage.ids import uuid7
from storage.memory import MemoryStore
from storage.requests import (
    SENDER,
    Matter,
    MessageKind,
    MessageState,
    NewMessage,
    NewRequest,
    RequestState,
    RequestStep,
    Right,
)
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


class Letters:
    """Writes to senders, and remembers what waited for it."""

    def __init__(self) -> None:
        self.away, self.sent, self.given_back = True, list[str](), 0

    async def deliver(self, _request_id: UUID, content: str) -> None:
        if self.away:
            raise RefusedError("letter_not_sent", 503, "away")
        self.sent.append(content)

    async def give_back(self, _request_id: UUID) -> None:
        self.given_back += 1


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
    messages = [NewMessage(uuid7(now), AWAY, "{}", MessageKind.ERASURE) for _ in range(MESSAGES)] + [
        NewMessage(uuid7(now), THERE, "{}", MessageKind.ERASURE)
    ]
    step = RequestStep({RequestState.OPEN}, RequestState.ANSWERED, "done", "dpo", messages=tuple(messages))
    await store.requests.take(request.id, step, now)
    return store, request, post, Outbox(load_notice(path).notice, store, post, "", Letters(), Metrics(), clock)


async def test_a_letter_is_tried_again_and_what_waits_for_it_is_done_if_it_is_given_up(clock: FakeClock) -> None:
    store, letters, now = MemoryStore(), Letters(), clock.now()
    request = _asked(now)
    await store.requests.open(request, now)
    both = tuple(NewMessage(uuid7(now), SENDER, text, MessageKind.ANSWERED) for text in ("one", "two"))
    step = RequestStep({RequestState.OPEN}, RequestState.ANSWERED, "done", "dpo", messages=both)
    await store.requests.take(request.id, step, now)
    notice = load_notice(Path("notices/imtron.yaml")).notice
    outbox = Outbox(notice, store, None, "", letters, Metrics(), clock)
    assert await outbox.once() == 0
    figures = await store.requests.figures(now)
    assert (figures.letters, figures.messages, figures.stuck) == ({MessageState.WAITING: 2}, {}, 0)
    letters.away = False
    clock.move(minutes=2)
    assert await outbox.once() == 2
    assert (sorted(letters.sent), letters.given_back) == (["one", "two"], 0)
    assert await _states(store, request) == {SENDER: {MessageState.TOLD}}


async def test_a_letter_that_is_given_up_holds_nothing_back(clock: FakeClock) -> None:
    store, letters, now = MemoryStore(), Letters(), clock.now()
    request = _asked(now)
    await store.requests.open(request, now)
    step = RequestStep(
        {RequestState.OPEN},
        RequestState.ANSWERED,
        "done",
        "dpo",
        messages=(NewMessage(uuid7(now), SENDER, "one", MessageKind.ANSWERED),),
    )
    await store.requests.take(request.id, step, now)
    clock.move(seconds=GIVEN_UP_AFTER.total_seconds())
    notice = load_notice(Path("notices/imtron.yaml")).notice
    await Outbox(notice, store, None, "", letters, Metrics(), clock).once()
    assert (letters.given_back, await _states(store, request)) == (1, {SENDER: {MessageState.GIVEN_UP}})


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


async def _letters(store: MemoryStore, now: datetime, *texts: str) -> NewRequest:
    request = _asked(now)
    await store.requests.open(request, now)
    letters = tuple(NewMessage(uuid7(now), SENDER, text, MessageKind.ANSWERED) for text in texts)
    step = RequestStep({RequestState.OPEN}, RequestState.ANSWERED, "done", "dpo", messages=letters)
    await store.requests.take(request.id, step, now)
    return request


class SomeWrong(Letters):
    """Reaches all mailboxes but the wrong ones."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def deliver(self, _request_id: UUID, content: str) -> None:
        if content == "wrong":
            raise self._error
        self.sent.append(content)


@pytest.mark.parametrize(
    "error", [RefusedError("letter_not_sent", 503, "no such mailbox"), IndexError(), RetentionRefusedError("not so")]
)
async def test_wrong_mailboxes_keep_nobodys_letter_waiting(clock: FakeClock, error: Exception) -> None:
    store, letters, now = MemoryStore(), SomeWrong(error), clock.now()
    await _letters(store, now, *["wrong"] * 5, "one", "two")
    notice = load_notice(Path("notices/imtron.yaml")).notice
    outbox = Outbox(notice, store, None, "", letters, Metrics(), clock)
    for _ in range(4):
        await outbox.once()
        clock.move(seconds=20)
    assert sorted(letters.sent) == ["one", "two"]
    figures = await store.requests.figures(clock.now())
    assert figures.letters == {MessageState.WAITING: 5, MessageState.TOLD: 2}


async def test_a_letter_is_not_given_up_for_the_mailboxes_of_others(clock: FakeClock) -> None:
    store, letters, now = MemoryStore(), SomeWrong(RefusedError("letter_not_sent", 503, "away")), clock.now()
    await _letters(store, now, *["wrong"] * 3, "one")
    clock.move(seconds=GIVEN_UP_AFTER.total_seconds())
    outbox = Outbox(load_notice(Path("notices/imtron.yaml")).notice, store, None, "", letters, Metrics(), clock)
    for _ in range(3):
        await outbox.once()
        clock.move(seconds=20)
    assert letters.sent == ["one"]
    figures = await store.requests.figures(clock.now())
    assert figures.letters == {MessageState.GIVEN_UP: 3, MessageState.TOLD: 1}
