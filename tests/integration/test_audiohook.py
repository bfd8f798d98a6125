"""Genesys in front: a signed socket, paused until everybody has agreed."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError

from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration.call_shop import RECORDED, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop

KEY, CLIENT = "the-api-key-of-genesys", b"the client's secret"
NOTICE = RECORDED.replace("connector: calls", "connector: audiohook")
ORGANIZATION, CALL = "d7934305-0972-4844-938e-9060eef73d05", "9d4c2f4e-2f1c-4b8e-a1a5-8d7f0c1e2b3a"
NAMES = (
    "@request-target", "@authority", "audiohook-organization-id", "audiohook-session-id", "audiohook-correlation-id",
    "x-api-key",
)  # fmt: skip


def signed(
    clock: FakeClock, *, client: bytes = CLIENT, nonce: str | None = None, names: tuple[str, ...] = NAMES
) -> dict[str, str]:
    headers = {
        "audiohook-organization-id": ORGANIZATION, "audiohook-session-id": "s-1", "audiohook-correlation-id": "c-1",
        "x-api-key": KEY,
    }  # fmt: skip
    known = {**headers, "@request-target": "/chat/audiohook", "@authority": "voice.shop.example"}
    parameters = "(" + " ".join(f'"{name}"' for name in names) + ")"
    parameters += f';keyid="{KEY}";nonce="{nonce or secrets.token_urlsafe(20)}";alg="hmac-sha256"'
    parameters += f";created={int(clock.now().timestamp())};expires={int(clock.now().timestamp()) + 10}"
    base = "\n".join([*(f'"{name}": {known[name]}' for name in names), f'"@signature-params": {parameters}'])
    signature = b64encode(hmac.digest(client, base.encode(), "sha256")).decode()
    return {**headers, "Signature-Input": f"sig1={parameters}", "Signature": f"sig1=:{signature}:"}


class Genesys:
    """One session of Genesys."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seq = 0

    async def say(self, kind: str, **parameters: Any) -> None:  # noqa: ANN401 - what the protocol has
        self.seq += 1
        message = {"version": "2", "id": "s-1", "type": kind, "seq": self.seq, "serverseq": 0, "position": "PT0S"}
        await self.socket.send_str(orjson.dumps({**message, "parameters": parameters}).decode())

    async def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads((await self.socket.receive(60)).data)
        return message

    async def open(self, organization: str = ORGANIZATION) -> dict[str, Any]:
        media = [
            {"type": "audio", "format": "PCMU", "channels": channels, "rate": 8000}
            for channels in (["external"], ["external", "internal"])
        ]
        participant = {"id": "p", "ani": "tel:+4915123984712", "aniName": "", "dnis": "+49800"}
        await self.say(
            "open",
            organizationId=organization,
            conversationId=CALL,
            participant=participant,
            media=media,
            language="de-DE",
        )
        return await self.hear()


MakeGenesys = Callable[[], AbstractAsyncContextManager[tuple[Platform, FakeClock]]]


@pytest.fixture
def make_genesys(make_shop: MakeShop) -> MakeGenesys:
    @asynccontextmanager
    async def make() -> AsyncIterator[tuple[Platform, FakeClock]]:
        clock = FakeClock()
        settings = {
            "platform_secrets": {"chat": f"{KEY}:{b64encode(CLIENT).decode()}"},
            "public_url": "https://voice.shop.example", "channel_secrets": {"chat": SECRET},
        }  # fmt: skip
        async with make_shop(NOTICE, CallBot(), clock, **settings) as shop:
            yield Platform(shop, CALL), clock

    return make


async def test_audio_comes_when_everybody_has_agreed_and_stops_with_them(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            genesys = Genesys(socket)
            opened = await genesys.open()
            assert (opened["type"], opened["parameters"]["startPaused"], opened["clientseq"]) == ("opened", True, 1)
            assert opened["parameters"]["media"][0]["channels"] == ["external", "internal"]
            await socket.send_bytes(b"\x01\x02" * 160)  # it sends all the same
            await platform.start()
            await platform.do("keys", {"keys": "1"})
            await platform.do("consent", {"agent": "given"})
            assert (await genesys.hear())["type"] == "resume"
            await genesys.say("resumed", start="PT0.02S", discarded="PT1.5S")
            clock.move(seconds=1)
            await socket.send_bytes(b"\x03\x04" * 160)
            await genesys.say("discarded", start="PT1.54S", discarded="PT0.02S")
            await socket.send_bytes(b"\x05\x06" * 160)
            await genesys.say("ping")
            assert (await genesys.hear())["type"] == "pong"
            await platform.do("stop")
            assert (await genesys.hear())["type"] == "pause"
            await socket.send_bytes(b"\x07\x08" * 160)
            await genesys.say("close", reason="end")
            assert (await genesys.hear())["type"] == "closed"
        (runs,) = await platform.heard()
        assert sorted(runs) == [
            (0, 0, b"\x03" * 160), (0, 320, b"\x05" * 160), (1, 0, b"\x04" * 160), (1, 320, b"\x06" * 160),
        ]  # fmt: skip


async def test_an_agent_who_has_not_agreed_is_not_recorded(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            genesys = Genesys(socket)
            await genesys.open()
            await platform.start()
            await platform.do("keys", {"keys": "1"})
            clock.move(seconds=1)
            await socket.send_bytes(b"\x01\x02" * 160)
            await genesys.say("close", reason="end")
            assert (await genesys.hear())["type"] == "closed"
        with pytest.raises(PurposeRefusedError):
            await platform.heard()


async def test_what_is_not_signed_is_403_and_nothing_of_it_is_processed(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        once = signed(clock)
        async with platform.shop.client.ws_connect(url, headers=once):
            pass
        late = signed(clock)
        others = signed(clock) | {"x-api-key": "another"}
        wrong = [
            {}, once, others, signed(clock, client=b"x"), signed(clock, names=NAMES[:-1]), signed(clock, nonce="short"),
            signed(clock) | {"audiohook-session-id": "s-2"}, signed(clock) | {"Signature": "sig1=:AAAA:"},
        ]  # fmt: skip
        for headers in wrong:
            with pytest.raises(WSServerHandshakeError, match="403"):
                await platform.shop.client.ws_connect(url, headers=headers)
        clock.move(seconds=20)
        with pytest.raises(WSServerHandshakeError, match="403"):
            await platform.shop.client.ws_connect(url, headers=late)
        assert await platform.shop.sessions() == []


async def test_another_organization_is_let_go(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            answer = await Genesys(socket).open("another")
            assert (answer["type"], answer["parameters"]["reason"]) == ("disconnect", "unauthorized")
        assert await platform.shop.sessions() == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"type":"open","seq":1,"id":"s","parameters":{"media":[]}}',
        '{"type":"discarded","seq":1,"id":"s","parameters":{}}',
    ],
)
async def test_messages_that_are_none_close_the_socket(make_genesys: MakeGenesys, text: str) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            await socket.send_str(text)
            assert (await socket.receive(60)).data == 1011


@pytest.mark.parametrize("secret", [None, "key", "key:", ":AAAA", "key:#"])
async def test_a_channel_without_its_secret_does_not_start(make_shop: MakeShop, secret: str | None) -> None:
    secrets_ = {} if secret is None else {"chat": secret}
    with pytest.raises(Exception, match="SORDINO_PLATFORM_SECRETS"):
        async with make_shop(NOTICE, platform_secrets=secrets_, public_url="https://voice.shop.example"):
            pass


def entity(text: str, *, final: bool = True, channel: str = "external", words: bool = False) -> dict[str, Any]:
    """Return a transcript as Genesys writes one; its words take 300 ms each, from 1.5 s on."""
    tokens = [
        {"type": "word", "value": word, "confidence": 0.9, "offset": f"PT{1.5 + 0.3 * at:.1f}S", "duration": "PT0.3S"}
        for at, word in enumerate(text.split())
    ]
    spoken = {"type": "display", "transcript": text, **({"tokens": tokens} if words else {})}
    alternatives = [{"confidence": 0.9, "interpretations": [spoken]}, {"confidence": 0.2, "interpretations": [spoken]}]
    return {
        "type": "transcript",
        "data": {"id": secrets.token_hex(8), "channel": channel, "isFinal": final, "alternatives": alternatives},
    }


async def test_transcripts_are_turns_once_they_are_final_and_are_silent_in_the_copy(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            genesys = Genesys(socket)
            await genesys.open()
            assert (await platform.start())["prompts"][0]["kind"] == "question"
            await genesys.say("event", entities=[entity("Nein, warten Sie", final=False), {"type": "other"}])
            await genesys.say("event", entities=[entity("Ja.")])
            await platform.do("consent", {"agent": "given"})
            assert (await genesys.hear())["type"] == "resume"
            texts = [
                entity("Ich bin Katharina", final=False),
                entity("Ich bin Katharina Brandhorst.", words=True),
                entity("Guten Tag, Frau Brandhorst.", channel="internal"),
            ]
            await genesys.say("event", entities=texts)
            await genesys.say("close", reason="end")
            assert (await genesys.hear())["type"] == "closed"
        assert await platform.texts() == ["subject: Ich bin [PERSON].", "agent: Guten Tag, Frau [PERSON]."]
        assert "Brandhorst" not in str(await platform.stored("quality"))
        assert platform.shop.bot.seen == []


async def test_what_is_said_before_the_flow_has_asked_answers_nothing(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            genesys = Genesys(socket)
            await genesys.open()
            await genesys.say("event", entities=[entity("Sind Sie Kunde bei uns?", channel="internal"), entity("Ja.")])
            await genesys.say("dtmf", digit="1")
            await genesys.say("ping")
            assert (await genesys.hear())["type"] == "pong"
            line = platform.shop.addresses.gateway.channels["chat"].line
            assert line is not None
            for _ in range(3):
                clock.move(seconds=30)
                await genesys.say("ping")
                assert (await genesys.hear())["type"] == "pong"
                await line.tick()
            asked = await platform.start()
            assert (asked["state"], len(asked["prompts"])) == ("asked", 1)
            await genesys.say("dtmf", digit="1")
            await platform.do("consent", {"agent": "given"})
            assert (await genesys.hear())["type"] == "resume"
        (session,) = await platform.shop.sessions()
        states = await platform.shop.addresses.gateway.store.consent_states(UUID(session))
        assert states["recording"].value == "given"
        assert await platform.texts() == ["agent: Sind Sie Kunde bei uns?", "subject: Ja."]


async def test_a_desk_and_what_sends_turns_put_no_question(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            genesys = Genesys(socket)
            await genesys.open()
            told = [
                await platform.do("consent", {"agent": "given"}), await platform.do("pause"),
                await platform.do("resume"), await platform.say("Sind Sie Kunde bei uns?", speaker="agent"),
                await platform.do("transfer"), await platform.do("consent", {"agent": "given"}),
            ]  # fmt: skip
            assert [one["prompts"] for one in told] == [[]] * len(told)
            await genesys.say("event", entities=[entity("Ja.")])
            await genesys.say("dtmf", digit="1")
            await genesys.say("ping")
            assert (await genesys.hear())["type"] == "pong"
            first = await platform.do("keys", {"keys": "1"})
            assert (first["state"], first["recording"]) == ("asked", False)
            assert {one["kind"] for one in first["prompts"]} == {"question"}
            assert (await platform.do("keys", {"keys": "1"}))["state"] == "armed"


async def test_turns_of_the_api_are_told_redacted_and_only_after_a_yes(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            genesys = Genesys(socket)
            await genesys.open()
            await platform.say("Guten Tag, hier ist Katharina Brandhorst.", speaker="agent")
            await platform.start()
            await platform.do("keys", {"keys": "1"})
            await platform.do("consent", {"agent": "given"})
            assert (await genesys.hear())["type"] == "resume"
            await platform.say("Ich bin Katharina Brandhorst", final=False)
            words = [
                {"text": "Ich", "start_ms": 1500, "end_ms": 1800},
                {"text": "bins", "start_ms": 1800, "end_ms": 2100},
            ]
            await platform.say("Ich bins", words=words)
            await platform.say("Guten Tag, Frau Brandhorst.", speaker="agent")
            told = [(await genesys.hear())["parameters"]["entities"][0]["data"] for _ in range(3)]
            assert [(one["channel"], one["isFinal"]) for one in told] == [
                ("external", False), ("external", True), ("internal", True),
            ]  # fmt: skip
            assert [one["alternatives"][0]["interpretations"][0]["transcript"] for one in told] == [
                "Ich bin [PERSON]", "Ich bins", "Guten Tag, Frau [PERSON].",
            ]  # fmt: skip
            assert (told[1]["offset"], told[1]["duration"]) == ("PT1.500S", "PT0.600S")
        await platform.say("Sind Sie noch da?", speaker="agent")


@pytest.mark.parametrize("entities", [
    None, [{"type": "transcript", "data": {}}], [{"type": "transcript", "data": {"alternatives": []}}], ["x"],
])  # fmt: skip
async def test_transcripts_that_are_none_close_the_socket(make_genesys: MakeGenesys, entities: object) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            genesys = Genesys(socket)
            await genesys.open()
            await genesys.say("event", entities=entities)
            await socket.receive(60)
            assert socket.close_code == 1011


async def test_an_end_that_is_none_closes_the_socket(make_genesys: MakeGenesys) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            await Genesys(socket).open()
            await socket.send_str('{"type":"close","seq":2,"id":"s","parameters":[]}')
            await socket.receive(60)
            assert socket.close_code == 1011


async def test_a_session_that_can_no_longer_be_told_to_pause_is_closed_and_counted(
    make_genesys: MakeGenesys, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_genesys() as (platform, clock):
        url = f"{platform.shop.public}/audiohook"
        async with platform.shop.client.ws_connect(url, headers=signed(clock)) as socket:
            await Genesys(socket).open()
            line = platform.shop.addresses.gateway.channels["chat"].line
            assert line is not None
            caplog.clear()
            on_line = line.find(CALL)
            live, on_line.live = on_line.live, None  # type: ignore[assignment]  # a mistake of ours
            await socket.receive(50)
            assert socket.close_code == 1011
            on_line.live = live
        counted = await platform.shop.metrics()
        assert counted['sordino_exchanges_aborted_total{channel="chat",reason="socket_failed"}'] == 1
        assert [record.getMessage() for record in caplog.records] == ["socket closed"]
