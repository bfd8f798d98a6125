"""Who may rate an answer, and what of it is kept."""

from __future__ import annotations

from pydantic import SecretStr

from tests.integration.conftest import MakeShop, Shop

SECRET = {"X-Sordino-Channel-Secret": "front-end-secret"}


async def rated(shop: Shop, body: dict[str, str], headers: dict[str, str]) -> tuple[int, str | None]:
    async with shop.client.post(f"{shop.public}/ratings", json=body, headers=headers) as response:
        return response.status, None if response.status == 204 else (await response.json())["reason"]


async def test_the_channels_own_front_end_rates_for_a_conversation(make_shop: MakeShop) -> None:
    async with make_shop(channel_secrets={"chat": SecretStr("front-end-secret")}) as shop:
        async with shop.chat("Hallo", metadata={"conversation_id": "customer-17"}, headers=SECRET) as response:
            session = response.headers["X-Sordino-Session"]
        named = {"rating": "up", "conversation": "customer-17"}
        assert await rated(shop, named, SECRET) == (204, None)
        assert await rated(shop, named | {"rating": "down"}, SECRET) == (204, None)
        assert await rated(shop, named, SECRET) == (204, None)
        facts = (await shop.read(session))["facts"]
        assert (facts["ratings_positive"], facts["ratings_negative"]) == (2, 1), "each counts"
        assert await rated(shop, named | {"conversation": "customer-18"}, SECRET) == (404, "no_session")
        assert await rated(shop, {"rating": "up"}, SECRET) == (404, "no_session")
        assert await rated(shop, named, {}) == (403, "not_the_owner")
        assert await rated(shop, named, {"X-Sordino-Session": session}) == (403, "not_the_owner")
