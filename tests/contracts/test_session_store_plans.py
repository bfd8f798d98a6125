"""What every SessionStore keeps: what a plan says, and the records beside the turns."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from storage import ConsentState, PartKind, SessionStore, UnknownSessionError, once_digest
from tests.contracts.stores import texts
from tests.unit.storage.builders import DAY, NOTHING, NOW, SECOND, TRANSCRIPT, Customer, assignment, consent, plan, turn


class TestPlans:
    async def test_what_is_not_in_the_plan_is_not_kept(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(facts=assignment())
        await store.write(
            one.opening(
                kept, turns=turn("ja", original="ja"), consents=consent(), pseudonyms=b"map", connection={"ip": "::1"}
            )
        )
        assert set((await store.part_ids(one.id)).values()) == {PartKind.FACTS}
        transcript = await store.read(one.id, "improve-chatbot", NOW)
        assert (transcript.turns, transcript.consents) == ((), ())
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert (found.history, found.pseudonyms) == ((), None)

    async def test_an_empty_list_of_assignments_keeps_nothing(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(plan(transcript=()), turns=turn()))
        assert await store.part_ids(one.id) == {}

    async def test_a_repeat_is_recognised_where_no_transcript_is_kept(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(NOTHING, turns=turn("ja", once="m1")))
        assert (await store.write(one.write(NOTHING, turns=turn("ja", once="m1")))).turns == (False,)
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert [(ref.digest, ref.once) for ref in found.history] == [(b"", once_digest(found.digest_key, "m1"))]

    async def test_the_same_plan_again_goes_to_the_same_part(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(plan(transcript=(assignment("a"), assignment("b"))), turns=turn()))
        await store.write(one.write(plan(transcript=(assignment("b"), assignment("a"), assignment("a"))), turns=turn()))
        assert len(await store.part_ids(one.id)) == 1

    async def test_nothing_said_before_a_consent_is_readable_for_it(self, store: SessionStore) -> None:
        one = Customer()
        consented = plan(transcript=(assignment(), assignment("train-chatbot", consent="training")))
        await store.write(one.opening(TRANSCRIPT, turns=turn("before")))
        await store.write(one.write(consented, turns=turn("during"), consents=consent()))
        await store.write(one.write(TRANSCRIPT, turns=turn("after")))
        assert await texts(store, one, "improve-chatbot") == ["before", "during", "after"]
        assert await texts(store, one, "train-chatbot") == ["during"]
        assert len(await store.part_ids(one.id)) == 2

    async def test_a_class_with_another_period_opens_another_part(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(plan(transcript=assignment(period="P30D")), turns=turn("long")))
        await store.write(one.write(plan(transcript=assignment(period="P1D")), turns=turn("short")))
        assert await texts(store, one, "improve-chatbot", NOW + DAY) == ["long"]

    async def test_nothing_is_added_to_a_part_that_has_begun_to_end(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment("a", "P1D"), assignment("b", "P2D")))
        await store.write(one.opening(kept, turns=turn("first")))
        await store.write(one.write(kept, now=NOW + DAY, turns=turn("second", at=NOW + DAY)))
        assert await texts(store, one, "a", NOW + DAY) == ["second"]
        assert await texts(store, one, "b", NOW + DAY) == ["first", "second"]
        assert await texts(store, one, "b", NOW + 2 * DAY) == ["second"]

    async def test_the_period_runs_from_the_first_record_of_a_part(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        await store.write(one.write(TRANSCRIPT, now=NOW + DAY, turns=turn(at=NOW + DAY)))
        summary = (await store.read(one.id, "improve-chatbot", NOW)).summary
        assert summary.expires_at == NOW + 30 * DAY
        assert summary.purposes == {"improve-chatbot": NOW + 30 * DAY}


class TestOtherRecords:
    async def test_pseudonyms_are_those_written_last(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(pseudonyms=assignment(period="P1D"))
        await store.write(one.opening(kept, pseudonyms=b"first"))
        await store.write(one.write(kept, pseudonyms=b"second"))
        await store.write(one.write(kept, turns=turn()))
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert found.pseudonyms == b"second"
        assert len(await store.part_ids(one.id)) == 1

    async def test_pseudonyms_end_with_their_part(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(pseudonyms=assignment(period="P1D"), transcript=assignment())
        await store.write(one.opening(kept, turns=turn(), pseudonyms=b"map"))
        for now, expected in ((NOW + DAY - SECOND, b"map"), (NOW + DAY, None)):
            found = await store.find(one.by_token(), now)
            assert found is not None
            assert found.pseudonyms == expected

    async def test_consent_records_are_evidence_for_their_purpose(self, store: SessionStore) -> None:
        one = Customer()
        given = consent(evidence_of="click", at_time="12:00")
        refused = consent(ConsentState.REFUSED, "recording", NOW + SECOND)
        await store.write(one.opening(turns=turn(), consents=(given, refused)))
        assert (await store.read(one.id, "prove-consent", NOW)).consents == (given, refused)
        assert (await store.read(one.id, "prove-consent", NOW)).turns == ()
        assert (await store.read(one.id, "improve-chatbot", NOW)).consents == ()

    async def test_later_evidence_stands_in_the_record_of_the_last_yes(self, store: SessionStore) -> None:
        one = Customer()
        first, second = consent(key="1"), consent(key="1", at=NOW + 2 * SECOND)
        refused = consent(ConsentState.REFUSED, at=NOW + SECOND)
        await store.write(one.opening(consents=first))
        await store.write(one.write(evidence={"training": {"heard": "a"}, "unasked": {"heard": "x"}}))
        await store.write(one.write(evidence={"training": {"heard": "b", "key": "2"}}))
        await store.write(one.write(consents=refused, evidence={"training": {"more": "c"}}))
        await store.write(one.write(consents=second))
        await store.write(one.write(evidence={"training": {"heard": "d"}}))
        expected = (
            replace(first, evidence={"key": "1", "heard": "a", "more": "c"}),
            refused,
            replace(second, evidence={"key": "1", "heard": "d"}),
        )
        assert (await store.read(one.id, "prove-consent", NOW)).consents == expected
        assert (await store.copies.of(one.id, NOW)).consents == expected

    async def test_the_last_answer_is_the_state_of_a_consent(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(NOTHING, consents=(consent(), consent(ConsentState.REFUSED, "recording"))))
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        expected = {"training": ConsentState.WITHDRAWN, "recording": ConsentState.REFUSED}
        assert await store.consent_states(one.id) == expected
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert found.consents == expected

    async def test_consent_states_of_no_session(self, store: SessionStore) -> None:
        with pytest.raises(UnknownSessionError):
            await store.consent_states(uuid4())

    async def test_connection_data_are_a_part_of_their_own(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(plan(connection=assignment()), connection={"address": "192.0.2.1"}))
        assert set((await store.part_ids(one.id)).values()) == {PartKind.CONNECTION}

    async def test_facts_count_messages_and_ratings(self, store: SessionStore) -> None:
        one = Customer()
        later = NOW + SECOND
        await store.write(one.opening(plan(facts=assignment()), turns=turn(), ratings=True))
        await store.write(one.write(plan(facts=assignment()), turns=(turn(at=later),), ratings=(True, False)))
        facts = (await store.read(one.id, "improve-chatbot", NOW)).summary.facts
        assert facts is not None
        assert (facts.started_at, facts.last_turn_at) == (NOW, later)
        assert (facts.messages, facts.ratings_positive, facts.ratings_negative) == (2, 2, 1)

    async def test_facts_belong_to_their_purpose(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn()))
        assert (await store.read(one.id, "improve-chatbot", NOW)).summary.facts is not None
        assert (await store.read(one.id, "legal-defence", NOW)).summary.facts is None
