"""Whose session it is: tokens, cookies, conversation ids, secrets, and consent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from storage.errors import StoreUnavailableError
from storage.records import Receipt
from tests.fakes import FakeBot, chunk, completion
from tests.integration.conftest import NOTICE, MakeShop, Shop

CUSTOMER = {"conversation_id": "customer-17"}
BY_CONSENT = NOTICE.replace("transcript: {improve: days-30, quality: days-30}", "transcript: {quality: days-30}")
BROWSER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}


async def test_requests_without_an_id_never_share_a_session(shop: Shop) -> None:
    _, one = await shop.say("Hallo")
    _, two = await shop.say("Hallo")
    assert one["X-Sordino-Session"] != two["X-Sordino-Session"]
    assert (await shop.metrics())["sordino_sessions"] == 2


async def test_api_clients_get_no_cookie_and_browsers_do(shop: Shop) -> None:
    async with shop.chat("Hallo") as response:
        assert "Set-Cookie" not in response.headers
    async with shop.chat("Hallo", headers=BROWSER) as response:
        cookie = response.headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "__Host-sordino-chat"
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= {part.strip() for part in rest.split(";")}


async def test_a_cookie_resumes_on_same_origin_requests_of_browsers_only(shop: Shop) -> None:
    async with shop.chat("Hallo", headers=BROWSER) as response:
        cookie = {"Cookie": response.headers["Set-Cookie"].partition(";")[0]}
    async with shop.chat("Hallo", "x", "weiter", headers=BROWSER | cookie) as response:
        assert "X-Sordino-Session" not in response.headers
    for site in ("cross-site", "same-site"):
        async with shop.chat("Hallo", headers=cookie | BROWSER | {"Sec-Fetch-Site": site}) as response:
            assert "X-Sordino-Session" in response.headers
    async with shop.chat("Hallo", headers=cookie) as response:
        assert "X-Sordino-Session" in response.headers, "an API client's cookie jar merges customers"


async def test_a_conversation_id_finds_the_session_and_is_not_kept(shop: Shop) -> None:
    for messages in (("Hallo",), ("Hallo", "Gern geschehen.", "weiter")):
        async with shop.chat(*messages, metadata=CUSTOMER) as response:
            assert response.status == 200
            assert "X-Sordino-Session" not in response.headers, "whoever names it first does not own it"
    (session,) = await shop.sessions()
    assert len(await shop.texts(session)) == 4
    assert not any(b"customer-17" in path.read_bytes() for path in shop.home.rglob("*") if path.is_file())


async def test_a_user_is_no_conversation_unless_the_notice_says_so(make_shop: MakeShop) -> None:
    async with make_shop() as shop:
        for _ in range(2):
            async with shop.chat("Hallo", user="one for all") as response:
                assert "X-Sordino-Session" in response.headers
        assert len(await shop.sessions()) == 2
    named = NOTICE.replace("upstream:", "conversation: user\n    upstream:")
    async with make_shop(named) as shop:
        for _ in range(2):
            async with shop.chat("Hallo", user="customer-17") as response:
                assert "X-Sordino-Session" not in response.headers
        assert len(await shop.sessions()) == 3


async def test_a_front_end_with_the_channels_secret_owns_what_it_names(make_shop: MakeShop) -> None:
    async with make_shop(channel_secrets={"chat": SecretStr("front-end-secret")}) as shop:
        secret = {"X-Sordino-Channel-Secret": "front-end-secret"}
        async with shop.chat("Hallo", metadata=CUSTOMER, headers=secret) as response:
            assert "X-Sordino-Session" in response.headers
        async with shop.chat("Hallo", "x", "weiter", metadata=CUSTOMER, headers=secret) as response:
            assert response.status == 200
        assert len(await shop.sessions()) == 1


async def test_a_wrong_token_keeps_nobody_waiting_nor_does_a_bot_that_thinks(make_shop: MakeShop) -> None:
    thinking = asyncio.Event()

    async def answering(_request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if "warten" in body["messages"][-1]["content"]:
            await thinking.wait()
        return web.json_response(completion("ok"))

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        _, headers = await shop.say("Hallo")
        uuid, _, secret = headers["X-Sordino-Session"].partition(".")
        others = [{"X-Sordino-Session": f"{uuid}.{secret[::-1]}"}, headers]
        waiting = [asyncio.ensure_future(shop.say("bitte warten", headers=one)) for one in others]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(60):
            await shop.say("Hallo", "ok", "weiter", headers=headers)
        thinking.set()
        await asyncio.gather(*waiting)


async def test_requests_of_one_conversation_at_once_open_one_session(shop: Shop) -> None:
    async def one(number: int) -> None:
        headers = {"Idempotency-Key": f"0198f5c2-1d2e-7abc-8000-{number:012}"}
        async with shop.chat(f"Nummer {number}", metadata=CUSTOMER, headers=headers) as response:
            assert response.status == 200

    await asyncio.gather(*map(one, range(5)))
    (session,) = await shop.sessions()
    assert len(await shop.texts(session)) == 10


async def test_a_wrong_token_gets_a_new_session_and_learns_nothing(shop: Shop) -> None:
    _, headers = await shop.say("Hallo")
    uuid, _, secret = headers["X-Sordino-Session"].partition(".")
    wrong = {"X-Sordino-Session": f"{uuid}.{secret[::-1]}"}
    _, other = await shop.say("Hallo", headers=wrong)
    assert other["X-Sordino-Session"].partition(".")[0] != uuid
    async with shop.client.post(f"{shop.public}/ratings", json={"rating": "up"}, headers=wrong) as response:
        mine = await response.json()
        assert response.status == 404
    async with shop.client.post(f"{shop.public}/ratings", json={"rating": "up"}) as response:
        assert await response.json() == mine, "nothing there and not yours look alike"


async def test_consent_is_shown_given_and_withdrawn(shop: Shop) -> None:
    async with shop.client.get(f"{shop.public}/consent?lang=en") as response:
        page = await response.json()
    (consent,) = page["consents"]
    assert (consent["id"], consent["state"], consent["ask"]) == (
        "quality",
        "requested",
        "May we use the chat for quality?",
    )
    assert page["ai_disclosure"] == "A chatbot answers here."
    answer = {"consent": "quality", "answer": "given", "language": "en"}
    async with shop.client.post(f"{shop.public}/consent", json=answer) as response:
        assert response.status == 200
        headers = {"X-Sordino-Session": response.headers["X-Sordino-Session"]}
    session = headers["X-Sordino-Session"]
    await shop.say("Hallo", headers=headers)
    assert await shop.texts(session, "quality") == ["subject: Hallo", "bot: Gern geschehen."]
    (record,) = (await shop.read(session, "prove-consent"))["consents"]
    assert record["wording"] == "May we use the chat for quality?"
    assert (record["state"], record["language"], record["notice_version"]) == ("given", "en", "2026-11")
    assert len(record["notice_digest"]) == 64

    async with shop.client.post(
        f"{shop.public}/consent", json=answer | {"answer": "withdrawn"}, headers=headers
    ) as response:
        assert (await response.json())["consents"][0]["state"] == "withdrawn"
    url = f"{shop.addresses.internal}/sessions/{session.partition('.')[0]}"
    async with shop.client.get(url, params={"purpose": "quality"}, headers=shop.bearer) as response:
        assert response.status == 404
    assert len(await shop.texts(session, "improve")) == 2, "what rests on another purpose stays"
    await shop.say("Hallo", "Gern geschehen.", "weiter", headers=headers)
    async with shop.client.get(url, params={"purpose": "quality"}, headers=shop.bearer) as response:
        assert response.status == 404, "and nothing more is kept for it"


async def test_what_rests_on_consent_alone_is_not_stored_before_and_gone_after(make_shop: MakeShop) -> None:
    async with make_shop(
        NOTICE.replace("transcript: {improve: days-30, quality: days-30}", "transcript: {quality: days-30}")
    ) as shop:
        _, headers = await shop.say("vorher")
        answer = {"consent": "quality", "answer": "given"}
        async with shop.client.post(f"{shop.public}/consent", json=answer, headers=headers):
            pass
        await shop.say("vorher", "Gern geschehen.", "nachher", headers=headers)
        kept = await shop.texts(headers["X-Sordino-Session"], "quality")
        assert kept[-2:] == ["subject: nachher", "bot: Gern geschehen."]
        assert "subject: vorher" not in kept
        async with shop.client.post(f"{shop.public}/consent", json=answer | {"answer": "withdrawn"}, headers=headers):
            pass
        metrics = await shop.metrics()
        assert 'sordino_parts{kind="transcript",purpose="quality"}' not in metrics
        assert metrics['sordino_parts_erased_total{kind="transcript",reason="withdrawn"}'] == 1


async def test_changing_consent_takes_the_owner_or_the_channels_front_end(make_shop: MakeShop) -> None:
    async with make_shop(channel_secrets={"chat": SecretStr("front-end-secret")}) as shop:
        async with shop.chat("Hallo", metadata=CUSTOMER) as response:
            assert response.status == 200
        body = {"consent": "quality", "answer": "given", "conversation": "customer-17"}
        async with shop.client.post(f"{shop.public}/consent", json=body) as response:
            assert (response.status, (await response.json())["reason"]) == (403, "not_the_owner")
        wrong = {"X-Sordino-Channel-Secret": "guess"}
        async with shop.client.post(f"{shop.public}/consent", json=body, headers=wrong) as response:
            assert (response.status, (await response.json())["reason"]) == (403, "wrong_secret")
        right = {"X-Sordino-Channel-Secret": "front-end-secret"}
        async with shop.client.post(f"{shop.public}/consent", json=body, headers=right) as response:
            assert response.status == 200
            assert (await response.json())["consents"][0]["state"] == "given"


async def test_withdrawing_what_was_not_given(shop: Shop) -> None:
    body = {"consent": "quality", "answer": "withdrawn"}
    async with shop.client.post(f"{shop.public}/consent", json=body) as response:
        assert (response.status, (await response.json())["reason"]) == (409, "consent_not_given")


async def test_a_withdrawal_can_be_repeated_until_all_is_erased(make_shop: MakeShop) -> None:
    async with make_shop(BY_CONSENT) as shop:
        _, headers = await shop.answer("given")
        await shop.say("Hallo", headers=headers)
        store = shop.addresses.gateway.store
        withdraw = type(store).withdraw

        async def failing(*_: object) -> tuple[Receipt, ...]:
            raise StoreUnavailableError("the disk is full")

        setattr(type(store), "withdraw", failing)  # noqa: B010 - the class of whichever store it is
        try:
            assert (await shop.answer("withdrawn", headers))[0] == 503
        finally:
            setattr(type(store), "withdraw", withdraw)  # noqa: B010
        assert await status(shop, headers, "quality") == 404, "what was withdrawn is unreadable already"
        assert (await shop.answer("withdrawn", headers))[0] == 200
        assert (await shop.answer("withdrawn", headers))[0] == 200
        assert (await shop.metrics())['sordino_parts_erased_total{kind="transcript",reason="withdrawn"}'] == 1
        assert len((await shop.read(headers["X-Sordino-Session"], "prove-consent"))["consents"]) == 2


async def test_refusing_what_was_given_is_a_withdrawal(make_shop: MakeShop) -> None:
    async with make_shop(BY_CONSENT) as shop:
        _, headers = await shop.answer("given")
        first, _ = await shop.say("eins", headers=headers)
        assert (await shop.answer("refused", headers))[0] == 200
        assert await status(shop, headers, "quality") == 404
        await shop.say("eins", first, "zwei", headers=headers)
        await shop.answer("given", headers)
        await shop.say("eins", first, "zwei", "Gern geschehen.", "drei", headers=headers)
        assert await shop.texts(headers["X-Sordino-Session"], "quality") == ["subject: drei", "bot: Gern geschehen."]
        assert (await shop.metrics())['sordino_parts_erased_total{kind="transcript",reason="withdrawn"}'] == 1


@pytest.mark.parametrize("notice", [NOTICE, BY_CONSENT])
async def test_a_withdrawal_stops_storing_while_an_answer_is_under_way(make_shop: MakeShop, notice: str) -> None:
    withdrawn = asyncio.Event()

    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(chunk({"content": "Guten "}))
        await withdrawn.wait()
        await response.write(chunk({"content": "Tag"}) + chunk({}, "stop") + b"data: [DONE]\n\n")
        return response

    async with make_shop(notice, FakeBot(answering=answering)) as shop:
        _, headers = await shop.answer("given")
        async with shop.chat("Hallo", stream=True, headers=headers) as response:
            await response.content.readany()
            assert (await shop.answer("withdrawn", headers))[0] == 200
            withdrawn.set()
            await response.read()
        assert await status(shop, headers, "quality") == 404
        if notice is NOTICE:
            assert await shop.texts(headers["X-Sordino-Session"]) == ["subject: Hallo", "bot: Guten Tag"]
        else:
            assert 'sordino_parts{kind="transcript",purpose="quality"}' not in await shop.metrics()


async def test_what_was_said_before_a_consent_does_not_become_readable_for_it(shop: Shop) -> None:
    _, headers = await shop.answer("given")
    await shop.say("davor gesagt", "Antwort davor", "danach", headers=headers)
    assert await shop.texts(headers["X-Sordino-Session"], "quality") == ["subject: danach", "bot: Gern geschehen."]


async def test_a_front_end_that_shows_the_disclosure_itself(make_shop: MakeShop) -> None:
    async with make_shop(NOTICE.replace("deliver: prepend", "deliver: frontend")) as shop:
        async with shop.chat("Hallo") as response:
            assert (response.status, (await response.json())["reason"]) == (428, "disclosure_missing")
        assert shop.bot.seen == []
        async with shop.client.post(f"{shop.public}/consent", json={"disclosed": True}) as response:
            headers = {"X-Sordino-Session": response.headers["X-Sordino-Session"]}
            assert (await response.json())["disclosure_required"] is False
        answer, _ = await shop.say("Hallo", headers=headers)
        assert answer == "Gern geschehen."
        assert (await shop.metrics())['sordino_ai_disclosures_total{channel="chat"}'] == 1


async def test_a_required_consent(make_shop: MakeShop) -> None:
    async with make_shop(NOTICE.replace("required: false", "required: true")) as shop:
        async with shop.chat("Hallo") as response:
            assert (response.status, (await response.json())["reason"]) == (428, "consent_missing")
        assert shop.bot.seen == []
        assert (await shop.metrics())['sordino_requests_refused_total{channel="chat",reason="consent_missing"}'] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"consent": 1}',
        b'{"answer": "given"}',
        b'{"consent": "quality", "answer": "maybe"}',
        b'{"extra": 1}',
    ],
)
async def test_a_wrong_consent_body(shop: Shop, body: bytes) -> None:
    async with shop.client.post(f"{shop.public}/consent", data=body) as response:
        assert response.status == 400
        assert (await response.json())["reason"] == "bad_body"


async def test_allowed_origins_may_call_from_a_browser_and_others_not(make_shop: MakeShop) -> None:
    async with make_shop(allowed_origins=("https://shop.example",)) as shop:
        ask = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        async with shop.client.options(f"{shop.public}/v1/chat/completions", headers=ask) as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        async with shop.chat("Hallo", stream=True, headers={"Origin": "https://shop.example"}) as response:
            assert "X-Sordino-Session" in response.headers["Access-Control-Expose-Headers"]
        async with shop.chat("Hallo", headers={"Origin": "https://evil.example"}) as response:
            assert "Access-Control-Allow-Origin" not in response.headers


async def status(shop: Shop, headers: dict[str, str], purpose: str) -> int:
    """Return what a read for a purpose gets."""
    url = f"{shop.addresses.internal}/sessions/{headers['X-Sordino-Session'].partition('.')[0]}"
    async with shop.client.get(url, params={"purpose": purpose}, headers=shop.bearer) as response:
        return response.status


async def test_a_short_idempotency_key_does_not_bring_two_customers_together(shop: Shop) -> None:
    _, one = await shop.say("Hallo", headers={"Idempotency-Key": "1"})
    _, two = await shop.say("Hallo", headers={"Idempotency-Key": "1"})
    assert one["X-Sordino-Session"] != two["X-Sordino-Session"]
    assert len(await shop.texts(one["X-Sordino-Session"])) == 2
