"""What every SessionStore ends: by events and idleness; and what it erases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from storage import (
    ConsentState,
    ErasureReason,
    HoldTerms,
    PartKind,
    PurposeRefusedError,
    SessionEvent,
    SessionStore,
    StartEvent,
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


class TestEvents:
    @pytest.mark.parametrize(
        ("start", "event"),
        [
            (StartEvent.SESSION_END, SessionEvent.SESSION_END),
            (StartEvent.MATTER_RESOLVED, SessionEvent.MATTER_RESOLVED),
            (StartEvent.RELATION_END, SessionEvent.RELATION_END),
        ],
    )
    async def test_an_event_starts_the_period_once(
        self, store: SessionStore, start: StartEvent, event: SessionEvent
    ) -> None:
        one = Customer()
        kept = plan(transcript=assignment(period=deletion_class("P10D", start, maximum_open="P90D")))
        await store.write(one.opening(kept, turns=turn()))
        assert (await store.read(one.id, "improve-chatbot", NOW)).summary.expires_at == NOW + 90 * DAY
        await store.write(one.write(kept, now=NOW + DAY, events=event))
        assert (await store.read(one.id, "improve-chatbot", NOW)).summary.expires_at == NOW + 11 * DAY
        await store.write(one.write(kept, now=NOW + 2 * DAY, events=event))
        assert (await store.read(one.id, "improve-chatbot", NOW)).summary.expires_at == NOW + 11 * DAY
        assert await store.due(NOW + 11 * DAY - SECOND) == []
        assert [each.due_at for each in await store.due(NOW + 11 * DAY)] == [NOW + 11 * DAY]

    async def test_what_ended_does_not_begin_anew_with_a_late_event(self, store: SessionStore) -> None:
        one = Customer()
        late = deletion_class("P10D", StartEvent.MATTER_RESOLVED, maximum_open="P20D")
        await store.write(one.opening(plan(transcript=assignment(period=late)), turns=turn()))
        await store.retention.place_hold(one.id, HoldTerms("case-1", "legal", NOW + DAY), NOW)
        await store.write(one.write(now=NOW + 20 * DAY, events=SessionEvent.MATTER_RESOLVED))
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "improve-chatbot", NOW + 20 * DAY)
        assert await store.retention.verify() == {}

    async def test_what_is_added_after_the_event_joins_what_already_runs(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=assignment(period=deletion_class("P10D", StartEvent.SESSION_END)))
        await store.write(one.opening(kept, turns=turn("in time"), events=SessionEvent.SESSION_END))
        await store.write(one.write(kept, now=NOW + DAY, turns=turn("late", at=NOW + DAY)))
        assert (await store.read(one.id, "improve-chatbot", NOW)).summary.expires_at == NOW + 10 * DAY

    async def test_a_part_made_after_the_event_runs_from_its_own_start(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(consent=assignment("prove", deletion_class("P10D", StartEvent.SESSION_END)))
        await store.write(one.opening(TRANSCRIPT, turns=turn(), events=SessionEvent.SESSION_END))
        await store.write(one.write(kept, now=NOW + DAY, consents=consent(at=NOW + DAY)))
        assert (await store.read(one.id, "prove", NOW)).summary.purposes["prove"] == NOW + 11 * DAY

    async def test_evidence_runs_from_the_end_of_the_last_consent(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(consent=assignment("prove", deletion_class("P10D", StartEvent.CONSENT_END, maximum_open="P90D")))

        async def ends() -> datetime:
            return (await store.read(one.id, "prove", NOW)).summary.purposes["prove"]

        await store.write(one.opening(kept, consents=(consent(), consent(name="recording"))))
        assert await ends() == NOW + 90 * DAY
        for days, name, expected in ((1, "training", 90), (2, "recording", 12)):
            at = NOW + days * DAY
            await store.write(one.write(kept, now=at, consents=consent(ConsentState.WITHDRAWN, name, at)))
            assert await ends() == NOW + expected * DAY
        again = NOW + 3 * DAY
        await store.write(one.write(kept, now=again, consents=consent(at=again)))
        assert await ends() == NOW + 90 * DAY

    async def test_what_has_ended_does_not_begin_anew_with_another_consent(self, store: SessionStore) -> None:
        one = Customer()
        proof = deletion_class("P10D", StartEvent.CONSENT_END, maximum_open="P90D")
        longer = deletion_class("P20D", StartEvent.CONSENT_END, maximum_open="P90D")
        kept = plan(consent=(assignment("prove", proof), assignment("defend", longer)))
        await store.write(one.opening(kept, consents=consent()))

        async def said(days: int, state: ConsentState) -> Mapping[str, datetime]:
            at = NOW + days * DAY
            await store.write(one.write(NOTHING, now=at, consents=consent(state, at=at)))
            assert await store.retention.verify() == {}
            (part,) = (await store.copies.of(one.id, at)).parts
            return {each.purpose: each.delete_by for each in part.assignments}

        ended, ends = NOW + 11 * DAY, NOW + 21 * DAY
        assert await said(1, ConsentState.WITHDRAWN) == {"prove": ended, "defend": ends}
        assert await said(12, ConsentState.GIVEN) == {"prove": ended, "defend": NOW + 90 * DAY}
        assert await said(13, ConsentState.WITHDRAWN) == {"prove": ended, "defend": NOW + 33 * DAY}
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "prove", NOW + 13 * DAY)

    async def test_the_first_disclosure_counts(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(NOTHING))
        for days in (1, 2):
            await store.write(one.write(NOTHING, now=NOW + days * DAY, events=SessionEvent.AI_DISCLOSED))
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert found.disclosed_at == NOW + DAY


class TestIdle:
    idle_for = timedelta(minutes=30)

    async def test_a_silent_session_ends_at_the_moment_it_became_idle(self, store: SessionStore) -> None:
        one, busy, elsewhere = Customer(), Customer("busy"), Customer("call", "hotline")
        late = NOW + timedelta(minutes=50)
        for customer in (one, busy, elsewhere):
            await store.write(customer.opening(turns=turn()))
        await store.write(busy.write(now=late, turns=turn(at=late)))
        now = NOW + timedelta(minutes=60)
        assert await store.end_idle(now - self.idle_for, "chatbot", now) == 1
        assert await store.end_idle(now - self.idle_for, "chatbot", now) == 0
        ended = {each: await store.find(each.by_token(), now) for each in (one, busy, elsewhere)}
        assert [found.ended_at if found else None for found in ended.values()] == [NOW + self.idle_for, None, None]

    async def test_the_end_starts_the_period_of_what_waits_for_it(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=assignment(period=deletion_class("P1D", StartEvent.SESSION_END)))
        await store.write(one.opening(kept, turns=turn()))
        now = NOW + DAY
        await store.end_idle(now - self.idle_for, "chatbot", now)
        assert [each.due_at for each in await store.due(NOW + 2 * DAY)] == [NOW + self.idle_for + DAY]

    async def test_a_session_that_keeps_nothing_lives_until_it_is_idle(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(NOTHING, turns=turn(once="m1"), consents=consent(ConsentState.REFUSED)))
        await store.write(one.write(NOTHING, events=SessionEvent.SESSION_END))
        assert await store.end_idle(NOW, "chatbot", NOW + self.idle_for) == 0
        assert await store.consent_states(one.id) == {"training": ConsentState.REFUSED}
        now = NOW + DAY
        await store.end_idle(now - self.idle_for, "chatbot", now)
        assert await store.find(one.by_token(), now) is None
        assert await store.find(one.by_conversation(), now) is None
        with pytest.raises(UnknownSessionError):
            await store.write(one.write(NOTHING, turns=turn()))


class TestErasure:
    async def test_the_last_part_takes_the_session_along(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        await store.write(one.opening(turns=turn(once="m1"), consents=consent()))
        await store.write(other.opening(turns=turn("other")))
        parts = await store.part_ids(one.id)
        receipts = await store.erase(parts, ErasureReason.REQUESTED, NOW + DAY, "dpo")
        assert {receipt.part_id: receipt.kind for receipt in receipts} == parts
        assert await store.find(one.by_token(), NOW) is None
        assert await store.find(one.by_conversation(), NOW) is None
        assert await store.part_ids(one.id) == {}
        for refused in (store.read(one.id, "improve-chatbot", NOW), store.consent_states(one.id)):
            with pytest.raises(UnknownSessionError):
                await refused
        with pytest.raises(UnknownSessionError):
            await store.write(one.write(turns=turn()))
        assert await texts(store, other, "improve-chatbot") == ["other"]

    async def test_a_receipt_says_what_went_why_and_by_whom(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(period="P1D"), assignment("b", deletion_class("P2D", name="b-class"))))
        await store.write(one.opening(kept, turns=(turn(), turn())))
        (receipt,) = await store.erase(await store.part_ids(one.id), ErasureReason.EXPIRED, NOW + 3 * DAY, "sweep")
        assert receipt.deletion_classes == ("b-class", "collection-P1D")
        assert (receipt.reason, receipt.actor, receipt.records) == (ErasureReason.EXPIRED, "sweep", 2)
        assert (receipt.notice_version, receipt.erased_at) == ("2025-07", NOW + 3 * DAY)
        assert len(receipt.ciphertext_root) == 64
        assert await store.receipts() == (receipt,)

    async def test_erasing_again_or_nothing_gives_no_receipt(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        parts = await store.part_ids(one.id)
        assert len(await store.erase(parts, ErasureReason.ADMIN, NOW, "admin")) == 1
        assert await store.erase([*parts, uuid4()], ErasureReason.ADMIN, NOW, "admin") == ()
        assert await store.erase([], ErasureReason.ADMIN, NOW, "admin") == ()
        assert len(await store.receipts()) == 1

    async def test_one_part_goes_and_the_session_stays(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn("ja", once="m1")))
        parts = await store.part_ids(one.id)
        transcript = [part for part, kind in parts.items() if kind is PartKind.TRANSCRIPT]
        await store.erase(transcript, ErasureReason.REQUESTED, NOW, "dpo")
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert found.history == ()
        assert (await store.read(one.id, "improve-chatbot", NOW)).turns == ()
        assert (await store.write(one.write(turns=turn("ja", once="m1")))).turns == (True,)
        assert await texts(store, one, "improve-chatbot") == ["ja"]

    async def test_due_is_what_has_ended_oldest_first(self, store: SessionStore) -> None:
        customers = {days: Customer(str(days)) for days in (3, 1, 2, 9)}
        for days, customer in customers.items():
            await store.write(customer.opening(plan(transcript=assignment(period=f"P{days}D")), turns=turn()))
        due = await store.due(NOW + 3 * DAY)
        assert [each.session_id for each in due] == [customers[days].id for days in (1, 2, 3)]
        assert [each.due_at for each in due] == [NOW + days * DAY for days in (1, 2, 3)]
        assert [each.session_id for each in await store.due(NOW + 3 * DAY, limit=1)] == [customers[1].id]

    async def test_the_newest_receipts_come_first(self, store: SessionStore) -> None:
        for days in range(4):
            one = Customer(str(days))
            await store.write(one.opening(TRANSCRIPT, turns=turn()))
            await store.erase(await store.part_ids(one.id), ErasureReason.ADMIN, NOW + days * DAY, "admin")
        assert [each.erased_at for each in await store.receipts(2)] == [NOW + 3 * DAY, NOW + 2 * DAY]


class TestAgreed:
    async def test_since_when_everybody_agrees_lasts_until_that_breaks(self, store: SessionStore) -> None:
        one, said = Customer(), ((1, True), (2, True), (3, False), (4, False), (5, True))
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        seen = []
        for days, agreed in said:
            now = NOW + days * DAY
            await store.write(replace(one.write(NOTHING, now=now), agreed=agreed))
            await store.write(one.write(NOTHING, now=now, events=SessionEvent.SESSION_END))
            found = await store.find(one.by_token(), now)
            assert found is not None
            seen.append(found.agreed_since)
        assert seen == [NOW + DAY, NOW + DAY, None, None, NOW + 5 * DAY]
