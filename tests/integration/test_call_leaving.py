"""Calls whose process ends, and calls that a withdrawal elsewhere reaches: nothing is recorded that nobody can stop."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import aiohttp
import pytest

from gateway.calls.line import Line
from gateway.notice.load import load_notice
from gateway.serving import running
from gateway.settings import Settings, ensure_home
from gateway.sharing import Share
from gateway.stores import create_root_key
from storage.errors import StoreUnavailableError, UnknownSessionError
from storage.records import ConsentState
from tests.fakes import FakeClock
from tests.integration.call_shop import RECORDED, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop, Shop

KEYS = {"channel_secrets": {"chat": SECRET}}


def line_of(shop: Shop) -> Line:
    line = shop.addresses.gateway.channels["chat"].line
    assert line is not None
    return line


async def agreed(shop: Shop, clock: FakeClock) -> Platform:
    """Begin a call, say yes, and have a second of it kept."""
    platform = Platform(shop)
    await platform.start()
    assert (await platform.do("keys", {"keys": "1"}))["recording"] is True
    clock.move(seconds=1)
    await platform.sound(b"\x03" * 160)
    return platform


async def test_who_withdraws_at_the_desk_is_recorded_no_further(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = await agreed(shop, clock)
        await line_of(shop).look()
        assert (await platform.do("resume"))["recording"] is True
        (session,) = await shop.sessions()
        url = f"{shop.addresses.internal}/sessions/{session}/events"
        async with shop.client.post(url, json={"event": "consent-end"}, headers=shop.bearer) as response:
            assert response.status == 200
        await line_of(shop).look()
        stands = await platform.do("resume")
        assert (stands["state"], stands["recording"]) == ("refused", False)


async def test_an_agent_who_withdraws_at_the_desk_is_recorded_no_further(make_shop: MakeShop) -> None:
    async def states(_: UUID) -> dict[str, ConsentState]:
        return {"recording": ConsentState.GIVEN, "agent": agent}

    clock, agent = FakeClock(), ConsentState.WITHDRAWN
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = await agreed(shop, clock)
        shop.addresses.gateway.store.consent_states = states  # type: ignore[method-assign, assignment]
        await line_of(shop).look()
        assert (await platform.do("resume"))["recording"] is True  # there is no agent in the call
        await platform.do("transfer", {"agent": True})
        await platform.do("keys", {"keys": "1"})
        agent = ConsentState.GIVEN
        assert (await platform.do("consent", {"agent": "given"}))["recording"] is True
        await line_of(shop).look()
        assert (await platform.do("resume"))["recording"] is True
        agent = ConsentState.WITHDRAWN
        await line_of(shop).look()
        stands = await platform.do("resume")
        assert (stands["state"], stands["recording"]) == ("refused", False)


@pytest.mark.parametrize("gone", [True, False])
async def test_what_is_erased_or_can_not_be_looked_at(make_shop: MakeShop, *, gone: bool) -> None:
    async def away(_: UUID) -> NoReturn:
        raise UnknownSessionError if gone else StoreUnavailableError("the databases are away")

    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = await agreed(shop, clock)
        shop.addresses.gateway.store.consent_states = away  # type: ignore[method-assign, assignment]
        with contextlib.nullcontext() if gone else pytest.raises(StoreUnavailableError):
            await line_of(shop).look()
        assert (await platform.do("resume"))["recording"] is not gone


async def test_what_was_taken_is_stored_when_the_process_ends_and_nothing_more(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = await agreed(shop, clock)
        await line_of(shop).leave()
        assert (await platform.do("resume"))["recording"] is False
        clock.move(seconds=1)
        await platform.sound(b"\x04" * 160)
        ((_, _, audio),) = (await platform.heard())[0]
        assert audio == b"\x03" * 160
        (session,) = await shop.sessions()
        store = shop.addresses.gateway.store
        (recording,) = await store.recordings.read(UUID(session), "quality", clock.now())
        assert not recording.running
        await Platform(shop, "call-2").post("", {"call": "call-2"}, status=503)


async def test_no_answer_counts_any_more_when_the_process_ends_and_every_call_is_stopped_at_once(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(_: object, now: datetime) -> None:
        del now
        await asyncio.Event().wait()

    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        calls = [Platform(shop, f"call-{number}") for number in range(20)]
        for number, platform in enumerate(calls):
            await platform.start()
            if number:
                await platform.do("keys", {"keys": "1"})
        with monkeypatch.context() as patched:
            patched.setattr("gateway.calls.tape.Tape.finish", hangs)
            leaving = asyncio.ensure_future(line_of(shop).leave())
            await asyncio.sleep(0)
            await calls[0].do("keys", {"keys": "1"})
            assert [(await platform.do("resume"))["recording"] for platform in calls] == [False] * 20
            leaving.cancel()
            await asyncio.wait([leaving])


async def test_a_process_that_is_told_to_end_has_stored_what_it_took(make_shop: MakeShop) -> None:
    clock, begun = FakeClock(), asyncio.Event()

    async def serve() -> None:
        async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
            await agreed(shop, clock)
            begun.set()
            await asyncio.Event().wait()

    serving = asyncio.ensure_future(serve())
    await begun.wait()
    serving.cancel()  # as a signal does
    await asyncio.wait([serving])
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        ((_, _, audio),) = (await Platform(shop).heard())[0]
        assert audio == b"\x03" * 160


async def test_who_had_agreed_and_is_asked_anew_elsewhere_has_not_refused_by_silence(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        await agreed(shop, clock)
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = Platform(shop)
        assert (await platform.start())["recording"] is False
        for _ in range(2):
            await platform.do("consent", {"silence": True})
        assert (await platform.do("resume"))["state"] == "refused"
        (session,) = await shop.sessions()
        states = await shop.addresses.gateway.store.consent_states(UUID(session))
        assert set(states.values()) == {ConsentState.GIVEN}
        assert len(await platform.heard()) == 1


async def test_a_worker_is_ready_when_those_that_have_calls_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_authority: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(one_authority))
    home, notice, sockets = tmp_path / "home", tmp_path / "notice.yaml", tmp_path / "sockets"
    sockets.mkdir()
    channel = RECORDED[RECORDED.index("  chat:\n") : RECORDED.index("rights:")]
    second = channel.replace("  chat:", "  second:", 1)
    notice.write_text(RECORDED.replace("rights:", f"{second}rights:"), encoding="utf-8")
    secrets = {"channel_secrets": {"chat": SECRET, "second": SECRET}}
    listens = {"public_listen": "127.0.0.1:0", "internal_listen": "127.0.0.1:0", "drain_seconds": 1}
    settings = Settings.model_validate({"home": home, **listens, **secrets})
    ensure_home(settings)
    create_root_key(settings)
    async with (
        running(settings, load_notice(notice), share=Share(0, 2, sockets)) as at,
        aiohttp.ClientSession() as client,
    ):
        for status in (503, 200):
            async with client.get(f"{at.internal}/health/ready") as response:
                assert response.status == status
            (sockets / "1.sock").touch()
