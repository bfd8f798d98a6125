"""Whose session it is: tokens, cookies, conversation ids, secrets, and consent."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from tests.integration.conftest import NOTICE, MakeShop, Shop

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
    async with shop.chat("Hallo", user="customer-17") as response:
        session = response.headers["X-Sordino-Session"]
    async with shop.chat("Hallo", "Gern geschehen.", "weiter", user="customer-17") as response:
        assert "X-Sordino-Session" not in response.headers
    assert len(await shop.texts(session)) == 4
    assert not any(b"customer-17" in path.read_bytes() for path in shop.home.rglob("*") if path.is_file())


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
        assert response.status == 403
    assert len(await shop.texts(session, "improve")) == 2, "what rests on another purpose stays"
    await shop.say("Hallo", "Gern geschehen.", "weiter", headers=headers)
    async with shop.client.get(url, params={"purpose": "quality"}, headers=shop.bearer) as response:
        assert response.status == 403, "and nothing more is kept for it"


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
        async with shop.chat("Hallo", user="customer-17") as response:
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
