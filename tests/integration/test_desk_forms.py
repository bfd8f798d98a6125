"""The desk without a browser: other sites, wrong forms, too many attempts."""

from __future__ import annotations

import ipaddress

import pytest

from gateway.access import TABLE
from gateway.desk.guard import own_path
from tests.integration.conftest import MakeShop, Shop
from tests.integration.test_access import address

HERE = {"Sec-Fetch-Site": "same-origin"}


async def cookie(shop: Shop, *roles: str) -> dict[str, str]:
    header = await shop.token(*roles)
    form = {"token": header["Authorization"].removeprefix("Bearer "), "next": "/desk/keys"}
    url = f"{shop.addresses.internal}/desk/sign-in"
    async with shop.client.post(url, data=form, headers=HERE, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/desk/keys")
        return {"Cookie": response.headers["Set-Cookie"].partition(";")[0]}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_another_site_changes_nothing(shop: Shop, site: str) -> None:
    signed_in = await cookie(shop, "dpo", "admin", "agent", "auditor")
    for entry in TABLE:
        if entry.method == "GET" or (entry.roles is None and not entry.is_page):
            continue
        headers = {**signed_in, "Sec-Fetch-Site": site}
        url = shop.addresses.internal + address(entry)
        async with shop.client.request(entry.method, url, headers=headers, allow_redirects=False) as response:
            assert response.status == 403, (entry.method, entry.path)
    async with shop.client.post(f"{shop.addresses.internal}/desk/sign-out", headers=signed_in) as response:
        assert response.status == 403, "a browser that says nothing has to name its origin"


async def test_every_form_that_is_empty_says_so(shop: Shop) -> None:
    signed_in = {**await cookie(shop, "dpo", "admin", "agent", "auditor"), **HERE, "Accept-Language": "de"}
    for entry in TABLE:
        quiet = entry.path in {"/desk/sign-out", "/desk/language", "/desk/sign-in"}
        if entry.method != "POST" or not entry.is_page or quiet:
            continue
        url = shop.addresses.internal + address(entry)
        for body in ({}, {"reason": "x" * 300, "item": "x", "review_at": "9999-99-99"}):
            async with shop.client.post(url, data=body, headers=signed_in) as response:
                assert response.status in {400, 404, 409}, (entry.path, response.status)
                assert 'role="alert"' in await response.text(), entry.path


@pytest.mark.parametrize("days", ["0", "367", "0" * 11 + "1999", "0" * 11 + "1" + "9" * 5000, "³"])
async def test_a_token_lasts_no_longer_than_a_year_however_that_is_written(shop: Shop, days: str) -> None:
    signed_in = {**await cookie(shop, "dpo"), **HERE}
    form = {"name": "who", "role": "dpo", "days": days}
    async with shop.client.post(f"{shop.addresses.internal}/desk/tokens", data=form, headers=signed_in) as response:
        assert response.status == 400


async def test_attempts_to_sign_in_are_limited(shop: Shop) -> None:
    url = f"{shop.addresses.internal}/desk/sign-in"
    statuses = []
    for _ in range(11):
        async with shop.client.post(url, data={"token": "x"}, headers=HERE) as response:
            statuses.append(response.status)
    assert statuses == [403] * 10 + [429]
    shop.clock.move(minutes=5)
    await cookie(shop, "dpo")


@pytest.mark.parametrize(("trusted", "other"), [((), 429), ((ipaddress.ip_network("127.0.0.0/8"),), 403)])
async def test_attempts_count_by_who_stands_behind_a_trusted_proxy(
    make_shop: MakeShop, trusted: tuple[ipaddress.IPv4Network, ...], other: int
) -> None:
    async with make_shop(trusted_proxies=trusted) as shop:

        async def attempt(client: str) -> int:
            headers = {**HERE, "X-Forwarded-For": client}
            url = f"{shop.addresses.internal}/desk/sign-in"
            async with shop.client.post(url, data={"token": "x"}, headers=headers) as response:
                return response.status

        assert [await attempt("9.9.9.1") for _ in range(11)] == [403] * 10 + [429]
        assert await attempt("9.9.9.2") == other, "who is not trusted does not choose the address that counts"


async def test_a_page_carries_its_policy(shop: Shop) -> None:
    signed_in = await cookie(shop, "dpo")
    async with shop.client.get(f"{shop.addresses.internal}/desk/overview", headers=signed_in) as response:
        text, policy = await response.text(), response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "<script" not in text
    assert "style=" not in text
    assert (response.headers["Cache-Control"], response.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(
    "asked",
    ["//evil.example", "https://evil.example/desk", "/\\evil", "/desk\r\nX: y", "javascript:alert(1)", "/deskx"],
)
def test_a_sign_in_leads_nowhere_else(asked: str) -> None:
    assert own_path(asked) == "/desk"


async def test_there_is_no_such_page(shop: Shop) -> None:
    async with shop.client.get(
        f"{shop.addresses.internal}/desk/nowhere", headers={"Accept-Language": "de"}
    ) as response:
        assert response.status == 404
        assert "Diese Seite gibt es nicht." in await response.text()
