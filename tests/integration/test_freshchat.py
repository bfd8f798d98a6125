"""Freshchat's webhooks through a real gateway: signed by a key made here, kept and handed on as the notice says."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import NoticeError, SettingsError
from tests.fakes import FakeBot
from tests.integration.conftest import MakeShop, Shop

NOTICE: Final = """
notice: livechat
version: "2026-11"
language: nl
controller: {name: Winkel BV, address: Utrecht, email: privacy@winkel.example}
purposes:
  answer: {legal_basis: A6-1-b}
deletion_classes:
  after-matter: {start: matter-resolved, period: P30D, maximum_open: P1Y}
channels:
  chat:
    kind: chat
    connector: freshchat
    upstream: http://127.0.0.1:1
    asks_for: [DEVICE_ID]
    keep_types: [DEVICE_ID]
    session_idle: P30D
    keep:
      transcript: {answer: after-matter}
      facts: {answer: after-matter}
rights: {contact: privacy@winkel.example, articles: ["15"]}
"""
IMEI: Final = "490154203237518"


def public_pem(key: RSAPrivateKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


@dataclass
class Freshchat:
    """The platform: it signs what it sends."""

    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    conversation: str = "c-1"
    count: int = 0

    def message(self, actor: str, text: str, **more: object) -> bytes:
        self.count += 1
        message = {
            "message_parts": [{"text": {"content": text}}],
            "id": f"m-{self.count}-of-this-conversation",
            "conversation_id": self.conversation,
            "actor_type": actor,
            "user_id": "u-1",
            **more,
        }
        return orjson.dumps({"actor": {"actor_type": actor}, "action": "message_create", "data": {"message": message}})

    def resolution(self, at: datetime | None = None) -> bytes:
        resolve = {"resolver": "agent", "conversation": {"conversation_id": self.conversation, "status": "resolved"}}
        time = {} if at is None else {"action_time": at}
        return orjson.dumps({"action": "conversation_resolution", **time, "data": {"resolve": resolve}})

    def sign(self, body: bytes) -> str:
        return b64encode(self.key.sign(body, PKCS1v15(), SHA256())).decode()

    async def send(self, shop: Shop, body: bytes, *, signature: str | None = None, status: int = 204) -> str:
        headers = {"Content-Type": "application/json", "X-Freshchat-Signature": signature or self.sign(body)}
        async with shop.client.post(f"{shop.public}/hook", data=body, headers=headers) as response:
            raw = await response.read()
            assert response.status == status, raw
            return str(orjson.loads(raw)["reason"]) if raw else ""


def make(make_shop: MakeShop, platform: Freshchat, notice: str = NOTICE, **settings: object) -> Any:  # noqa: ANN401
    return make_shop(notice=notice, platform_keys={"chat": public_pem(platform.key)}, **settings)


def words(event: dict[str, Any]) -> str:
    return str(event["data"]["message"]["message_parts"][0]["text"]["content"])


async def test_turns_of_all_three_are_kept_redacted_and_handed_on(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        await platform.send(shop, platform.message("user", f"Ik heet Anke Visserman, IMEI {IMEI}"))
        await platform.send(shop, platform.message("bot", "Een medewerker komt eraan."))
        shop.clock.move(hours=20)  # a message that was left while nobody was there is answered the next day
        await platform.send(shop, platform.message("agent", "Goedemorgen, wij sturen een nieuw toestel."))
        (session,) = await shop.sessions()
        assert await shop.texts(session, "answer") == [
            f"subject: Ik heet [PERSON], IMEI {IMEI}",
            "bot: Een medewerker komt eraan.",
            "agent: Goedemorgen, wij sturen een nieuw toestel.",
        ]
        assert [words(event) for event in shop.bot.seen] == [
            f"Ik heet [PERSON], IMEI {IMEI}",
            "Een medewerker komt eraan.",
            "Goedemorgen, wij sturen een nieuw toestel.",
        ]


async def test_of_a_long_message_only_its_end_is_remembered_in_memory(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        await platform.send(shop, platform.message("agent", "Goedemorgen. " * 5000 + "Wat is het IMEI-nummer?"))
        (session,) = await shop.sessions()
        asked = shop.addresses.gateway.channels["chat"].conversation.last_asked(UUID(session))
        assert asked.endswith("Wat is het IMEI-nummer?")
        assert len(asked) <= 300


async def test_what_is_handed_on_unchanged_has_the_platforms_signature(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform, channel_secrets={"chat": "ours"}) as shop:
        plain = platform.message("user", "Goedendag")
        await platform.send(shop, plain)
        await platform.send(shop, platform.message("user", "Mijn mail is anke@visserman.example"))
        first, second = shop.bot.headers
        assert first["X-Freshchat-Signature"] == platform.sign(plain)
        assert "X-Freshchat-Signature" not in second
        assert len(b64decode(second["X-Sordino-Signature"])) == 32
        assert "visserman" not in words(shop.bot.seen[1])


@pytest.mark.parametrize("signature", ["", "x", b64encode(bytes(256)).decode()])
async def test_what_is_not_signed_is_refused_and_nothing_processed(make_shop: MakeShop, signature: str) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        said = platform.message("user", "Goedendag")
        assert await platform.send(shop, said, signature=signature or "-", status=403) == "bad_signature"
        other = Freshchat().sign(said)
        assert await platform.send(shop, said, signature=other, status=403) == "bad_signature"
        changed = said.replace(b"Goedendag", b"Goedemorg")
        assert await platform.send(shop, changed, signature=platform.sign(said), status=403) == "bad_signature"
        assert (await shop.sessions(), shop.bot.seen) == ([], [])


async def test_a_message_that_comes_again_is_kept_once(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        said = platform.message("user", "Goedendag")
        await platform.send(shop, said)
        await platform.send(shop, said)
        (session,) = await shop.sessions()
        assert await shop.texts(session, "answer") == ["subject: Goedendag"]


async def test_a_resolution_starts_the_period_and_the_next_message_is_a_new_matter(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform, sweep_seconds=0.05) as shop:
        await platform.send(shop, platform.resolution())
        assert await shop.sessions() == []  # nothing was said, so nothing is opened
        await platform.send(shop, platform.message("user", "Goedendag"))
        await platform.send(shop, platform.resolution())
        shop.clock.move(days=29)
        (first,) = await shop.sessions()
        await platform.send(shop, platform.message("user", "Nog een vraag"))
        assert len(await shop.sessions()) == 2
        shop.clock.move(days=2)
        (second,) = await shop.sessions()
        assert second != first
        assert shop.bot.seen[0]["action"] == "conversation_resolution"


async def test_what_comes_again_after_the_resolution_begins_no_matter_and_ends_none(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        said, resolved = platform.message("user", "Goedendag"), platform.resolution(shop.clock.now())
        await platform.send(shop, said)
        await platform.send(shop, resolved)
        await platform.send(shop, said)
        (first,) = await shop.sessions()
        assert await shop.texts(first, "answer") == ["subject: Goedendag"]
        assert words(shop.bot.seen[-1]) == "Goedendag", "it is handed on, for that may be what failed"
        shop.clock.move(hours=1)
        await platform.send(shop, platform.message("user", "Nog een vraag"))
        second = next(each for each in await shop.sessions() if each != first)
        await platform.send(shop, resolved)
        await platform.send(shop, platform.message("user", "En nog een"))
        assert await shop.texts(second, "answer") == ["subject: Nog een vraag", "subject: En nog een"]
        assert len(await shop.sessions()) == 2
        await platform.send(shop, platform.resolution(shop.clock.now()))
        await platform.send(shop, platform.message("user", "Een derde zaak"))
        assert len(await shop.sessions()) == 3


async def test_a_message_of_an_older_matter_that_comes_again_is_not_kept_in_the_next(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        said = []
        for text in ("Goedendag", "Nog een vraag", "Een derde zaak"):
            said.append(platform.message("user", text, created_time=shop.clock.now()))
            await platform.send(shop, said[-1])
            await platform.send(shop, platform.resolution(shop.clock.now()))
            shop.clock.move(hours=1)
        await platform.send(shop, platform.message("user", "En een vierde", created_time=shop.clock.now()))
        for old in said:
            await platform.send(shop, old)
        kept = [await shop.texts(session, "answer") for session in await shop.sessions()]
        assert sorted(kept) == sorted(
            [f"subject: {text}"] for text in ("Goedendag", "Nog een vraag", "Een derde zaak", "En een vierde")
        )
        assert [words(event) for event in shop.bot.seen[-3:]] == ["Goedendag", "Nog een vraag", "Een derde zaak"]


async def test_a_resolution_counts_though_it_comes_late_together_with_its_message(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        said = platform.message("user", "Goedendag", created_time=shop.clock.now())
        shop.clock.move(minutes=5)
        resolved = platform.resolution(shop.clock.now())
        shop.clock.move(hours=1)
        await platform.send(shop, said)
        await platform.send(shop, resolved)
        await platform.send(shop, platform.message("user", "Nog een vraag"))
        assert len(await shop.sessions()) == 2


async def test_private_notes_are_not_kept_and_pictures_are_refused(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform) as shop:
        await platform.send(shop, platform.message("agent", "Klant heet Anke Visserman", message_type="private"))
        assert "Visserman" not in words(shop.bot.seen[0])
        assert await shop.sessions() == []
        picture = platform.message("user", "", message_parts=[{"image": {"url": "https://x.example/1.png"}}])
        assert await platform.send(shop, picture, status=415) == "part_not_text"
        assert await platform.send(shop, b"{", status=400) == "unreadable"
        assert len(shop.bot.seen) == 1


async def test_an_endpoint_that_fails_is_told_and_the_message_is_there(make_shop: MakeShop) -> None:
    platform = Freshchat()
    async with make(make_shop, platform, upstream="http://127.0.0.1:1") as shop:
        said = platform.message("user", "Goedendag")
        assert await platform.send(shop, said, status=502) == "unreachable"
        assert await platform.send(shop, said, status=502) == "unreachable"
        (session,) = await shop.sessions()
        assert await shop.texts(session, "answer") == ["subject: Goedendag"]


async def test_a_key_in_the_older_form_serves_and_anything_else_stops_the_start(make_shop: MakeShop) -> None:
    platform = Freshchat()
    older = {"chat": public_pem(platform.key, PublicFormat.PKCS1)}
    async with make_shop(notice=NOTICE, bot=FakeBot(), platform_keys=older) as shop:
        await platform.send(shop, platform.message("user", "Goedendag"))
    for keys in ({}, {"chat": "no key"}, {"chat": public_pem(platform.key)[:-40]}):
        with pytest.raises(SettingsError, match="SORDINO_PLATFORM_KEYS"):
            async with make_shop(notice=NOTICE, platform_keys=keys):
                pass


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("    deliver: redacted\n", "deliver: must be original here"),
        ('    tell: {ai_disclosure: {nl: "Een bot."}}\n', "tell.deliver: must be frontend here"),
    ],
)
async def test_what_can_not_be_done_after_the_fact_is_refused(make_shop: MakeShop, more: str, told: str) -> None:
    with pytest.raises(NoticeError, match=told):
        async with make_shop(notice=NOTICE.replace("    asks_for:", more + "    asks_for:")):
            pass
