"""Consents that the controller's site has signed for, through a real gateway; what a client merely says is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.errors import SettingsError
from tests.integration.conftest import NOTICE, MakeShop, Shop

TEMPLATE: Final = "HkocEodjb7"
SIGNED: Final = NOTICE.replace("    required: false\n", f"    required: false\n    template: {TEMPLATE}\n").replace(
    "      consent:", "      connection: {prove-consent: years-3}\n      consent:"
)


@dataclass
class Site:
    """The controller's site: it signs what its consent platform has taken."""

    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_ec(SECP256R1()))

    @property
    def pem(self) -> str:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def token(self, shop: Shop, **changed: Any) -> str:  # noqa: ANN401 - claims
        now = shop.clock.now()
        claims = {
            "aud": "chat",
            "iat": int(now.timestamp()),
            "template_id": TEMPLATE,
            "status": True,
            "controller_id": "f0a9c1",
            "version": "12.4.1",
            "time": now.isoformat(),
            "address": "203.0.113.77",
            "browser": "Firefox 140",
            "device": "desktop",
        } | changed
        told = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(told, self.key, algorithm="ES256")


async def send(
    shop: Shop, token: str, headers: dict[str, str] | None = None, *, status: int = 200
) -> tuple[dict[str, Any], dict[str, str]]:
    async with shop.client.post(f"{shop.public}/consents", json={"token": token}, headers=headers or {}) as response:
        document: dict[str, Any] = await response.json(content_type=None)
        assert response.status == status, document
        given = {name: value for name, value in response.headers.items() if name == "X-Sordino-Session"}
        return document, {**(headers or {}), **given}


def make(make_shop: MakeShop, site: Site, **settings: object) -> Any:  # noqa: ANN401 - as `make_shop`
    return make_shop(notice=SIGNED, consent_keys={"chat": site.pem}, **settings)


async def test_a_signed_consent_is_kept_with_its_proof_and_revoking_erases(make_shop: MakeShop) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        page, owner = await send(shop, site.token(shop))
        assert page["consents"][0]["state"] == "given"
        session = owner["X-Sordino-Session"]
        await shop.say("Guten Tag", headers=owner)
        (record,) = (await shop.read(session, "prove-consent"))["consents"]
        assert (record["state"], record["method"], record["consent"]) == ("given", "consent-platform", "quality")
        assert record["evidence"] == {
            "controller_id": "f0a9c1",
            "template_id": TEMPLATE,
            "version": "12.4.1",
            "stated_at": shop.clock.now().isoformat(),
            "address": "203.0.113.0/24",
            "browser": "Firefox 140",
            "device": "desktop",
        }
        assert await shop.texts(session, "quality")
        page, _ = await send(shop, site.token(shop, status=False), owner)
        assert page["consents"][0]["state"] in {"refused", "withdrawn"}
        url = f"{shop.addresses.internal}/sessions/{session.partition('.')[0]}"
        async with shop.client.get(url, params={"purpose": "quality"}, headers=shop.bearer) as response:
            assert response.status == 404


async def test_a_token_from_before_a_revocation_gives_nothing_again(make_shop: MakeShop) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        given = site.token(shop)
        _, owner = await send(shop, given)
        await send(shop, given, owner)
        shop.clock.move(seconds=30)
        await send(shop, site.token(shop, status=False), owner)
        shop.clock.move(seconds=30)
        signed_anew = site.token(shop, time=(shop.clock.now() - timedelta(seconds=60)).isoformat())
        for old in (given, signed_anew):
            assert (await send(shop, old, owner, status=403))[0]["reason"] == "bad_token"
        assert (await send(shop, site.token(shop), owner))[0]["consents"][0]["state"] == "given"
        shop.clock.move(seconds=30)
        assert (await shop.answer("withdrawn", owner))[0] == 200
        assert (await send(shop, given, owner, status=403))[0]["reason"] == "bad_token"


async def test_a_platform_whose_clock_is_ahead_does_not_undo_a_withdrawal(make_shop: MakeShop) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        ahead = site.token(shop, time=(shop.clock.now() + timedelta(hours=1)).isoformat())
        _, owner = await send(shop, ahead)
        shop.clock.move(seconds=30)
        assert (await shop.answer("withdrawn", owner))[0] == 200
        told, _ = await send(shop, ahead, owner, status=403)
        assert "29 seconds after the token's time" in told["title"]
        again = site.token(shop, time=(shop.clock.now() + timedelta(hours=1)).isoformat())
        assert (await send(shop, again, owner))[0]["consents"][0]["state"] == "given"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (61, "61 seconds ahead of the gateway's clock; 60 are allowed"),
        (-301, "301 seconds before the gateway's clock; 300 are allowed"),
        (60, None),
        (-300, None),
    ],
)
async def test_a_refusal_says_which_clock_differs_and_how_far(
    make_shop: MakeShop, seconds: int, told: str | None
) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        token = site.token(shop, iat=int(shop.clock.now().timestamp()) + seconds)
        document, _ = await send(shop, token, status=200 if told is None else 403)
        assert told is None or told in document["title"]


async def test_address_and_browser_of_the_client_count_where_the_token_has_none(make_shop: MakeShop) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        token = site.token(shop, address=None, browser=None, device=None)
        _, owner = await send(shop, token, {"User-Agent": "Kiosk/1"})
        (record,) = (await shop.read(owner["X-Sordino-Session"], "prove-consent"))["consents"]
        assert (record["evidence"]["address"], record["evidence"]["browser"]) == ("127.0.0.0/24", "Kiosk/1")


async def test_what_a_client_merely_says_is_refused(make_shop: MakeShop) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        assert (await shop.answer("given"))[0] == 403
        assert (await send(shop, site.token(shop)[:-2], status=403))[0]["reason"] == "bad_token"
        assert (await send(shop, Site().token(shop), status=403))[0]["reason"] == "bad_token"
        unsigned = jwt.encode({"aud": "chat", "iat": int(shop.clock.now().timestamp())}, "", algorithm="none")
        assert (await send(shop, unsigned, status=403))[0]["reason"] == "bad_token"
        assert await shop.sessions() == []


async def test_without_a_key_nothing_is_served(make_shop: MakeShop) -> None:
    with pytest.raises(SettingsError, match="SORDINO_CONSENT_KEYS"):
        async with make_shop(notice=SIGNED):
            pass


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "other"},
        {"aud": None},
        {"iat": 1_700_000_000},
        {"iat": 4_000_000_000},
        {"iat": 1_795_000_000_000},
        {"iat": 10**30},
        {"iat": -1},
        {"status": "yes"},
        {"controller_id": None},
        {"time": "2026-11-26T10:00:00"},
        {"sub": "nobody"},
    ],
    ids=str,
)
async def test_a_token_that_is_old_or_of_another_channel_is_refused(
    make_shop: MakeShop, changed: dict[str, Any]
) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        assert (await send(shop, site.token(shop, **changed), status=403))[0]["reason"] == "bad_token"
        assert await shop.sessions() == []


async def test_a_token_for_one_session_gives_nothing_to_another(make_shop: MakeShop) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        _, one = await shop.say("Hallo")
        _, two = await shop.say("Hallo")
        mine = one["X-Sordino-Session"].partition(".")[0]
        assert UUID(mine)
        assert (await send(shop, site.token(shop, sub=mine), two, status=403))[0]["reason"] == "not_the_owner"
        assert (await send(shop, site.token(shop, sub=mine), one))[0]["consents"][0]["state"] == "given"


async def test_an_unknown_template_and_a_channel_without_a_site_are_told(make_shop: MakeShop) -> None:
    site = Site()
    async with make(make_shop, site) as shop:
        told = await send(shop, site.token(shop, template_id="another"), status=404)
        assert told[0]["reason"] == "consent_unknown"
    async with make_shop() as shop:
        assert (await send(shop, site.token(shop), status=404))[0]["reason"] == "unknown_path"


async def test_a_key_that_is_none_stops_the_start(make_shop: MakeShop) -> None:
    private = Site().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for key in ("a shared secret that is long enough", private):
        with pytest.raises(SettingsError, match="SORDINO_CONSENT_KEYS"):
            async with make_shop(notice=SIGNED, consent_keys={"chat": key}):
                pass
