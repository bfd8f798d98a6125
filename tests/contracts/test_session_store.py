"""What every SessionStore does, whatever it stands on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from storage import (
    ConsentState,
    ErasureReason,
    Locator,
    PartKind,
    PurposeRefusedError,
    SessionEvent,
    SessionStore,
    Speaker,
    StartEvent,
    StoreUnavailableError,
    UnknownSessionError,
    once_digest,
    turn_digest,
)
from storage.memory import MemoryStore
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
    prepared,
    sql_store,
    turn,
)


async def _memory(_: Path) -> SessionStore:
    return MemoryStore()


async def _sqlite(directory: Path) -> SessionStore:
    return sql_store(await prepared(directory))


STORES: dict[str, Callable[[Path], Awaitable[SessionStore]]] = {"memory": _memory, "sqlite": _sqlite}


@pytest.fixture(params=list(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionStore]:
    made = await STORES[request.param](tmp_path)
    await made.start()
    yield made
    await made.close()


async def texts(store: SessionStore, customer: Customer, purpose: str, now: datetime = NOW) -> list[str]:
    return [each.text for each in (await store.read(customer.id, purpose, now)).turns]


class TestFind:
    async def test_a_session_is_found_by_its_id_with_its_token(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn(), events=SessionEvent.AI_DISCLOSED))
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert (found.id, found.channel, found.language) == (one.id, "chatbot", "de")
        assert (found.started_at, found.last_turn_at, found.ended_at, found.disclosed_at) == (NOW, NOW, None, NOW)

    async def test_no_other_token_opens_it(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        await store.write(one.opening(turns=turn()))
        await store.write(other.opening(turns=turn()))
        assert await store.find(one.by_token(other.token), NOW) is None
        assert await store.find(one.by_token(one.token[:-1]), NOW) is None
        assert await store.find(Locator("chatbot", id=one.id), NOW) is None
        assert await store.find(Locator("chatbot", token=one.token), NOW) is None
        assert await store.find(Locator("chatbot"), NOW) is None

    async def test_a_session_is_found_in_its_own_channel_only(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn()))
        assert await store.find(one.by_token(channel="hotline"), NOW) is None
        assert await store.find(one.by_conversation(channel="hotline"), NOW) is None

    async def test_a_session_is_found_by_its_conversation(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn()))
        found = await store.find(one.by_conversation(), NOW)
        assert found is not None
        assert found.id == one.id
        assert await store.find(one.by_conversation("another"), NOW) is None

    async def test_id_and_conversation_must_be_of_one_session(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        await store.write(one.opening(turns=turn()))
        await store.write(other.opening(turns=turn()))
        both = Locator("chatbot", id=one.id, conversation=one.conversation)
        assert await store.find(both, NOW) is not None
        assert await store.find(replace(both, conversation=other.conversation), NOW) is None

    async def test_of_a_conversation_that_went_on_the_newest_session_is_found(self, store: SessionStore) -> None:
        first, second = Customer(), Customer(now=NOW + DAY)
        await store.write(second.opening(turns=turn()))
        await store.write(first.opening(turns=turn()))
        found = await store.find(first.by_conversation(), NOW)
        assert found is not None
        assert found.id == second.id

    async def test_an_ended_session_is_still_found(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn(), events=SessionEvent.SESSION_END))
        found = await store.find(one.by_token(), NOW + DAY)
        assert found is not None
        assert found.ended_at == NOW

    async def test_many_at_once_each_get_their_own(self, store: SessionStore) -> None:
        customers = [Customer(str(number)) for number in range(20)]
        for customer in customers:
            await store.write(customer.opening(turns=turn(customer.conversation)))
        found = [await store.find(customer.by_conversation(), NOW) for customer in customers]
        assert [each.id if each else None for each in found] == [customer.id for customer in customers]


class TestTurns:
    @pytest.mark.parametrize("text", ["", "Grüße 🎺", "x" * 40_000, "half a pair: \ud83d", "nul \0 and \x80"])
    async def test_a_turn_comes_back_as_it_was_kept(self, store: SessionStore, text: str) -> None:
        one = Customer()
        at = NOW.replace(microsecond=123456)
        await store.write(one.opening(turns=turn(text, Speaker.AGENT, at)))
        (stored,) = (await store.read(one.id, "improve-chatbot", NOW)).turns
        assert (stored.speaker, stored.text, stored.at, stored.original) == (Speaker.AGENT, text, at, None)

    async def test_turns_stay_in_order(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=(turn("a"), turn("b", Speaker.BOT))))
        for text in "cdefghijkl":
            await store.write(one.write(turns=turn(text)))
        transcript = await store.read(one.id, "improve-chatbot", NOW)
        assert "".join(each.text for each in transcript.turns) == "abcdefghijkl"
        assert [each.sequence for each in transcript.turns] == list(range(12))

    async def test_a_write_to_no_session_is_refused(self, store: SessionStore) -> None:
        with pytest.raises(UnknownSessionError):
            await store.write(Customer().write(turns=turn()))

    async def test_a_session_is_opened_once(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn("first")))
        with pytest.raises(StoreUnavailableError):
            await store.write(one.opening(turns=turn("second")))
        assert await texts(store, one, "improve-chatbot") == ["first"]

    async def test_a_repeat_is_stored_and_counted_once(self, store: SessionStore) -> None:
        one = Customer()
        first = await store.write(one.opening(turns=(turn("ja", once="m1"), turn("ja", once="m1"))))
        again = await store.write(one.write(turns=(turn("ja", once="m1"), turn("nein", once="m2"))))
        assert first.turns == (True, False)
        assert again.turns == (False, True)
        transcript = await store.read(one.id, "improve-chatbot", NOW)
        assert [each.text for each in transcript.turns] == ["ja", "nein"]
        assert transcript.summary.facts is not None
        assert transcript.summary.facts.messages == 2

    async def test_the_same_words_without_a_name_are_two_turns(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn("ja")))
        assert (await store.write(one.write(turns=turn("ja")))).turns == (True,)
        assert await texts(store, one, "improve-chatbot") == ["ja", "ja"]

    async def test_a_name_counts_within_its_session(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        await store.write(one.opening(turns=turn(once="m1")))
        assert (await store.write(other.opening(turns=turn(once="m1")))).turns == (True,)

    async def test_history_can_be_compared_with_what_a_client_sends_again(self, store: SessionStore) -> None:
        one = Customer()
        said = turn("Ich bin <PERSON_1>", match="Ich bin Eva", once="m1")
        await store.write(one.opening(turns=(said, turn("Hallo!", Speaker.BOT))))
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        key = found.digest_key
        assert [(ref.sequence, ref.speaker, ref.digest, ref.once) for ref in found.history] == [
            (0, Speaker.SUBJECT, turn_digest(key, Speaker.SUBJECT, "Ich bin Eva"), once_digest(key, "m1")),
            (1, Speaker.BOT, turn_digest(key, Speaker.BOT, "Hallo!"), None),
        ]

    async def test_digests_of_two_sessions_can_not_be_compared(self, store: SessionStore) -> None:
        one, other = Customer(), Customer("other")
        await store.write(one.opening(turns=turn("ja")))
        await store.write(other.opening(turns=turn("ja")))
        found = [await store.find(each.by_token(), NOW) for each in (one, other)]
        digests = {each.history[0].digest for each in found if each is not None}
        assert len(digests) == 2

    async def test_the_original_is_kept_for_its_own_purpose_only(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=assignment(), original=assignment("legal-defence"))
        await store.write(one.opening(kept, turns=(turn("<PERSON_1>", original="Eva"), turn("ja"))))
        assert await texts(store, one, "improve-chatbot") == ["<PERSON_1>", "ja"]
        for_improving = await store.read(one.id, "improve-chatbot", NOW)
        assert [each.original for each in for_improving.turns] == [None, None]
        for_defence = await store.read(one.id, "legal-defence", NOW)
        assert [(each.sequence, each.text, each.original) for each in for_defence.turns] == [(0, "", "Eva")]

    async def test_transcript_and_original_of_one_purpose_stand_together(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=assignment(), original=assignment())
        await store.write(one.opening(kept, turns=(turn("<PERSON_1>", original="Eva"), turn("ja"))))
        transcript = await store.read(one.id, "improve-chatbot", NOW)
        assert [(each.text, each.original) for each in transcript.turns] == [("<PERSON_1>", "Eva"), ("ja", None)]


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


class TestReads:
    async def test_a_purpose_that_nothing_is_kept_for_is_refused(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn()))
        for purpose in ("advertising", "", "improve"):
            with pytest.raises(PurposeRefusedError):
                await store.read(one.id, purpose, NOW)

    async def test_a_purpose_ends_in_its_second_before_any_sweep(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(), assignment("legal-defence", "P31D")))
        await store.write(one.opening(kept, turns=turn("ja")))
        assert await texts(store, one, "improve-chatbot", NOW + 30 * DAY - SECOND) == ["ja"]
        with pytest.raises(PurposeRefusedError):
            await store.read(one.id, "improve-chatbot", NOW + 30 * DAY)
        assert await texts(store, one, "legal-defence", NOW + 30 * DAY) == ["ja"]
        summary = (await store.read(one.id, "legal-defence", NOW + 30 * DAY)).summary
        assert list(summary.purposes) == ["legal-defence"]

    async def test_no_session(self, store: SessionStore) -> None:
        with pytest.raises(UnknownSessionError):
            await store.read(uuid4(), "improve-chatbot", NOW)

    async def test_sessions_are_listed_newest_first_and_in_pages(self, store: SessionStore) -> None:
        customers = [Customer(str(number), now=NOW + number * SECOND) for number in range(5)]
        for customer in customers:
            await store.write(customer.opening(turns=turn()))
        newest_first = [customer.id for customer in reversed(customers)]
        assert [each.id for each in await store.sessions(NOW)] == newest_first
        page = await store.sessions(NOW, limit=2)
        assert [each.id for each in page] == newest_first[:2]
        assert [each.id for each in await store.sessions(NOW, after=page[-1].id)] == newest_first[2:]

    async def test_sessions_are_listed_by_channel_and_purpose(self, store: SessionStore) -> None:
        chat, call = Customer(), Customer("caller", "hotline")
        await store.write(chat.opening(plan(transcript=assignment("a")), turns=turn()))
        await store.write(call.opening(plan(transcript=assignment("b")), turns=turn()))
        assert [each.id for each in await store.sessions(NOW, channel="hotline")] == [call.id]
        assert [each.id for each in await store.sessions(NOW, purpose="a")] == [chat.id]
        assert await store.sessions(NOW, channel="hotline", purpose="a") == ()

    async def test_a_list_says_what_is_kept_until_when(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn(), consents=consent()))
        (summary,) = await store.sessions(NOW)
        three_years = NOW.replace(year=2029)
        assert summary.channel == "chatbot"
        assert summary.parts == (PartKind.TRANSCRIPT, PartKind.CONSENT, PartKind.FACTS)
        assert summary.purposes == {
            "improve-chatbot": NOW + 30 * DAY,
            "legal-defence": NOW + 30 * DAY,
            "prove-consent": three_years,
        }
        assert summary.expires_at == three_years
        (later,) = await store.sessions(NOW + 30 * DAY)
        assert (later.parts, later.facts) == ((PartKind.CONSENT,), None)

    async def test_what_has_ended_or_keeps_nothing_is_not_listed(self, store: SessionStore) -> None:
        one, bare = Customer(), Customer("bare")
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        await store.write(bare.opening(NOTHING, turns=turn()))
        assert [each.id for each in await store.sessions(NOW)] == [one.id]
        assert await store.sessions(NOW + 30 * DAY) == ()


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

    async def test_the_first_disclosure_counts(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(NOTHING))
        for days in (1, 2):
            await store.write(one.write(NOTHING, now=NOW + days * DAY, events=SessionEvent.AI_DISCLOSED))
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert found.disclosed_at == NOW + DAY


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

    async def test_what_rests_on_the_consent_alone_goes_at_once(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(
            transcript=(assignment(), assignment("train-chatbot", consent="training")),
            original=assignment("train-chatbot", consent="training"),
        )
        await store.write(one.opening(kept, turns=turn("<PERSON_1>", original="Eva"), consents=consent()))
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
        await store.withdraw(one.id, "training", NOW)
        assert await texts(store, other, "train-chatbot") == ["other"]

    async def test_withdrawing_again_or_from_no_session_changes_nothing(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(
            one.opening(plan(transcript=assignment(consent="training")), turns=turn(), consents=consent())
        )
        assert len(await store.withdraw(one.id, "training", NOW)) == 1
        assert await store.withdraw(one.id, "training", NOW) == ()
        assert await store.withdraw(uuid4(), "training", NOW) == ()

    async def test_the_day_of_a_part_is_that_of_what_is_left(self, store: SessionStore) -> None:
        one = Customer()
        kept = plan(transcript=(assignment(period="P1D"), assignment("train", "P90D", consent="training")))
        await store.write(one.opening(kept, turns=turn("with consent"), consents=consent()))
        await store.withdraw(one.id, "training", NOW)
        assert [each.due_at for each in await store.due(NOW + DAY)] == [NOW + DAY]

    async def test_after_it_the_part_is_one_without_the_consent(self, store: SessionStore) -> None:
        one = Customer()
        consented = plan(transcript=(assignment(), assignment("train", consent="training")))
        await store.write(one.opening(consented, turns=turn("with consent"), consents=consent()))
        await store.withdraw(one.id, "training", NOW)
        await store.write(one.write(TRANSCRIPT, turns=turn("without")))
        assert len(await store.part_ids(one.id)) == 1
        await store.write(one.write(consented, turns=turn("given again")))
        assert await texts(store, one, "train") == ["given again"]


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
        assert len(receipt.ciphertext_digest) == 64
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


class TestFigures:
    async def test_they_count_what_is_kept_and_what_is_late(self, store: SessionStore) -> None:
        for number in range(3):
            await store.write(Customer(str(number)).opening(turns=turn()))
        late = Customer("late")
        await store.write(late.opening(plan(transcript=assignment(period="PT1H")), turns=turn()))
        figures = await store.figures(NOW + timedelta(hours=1, seconds=90))
        assert figures.parts == {
            (PartKind.TRANSCRIPT, "improve-chatbot"): 3,
            (PartKind.TRANSCRIPT, "legal-defence"): 3,
            (PartKind.FACTS, "improve-chatbot"): 3,
        }
        assert (figures.sessions, figures.overdue, figures.oldest_overdue_seconds) == (4, 1, 90)

    async def test_an_empty_store(self, store: SessionStore) -> None:
        figures = await store.figures(NOW)
        assert (dict(figures.parts), figures.sessions, figures.overdue) == ({}, 0, 0)
        assert figures.oldest_overdue_seconds == 0
        await store.check()
