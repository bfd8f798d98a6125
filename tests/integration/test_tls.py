"""TLS on both listeners and to the bots, with certificates that change while the gateway runs."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web

from gateway.errors import SettingsError
from tests.fakes import FakeBot
from tests.integration.conftest import MakeShop

HELLO = {"model": "m", "messages": [{"role": "user", "content": "Hallo"}]}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def written(directory: Path, authority: trustme.CA, name: str, *hosts: str) -> tuple[Path, Path]:
    """Write a new certificate and its key; returns the two files."""
    issued = authority.issue_cert(*(hosts or ("localhost", "127.0.0.1")))
    certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
    key.write_bytes(issued.private_key_pem.bytes())
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    return certificate, key


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def shown(address: str, context: ssl.SSLContext) -> bytes:
    """Return the certificate that a listener shows now."""
    host, port = address.removeprefix("https://").split(":")
    _, writer = await asyncio.open_connection(host, int(port), ssl=context)
    certificate: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return certificate


async def test_both_listeners_speak_tls_and_take_new_certificates(
    make_shop: MakeShop, tmp_path: Path, authority: trustme.CA
) -> None:
    public, internal = written(tmp_path, authority, "public"), written(tmp_path, authority, "internal")
    files = {
        "public_tls_cert": public[0], "public_tls_key": public[1],
        "internal_tls_cert": internal[0], "internal_tls_key": internal[1],
        "tls_reload_seconds": 0.1,
    }  # fmt: skip
    context = trusting(authority)
    async with make_shop(**files) as shop:
        one, other = shop.addresses.public, shop.addresses.internal
        assert one.startswith("https://")
        assert other.startswith("https://")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as client:
            async with client.post(f"{shop.public}/v1/chat/completions", json=HELLO) as response:
                assert response.status == 200
            async with client.get(f"{other}/health/ready") as response:
                assert response.status == 200
        with pytest.raises(aiohttp.ClientError):
            await shop.client.get(one.replace("https", "http") + "/chat/v1/models")
        old = await shown(one, context)
        public[0].write_bytes(b"half a certificate")
        await asyncio.sleep(0.4)
        assert await shown(one, context) == old, "what can't be used changes nothing"
        written(tmp_path, authority, "public")
        for _ in range(1200):
            if await shown(one, context) != old:
                break
            await asyncio.sleep(0.05)
        assert await shown(one, context) != old


async def test_old_versions_of_tls_are_refused(make_shop: MakeShop, tmp_path: Path, authority: trustme.CA) -> None:
    certificate, key = written(tmp_path, authority, "public")
    context = trusting(authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with make_shop(public_tls_cert=certificate, public_tls_key=key) as shop:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await shown(shop.addresses.public, context)


@pytest.mark.parametrize("wrong", ["missing", "another key", "no certificate"])
async def test_a_certificate_that_can_not_be_used_stops_the_start(
    make_shop: MakeShop, tmp_path: Path, authority: trustme.CA, wrong: str
) -> None:
    certificate, key = written(tmp_path, authority, "public")
    if wrong == "missing":
        certificate.unlink()
    elif wrong == "another key":
        _, key = written(tmp_path, authority, "other")
    else:
        certificate.write_text("no certificate", encoding="ascii")
    with pytest.raises(SettingsError, match="SORDINO_PUBLIC_TLS_CERT"):
        async with make_shop(public_tls_cert=certificate, public_tls_key=key):
            pass


async def test_a_bot_that_asks_for_a_certificate_gets_it_and_one_nobody_vouches_for_gets_nothing(
    make_shop: MakeShop, tmp_path: Path, authority: trustme.CA
) -> None:
    bot = FakeBot()
    runner = web.AppRunner(bot.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
        await web.TCPSite(runner, "localhost", 0, ssl_context=context).start()
        url = f"https://localhost:{runner.addresses[0][1]}"
        (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
        certificate, key = written(tmp_path, authority, "gateway", "gateway.shop.example")
        vouched = {"upstream_tls_ca": tmp_path / "ca.pem"}
        own = {"upstream_tls_cert": certificate, "upstream_tls_key": key}
        for files, status in ((vouched | own, 200), (vouched, 502), (own, 502)):
            async with make_shop(upstream=url, **files) as shop, shop.chat("Hallo") as response:
                assert response.status == status, files
        assert len(bot.seen) == 1
    finally:
        await runner.cleanup()
