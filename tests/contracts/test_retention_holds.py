"""What every RetentionStore does, whatever it stands on: holds, and what they and statutory periods block."""

from __future__ import annotations

from uuid import uuid4

import pytest

from storage import (
    ClassKind,
    ConsentState,
    ErasureReason,
    Hold,
    HoldTerms,
    PartKind,
    PartState,
    PurposeRefusedError,
    RetentionRefusedError,
    SessionStore,
    UnknownSessionError,
)
from tests.contracts.stores import texts
from tests.unit.storage.builders import (
    DAY,
    NOTHING,
    NOW,
    SECOND,
    TRANSCRIPT,
    Customer,
    assignment,
    consent,
    deletion_class,
    plan,
    turn,
)

TERMS = HoldTerms("case-2026-014", "legal", NOW + 90 * DAY)
LAW = assignment("bookkeeping", deletion_class("P6Y", kind=ClassKind.STATUTORY))
BOTH = plan(transcript=(assignment(), LAW))


class TestHolds:
    async def test_what_is_held_does_not_expire(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        for each in (one, other):
            await store.write(each.opening(TRANSCRIPT, turns=turn()))
        hold = await store.retention.place_hold(one.id, TERMS, NOW)
        later = NOW + 400 * DAY
        assert [part.session_id for part in await store.due(later)] == [other.id]
        assert (await store.figures(later)).overdue == 1
        assert await store.erase(await store.part_ids(one.id), ErasureReason.EXPIRED, later, "sweep") == ()
        await store.retention.release_hold(one.id, hold.id, later)
        assert {part.session_id for part in await store.due(later)} == {one.id, other.id}
        (receipt,) = await store.erase(await store.part_ids(one.id), ErasureReason.EXPIRED, later, "sweep")
        assert receipt.reason is ErasureReason.EXPIRED

    async def test_while_its_purposes_run_a_held_part_is_read_as_before(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn("as before")))
        await store.retention.place_hold(one.id, TERMS, NOW)
        assert await texts(store, one, "improve-chatbot") == ["as before"]
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "improve-chatbot", NOW + 30 * DAY)
        assert await store.sessions(NOW + 30 * DAY) == ()
        assert (await store.figures(NOW)).states == {PartState.ACTIVE: 1}
        assert (await store.figures(NOW + 30 * DAY)).states == {PartState.BLOCKED: 1}

    async def test_it_covers_what_the_session_has_and_will_have_or_parts_alone(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        await store.write(other.opening(TRANSCRIPT, turns=turn()))
        await store.retention.place_hold(one.id, TERMS, NOW)
        await store.retention.place_hold(other.id, TERMS, NOW, await store.part_ids(other.id))
        await store.write(one.write(plan(facts=assignment("count")), turns=turn()))
        await store.write(other.write(plan(facts=assignment("count")), turns=turn()))
        (due,) = await store.due(NOW + 99 * DAY)
        assert (due.session_id, due.kind) == (other.id, PartKind.FACTS)

    @pytest.mark.parametrize("reason", [ErasureReason.REQUESTED, ErasureReason.ADMIN])
    async def test_it_stops_erasure_of_every_reason_and_blocks_what_it_stops(
        self, store: SessionStore, reason: ErasureReason
    ) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        hold = await store.retention.place_hold(one.id, TERMS, NOW)
        parts = await store.part_ids(one.id)
        assert await store.erase(parts, reason, NOW + SECOND, "dpo") == ()
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "improve-chatbot", NOW + SECOND)
        (blocked,) = await store.retention.blocked(one.id, NOW + SECOND)
        assert (blocked.part_id in parts, blocked.held, blocked.statutory, blocked.restricted) == (
            True,
            True,
            False,
            False,
        )
        assert await store.due(NOW + SECOND) == []
        await store.retention.release_hold(one.id, hold.id, NOW + DAY)
        assert [part.due_at for part in await store.due(NOW + DAY)] == [NOW + SECOND]
        (receipt,) = await store.erase(parts, ErasureReason.EXPIRED, NOW + DAY, "sweep")
        assert receipt.reason is reason, "it is erased for the reason that was given first"

    async def test_a_withdrawal_of_what_is_held_blocks_it(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=assignment("train", consent="training"))
        await store.write(one.opening(kept, turns=turn(), consents=consent()))
        hold = await store.retention.place_hold(one.id, TERMS, NOW)
        await store.write(one.write(NOTHING, now=NOW + SECOND, consents=consent(ConsentState.WITHDRAWN)))
        assert await store.withdraw(one.id, "training", NOW + SECOND) == ()
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "train", NOW + SECOND)
        assert [part.held for part in await store.retention.blocked(one.id, NOW + SECOND)] == [True]
        await store.retention.release_hold(one.id, hold.id, NOW + DAY)
        (due,) = await store.due(NOW + DAY)
        (receipt,) = await store.erase([due.part_id], ErasureReason.EXPIRED, NOW + DAY, "sweep")
        assert receipt.reason is ErasureReason.WITHDRAWN

    async def test_nothing_extends_it_but_a_review(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        hold = await store.retention.place_hold(one.id, TERMS, NOW)
        later = HoldTerms(TERMS.reason, TERMS.owner, NOW + 95 * DAY)
        assert await store.retention.place_hold(one.id, later, NOW + 10 * DAY) == hold
        assert (await store.figures(NOW + 89 * DAY)).holds_overdue == 0
        overdue = NOW + 91 * DAY
        figures = await store.figures(overdue)
        assert (figures.holds, figures.holds_overdue) == (1, 1)
        assert await store.retention.holds(overdue_at=overdue) == (hold,)
        assert await store.due(overdue) == [], "it stays in force all the same"
        reviewed = await store.retention.review_hold(one.id, hold.id, overdue + 30 * DAY, overdue)
        assert reviewed.review_at == overdue + 30 * DAY
        assert await store.retention.holds(overdue_at=overdue) == ()
        assert await store.retention.holds(session_id=one.id) == (reviewed,)

    async def test_they_are_listed_a_page_at_a_time_and_none_is_left_out(self, store: SessionStore) -> None:
        customers = [Customer(str(each)) for each in range(3)]
        for customer in customers:
            await store.write(customer.opening(TRANSCRIPT, turns=turn()))
            parts = await store.part_ids(customer.id)
            await store.retention.place_hold(customer.id, HoldTerms("same", "day", NOW + 9 * DAY), NOW, parts)
            await store.retention.place_hold(customer.id, HoldTerms("of", "one", NOW + 9 * DAY), NOW)
        await store.retention.place_hold(customers[1].id, HoldTerms("an", "earlier", NOW + DAY), NOW)
        every = await store.retention.holds()
        assert len(every) == 7
        for each in (None, customers[1].id):
            paged: list[Hold] = []
            after = None
            while page := await store.retention.holds(session_id=each, limit=2, after=after):
                assert len(page) <= 2
                paged += page
                after = page[-1].place
            assert paged == [hold for hold in every if each in (None, hold.session_id)]
        assert await store.retention.holds(overdue_at=NOW + DAY, after=every[0].place) == ()

    async def test_what_can_not_be_is_refused(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        wrong = [
            HoldTerms("case-1", "legal", NOW + 91 * DAY),
            HoldTerms("case-1", "legal", NOW),
            HoldTerms("Erika Mustermann", "legal", NOW + DAY),
            HoldTerms("case-1", "legal@shop.example", NOW + DAY),
            HoldTerms("", "legal", NOW + DAY),
        ]
        for terms in wrong:
            with pytest.raises(RetentionRefusedError):
                await store.retention.place_hold(one.id, terms, NOW)
        with pytest.raises(RetentionRefusedError):
            await store.retention.place_hold(one.id, TERMS, NOW, [uuid4()])
        with pytest.raises(RetentionRefusedError):
            await store.retention.release_hold(one.id, uuid4(), NOW)
        with pytest.raises(RetentionRefusedError):
            await store.retention.review_hold(one.id, uuid4(), NOW + DAY, NOW)
        with pytest.raises(UnknownSessionError):
            await store.retention.place_hold(uuid4(), TERMS, NOW)
        assert await store.retention.holds() == ()

    async def test_a_session_that_kept_nothing_waits_for_its_hold(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(NOTHING))
        hold = await store.retention.place_hold(one.id, TERMS, NOW)
        await store.end_idle(NOW + DAY, "chatbot", NOW + 2 * DAY)
        assert (await store.figures(NOW)).sessions == 1
        await store.retention.release_hold(one.id, hold.id, NOW + DAY)
        await store.end_idle(NOW + DAY, "chatbot", NOW + 2 * DAY)
        assert (await store.figures(NOW)).sessions == 0


class TestStatutory:
    async def test_what_only_a_law_keeps_is_seen_by_its_purpose_alone(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(BOTH, turns=turn("for the books")))
        assert [sorted(each.purposes) for each in await store.sessions(NOW)] == [["bookkeeping", "improve-chatbot"]]
        later = NOW + 31 * DAY
        assert await store.sessions(later) == ()
        assert [list(each.purposes) for each in await store.sessions(later, purpose="bookkeeping")] == [["bookkeeping"]]
        assert await texts(store, one, "bookkeeping", later) == ["for the books"]
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "improve-chatbot", later)
        assert (await store.figures(later)).states == {PartState.BLOCKED: 1}
        assert await store.due(later) == []
        assert len(await store.due(NOW + 7 * 366 * DAY)) == 1

    async def test_a_request_to_erase_blocks_it(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(BOTH, turns=turn()))
        parts = await store.part_ids(one.id)
        assert await store.erase(parts, ErasureReason.REQUESTED, NOW, "dpo") == ()
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "improve-chatbot", NOW)
        assert await texts(store, one, "bookkeeping") == ["Guten Tag"]
        assert [(each.held, each.statutory) for each in await store.retention.blocked(one.id, NOW)] == [(False, True)]
        end = NOW + 7 * 366 * DAY
        (receipt,) = await store.erase(parts, ErasureReason.EXPIRED, end, "sweep")
        assert receipt.reason is ErasureReason.REQUESTED

    async def test_stand_ins_of_what_is_blocked_are_not_put_back(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(plan(pseudonyms=(assignment(), LAW)), turns=turn(), pseudonyms=b"map"))
        found, later = await store.find(one.by_token(), NOW), await store.find(one.by_token(), NOW + 30 * DAY)
        assert found is not None
        assert later is not None
        assert (found.pseudonyms, later.pseudonyms) == (b"map", None)


async def test_expiry_is_not_taken_at_its_word(store: SessionStore) -> None:
    one = Customer()
    await store.write(one.opening(TRANSCRIPT, turns=turn()))
    parts = await store.part_ids(one.id)
    assert await store.erase(parts, ErasureReason.EXPIRED, NOW + 30 * DAY - SECOND, "sweep") == ()
    assert len(await store.erase(parts, ErasureReason.EXPIRED, NOW + 30 * DAY, "sweep")) == 1
