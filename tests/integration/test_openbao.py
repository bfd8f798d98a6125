"""What an OpenBao server may answer besides what is hoped for."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from storage import KeyUnavailableError
from storage.crypto.keyring import new_key
from storage.crypto.providers import check_address
from storage.crypto.providers.openbao import OpenBaoKeyProvider
from storage.errors import ProviderDownError
from tests.bao import Bao, bao_server
from tests.ports import free_port


@contextlib.asynccontextmanager
async def answering(status: int, body: str) -> AsyncIterator[OpenBaoKeyProvider]:
    """Serve one answer to everything."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, headers={"Location": "http://127.0.0.1:1/"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider = OpenBaoKeyProvider(f"openbao+http://127.0.0.1:{runner.addresses[0][1]}/transit/k", lambda: "s3cr3t")
    try:
        yield provider
    finally:
        await provider.close()
        await runner.cleanup()


GOOD = '{"data": {"type": "aes256-gcm96", "derived": true, "min_available_version": 0, "latest_version": 1}}'


@pytest.mark.parametrize(
    ("status", "body"),
    [(403, ""), (429, ""), (500, ""), (503, ""), (307, ""), (200, "<html>"), (200, "x" * 2_000_000)],
)
async def test_a_server_that_can_not_serve_now_is_down(status: int, body: str) -> None:
    async with answering(status, body) as provider:
        with pytest.raises(ProviderDownError) as caught:
            await provider.check()
        assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", '{"data": {}}', GOOD.replace("true", "false"), GOOD.replace("aes256-gcm96", "rsa-2048"),
     GOOD.replace('"derived"', '"exportable": true, "derived"'),
     GOOD.replace('"derived"', '"allow_plaintext_backup": true, "derived"')],
)  # fmt: skip
async def test_a_key_of_another_kind_is_refused_at_once(body: str) -> None:
    async with answering(200, body) as provider:
        with pytest.raises(KeyUnavailableError) as caught:
            await provider.check()
        assert not isinstance(caught.value, ProviderDownError)


@pytest.mark.parametrize("body", [GOOD, '{"data": {"ciphertext": "nonsense", "plaintext": "no base64!"}}'])
async def test_an_answer_that_makes_no_sense_wraps_and_opens_nothing(body: str) -> None:
    async with answering(200, body) as provider:
        with pytest.raises(KeyUnavailableError):
            await provider.wrap(new_key(), b"use")


async def test_a_server_that_is_not_there_is_down() -> None:
    provider = OpenBaoKeyProvider(f"openbao+http://127.0.0.1:{free_port()}/transit/k", lambda: "t")
    with pytest.raises(ProviderDownError, match="does not answer"):
        await provider.check()
    await provider.close()


@pytest.fixture
async def bao(tmp_path: Path) -> AsyncIterator[Bao]:
    async with bao_server(tmp_path) as server:
        yield server


async def test_a_key_that_is_not_there_is_made_by_init_only(bao: Bao) -> None:
    token = [bao.token]
    provider = OpenBaoKeyProvider(bao.address(), lambda: token[0])
    with pytest.raises(KeyUnavailableError, match="sordino keys init"):
        await provider.wrap(new_key(), b"use")
    assert "sordino" not in str(await bao.ask("GET", "sys/mounts"))
    await provider.create()
    with pytest.raises(KeyUnavailableError, match="never overwritten"):
        await provider.create()
    token[0] = "another"
    with pytest.raises(ProviderDownError, match="token"):
        await provider.check()
    await provider.close()


async def test_the_policy_of_the_page_is_enough(bao: Bao) -> None:
    page = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
    policy = "\n".join(line.strip() for line in page.splitlines() if line.startswith('    path "'))
    await bao.ask("PUT", "sys/policies/acl/sordino", {"policy": policy})
    made = await bao.ask("POST", "auth/token/create", {"policies": ["sordino"]})
    provider = OpenBaoKeyProvider(bao.address(), lambda: made["auth"]["client_token"])
    await provider.create()
    wrapped = await provider.wrap(new_key(), b"use")
    assert await provider.rotate() == 2
    moved = await provider.rewrap(wrapped, b"use")
    await provider.unwrap(moved, b"use")
    await provider.destroy(1)
    assert await provider.versions() == (2,)
    await provider.close()


@pytest.mark.parametrize(
    "address",
    ["openbao+https://host", "openbao+https://host/transit", "openbao+http://bao.example/transit/k",
     "openbao+ftp://host/transit/k", "openbao+https://user:pw@host/transit/k", "openbao+https://host/../k",
     "openbao+https://host/transit/k?x=1", "openbao+https://host/tran sit/k", "openbao+https:///transit/k",
     "env:", "env:A B", "env:1", "file://relative", "root.key", "https://host/transit/k"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_address(address)


@pytest.mark.parametrize(
    "address",
    ["openbao+https://bao.example:8200/transit/sordino", "openbao+https://h/a/b/k", "openbao+http://localhost:8200/t/k",
     "env:SHOP_ROOT_KEY", "file:///etc/sordino/root.key"],
)  # fmt: skip
def test_an_address_is_good(address: str) -> None:
    check_address(address)
