"""Requests in a chat: the gateway answers them itself, the bot hears nothing of them, and nothing of them is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import openai
import pytest

from storage.requests import RequestState
from tests.integration.conftest import MakeShop, Shop
from tests.integration.rights_shop import RIGHTS

RASA = RIGHTS.replace(
    "connector: openai",
    'connector: json\n    paths: {post: /webhook, text: message, conversation: sender, response: "[*].text"}',
)


async def test_an_erasure_is_asked_for_twice(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.say("Guten Tag")
        seen = len(shop.bot.seen)
        answer, _ = await shop.say("Lösche meine Daten!", headers=headers)
        assert "lösche meine Daten jetzt" in answer
        (session,) = await shop.sessions()
        assert len(await shop.texts(session)) == 2
        answer, _ = await shop.say("lösche meine Daten jetzt", headers=headers)
        receipts = [str(each.id) for each in await shop.addresses.gateway.store.receipts()]
        assert len(receipts) == 2
        assert all(each in answer for each in receipts)
        assert await shop.sessions() == []
        assert len(shop.bot.seen) == seen


async def test_customers_of_one_front_end_do_not_use_up_each_other_s_requests(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        sessions = [(await shop.say("Hello"))[1] for _ in range(22)]
        for headers in sessions:
            answer, _ = await shop.say("show my data", headers=headers)
            assert answer.startswith("This is kept of this conversation: ")
        answers = [(await shop.say("show my data", headers=sessions[0]))[0] for _ in range(20)]
        assert answers[-1].startswith("Your request could not be carried out now.")


async def test_access_and_withdrawal(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.answer("given")
        await shop.say("Good morning", headers=headers)
        answer, _ = await shop.say("show my data", headers=headers)
        assert "transcript of the conversation" in answer
        assert "/chat/rights" in answer
        answer, _ = await shop.say("I withdraw my consent", headers=headers)
        asked = "“May we use the chat for quality?”"
        assert answer == f"You had agreed to this: {asked} That is withdrawn, and what rested on it alone is erased."
        (session,) = await shop.sessions()
        states = await shop.addresses.gateway.store.consent_states(UUID(session))
        assert states["quality"].value == "withdrawn"
        answer, _ = await shop.say("I withdraw my consent", headers=headers)
        assert answer == "You have given no consent in this conversation."


async def test_a_withdrawal_counts_after_the_chats_end(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.answer("given")
        await shop.say("Good morning", headers=headers)
        shop.clock.move(days=2)
        answer, _ = await shop.say("I withdraw my consent", headers=headers)
        assert answer.startswith("You had agreed to this: ")
        states = await shop.addresses.gateway.store.consent_states(UUID(headers["X-Sordino-Session"].partition(".")[0]))
        assert states["quality"].value == "withdrawn"


@pytest.mark.parametrize(
    ("said", "right", "state", "restricted"),
    [
        ("Ich widerspreche der Verarbeitung meiner Daten.", "objection", "open", True),
        ("restrict the processing of my data", "restriction", "answered", True),
        ("Download mijn gegevens", "portability", "answered", False),
    ],
)
async def test_other_rights_give_a_reference(
    make_shop: MakeShop, said: str, right: str, state: str, *, restricted: bool
) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.say("Guten Tag")
        seen = len(shop.bot.seen)
        answer, _ = await shop.say(said, headers=headers)
        assert "/chat/rights" in answer
        reference = answer.rpartition(" ")[2]
        (request,) = await shop.addresses.gateway.store.requests.requests(list(RequestState))
        assert (request.right.value, request.state.value) == (right, state)
        assert reference.startswith(str(request.id))
        assert bool(await shop.addresses.gateway.store.retention.restrictions()) is restricted
        assert len(shop.bot.seen) == seen


async def test_a_history_brings_neither_a_command_nor_its_answer_to_the_store(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        told, headers = await shop.say("Guten Tag")
        answer, _ = await shop.say("Guten Tag", told, "Download mijn gegevens", headers=headers)
        reference = answer.rpartition(" ")[2]
        for history in (("Guten Tag", told), ()):
            await shop.say(*history, "Download mijn gegevens", answer, "Danke schön", headers=headers)
            heard = shop.bot.seen[-1]["messages"]
            assert heard[-2]["content"].endswith(" [REFERENCE]")
            assert reference.partition(".")[2] not in str(heard)
        await shop.say("Download mijn gegevens", answer, "Danke sehr", headers={})
        store, now = shop.addresses.gateway.store, shop.clock.now()
        copies = [await store.copies.of(UUID(each), now) for each in await shop.sessions()]
        texts = [turn.text for each in copies for turn in each.turns]
        assert len(texts) == 8
        assert not [text for text in texts if "Download" in text or reference[:36] in text]


async def test_a_correction_is_told_where_to_say_what_is_wrong(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.say("Guten Tag")
        answer, _ = await shop.say("Berichtige meine Daten", headers=headers)
        assert "/chat/rights" in answer
        assert await shop.addresses.gateway.store.requests.requests(list(RequestState)) == ()


async def test_who_does_not_own_the_session_is_told_where_to_ask(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS, public_url="https://chat.shop.example") as shop:
        await shop.say("Goedendag")
        for headers in ({}, {"X-Sordino-Session": f"{UUID(int=7)}.{'A' * 43}"}):
            answer, _ = await shop.say("Verwijder mijn gegevens nu", headers=headers)
            assert (
                answer
                == "Ga voor uw rechten naar https://chat.shop.example/chat/rights of schrijf naar ds@shop.example."
            )
        assert len(await shop.sessions()) == 1


async def test_openai_s_own_client_reads_the_answer(make_shop: MakeShop) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        _, headers = await shop.say("Hello")
        async with openai.AsyncOpenAI(
            base_url=f"{shop.public}/v1", api_key="k", default_headers=headers, max_retries=0
        ) as client:
            said: Any = [{"role": "user", "content": "delete my data"}]
            whole = await client.chat.completions.create(model="m", messages=said)
            assert "delete my data now" in (whole.choices[0].message.content or "")
            pieces = await client.chat.completions.create(model="m", messages=said, stream=True)
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in pieces])
            assert text == whole.choices[0].message.content


async def test_a_bot_described_in_the_notice(make_shop: MakeShop) -> None:
    async with make_shop(notice=RASA) as shop:
        async with shop.client.post(
            f"{shop.public}/webhook", json={"sender": "web-1", "message": "delete my data"}
        ) as response:
            assert await response.json() == [
                {"text": "For your rights, please go to /chat/rights or write to ds@shop.example."}
            ]
        assert shop.bot.seen == []


@pytest.mark.parametrize("text", ["Please don't delete my data", "delete my data"])
async def test_without_requests_in_the_notice_the_bot_answers(shop: Shop, text: str) -> None:
    answer, _ = await shop.say(text)
    assert answer.endswith("Gern geschehen.")
    assert len(shop.bot.seen) == 1
