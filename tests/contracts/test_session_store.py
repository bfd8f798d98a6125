"""What every SessionStore does, whatever it stands on: sessions are found, turns come back."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from storage import (
    Locator,
    SessionEvent,
    SessionStore,
    Speaker,
    StoreUnavailableError,
    UnknownSessionError,
    answer_to,
    once_digest,
    turn_digest,
)
from tests.contracts.stores import texts
from tests.unit.storage.builders import DAY, NOW, Customer, assignment, plan, turn


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

    async def test_the_sessions_of_a_conversation_are_found_one_after_the_other(self, store: SessionStore) -> None:
        matters = [Customer() for _ in range(3)]
        for number, each in enumerate(matters):
            await store.write(each.opening(plan(transcript=assignment()), turns=turn(f"matter {number}")))
        await store.write(Customer("another").opening(plan(transcript=assignment()), turns=turn("another")))
        newest_first = sorted((each.id for each in matters), reverse=True)
        found, locator = list[UUID](), matters[0].by_conversation()
        while (session := await store.find(locator, NOW)) is not None:
            found.append(session.id)
            assert len(session.history) == 1
            locator = replace(locator, before=session.id)
        assert found == newest_first

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

    async def test_an_answer_is_known_by_the_turn_that_it_answers(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn("Hallo")))
        both = (turn("ja"), turn("gut", Speaker.BOT, once="0", answers=0))
        assert (await store.write(one.write(turns=both))).sequences == (1, 2)
        assert (await store.write(one.write(turns=both))).sequences == (3, 4), "to another turn the same is another"
        again = turn("gut", Speaker.BOT, once=answer_to(1, "0"))
        assert (await store.write(one.write(turns=again))).sequences == (None,)
        found = await store.find(one.by_token(), NOW)
        assert found is not None
        assert [ref.once for ref in found.history] == [
            None, None, once_digest(found.digest_key, answer_to(1, "0")),
            None, once_digest(found.digest_key, answer_to(3, "0")),
        ]  # fmt: skip

    async def test_an_answer_to_a_repeat_is_known_by_nothing(self, store: SessionStore) -> None:
        one = Customer()
        await store.write(one.opening(turns=turn("ja", once="m1")))
        both = (turn("ja", once="m1"), turn("gut", Speaker.BOT, once="0", answers=0))
        assert (await store.write(one.write(turns=both))).sequences == (None, 1)
        assert (await store.write(one.write(turns=both))).sequences == (None, 2)

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
