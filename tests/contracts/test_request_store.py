"""What every `RequestStore` promises of requests, their clock, their steps and the messages that these cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storage import (
    ConsentState,
    Ground,
    HoldTerms,
    Identifier,
    PartKind,
    PurposeRefusedError,
    RetentionRefusedError,
    SessionStore,
    UnknownSessionError,
    Verdict,
    uuid7,
)
from storage.errors import RequestRefusedError
from storage.requests import (
    SENDER,
    Decide,
    EndConsent,
    EndPurpose,
    Erase,
    Lift,
    Matter,
    MessageKind,
    MessageState,
    NewMessage,
    NewRequest,
    ObjectTo,
    Place,
    Proof,
    Request,
    RequestState,
    RequestStep,
    Restrict,
    Right,
)
from tests.unit.storage.builders import DAY, NOW, SECOND, USUAL, Customer, assignment, consent, plan, turn

SECRET, OTHER = b"s" * 32, b"o" * 32
MINUTE = timedelta(minutes=1)
MATTER = Matter(contact="erika@muster.example", identifiers=(Identifier("EMAIL", "erika@muster.example"),))
OPEN = RequestState.OPEN


async def opened(store: SessionStore, right: Right = Right.ERASURE, **said: Any) -> Request:  # noqa: ANN401 - fields
    defaults: dict[str, Any] = {
        "id": uuid7(NOW), "right": right, "language": "de", "due_at": NOW + 31 * DAY, "delete_by": NOW + 365 * DAY,
        "secret": SECRET, "matter": MATTER, "state": OPEN,
    }  # fmt: skip
    return await store.requests.open(NewRequest(**(defaults | said)), NOW)


def step(state: RequestState = RequestState.ANSWERED, **said: Any) -> RequestStep:  # noqa: ANN401 - its fields
    defaults: dict[str, Any] = {"expects": {OPEN}, "state": state, "what": "carried-out", "by": "gateway"}
    return RequestStep(**(defaults | said))


async def spoken(store: SessionStore, *identifiers: Identifier, name: str = "one") -> Customer:
    customer = Customer(name)
    await store.write(customer.opening(USUAL, turns=turn("Guten Tag", identifiers=identifiers)))
    return customer


async def test_a_request_is_found_by_its_sender_alone(store: SessionStore) -> None:
    request = await opened(store, channel="chatbot", state=RequestState.RECEIVED)
    assert (request.right, request.channel, request.received_at) == (Right.ERASURE, "chatbot", NOW)
    assert await store.requests.get(request.id, SECRET) == request
    assert await store.requests.get(request.id) == request
    assert await store.requests.get(request.id, OTHER) is None
    assert await store.requests.get(uuid7(NOW), SECRET) is None
    assert await store.requests.matter(request.id) == MATTER


async def test_requests_are_listed_newest_first(store: SessionStore) -> None:
    one = await opened(store, id=uuid7(NOW))
    two = await opened(store, id=uuid7(NOW + SECOND), state=RequestState.RECEIVED)
    assert await store.requests.requests() == (two, one)
    assert await store.requests.requests({OPEN}) == (one,)
    assert await store.requests.requests(limit=1) == (two,)
    three = await opened(store, due_at=NOW + DAY)
    assert (await store.requests.requests(due_first=True))[0] == three
    assert await store.requests.requests({OPEN}, limit=1, due_first=True) == (three,)


@pytest.mark.parametrize("due_first", [True, False])
async def test_requests_are_listed_a_page_at_a_time(store: SessionStore, *, due_first: bool) -> None:
    for number in range(7):
        await opened(store, id=uuid7(NOW + number * SECOND), due_at=NOW + (number // 2) * DAY)
    whole = await store.requests.requests({OPEN}, due_first=due_first)
    found: list[Request] = []
    after = None
    while page := await store.requests.requests({OPEN}, limit=2, due_first=due_first, after=after):
        found += page
        after = Place(page[-1].due_at, page[-1].id)
    assert tuple(found) == whole
    assert len(whole) == 7


async def test_what_may_restrict_is_listed_and_nothing_that_was_decided_and_told(store: SessionStore) -> None:
    running = await opened(store, Right.RECTIFICATION, state=RequestState.EXTENDED)
    await opened(store, Right.OBJECTION, state=RequestState.IDENTITY_PENDING)
    await opened(store, Right.ERASURE)
    letter = NewMessage(uuid7(NOW), SENDER, "said", MessageKind.ANSWERED)
    recipient = NewMessage(uuid7(NOW), "Helfer GmbH", "said", MessageKind.RESTRICTION_ENDED)

    async def decided(right: Right, *messages: NewMessage, refused: bool = False, days: int = 2) -> Request:
        request = await opened(store, right)
        state = RequestState.REFUSED if refused else RequestState.ANSWERED
        taken = RequestStep({OPEN}, state, "decided", "dpo-1", messages=messages)
        await store.requests.take(request.id, taken, NOW + days * DAY)
        return request

    await decided(Right.OBJECTION)
    await decided(Right.RECTIFICATION, recipient)
    await decided(Right.RESTRICTION, refused=True)
    await decided(Right.RESTRICTION, days=1)
    granted = await decided(Right.RESTRICTION)
    untold = await decided(Right.OBJECTION, letter, refused=True)
    since = NOW + 2 * DAY
    found = await store.requests.restricting(since)
    assert [each.id for each in found] == sorted((running.id, granted.id, untold.id), reverse=True)
    one = await store.requests.restricting(since, limit=1)
    assert (*one, *await store.requests.restricting(since, after=one[0].id)) == found
    await store.requests.settle(letter.id, MessageState.TOLD)
    assert {each.id for each in await store.requests.restricting(since)} == {running.id, granted.id}


async def test_what_was_answered_stays_answered_when_it_was(store: SessionStore) -> None:
    request = await opened(store)
    await store.requests.take(request.id, step(), NOW)
    letter = NewMessage(uuid7(NOW), SENDER, "a letter", MessageKind.ANSWERED)
    later = step(expects={RequestState.ANSWERED}, messages=(letter,), matter=replace(MATTER, lifts=(uuid7(NOW),)))
    await store.requests.take(request.id, later, NOW + DAY)
    known = await store.requests.get(request.id)
    assert known is not None
    assert known.answered_at == NOW
    assert len((await store.requests.matter(request.id)).lifts) == 1
    figures = await store.requests.figures(NOW + 9 * DAY)
    assert (figures.letters, figures.messages, figures.stuck) == ({MessageState.WAITING: 1}, {}, 0)


async def test_an_erasure_and_its_messages_are_one_step(store: SessionStore) -> None:
    customer = await spoken(store)
    request = await opened(store)
    message = NewMessage(uuid7(NOW), "Ratepay", "session gone", MessageKind.ERASURE)
    receipts = await store.requests.take(
        request.id, step(deeds=(Erase(customer.id),), messages=(message,)), NOW + MINUTE
    )
    assert {receipt.kind for receipt in receipts} == {PartKind.TRANSCRIPT, PartKind.FACTS}
    assert {receipt.reason.value for receipt in receipts} == {"requested"}
    assert set(await store.requests.receipts(request.id)) == set(receipts)
    with pytest.raises(UnknownSessionError):
        await store.read(customer.id, "improve-chatbot", NOW)
    (waiting,) = await store.requests.waiting(NOW + MINUTE)
    assert (waiting.recipient, waiting.content, waiting.state) == ("Ratepay", "session gone", MessageState.WAITING)
    assert [each.kind for each in await store.requests.messages(request.id)] == [waiting.kind] == [MessageKind.ERASURE]
    after = await store.requests.get(request.id)
    assert after is not None
    assert (after.state, after.answered_at) == (RequestState.ANSWERED, NOW + MINUTE)
    assert [event.what for event in await store.requests.events(request.id)] == ["received", "carried-out"]


async def test_what_is_held_stays_and_the_request_goes_on(store: SessionStore) -> None:
    customer = await spoken(store)
    await store.retention.place_hold(customer.id, HoldTerms("case-1", "legal", NOW + 30 * DAY), NOW)
    request = await opened(store)
    assert await store.requests.take(request.id, step(deeds=(Erase(customer.id),)), NOW) == ()
    copy = await store.copies.of(customer.id, NOW)
    assert [part.held for part in copy.parts] == [True, True]
    with pytest.raises(PurposeRefusedError):
        await store.read(customer.id, "improve-chatbot", NOW)


async def test_a_request_is_entered_with_its_step_or_not_at_all(store: SessionStore) -> None:
    customer = await spoken(store)
    new = NewRequest(
        uuid7(NOW), Right.ERASURE, "de", NOW + 31 * DAY, NOW + 365 * DAY, SECRET, MATTER, OPEN, proof=Proof.DESK
    )
    refused = step(deeds=(EndPurpose(customer.id, ""),))
    with pytest.raises(RetentionRefusedError):
        await store.requests.enter(new, refused, NOW)
    assert await store.requests.requests() == ()
    message = NewMessage(uuid7(NOW), "Helfer GmbH", '{"right": "erasure"}', MessageKind.ERASURE)
    receipts = await store.requests.enter(new, step(deeds=(Erase(customer.id),), messages=(message,)), NOW)
    assert {each.kind for each in receipts} == {PartKind.TRANSCRIPT, PartKind.FACTS}
    (request,) = await store.requests.requests()
    assert (request.id, request.state, request.answered_at) == (new.id, RequestState.ANSWERED, NOW)
    assert await store.requests.matter(new.id) == MATTER
    assert [each.content for each in await store.requests.waiting(NOW)] == ['{"right": "erasure"}']
    assert [each.what for each in await store.requests.events(new.id)] == ["received", "carried-out"]


async def test_a_purpose_ends_in_a_step(store: SessionStore) -> None:
    customer = Customer()
    kept = plan(transcript=(assignment("improve"), assignment("defend")), facts=assignment("improve"))
    await store.write(customer.opening(kept, turns=turn("Guten Tag")))
    request = await opened(store)
    (receipt,) = await store.requests.take(request.id, step(deeds=(EndPurpose(customer.id, "improve"),)), NOW)
    assert receipt.kind is PartKind.FACTS
    with pytest.raises(PurposeRefusedError):
        await store.read(customer.id, "improve", NOW)


async def test_a_step_out_of_turn_changes_nothing(store: SessionStore) -> None:
    customer = await spoken(store)
    request = await opened(store, state=RequestState.RECEIVED)
    message = NewMessage(uuid7(NOW), "Ratepay", "session gone", MessageKind.ERASURE)
    with pytest.raises(RequestRefusedError):
        await store.requests.take(request.id, step(deeds=(Erase(customer.id),), messages=(message,)), NOW)
    assert await store.requests.waiting(NOW) == ()
    assert len(await store.part_ids(customer.id)) == 2
    with pytest.raises(RequestRefusedError):
        await store.requests.take(uuid7(NOW), step(), NOW)


async def test_a_session_that_is_gone_is_passed_over(store: SessionStore) -> None:
    request = await opened(store)
    deeds = (Erase(uuid7(NOW)), Restrict(uuid7(NOW), Ground.ACCURACY), ObjectTo(uuid7(NOW)))
    assert await store.requests.take(request.id, step(deeds=deeds), NOW) == ()


async def test_restriction_and_objection(store: SessionStore) -> None:
    one, two = await spoken(store, name="one"), await spoken(store, name="two")
    request = await opened(store, Right.RESTRICTION)
    deeds = (Restrict(one.id, Ground.UNLAWFUL), ObjectTo(two.id, "improve-chatbot"))
    await store.requests.take(request.id, step(deeds=deeds), NOW)
    grounds = {each.session_id: each.ground for each in await store.retention.restrictions()}
    assert grounds == {one.id: Ground.UNLAWFUL, two.id: Ground.OBJECTION}


async def test_a_withdrawal_erases_what_rests_on_the_consent(store: SessionStore) -> None:
    customer = Customer()
    kept = plan(transcript=assignment("train-chatbot", consent="training"), facts=assignment())
    await store.write(customer.opening(kept, consents=consent(), turns=turn()))
    await store.write(customer.write(kept, consents=consent(ConsentState.WITHDRAWN)))
    request = await opened(store, Right.WITHDRAWAL)
    receipts = await store.requests.take(request.id, step(deeds=(EndConsent(customer.id, "training"),)), NOW)
    assert [(receipt.kind, receipt.reason.value) for receipt in receipts] == [(PartKind.TRANSCRIPT, "withdrawn")]


async def test_an_objection_is_decided_and_a_restriction_lifted(store: SessionStore) -> None:
    one, two = await spoken(store, name="one"), await spoken(store, name="two")
    request = await opened(store, Right.OBJECTION)
    entered = (ObjectTo(one.id), Restrict(two.id, Ground.ACCURACY), Restrict(two.id, Ground.UNLAWFUL))
    await store.requests.take(request.id, step(OPEN, deeds=entered), NOW)
    ended = (Decide(one.id, Verdict.UPHELD), Lift(two.id, Ground.ACCURACY), Lift(uuid7(NOW), Ground.ACCURACY))
    receipts = await store.requests.take(request.id, step(deeds=ended), NOW + MINUTE)
    assert {receipt.reason.value for receipt in receipts} == {"objected"}
    assert [each.ground for each in await store.retention.restrictions()] == [Ground.UNLAWFUL]


async def test_the_matter_changes_with_a_step(store: SessionStore) -> None:
    request = await opened(store)
    said = Matter(contact="", statement="Der Name ist falsch", answer="Wir brauchen länger: viele Anfragen")
    extended = step(RequestState.EXTENDED, matter=said, due_at=NOW + 92 * DAY, what="extended", by="dpo-1")
    await store.requests.take(request.id, extended, NOW)
    assert await store.requests.matter(request.id) == said
    after = await store.requests.get(request.id)
    assert after is not None
    assert (after.state, after.due_at, after.answered_at) == (RequestState.EXTENDED, NOW + 92 * DAY, None)


async def test_a_code_counts_once_and_for_its_time(store: SessionStore) -> None:
    request = await opened(store, state=RequestState.RECEIVED)
    assert not await store.requests.check_code(request.id, "12345678", NOW)
    await store.requests.put_code(request.id, "12345678", NOW + 10 * MINUTE, NOW)
    pending = await store.requests.get(request.id)
    assert pending is not None
    assert pending.state is RequestState.IDENTITY_PENDING
    assert not await store.requests.check_code(request.id, "12345678", NOW + 10 * MINUTE)
    assert not await store.requests.check_code(request.id, "87654321", NOW)
    assert await store.requests.check_code(request.id, "12345678", NOW + 9 * MINUTE)
    proven = await store.requests.get(request.id)
    assert proven is not None
    assert (proven.state, proven.proof) == (OPEN, Proof.CODE)
    assert not await store.requests.check_code(request.id, "12345678", NOW)
    with pytest.raises(RequestRefusedError):
        await store.requests.put_code(request.id, "12345678", NOW + 10 * MINUTE, NOW)


async def test_five_wrong_codes_end_the_right_one(store: SessionStore) -> None:
    request = await opened(store, state=RequestState.RECEIVED)
    await store.requests.put_code(request.id, "12345678", NOW + 10 * MINUTE, NOW)
    for _ in range(5):
        assert not await store.requests.check_code(request.id, "00000000", NOW)
    assert not await store.requests.check_code(request.id, "12345678", NOW)
    await store.requests.put_code(request.id, "23456789", NOW + 10 * MINUTE, NOW)
    assert await store.requests.check_code(request.id, "23456789", NOW)


async def test_two_different_people_attest(store: SessionStore) -> None:
    request = await opened(store, state=RequestState.RECEIVED)
    first = await store.requests.attest(request.id, "dpo-1", NOW)
    assert (first.state, first.attested_by) == (RequestState.IDENTITY_PENDING, "dpo-1")
    with pytest.raises(RequestRefusedError):
        await store.requests.attest(request.id, "dpo-1", NOW)
    second = await store.requests.attest(request.id, "dpo-2", NOW)
    assert (second.state, second.proof) == (OPEN, Proof.DESK)
    with pytest.raises(RequestRefusedError):
        await store.requests.attest(request.id, "dpo-3", NOW)


async def test_requests_expire_with_all_that_belongs_to_them(store: SessionStore) -> None:
    request = await opened(store)
    message = NewMessage(uuid7(NOW), "Ratepay", "session gone", MessageKind.ERASURE)
    await store.requests.take(request.id, step(messages=(message,), delete_by=NOW + 10 * DAY), NOW)
    assert await store.requests.expire(NOW + 9 * DAY) == 0
    assert await store.requests.expire(NOW + 10 * DAY) == 1
    assert await store.requests.get(request.id) is None
    assert await store.requests.requests() == ()
    assert await store.requests.waiting(NOW + 10 * DAY) == ()
    with pytest.raises(RequestRefusedError):
        await store.requests.matter(request.id)


async def test_a_message_is_tried_again_and_acknowledged(store: SessionStore) -> None:
    request = await opened(store)
    ids = [uuid7(NOW + number * SECOND) for number in range(2)]
    messages = tuple(NewMessage(each, "Ratepay", "session gone", MessageKind.ERASURE) for each in ids)
    await store.requests.take(request.id, step(messages=messages), NOW)
    await store.requests.settle(ids[0], MessageState.WAITING, retry_at=NOW + MINUTE)
    assert [each.id for each in await store.requests.waiting(NOW)] == [ids[1]]
    assert [(each.id, each.attempts) for each in await store.requests.waiting(NOW + MINUTE)] == [
        (ids[1], 0),
        (ids[0], 1),
    ]
    await store.requests.settle(ids[0], MessageState.TOLD)
    await store.requests.settle(ids[0], MessageState.ACKNOWLEDGED)
    first, second = await store.requests.messages(request.id)
    assert (first.state, first.attempts, first.content) == (MessageState.ACKNOWLEDGED, 2, "")
    assert second.state is MessageState.WAITING
    with pytest.raises(RequestRefusedError):
        await store.requests.settle(uuid7(NOW), MessageState.TOLD)


async def test_figures(store: SessionStore) -> None:
    late = await opened(store, due_at=NOW + DAY)
    await opened(store, due_at=NOW + 5 * DAY)
    await opened(store, due_at=NOW - DAY, state=RequestState.RECEIVED)
    message = NewMessage(uuid7(NOW), "Ratepay", "session gone", MessageKind.ERASURE)
    await store.requests.take(late.id, step(OPEN, messages=(message,)), NOW)
    now = NOW + 4 * DAY
    figures = await store.requests.figures(now)
    assert (dict(figures.states), figures.overdue) == ({OPEN: 2, RequestState.RECEIVED: 1}, 2)
    assert (figures.due_soon, figures.next_due_at) == (1, NOW - DAY)
    assert (dict(figures.messages), figures.stuck) == ({MessageState.WAITING: 1}, 1)
    await store.requests.settle(message.id, MessageState.TOLD)
    assert (await store.requests.figures(now)).stuck == 0
    await store.requests.settle(message.id, MessageState.GIVEN_UP)
    assert (await store.requests.figures(now)).stuck == 1


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_a_verdict_on_one_purpose_leaves_objections_to_others(store: SessionStore, verdict: Verdict) -> None:
    kept = plan(transcript=(assignment("one"), assignment("two")))
    customer = Customer()
    await store.write(customer.opening(kept, turns=turn("Guten Tag")))
    for purpose in ("one", "two"):
        await store.retention.object(customer.id, NOW, purpose)
    request = await opened(store, Right.OBJECTION)
    await store.requests.take(request.id, step(deeds=(Decide(customer.id, verdict, "one"),)), NOW)
    (left,) = await store.retention.restrictions(session_id=customer.id)
    assert left.purpose == "two"
    with pytest.raises(PurposeRefusedError):
        await store.read(customer.id, "two", NOW)


async def test_what_was_answered_late_counts_for_three_months(store: SessionStore) -> None:
    in_time, late = await opened(store, due_at=NOW + DAY), await opened(store, due_at=NOW + DAY)
    await store.requests.take(in_time.id, step(), NOW + DAY)
    await store.requests.take(late.id, step(RequestState.REFUSED), NOW + 2 * DAY)
    figures = [await store.requests.figures(NOW + days * DAY) for days in (1, 2, 93, 94)]
    assert [(each.overdue, each.late) for each in figures] == [(0, 1), (0, 1), (0, 1), (0, 0)]


async def test_who_looked_first_owes_an_answer(store: SessionStore) -> None:
    request = await opened(store, due_at=NOW + DAY, state=RequestState.IDENTITY_PENDING)
    assert (await store.requests.figures(NOW + 2 * DAY)).overdue == 0
    await store.requests.attest(request.id, "dpo-1", NOW)
    assert (await store.requests.figures(NOW + 2 * DAY)).overdue == 1


async def test_the_ledger_has_who_reads_a_request_before_they_do(store: SessionStore) -> None:
    request, before = await opened(store), (await store.ledger.figures()).unsealed
    assert await store.requests.read(request.id, "token:1", NOW) == MATTER
    assert (await store.ledger.figures()).unsealed == before + 1
    with pytest.raises(RequestRefusedError):
        await store.requests.read(uuid7(NOW), "token:1", NOW)
    assert (await store.ledger.figures()).unsealed == before + 1
