"""The server that holds the root key is stopped while customers write, and started again."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from gateway.settings import Settings
from gateway.stores import make_root_key
from tests.bao import bao_server
from tests.integration.conftest import MakeShop, Shop


async def ready(shop: Shop) -> tuple[int, dict[str, str]]:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{shop.addresses.internal}/health/ready") as response,
    ):
        return response.status, await response.json()


async def metric(shop: Shop, name: str) -> float:
    async with aiohttp.ClientSession() as client, client.get(f"{shop.addresses.internal}/metrics") as response:
        (line,) = [line for line in (await response.text()).splitlines() if line.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


async def test_keys_in_memory_serve_for_an_hour_and_all_goes_on_when_the_server_is_back(
    make_shop: MakeShop, tmp_path: Path
) -> None:
    (tmp_path / "bao").mkdir()
    async with bao_server(tmp_path / "bao") as bao:
        root_key = {"root_key": bao.address(), "root_key_token": bao.token}
        await make_root_key(Settings.model_validate({"home": tmp_path / "unused", **root_key}))
        async with make_shop(**root_key) as shop:
            async with shop.chat("Guten Tag") as response:
                assert response.status == 200, await response.text()
                session = {"X-Sordino-Session": response.headers["X-Sordino-Session"]}
            assert await ready(shop) == (200, {"status": "ready", "keys": "served"})
            await bao.stop()
            for _ in range(2):
                shop.clock.move(minutes=25)
                async with shop.chat("Und noch etwas", headers=session) as response:
                    assert response.status == 200, await response.text()
                assert await ready(shop) == (200, {"status": "ready", "keys": "cached"})
            assert await metric(shop, "sordino_key_provider_up") == 0
            assert await metric(shop, "sordino_keys_unconfirmed_seconds") == 50 * 60
            shop.clock.move(minutes=11)
            seen = len(shop.bot.seen)
            async with shop.chat("Das darf nicht gehen", headers=session) as response:
                assert response.status == 503
            assert await ready(shop) == (503, {"status": "not ready", "error": "ProviderDownError"})
            assert len(shop.bot.seen) == seen
            await bao.start()
            shop.clock.move(seconds=10)
            assert await ready(shop) == (200, {"status": "ready", "keys": "served"})
            async with shop.chat("Jetzt wieder", headers=session) as response:
                assert response.status == 200, await response.text()
            assert await metric(shop, "sordino_key_provider_up") == 1
