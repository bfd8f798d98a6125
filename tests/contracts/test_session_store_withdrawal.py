"""What every SessionStore does when a consent ends."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from storage import ConsentState, ErasureReason, PartKind, PurposeRefusedError, SessionStore
from tests.contracts.stores import texts
from tests.unit.storage.builders import DAY, NOTHING, NOW, SECOND, TRANSCRIPT, Customer, assignment, consent, plan, turn


class TestWithdrawal:
    async def test_a_plan_made_before_it_stores_nothing_for_it(self, store: SessionStore) -> None:
        one = Customer()
        both = plan(transcript=(assignment(), assignment("train-chatbot", consent="training")))
        alone = plan(transcript=assignment("train-chatbot", consent="training"))
        await store.write(one.opening(both, turns=turn("question"), consents=consent()))
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        await store.write(one.write(both, turns=turn("answer under way")))
        await store.write(one.write(alone, turns=turn("another")))
        assert await texts(store, one, "improve-chatbot") == ["question", "answer under way"]
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "train-chatbot", NOW)

    async def test_a_consent_counts_from_the_write_that_brings_it(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(), assignment("train-chatbot", consent="training")))
        await store.write(one.opening(kept, turns=turn("before")))
        await store.write(one.write(kept, turns=turn("with it"), consents=consent()))
        assert await texts(store, one, "train-chatbot") == ["with it"]

    @pytest.mark.parametrize("state", [ConsentState.WITHDRAWN, ConsentState.REFUSED])
    async def test_its_record_ends_what_rests_on_it_in_the_same_step(
        self, store: SessionStore, state: ConsentState
    ) -> None:
        one = Customer()
        kept = plan(
            transcript=(assignment(), assignment("train-chatbot", consent="training")),
            original=assignment("train-chatbot", consent="training"),
        )
        await store.write(one.opening(kept, turns=turn("<PERSON_1>", original="Eva"), consents=consent()))
        await store.write(one.write(NOTHING, now=NOW + SECOND, consents=consent(state, at=NOW + SECOND)))
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "train-chatbot", NOW + SECOND)
        assert await texts(store, one, "improve-chatbot") == ["<PERSON_1>"]
        assert set((await store.part_ids(one.id)).values()) == {PartKind.TRANSCRIPT}
        (due,) = await store.due(NOW + SECOND)
        assert due.kind is PartKind.ORIGINAL
        (receipt,) = await store.erase([due.part_id], ErasureReason.EXPIRED, NOW + SECOND, "sweep")
        assert (receipt.kind, receipt.reason) == (PartKind.ORIGINAL, ErasureReason.WITHDRAWN)

    async def test_the_erasure_after_its_record_returns_the_receipts(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(original=assignment("train-chatbot", consent="training"), facts=assignment())
        await store.write(one.opening(kept, turns=turn(original="Eva"), consents=consent()))
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        assert [receipt.kind for receipt in await store.withdraw(one.id, "training", NOW)] == [PartKind.ORIGINAL]
        assert await store.withdraw(one.id, "training", NOW) == ()

    async def test_what_is_said_after_it_and_a_new_consent_is_kept_again(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(), assignment("train-chatbot", consent="training")))
        await store.write(one.opening(kept, turns=turn("first"), consents=consent()))
        await asyncio.gather(
            store.write(one.write(kept, turns=turn("second"), consents=consent(ConsentState.WITHDRAWN))),
            store.write(one.write(kept, turns=turn("third"), consents=consent())),
            store.write(one.write(kept, turns=turn("fourth"))),
        )
        await store.withdraw(one.id, "another", NOW)
        assert await texts(store, one, "train-chatbot") == ["third", "fourth"]
        assert await texts(store, one, "improve-chatbot") == ["first", "second", "third", "fourth"]

    async def test_an_erasure_that_comes_after_a_new_consent_leaves_what_rests_on_that(
        self, store: SessionStore
    ) -> None:
        one = Customer()
        kept = plan(transcript=assignment("train-chatbot", consent="training"), facts=assignment())
        await store.write(one.opening(kept, turns=turn("before"), consents=consent()))
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        await store.write(one.write(kept, turns=turn("again"), consents=consent()))
        assert [each.kind for each in await store.withdraw(one.id, "training", NOW)] == [PartKind.TRANSCRIPT]
        assert await texts(store, one, "train-chatbot") == ["again"]

    async def test_what_rests_on_the_consent_alone_goes_at_once(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(
            transcript=(assignment(), assignment("train-chatbot", consent="training")),
            original=assignment("train-chatbot", consent="training"),
        )
        await store.write(one.opening(kept, turns=turn("<PERSON_1>", original="Eva"), consents=consent()))
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        (receipt,) = await store.withdraw(one.id, "training", NOW + SECOND)
        assert (receipt.kind, receipt.reason) == (PartKind.ORIGINAL, ErasureReason.WITHDRAWN)
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "train-chatbot", NOW + SECOND)
        assert await texts(store, one, "improve-chatbot") == ["<PERSON_1>"]
        assert set((await store.part_ids(one.id)).values()) == {PartKind.TRANSCRIPT}

    async def test_other_consents_and_sessions_are_untouched(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        kept = plan(transcript=assignment("train-chatbot", consent="training"))
        await store.write(one.opening(kept, turns=turn(), consents=consent()))
        await store.write(other.opening(kept, turns=turn("other"), consents=consent()))
        assert await store.withdraw(one.id, "recording", NOW) == ()
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        await store.withdraw(one.id, "training", NOW)
        assert await texts(store, other, "train-chatbot") == ["other"]

    async def test_withdrawing_again_or_from_no_session_changes_nothing(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(
            one.opening(plan(transcript=assignment(consent="training")), turns=turn(), consents=consent())
        )
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        assert len(await store.withdraw(one.id, "training", NOW)) == 1
        assert await store.withdraw(one.id, "training", NOW) == ()
        assert await store.withdraw(uuid4(), "training", NOW) == ()

    async def test_the_day_of_a_part_is_that_of_what_is_left(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(period="P1D"), assignment("train", "P90D", consent="training")))
        await store.write(one.opening(kept, turns=turn("with consent"), consents=consent()))
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        await store.withdraw(one.id, "training", NOW)
        assert [each.due_at for each in await store.due(NOW + DAY)] == [NOW + DAY]

    async def test_after_it_the_part_is_one_without_the_consent(self, store: SessionStore) -> None:
        one = Customer()
        consented = plan(transcript=(assignment(), assignment("train", consent="training")))
        await store.write(one.opening(consented, turns=turn("with consent"), consents=consent()))
        await store.write(one.write(NOTHING, consents=consent(ConsentState.WITHDRAWN)))
        await store.withdraw(one.id, "training", NOW)
        await store.write(one.write(TRANSCRIPT, turns=turn("without")))
        assert len(await store.part_ids(one.id)) == 1
        await store.write(one.write(consented, turns=turn("given again"), consents=consent()))
        assert await texts(store, one, "train") == ["given again"]

    async def test_a_part_whose_other_purposes_have_run_out_goes_with_it_at_once(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(
            transcript=(assignment(period="P1D"), assignment("train-chatbot", consent="training")),
            facts=assignment(),
        )
        await store.write(one.opening(kept, turns=turn(), consents=consent()))
        then = NOW + 2 * DAY
        await store.write(one.write(NOTHING, now=then, consents=consent(ConsentState.WITHDRAWN, at=then)))
        (receipt,) = await store.withdraw(one.id, "training", then)
        assert (receipt.kind, receipt.reason) == (PartKind.TRANSCRIPT, ErasureReason.WITHDRAWN)
        assert await store.due(then) == []
        assert (await store.figures(then)).overdue == 0
