import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.desk.oidc import Provider
from gateway.errors import RefusedError


class Issuer:
    """An identity provider that tells of itself in two pieces; `more` makes what it tells longer."""

    def __init__(self) -> None:
        self.more = ""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        self.server = TestServer(app)

    async def _discovery(self, request: web.Request) -> web.StreamResponse:
        own = str(self.server.make_url("")).rstrip("/")
        said: dict[str, Any] = {
            "issuer": own, "authorization_endpoint": f"{own}/authorize", "token_endpoint": f"{own}/token",
            "jwks_uri": f"{own}/keys", "more": self.more,
        }  # fmt: skip
        whole = orjson.dumps(said)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(whole[:20])
        await asyncio.sleep(0.05)
        await response.write(whole[20:])
        return response


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    made = Issuer()
    async with made.server:
        yield made


def _provider(issuer: Issuer) -> Provider:
    return Provider(str(issuer.server.make_url("")), "desk", "secret", claim="roles", roles={})


async def test_what_comes_in_pieces_is_read_to_its_end(issuer: Issuer) -> None:
    provider = _provider(issuer)
    address, _ = await provider.begin("http://desk/return", "/desk")
    await provider.close()
    assert address.startswith(str(issuer.server.make_url("/authorize")) + "?response_type=code")


async def test_a_provider_that_tells_without_end_is_not_read_to_it(issuer: Issuer) -> None:
    issuer.more = "x" * 2_000_000
    provider = _provider(issuer)
    with pytest.raises(RefusedError, match="can't be reached"):
        await provider.begin("http://desk/return", "/desk")
    await provider.close()
