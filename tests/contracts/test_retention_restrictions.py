"""What every RetentionStore does, whatever it stands on: restrictions, objections, purposes that end, events."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from storage import (
    ConsentState,
    ErasureReason,
    Ground,
    HoldTerms,
    PartKind,
    PartState,
    PurposeRefusedError,
    Restriction,
    RetentionRefusedError,
    SessionEvent,
    SessionStore,
    StartEvent,
    Verdict,
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

CLAIMS = replace(assignment("legal-defence", "P60D"), legal_claims=True)
CONTRACT = replace(assignment("service", "P40D"), legal_basis="A6-1-b")
ALL = plan(transcript=(assignment(), CLAIMS, CONTRACT, assignment("train", "P50D", consent="training")))
GROUNDS = [Ground.ACCURACY, Ground.UNLAWFUL, Ground.CLAIMS]


async def opened(store: SessionStore) -> Customer:
    one = Customer()
    await store.write(one.opening(ALL, turns=turn("first"), consents=consent()))
    return one


async def readable(store: SessionStore, one: Customer, now: object = NOW) -> set[str]:
    found = set()
    for purpose in ("improve-chatbot", "legal-defence", "service", "train"):
        try:
            await store.read(one.id, purpose, now)  # type: ignore[arg-type]
        except PurposeRefusedError:
            continue
        found.add(purpose)
    return found


EVERYTHING = {"improve-chatbot", "legal-defence", "service", "train"}


class TestRestrictions:
    @pytest.mark.parametrize("ground", GROUNDS)
    async def test_only_legal_claims_are_read(self, store: SessionStore, ground: Ground) -> None:
        one = await opened(store)
        assert await readable(store, one) == EVERYTHING
        restriction = await store.retention.restrict(one.id, ground, NOW)
        assert await readable(store, one) == {"legal-defence"}
        assert [list(each.purposes) for each in await store.sessions(NOW)] == [["legal-defence"]]
        assert await store.sessions(NOW, purpose="service") == ()
        figures = await store.figures(NOW)
        assert (figures.states, figures.restrictions) == ({PartState.RESTRICTED: 1}, 1)
        await store.retention.lift(one.id, restriction.id, NOW)
        assert await readable(store, one) == EVERYTHING
        assert await store.retention.restrictions() == ()

    async def test_they_are_listed_a_page_at_a_time_and_none_is_left_out(self, store: SessionStore) -> None:
        for number in range(3):
            one = Customer(str(number))
            await store.write(one.opening(ALL, turns=turn()))
            for ground in GROUNDS[: number + 1]:
                await store.retention.restrict(one.id, ground, NOW)
            await store.retention.object(one.id, NOW + (number - 1) * DAY)
        every = await store.retention.restrictions()
        assert len(every) == 9
        for each in (None, every[-1].session_id):
            paged: list[Restriction] = []
            after = None
            while page := await store.retention.restrictions(session_id=each, limit=2, after=after):
                assert len(page) <= 2
                paged += page
                after = page[-1].place
            assert paged == [restriction for restriction in every if each in (None, restriction.session_id)]

    async def test_what_expires_meanwhile_goes_when_it_is_lifted(self, store: SessionStore) -> None:
        one = await opened(store)
        first = await store.retention.restrict(one.id, Ground.CLAIMS, NOW)
        second = await store.retention.restrict(one.id, Ground.ACCURACY, NOW)
        assert await store.retention.restrict(one.id, Ground.CLAIMS, NOW + DAY) == first
        later, parts = NOW + 100 * DAY, await store.part_ids(one.id)
        assert await store.due(later) == []
        assert await store.erase(parts, ErasureReason.EXPIRED, later, "sweep") == ()
        await store.retention.lift(one.id, first.id, later)
        assert await store.due(later) == []
        await store.retention.lift(one.id, second.id, later)
        assert len(await store.due(later)) == 1

    async def test_what_the_customer_asks_for_goes_all_the_same(self, store: SessionStore) -> None:
        one = await opened(store)
        await store.retention.restrict(one.id, Ground.ACCURACY, NOW)
        parts = await store.part_ids(one.id)
        assert await store.erase(parts, ErasureReason.ADMIN, NOW, "admin") == ()
        assert [each.restricted for each in await store.retention.blocked(one.id, NOW)] == [True]
        assert len(await store.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")) == 1

    async def test_what_is_said_meanwhile_is_stored_under_it(self, store: SessionStore) -> None:
        one = await opened(store)
        restriction = await store.retention.restrict(one.id, Ground.ACCURACY, NOW)
        await store.write(one.write(plan(facts=assignment()), turns=turn("second")))
        await store.write(one.write(ALL, turns=turn("third")))
        assert await store.due(NOW + 100 * DAY) == []
        await store.retention.lift(one.id, restriction.id, NOW)
        assert await texts(store, one, "service") == ["first", "third"]
        assert len(await store.due(NOW + 100 * DAY)) == 2

    async def test_stand_ins_are_not_put_back(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(plan(pseudonyms=assignment()), turns=turn(), pseudonyms=b"map"))
        await store.retention.restrict(one.id, Ground.ACCURACY, NOW)
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert found.pseudonyms is None

    async def test_what_can_not_be_is_refused(self, store: SessionStore) -> None:
        one = await opened(store)
        with pytest.raises(RetentionRefusedError):
            await store.retention.restrict(one.id, Ground.OBJECTION, NOW)
        with pytest.raises(RetentionRefusedError):
            await store.retention.lift(one.id, uuid4(), NOW)
        restriction = await store.retention.restrict(one.id, Ground.ACCURACY, NOW)
        with pytest.raises(RetentionRefusedError):
            await store.retention.decide(one.id, restriction.id, Verdict.UPHELD, NOW)


class TestObjections:
    async def test_to_everything_it_restricts_until_it_is_decided(self, store: SessionStore) -> None:
        one = await opened(store)
        objection = await store.retention.object(one.id, NOW)
        assert (objection.ground, objection.purpose) == (Ground.OBJECTION, None)
        assert await readable(store, one) == {"legal-defence"}
        assert await store.due(NOW + 100 * DAY) == []
        with pytest.raises(RetentionRefusedError):
            await store.retention.lift(one.id, objection.id, NOW)
        assert await store.retention.decide(one.id, objection.id, Verdict.DISMISSED, NOW) == ()
        assert await readable(store, one) == EVERYTHING
        assert len(await store.due(NOW + 100 * DAY)) == 1

    async def test_upheld_it_ends_what_it_covers_and_legal_defence_survives(self, store: SessionStore) -> None:
        one = await opened(store)
        await store.write(one.write(plan(original=assignment()), turns=turn(original="Eva")))
        objection = await store.retention.object(one.id, NOW)
        receipts = await store.retention.decide(one.id, objection.id, Verdict.UPHELD, NOW + SECOND)
        assert [(each.kind, each.reason) for each in receipts] == [(PartKind.ORIGINAL, ErasureReason.OBJECTED)]
        assert await readable(store, one, NOW + SECOND) == EVERYTHING - {"improve-chatbot"}
        await store.write(one.write(ALL, turns=turn("later")))
        assert await readable(store, one, NOW + SECOND) == EVERYTHING - {"improve-chatbot"}

    async def test_to_one_purpose_it_leaves_the_others(self, store: SessionStore) -> None:
        one = await opened(store)
        objection = await store.retention.object(one.id, NOW, "improve-chatbot")
        assert await store.retention.object(one.id, NOW + DAY, "improve-chatbot") == objection
        assert await readable(store, one) == EVERYTHING - {"improve-chatbot"}
        await store.write(one.write(ALL, turns=turn("meanwhile")))
        await store.retention.decide(one.id, objection.id, Verdict.DISMISSED, NOW)
        assert await texts(store, one, "improve-chatbot") == ["first"], "what was said meanwhile was not for it"
        assert await texts(store, one, "service") == ["first", "meanwhile"]

    async def test_while_it_is_open_nothing_that_it_covers_expires(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        objection = await store.retention.object(one.id, NOW, "improve-chatbot")
        later = NOW + 40 * DAY
        assert (await store.figures(later)).states == {PartState.RESTRICTED: 1}
        assert await store.due(later) == []
        await store.retention.decide(one.id, objection.id, Verdict.DISMISSED, later)
        assert len(await store.due(later)) == 1

    async def test_legal_claims_may_be_objected_to_by_name(self, store: SessionStore) -> None:
        one = await opened(store)
        objection = await store.retention.object(one.id, NOW, "legal-defence")
        await store.retention.decide(one.id, objection.id, Verdict.UPHELD, NOW)
        assert await readable(store, one) == EVERYTHING - {"legal-defence"}

    async def test_two_that_overlap_are_decided_one_by_one(self, store: SessionStore) -> None:
        one = await opened(store)
        narrow = await store.retention.object(one.id, NOW, "improve-chatbot")
        wide = await store.retention.object(one.id, NOW)
        await store.retention.decide(one.id, wide.id, Verdict.DISMISSED, NOW)
        assert await readable(store, one) == EVERYTHING - {"improve-chatbot"}
        await store.retention.decide(one.id, narrow.id, Verdict.DISMISSED, NOW)
        assert await readable(store, one) == EVERYTHING
        assert await store.retention.verify() == {}

    @pytest.mark.parametrize("purpose", ["service", "train", "unknown"])
    async def test_what_can_not_be_objected_to(self, store: SessionStore, purpose: str) -> None:
        one = await opened(store)
        with pytest.raises(RetentionRefusedError):
            await store.retention.object(one.id, NOW, purpose)
        assert await store.retention.restrictions() == ()

    async def test_upheld_against_a_hold_it_blocks(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        hold = await store.retention.place_hold(one.id, HoldTerms("case-1", "legal", NOW + DAY), NOW)
        objection = await store.retention.object(one.id, NOW)
        assert await store.retention.decide(one.id, objection.id, Verdict.UPHELD, NOW) == ()
        assert [each.held for each in await store.retention.blocked(one.id, NOW)] == [True]
        await store.retention.release_hold(one.id, hold.id, NOW + DAY)
        (due,) = await store.due(NOW + DAY)
        (receipt,) = await store.erase([due.part_id], ErasureReason.EXPIRED, NOW + DAY, "sweep")
        assert receipt.reason is ErasureReason.OBJECTED


class TestPurposes:
    async def test_one_that_has_ended_is_gone_in_that_second(self, store: SessionStore) -> None:
        one = await opened(store)
        await store.write(one.write(plan(original=assignment()), turns=turn(original="Eva")))
        receipts = await store.retention.end_purpose(one.id, "improve-chatbot", NOW)
        assert [(each.kind, each.reason) for each in receipts] == [(PartKind.ORIGINAL, ErasureReason.ENDED)]
        assert await readable(store, one) == EVERYTHING - {"improve-chatbot"}
        await store.write(one.write(ALL, turns=turn("later")))
        assert await readable(store, one) == EVERYTHING - {"improve-chatbot"}
        assert await texts(store, one, "service") == ["first", "later"]
        assert await store.retention.end_purpose(one.id, "improve-chatbot", NOW) == ()

    async def test_a_restriction_keeps_what_has_no_purpose_left(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        restriction = await store.retention.restrict(one.id, Ground.CLAIMS, NOW)
        assert await store.retention.end_purpose(one.id, "improve-chatbot", NOW) == ()
        await store.retention.lift(one.id, restriction.id, NOW)
        assert len(await store.due(NOW)) == 1

    @pytest.mark.parametrize("name", ["", "*", "a\0b", "a\nb", "\ud800", "a" * 1000])
    async def test_what_no_purpose_is_called_is_refused_and_found_nowhere(self, store: SessionStore, name: str) -> None:
        one = await opened(store)
        with pytest.raises(RetentionRefusedError):
            await store.retention.end_purpose(one.id, name, NOW)
        with pytest.raises(RetentionRefusedError):
            await store.retention.object(one.id, NOW, name)
        await store.write(one.write(ALL, turns=turn("second")))
        assert await readable(store, one) == EVERYTHING
        assert await store.sessions(NOW, purpose=name) == await store.sessions(NOW, channel=name) == ()
        assert await store.retention.restrictions() == ()


EVENTS = [
    (SessionEvent.SESSION_END, StartEvent.SESSION_END),
    (SessionEvent.MATTER_RESOLVED, StartEvent.MATTER_RESOLVED),
    (SessionEvent.RELATION_END, StartEvent.RELATION_END),
    (SessionEvent.CONSENT_END, StartEvent.CONSENT_END),
]


class TestEvents:
    @pytest.mark.parametrize(("event", "start"), EVENTS)
    async def test_an_event_starts_the_period_once(
        self, store: SessionStore, event: SessionEvent, start: StartEvent
    ) -> None:
        one = Customer()
        kept = plan(transcript=assignment(period=deletion_class("P5D", start, maximum_open="P90D")))
        await store.write(one.opening(kept, turns=turn()))
        assert await store.due(NOW + 89 * DAY) == []
        assert len(await store.due(NOW + 90 * DAY)) == 1
        await store.write(one.write(NOTHING, now=NOW + 10 * DAY, events=event))
        await store.write(one.write(NOTHING, now=NOW + 20 * DAY, events=event))
        assert await store.due(NOW + 15 * DAY - SECOND) == []
        assert [part.due_at for part in await store.due(NOW + 15 * DAY)] == [NOW + 15 * DAY]
        assert await store.retention.verify() == {}

    async def test_the_end_of_consent_from_outside_withdraws(self, store: SessionStore) -> None:
        one = await opened(store)
        await store.write(one.write(plan(original=assignment("train", consent="training")), turns=turn(original="Eva")))
        await store.write(one.write(NOTHING, now=NOW + SECOND, events=SessionEvent.CONSENT_END))
        assert await readable(store, one, NOW + SECOND) == EVERYTHING - {"train"}
        assert await store.consent_states(one.id) == {"training": ConsentState.WITHDRAWN}
        assert [each.kind for each in await store.withdraw(one.id, "training", NOW + SECOND)] == [PartKind.ORIGINAL]

    async def test_the_proof_of_consent_outlives_what_rests_on_it(self, store: SessionStore) -> None:
        one = Customer()
        proof = deletion_class("P3Y", StartEvent.CONSENT_END)
        kept = plan(transcript=assignment("train", consent="training"), consent=assignment("prove-consent", proof))
        await store.write(one.opening(kept, turns=turn(), consents=consent()))
        await store.write(one.write(kept, now=NOW + DAY, consents=consent(ConsentState.WITHDRAWN, at=NOW + DAY)))
        await store.withdraw(one.id, "training", NOW + DAY)
        assert set((await store.part_ids(one.id)).values()) == {PartKind.CONSENT}
        read = await store.read(one.id, "prove-consent", NOW + DAY)
        assert [each.state for each in read.consents] == [ConsentState.GIVEN, ConsentState.WITHDRAWN]
        assert await store.due(NOW + 3 * 365 * DAY) == []
        assert len(await store.due(NOW + 3 * 366 * DAY)) == 1
