"""Every role on every endpoint, generated from the routes: what the table says is what happens, and all that is."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.access import TABLE, Entry, Role
from gateway.access.table import documented
from gateway.app import build_internal
from tests.integration.conftest import MakeShop, Shop

DOCS = Path(__file__).parents[2] / "docs" / "access.md"


def address(entry: Entry) -> str:
    return re.sub(r"{\w+}", str(uuid4()), entry.path)


def test_the_page_shows_the_table() -> None:
    assert documented() in DOCS.read_text(encoding="utf-8")


async def test_each_route_stands_in_the_table_and_each_entry_is_a_route(shop: Shop) -> None:
    app = build_internal(shop.addresses.desk)
    routes = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }
    assert routes == {(entry.method, entry.path) for entry in TABLE}


async def test_every_role_may_do_what_the_table_says_and_nothing_else(shop: Shop) -> None:
    headers = {role: await shop.token(role.value) for role in Role}
    url = shop.addresses.internal
    for entry in TABLE:
        for role in Role:
            async with shop.client.request(
                entry.method, url + address(entry), headers={**headers[role], "Sec-Fetch-Site": "same-origin"},
                allow_redirects=False,
            ) as response:  # fmt: skip
                said = await response.text()
                closed = response.status == 403 and "Your role does not allow this" in said
                assert response.status < 500, (entry, role, said)
            allowed = entry.roles is None or role in entry.roles
            assert closed is not allowed, (entry.method, entry.path, role, response.status)


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer sordino_" + "A" * 43},
    ],
)
async def test_nobody_comes_in_without_a_token(shop: Shop, header: dict[str, str]) -> None:
    for entry in TABLE:
        if entry.roles is None or entry.is_page:
            continue
        async with shop.client.request(
            entry.method, shop.addresses.internal + address(entry), headers=header
        ) as response:
            assert response.status == 401, entry
            assert (await response.json())["reason"] == "unauthorised"


async def test_a_token_ends_when_it_expires_or_is_revoked(shop: Shop) -> None:
    url = f"{shop.addresses.internal}/tokens"
    async with shop.client.post(
        url, json={"name": "ci", "roles": ["auditor"], "days": 1}, headers=shop.bearer
    ) as response:
        refused = (response.status, (await response.json())["reason"])
    assert refused == (403, "forbidden"), "the bootstrap token is dpo and admin, and gives no other role"
    async with shop.client.post(
        url, json={"name": "ci", "roles": ["admin"], "days": 1}, headers=shop.bearer
    ) as response:
        made = await response.json()
        assert response.status == 201
    header = {"Authorization": f"Bearer {made['token']}"}
    async with shop.client.get(f"{shop.addresses.internal}/keys", headers=header) as response:
        assert response.status == 200
    async with shop.client.get(url, headers=shop.bearer) as response:
        assert made["token"] not in await response.text()
    async with shop.client.delete(f"{url}/{made['id']}", headers=shop.bearer) as response:
        assert response.status == 204
    async with shop.client.get(f"{shop.addresses.internal}/keys", headers=header) as response:
        assert response.status == 401
    short = await shop.token("dpo")
    shop.clock.move(days=90)
    async with shop.client.get(f"{shop.addresses.internal}/keys", headers=short) as response:
        assert response.status == 401


async def test_the_bootstrap_token_can_be_set(make_shop: MakeShop) -> None:
    async with make_shop(internal_token="0123456789abcdef") as shop:
        header = {"Authorization": "Bearer 0123456789abcdef"}
        async with shop.client.get(f"{shop.addresses.internal}/tokens", headers=header) as response:
            assert response.status == 200
